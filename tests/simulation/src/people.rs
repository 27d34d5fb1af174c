//! Who is in a world: two tenants whose people and rooms have the same names.

/// Somebody with a device.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) tenant: &'static str,
    pub(crate) user: &'static str,
    pub(crate) role: &'static str,
    /// The device, and by that its first client id.
    pub(crate) device: &'static str,
    /// The rooms that it joins when it starts.
    pub(crate) rooms: &'static [&'static str],
    /// The users whose presence it follows.
    pub(crate) follows: &'static [&'static str],
}

/// The chat of the doctor and the patient: revoked with the care.
pub(crate) const CHAT: &str = "chat:ana:lee";
/// A thread whose members come and go.
pub(crate) const TEAM: &str = "thread:team";
/// A visit.
pub(crate) const VISIT: &str = "visit:v1";
const STAFF: &str = "chat:lee:sam";
/// A channel.
pub(crate) const NEWS: &str = "care:news";

/// A part of the patient's chart, and whose it is.
pub(crate) const RECORD: &str = "vitals";
pub(crate) const PATIENT: &str = "ana";

/// Everybody. The first three devices are in every world.
pub(crate) const PEOPLE: [Person; 8] = [
    Person {
        tenant: "clinic",
        user: "lee",
        role: "provider",
        device: "desk",
        rooms: &[CHAT, TEAM, VISIT, STAFF, NEWS],
        follows: &["ana", "sam"],
    },
    Person {
        tenant: "clinic",
        user: "ana",
        role: "patient",
        device: "phone",
        rooms: &[CHAT, TEAM, VISIT],
        follows: &["lee"],
    },
    Person {
        tenant: "clinic",
        user: "lee",
        role: "provider",
        device: "pocket",
        rooms: &[CHAT, TEAM],
        follows: &[],
    },
    Person {
        tenant: "clinic",
        user: "sam",
        role: "staff",
        device: "ward",
        rooms: &[STAFF, TEAM, NEWS],
        follows: &["lee", "ana"],
    },
    Person {
        tenant: "other",
        user: "ana",
        role: "provider",
        device: "phone",
        rooms: &[CHAT, TEAM, NEWS],
        follows: &["lee"],
    },
    Person {
        tenant: "clinic",
        user: "bob",
        role: "patient",
        device: "tablet",
        rooms: &[CHAT, TEAM, VISIT],
        follows: &["lee", "ana"],
    },
    Person {
        tenant: "clinic",
        user: "ana",
        role: "patient",
        device: "tablet",
        rooms: &[CHAT],
        follows: &[],
    },
    Person {
        tenant: "other",
        user: "boss",
        role: "admin",
        device: "office",
        rooms: &[CHAT, TEAM, VISIT],
        follows: &["lee"],
    },
];
