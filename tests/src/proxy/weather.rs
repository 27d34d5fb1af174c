//! What happens to which connection, decided by a seed and the number of the connection alone: not
//! by time, and not by what other connections do.

use super::fault::{Blow, Direction, Fate, Lane, Manner};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// The odds of what happens to a connection.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// The seed.
    pub seed: u64,
    /// How many directions of a hundred are slow or sliced.
    pub odd: u32,
    /// How many directions of a hundred are hit once or more.
    pub hit: u32,
    /// Bytes are hit before this power of two.
    pub reach: u32,
    /// Whether bytes are doubled and left out too: faults that TCP does not have, but broken
    /// proxies do. One in a direction at most: two may leave a frame as long as it was, and nothing
    /// in a WebSocket notices that another text is in it.
    pub mangles: bool,
}

impl Weather {
    /// Most connections do not live long.
    pub const fn storm(seed: u64) -> Self {
        Self {
            seed,
            odd: 30,
            hit: 60,
            reach: 15,
            mangles: true,
        }
    }

    /// The fate of a connection.
    pub(super) fn fate(&self, link: u64) -> Fate {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(link);
        Direction::BOTH.map(|_| self.lane(&mut rng))
    }

    fn lane(&self, rng: &mut ChaCha8Rng) -> Lane {
        let manner = if rng.random_range(0..100) < self.odd {
            match rng.random_range(0..3) {
                0 => Manner::Slices(1),
                1 => Manner::Slices(rng.random_range(2..64)),
                _ => Manner::Delay(Duration::from_millis(rng.random_range(1..80))),
            }
        } else {
            Manner::Pass
        };
        let mut blows = Vec::new();
        let mut mangles = self.mangles;
        while blows.len() < 3 && rng.random_range(0..100) < self.hit {
            // As many early as late: by order of magnitude.
            let magnitude = rng.random_range(4..=self.reach);
            let at = rng.random_range(0..1 << magnitude);
            let blow = blow(rng, mangles);
            mangles &= !matches!(blow, Blow::Drop | Blow::Double);
            blows.push((at, blow));
        }
        blows.sort_by_key(|(at, _)| *at);
        Lane { manner, blows }
    }
}

fn blow(rng: &mut ChaCha8Rng, mangles: bool) -> Blow {
    match rng.random_range(0..if mangles { 7 } else { 5 }) {
        0 => Blow::Truncate,
        1 => Blow::Reset,
        2 | 3 => Blow::Stall(Duration::from_millis(rng.random_range(20..1_500))),
        4 => Blow::Swallow,
        5 => Blow::Drop,
        _ => Blow::Double,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_number_decide_alone() {
        let fates = |seed| -> Vec<Fate> {
            let weather = Weather::storm(seed);
            (0..50).map(|link| weather.fate(link)).collect()
        };
        assert_eq!(fates(7), fates(7));
        assert_ne!(fates(7), fates(8));
        assert_eq!(Weather::storm(7).fate(33), fates(7)[33]);
    }

    #[test]
    fn no_frame_is_mangled_twice() {
        for link in 0..300 {
            for lane in Weather::storm(1).fate(link) {
                let mangled = |blow: &Blow| matches!(blow, Blow::Drop | Blow::Double);
                assert!(lane.blows.iter().filter(|(_, blow)| mangled(blow)).count() <= 1);
            }
        }
    }

    #[test]
    fn every_kind_of_fault_occurs() {
        let mut names = std::collections::BTreeSet::new();
        for link in 0..300 {
            for lane in Weather::storm(1).fate(link) {
                names.insert(lane.manner.name());
                names.extend(lane.blows.iter().map(|(_, blow)| blow.name()));
            }
        }
        assert_eq!(names.len(), 9, "{names:?}");
    }
}
