//! Who keeps sending what is refused is read more slowly: refusing costs the server, too, and the
//! neighbours pay for it. See `docs/decisions/0018-the-brake.md`.

use std::time::Duration;

/// So many refusals are free, and each command that is taken makes up for one. A client that heeds
/// refusals may have had this many commands on their way when it heard of the first.
const FREE: u32 = 16;
/// The longest that nothing is read.
const LONGEST: Duration = Duration::from_secs(1);

/// How much of what a client sends is refused.
#[derive(Debug, Default)]
pub(super) struct Brake {
    refused: u32,
}

impl Brake {
    /// A command was taken.
    pub(super) fn ease(&mut self) {
        self.refused = self.refused.saturating_sub(1);
    }

    /// A command was refused and may be repeated after a while. Yields for how long nothing is to
    /// be read. The heartbeat must hold, so that is never long beside it.
    pub(super) fn press(&mut self, after: Duration, heartbeat: Duration) -> Option<Duration> {
        self.refused = (self.refused + 1).min(FREE + 1);
        (self.refused > FREE).then(|| after.min(LONGEST).min(heartbeat / 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AFTER: Duration = Duration::from_millis(50);
    const HEARTBEAT: Duration = Duration::from_secs(15);

    fn pressed() -> Brake {
        let mut brake = Brake::default();
        for _ in 0..FREE {
            assert_eq!(brake.press(AFTER, HEARTBEAT), None);
        }
        brake
    }

    #[test]
    fn a_few_refusals_cost_nothing() {
        let mut brake = pressed();
        assert_eq!(brake.press(AFTER, HEARTBEAT), Some(AFTER));
        brake.ease();
        assert_eq!(
            brake.press(AFTER, HEARTBEAT),
            Some(AFTER),
            "as bad as before"
        );
        brake.ease();
        brake.ease();
        assert_eq!(brake.press(AFTER, HEARTBEAT), None, "better than before");
    }

    #[test]
    fn nobody_is_unread_for_long() {
        let hour = Duration::from_hours(1);
        assert_eq!(pressed().press(hour, HEARTBEAT), Some(LONGEST));
        let often = Duration::from_millis(300);
        assert_eq!(pressed().press(hour, often), Some(often / 2));
    }
}
