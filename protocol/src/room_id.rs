//! The names of rooms.

use crate::id::{
    CallId, ID_PATTERN, InvalidId, ReportId, TemplateId, TenantId, ThreadId, TopicName, UserId,
    VisitId, is_id,
};
use std::{fmt, str::FromStr, sync::Arc};

/// The name of a room, parsed into its kind.
///
/// ```
/// use carewire_protocol::RoomId;
///
/// let room = RoomId::chat("dr-lee", "ana")?; // in either order
/// assert_eq!(room.to_string(), "chat:ana:dr-lee");
/// assert_eq!("chat:ana:dr-lee".parse::<RoomId>()?, room);
/// assert!("chat:dr-lee:ana".parse::<RoomId>().is_err()); // one room has one name
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoomId {
    /// `chat:{userA}:{userB}`, the ids in ascending order of their bytes: two people.
    Chat(UserId, UserId),
    /// `thread:{threadId}`: chosen members.
    Thread(ThreadId),
    /// `visit:{visitId}`: the participants of a visit.
    Visit(VisitId),
    /// `call:{visitId}` or `call:{callId}`: the participants of either.
    Call(CallId),
    /// `user:{userId}`: one person's devices.
    User(UserId),
    /// `notifications:{userId}`: one person's notifications.
    Notifications(UserId),
    /// `tenant:{tenantId}`: everyone of the tenant.
    Tenant(TenantId),
    /// `staff:{tenantId}`: everyone of the tenant but patients.
    Staff(TenantId),
    /// `backend:{tenantId}`: what backends need to hear.
    Backend(TenantId),
    /// `topic:{name}`.
    Topic(TopicName),
    /// `patient:{patientId}`: those who care for a patient, never the patient.
    Patient(UserId),
    /// `report:{reportId}`: the owner of a report, and staff.
    Report(ReportId),
    /// `template:{templateId}`: live data.
    Template(TemplateId),
    /// Any other `{domain}:{feature}` or `{domain}:{feature}:{specific}`.
    Channel(Channel),
}

/// The name of a channel: two or three parts, the first of which is no word of the contract
/// (except `user:{userId}:{feature}`, a person's own channel).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(Arc<str>);

impl Channel {
    /// A regular expression that the name of every channel matches as a whole, and nothing else.
    pub fn pattern() -> String {
        let words: Vec<_> = contract_kinds().map(RoomKind::as_str).collect();
        format!(
            "user:{ID_PATTERN}:{ID_PATTERN}|(?!(?:{}):){ID_PATTERN}:{ID_PATTERN}(?::{ID_PATTERN})?",
            words.join("|")
        )
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first part.
    pub fn domain(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// The person whose channel this is: `{userId}` of `user:{userId}:{feature}`.
    pub fn owner(&self) -> Option<&str> {
        let mut parts = self.0.split(':');
        (parts.next() == Some("user"))
            .then(|| parts.next())
            .flatten()
    }
}

/// The kinds of rooms, for policies and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the variants of RoomId say what each is")]
pub enum RoomKind {
    Chat,
    Thread,
    Visit,
    Call,
    User,
    Notifications,
    Tenant,
    Staff,
    Backend,
    Topic,
    Patient,
    Report,
    Template,
    Channel,
}

impl RoomKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::Chat,
        Self::Thread,
        Self::Visit,
        Self::Call,
        Self::User,
        Self::Notifications,
        Self::Tenant,
        Self::Staff,
        Self::Backend,
        Self::Topic,
        Self::Patient,
        Self::Report,
        Self::Template,
        Self::Channel,
    ];

    /// The first part of such a room's name; `channel` for channels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Thread => "thread",
            Self::Visit => "visit",
            Self::Call => "call",
            Self::User => "user",
            Self::Notifications => "notifications",
            Self::Tenant => "tenant",
            Self::Staff => "staff",
            Self::Backend => "backend",
            Self::Topic => "topic",
            Self::Patient => "patient",
            Self::Report => "report",
            Self::Template => "template",
            Self::Channel => "channel",
        }
    }

    /// Whether people talk there: messages, typing, whiteboards.
    pub const fn has_messages(self) -> bool {
        matches!(self, Self::Chat | Self::Thread | Self::Visit | Self::Call)
    }

    /// Whether members are announced to each other.
    pub const fn is_announced(self) -> bool {
        self.has_messages() || matches!(self, Self::Patient)
    }
}

