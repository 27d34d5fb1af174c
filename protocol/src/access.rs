//! Emergency access to a patient without a relation.

use crate::{ErrorReply, PrivateText, Timestamp, UserId, limits};

domain! {
    "Emergency access"
    commands {
        "access:breakGlass" => BreakGlass -> BreakGlassReply, LiveKeyed checked;
    }
}

wire! {
    /// Takes access for four hours: providers and staff, where it is enabled. It is written to the
    /// audit log and announced to admins.
    pub struct BreakGlass {
        /// To whom.
        pub patient_id: UserId,
        /// Why; required, at most 1,024 bytes.
        pub reason: PrivateText,
    }

    /// Granted.
    #[derive(Copy)]
    pub struct BreakGlassReply {
        /// When the access ends.
        pub expires_at: Timestamp,
    }
}

impl BreakGlass {
    fn check(&self) -> Result<(), ErrorReply> {
        if self.reason.is_blank() {
            return Err(ErrorReply::invalid("reason", "reason is required"));
        }
        limits::check_label("reason", &self.reason)
    }
}
