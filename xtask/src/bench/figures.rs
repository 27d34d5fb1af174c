//! What was measured, over all rounds.

use super::{
    connects::Connects,
    fan_out::{FanOut, Load},
    sends::Sends,
    subject::Subject,
};
use std::collections::BTreeMap;

/// What was measured: one entry for each round.
#[derive(Default)]
pub(super) struct Figures {
    pub(super) fan_out: BTreeMap<Subject, Vec<FanOut>>,
    /// The bare loop with frames as long as Carewire's.
    pub(super) long_loop: Vec<FanOut>,
    pub(super) sends: Vec<Sends>,
    pub(super) connects: BTreeMap<Subject, Vec<Connects>>,
    pub(super) memory: BTreeMap<Subject, Vec<f64>>,
    pub(super) idle_connections: usize,
}

/// The middle of some numbers; `None` of none.
pub(super) fn median(numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

impl Figures {
    /// A figure of the fan-out of one server.
    pub(super) fn of_fan_out(
        &self,
        subject: Subject,
        figure: impl Fn(&FanOut) -> f64,
    ) -> Option<f64> {
        median(self.fan_out.get(&subject)?.iter().map(figure))
    }

    /// A figure of the bare loop with long frames.
    pub(super) fn of_long_loop(&self, figure: impl Fn(&FanOut) -> f64) -> Option<f64> {
        median(self.long_loop.iter().map(figure))
    }

    /// A figure of Carewire's fan-out of retained events.
    pub(super) fn of_durable(&self, figure: impl Fn(&(Load, Load)) -> f64) -> Option<f64> {
        let rounds = self.fan_out.get(&Subject::Carewire)?;
        median(
            rounds
                .iter()
                .filter_map(|round| round.durable.as_ref())
                .map(figure),
        )
    }

    /// A figure of the durable messages.
    pub(super) fn of_sends(&self, figure: impl Fn(&Sends) -> f64) -> Option<f64> {
        median(self.sends.iter().map(figure))
    }

    /// A figure of the connections that come.
    pub(super) fn of_connects(
        &self,
        subject: Subject,
        figure: impl Fn(&Connects) -> f64,
    ) -> Option<f64> {
        median(self.connects.get(&subject)?.iter().map(figure))
    }

    /// KiB of an idle connection.
    pub(super) fn of_memory(&self, subject: Subject) -> Option<f64> {
        median(self.memory.get(&subject)?.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_three() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([]), None);
    }
}