impl RoomId {
    /// A regular expression that the name of every room matches as a whole. That the ids of a chat
    /// are sorted, no regular expression can say.
    pub fn pattern() -> String {
        let kinds = contract_kinds().filter(|kind| *kind != RoomKind::Chat);
        let words: Vec<_> = kinds.map(RoomKind::as_str).collect();
        format!(
            "chat:{ID_PATTERN}:{ID_PATTERN}|(?:{}):{ID_PATTERN}|{}",
            words.join("|"),
            Channel::pattern()
        )
    }

    /// The chat of two people, in either order. Refuses ids that are none, and a chat with oneself.
    pub fn chat(a: impl AsRef<str>, b: impl AsRef<str>) -> Result<Self, InvalidRoom> {
        Self::chat_of(UserId::new(a)?, UserId::new(b)?)
    }

    /// The chat of two people, in either order. Refuses a chat with oneself.
    pub fn chat_of(a: UserId, b: UserId) -> Result<Self, InvalidRoom> {
        match a.cmp(&b) {
            std::cmp::Ordering::Less => Ok(Self::Chat(a, b)),
            std::cmp::Ordering::Greater => Ok(Self::Chat(b, a)),
            std::cmp::Ordering::Equal => Err(InvalidRoom),
        }
    }

    /// A channel by its name.
    pub fn channel(name: &str) -> Result<Self, InvalidRoom> {
        match name.parse()? {
            room @ Self::Channel(_) => Ok(room),
            _ => Err(InvalidRoom),
        }
    }

    /// The room of a kind that one id names; `None`: that kind takes more. The id was checked.
    fn named(kind: RoomKind, id: &str) -> Option<Self> {
        Some(match kind {
            RoomKind::Chat | RoomKind::Channel => return None,
            RoomKind::Thread => Self::Thread(ThreadId::known(id)),
            RoomKind::Visit => Self::Visit(VisitId::known(id)),
            RoomKind::Call => Self::Call(CallId::known(id)),
            RoomKind::User => Self::User(UserId::known(id)),
            RoomKind::Notifications => Self::Notifications(UserId::known(id)),
            RoomKind::Tenant => Self::Tenant(TenantId::known(id)),
            RoomKind::Staff => Self::Staff(TenantId::known(id)),
            RoomKind::Backend => Self::Backend(TenantId::known(id)),
            RoomKind::Topic => Self::Topic(TopicName::known(id)),
            RoomKind::Patient => Self::Patient(UserId::known(id)),
            RoomKind::Report => Self::Report(ReportId::known(id)),
            RoomKind::Template => Self::Template(TemplateId::known(id)),
        })
    }

    /// What kind of room this is.
    pub const fn kind(&self) -> RoomKind {
        match self {
            Self::Chat(..) => RoomKind::Chat,
            Self::Thread(_) => RoomKind::Thread,
            Self::Visit(_) => RoomKind::Visit,
            Self::Call(_) => RoomKind::Call,
            Self::User(_) => RoomKind::User,
            Self::Notifications(_) => RoomKind::Notifications,
            Self::Tenant(_) => RoomKind::Tenant,
            Self::Staff(_) => RoomKind::Staff,
            Self::Backend(_) => RoomKind::Backend,
            Self::Topic(_) => RoomKind::Topic,
            Self::Patient(_) => RoomKind::Patient,
            Self::Report(_) => RoomKind::Report,
            Self::Template(_) => RoomKind::Template,
            Self::Channel(_) => RoomKind::Channel,
        }
    }
}

/// The text names no room of any kind. Its message is that of `room_not_found`, which is what a
/// server answers to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Room not found")]
pub struct InvalidRoom;

impl From<InvalidId> for InvalidRoom {
    fn from(_: InvalidId) -> Self {
        Self
    }
}

impl FromStr for RoomId {
    type Err = InvalidRoom;

    fn from_str(text: &str) -> Result<Self, InvalidRoom> {
        let (domain, first, second) = parts(text).ok_or(InvalidRoom)?;
        if ![domain, first, second.unwrap_or(domain)]
            .into_iter()
            .all(is_id)
        {
            return Err(InvalidRoom);
        }
        let kind = contract_kinds().find(|kind| kind.as_str() == domain);
        Ok(match (kind, second) {
            (Some(RoomKind::Chat), Some(second)) if first < second => {
                Self::Chat(UserId::known(first), UserId::known(second))
            }
            (Some(kind), None) => Self::named(kind, first).ok_or(InvalidRoom)?,
            (None, _) | (Some(RoomKind::User), Some(_)) => Self::Channel(Channel(text.into())),
            (Some(_), Some(_)) => return Err(InvalidRoom),
        })
    }
}

