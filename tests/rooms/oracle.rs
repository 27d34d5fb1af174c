//! Who may join what: the table of section 5, written a second time from the contract alone.

/// What a user is to the people and things of a room.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Relation {
    /// One of the two of the chat, and what the other one is.
    pub(crate) talks_to: Option<&'static str>,
    /// In the care team of the patient, or the other of the chat is in the care team of theirs.
    pub(crate) care: bool,
    /// Member of the thread, participant of the visit, the person of the room.
    pub(crate) own: bool,
}

/// The kinds of rooms, with what about a name matters for its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `chat:`
    Chat,
    /// `thread:`, `visit:` and `call:` of a visit
    Circle,
    /// `user:`, `notifications:` and `user:{id}:…`
    Personal,
    /// `tenant:`
    Tenant,
    /// `staff:`
    Staff,
    /// `backend:`
    Backend,
    /// `topic:`
    Topic,
    /// `patient:`
    Patient,
    /// `template:` that is nobody's
    Template,
    /// `report:`
    Report,
    /// `system:…`
    System,
    /// `admin:…`
    Admin,
    /// any other channel
    Channel,
}

impl Kind {
    /// Whether people write messages there.
    pub(crate) fn has_messages(self) -> bool {
        matches!(self, Self::Chat | Self::Circle)
    }
}

/// Whether the table lets somebody join. `admin_access` is the setting.
pub(crate) fn may_join(role: &str, kind: Kind, relation: Relation, admin_access: bool) -> bool {
    if role == "service" {
        // "Services may join every room of their tenant."
        return true;
    }
    let by_rule = match kind {
        Kind::Chat => relation
            .talks_to
            .is_some_and(|other| may_talk(role, other, relation.care)),
        Kind::Circle | Kind::Personal => relation.own,
        Kind::Tenant | Kind::Topic | Kind::System => true,
        Kind::Staff | Kind::Channel => role != "patient",
        Kind::Backend => false,
        Kind::Patient => role == "staff" || (role != "patient" && relation.care),
        Kind::Template => role == "staff",
        Kind::Report => relation.own || role == "staff",
        Kind::Admin => role == "admin",
    };
    // "And admins of the tenant, except where it says nobody else or alone."
    let nobody_else = matches!(kind, Kind::Personal | Kind::Backend);
    by_rule || (role == "admin" && admin_access && !nobody_else)
}

/// "Neither is a patient, or one is and the other is staff, admin or of that patient's care team."
fn may_talk(one: &str, other: &str, care: bool) -> bool {
    match (one == "patient", other == "patient") {
        (false, false) => true,
        (true, true) => false,
        (true, false) => other == "staff" || other == "admin" || care,
        (false, true) => one == "staff" || one == "admin" || care,
    }
}

/// Whether they may write messages, which is joining where people talk.
pub(crate) fn may_write(role: &str, kind: Kind, relation: Relation, admin_access: bool) -> bool {
    kind.has_messages() && may_join(role, kind, relation, admin_access)
}

/// "Author and admins delete"; the messages in question are another's.
pub(crate) fn may_delete(role: &str) -> bool {
    role == "admin"
}

/// "Changed by creator, staff and admins"; the thread in question a backend has made, and backends
/// may change it.
pub(crate) fn may_change_members(role: &str) -> bool {
    matches!(role, "staff" | "admin" | "service")
}

/// `channel:publish`: "staff, admin, service", where they may subscribe.
pub(crate) fn may_publish(role: &str) -> bool {
    matches!(role, "staff" | "admin" | "service")
}