/// The two or three parts of a name.
fn parts(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let cut = |text| {
        let at = str::bytes(text).position(|byte| byte == b':')?;
        let (part, rest) = text.split_at_checked(at)?;
        Some((part, rest.get(1..)?))
    };
    let (domain, rest) = cut(text)?;
    Some(match cut(rest) {
        Some((first, second)) => (domain, first, Some(second)),
        None => (domain, rest, None),
    })
}

/// The kinds whose names begin with a word of the contract.
fn contract_kinds() -> impl Iterator<Item = RoomKind> {
    let all = RoomKind::ALL.into_iter();
    all.filter(|kind| *kind != RoomKind::Channel)
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id: &str = match self {
            Self::Chat(a, b) => return write!(f, "chat:{a}:{b}"),
            Self::Channel(name) => return f.write_str(name.as_str()),
            Self::Thread(id) => id,
            Self::Visit(id) => id,
            Self::Call(id) => id,
            Self::User(id) | Self::Notifications(id) | Self::Patient(id) => id,
            Self::Tenant(id) | Self::Staff(id) | Self::Backend(id) => id,
            Self::Topic(id) => id,
            Self::Report(id) => id,
            Self::Template(id) => id,
        };
        write!(f, "{}:{id}", self.kind().as_str())
    }
}

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl serde::Serialize for RoomId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for RoomId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::wire::read_text(deserializer, str::parse)
    }
}

#[cfg(any(test, feature = "proptest"))]
impl proptest::arbitrary::Arbitrary for RoomId {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;
    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::prelude::*;
        let id = any::<UserId>;
        let one = (
            proptest::sample::select(RoomKind::ALL.as_slice()),
            id(),
            id(),
        );
        one.prop_filter_map("a chat with oneself", |(kind, a, b)| match kind {
            RoomKind::Chat => RoomId::chat(a, b).ok(),
            RoomKind::Channel => RoomId::channel(&format!("domain:{a}:{b}")).ok(),
            kind => format!("{}:{a}", kind.as_str()).parse().ok(),
        })
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn contract_words_are_no_channels() {
        for kind in RoomKind::ALL.iter().filter(|k| **k != RoomKind::Channel) {
            let name = format!("{}:a:b", kind.as_str());
            let room = name.parse::<RoomId>();
            match kind {
                RoomKind::Chat => assert!(matches!(room, Ok(RoomId::Chat(..)))),
                RoomKind::User => assert!(matches!(room, Ok(RoomId::Channel(_)))),
                _ => assert!(room.is_err(), "{name}"),
            }
        }
        assert!(matches!("channel:a".parse(), Ok(RoomId::Channel(_))));
    }

    #[test]
    fn what_is_no_room() {
        let long = format!("visit:{}", "x".repeat(129));
        for bad in [
            "",
            ":",
            "chat",
            "chat:",
            "chat:a",
            "chat:b:a",
            "chat:a:a",
            "chat:a:b:c",
            "visit:",
            "visit:a b",
            "visit:a/b",
            "visit:a\0b",
            "a:b:c:d",
            "reports::x",
            "ä:b",
            &long,
        ] {
            assert!(bad.parse::<RoomId>().is_err(), "{bad:?} passed");
        }
    }

    #[test]
    fn a_channel_knows_its_domain_and_owner() {
        let Ok(RoomId::Channel(own)) = "user:ana:reports".parse() else {
            panic!("a channel")
        };
        assert_eq!((own.domain(), own.owner()), ("user", Some("ana")));
        let Ok(RoomId::Channel(other)) = "reports:system".parse() else {
            panic!("a channel")
        };
        assert_eq!((other.domain(), other.owner()), ("reports", None));
    }

    proptest! {
        #[test]
        fn name_and_back(room: RoomId) {
            prop_assert_eq!(room.to_string().parse::<RoomId>(), Ok(room));
        }

        #[test]
        fn any_text_parses_or_is_refused(text: String) {
            if let Ok(room) = text.parse::<RoomId>() {
                prop_assert_eq!(room.to_string(), text);
            }
        }
    }
}
