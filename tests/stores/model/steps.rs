//! What can happen, in a world small enough that things meet.

use proptest::{collection::vec, prelude::*};

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Unit {
        operations: Vec<Operation>,
        /// The unit fails at its end.
        undone: bool,
    },
    Reopen,
}

/// Numbers stand for one of a few rooms, users, keys or messages.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Append {
        room: usize,
        text: String,
    },
    Trim {
        room: usize,
        back: u64,
    },
    Keyed {
        user: usize,
        key: usize,
    },
    ForgetKeys {
        age: i64,
        limit: u32,
    },
    Send(Draft),
    Edit {
        message: usize,
        body: String,
    },
    Blank {
        message: usize,
    },
    React {
        message: usize,
        emoji: String,
        user: usize,
        added: bool,
    },
    Status {
        message: usize,
        user: usize,
        status: usize,
    },
    Cursor {
        user: usize,
        delivered: usize,
        read: Option<usize>,
    },
    ForgetMessages {
        age: i64,
        limit: u32,
    },
    Join {
        circle: usize,
        user: usize,
        from_now: bool,
    },
    Leave {
        circle: usize,
        user: usize,
    },
    Touch {
        room: usize,
    },
    User {
        user: usize,
        role: usize,
        name: Option<String>,
        declared: bool,
    },
    Presence {
        user: usize,
        status: usize,
        words: Option<String>,
    },
    LastSeen {
        user: usize,
        at: i64,
    },
    Care {
        provider: usize,
        patient: usize,
        cares: bool,
    },
    Visit {
        visit: usize,
    },
    Thread {
        thread: usize,
        title: Option<String>,
        creator: Option<usize>,
    },
    Report {
        report: usize,
        owner: Option<usize>,
        template: Option<usize>,
        made: bool,
    },
    /// Live rows, each an id; and how many of the oldest are forgotten.
    Live {
        template: usize,
        ids: Vec<u8>,
        forgotten: u64,
    },
    /// A line of the audit trail, or the end of the oldest.
    Audit {
        user: usize,
        room: Option<usize>,
        hour: Option<u64>,
        forgotten: u32,
    },
    /// Emergency access, or the end of what ends by then.
    Emergency {
        user: usize,
        until: i64,
        ended: bool,
    },
    Template {
        template: usize,
        owner: Option<usize>,
    },
    /// To a person, or to a topic.
    Notify {
        user: Option<usize>,
        topic: usize,
        text: String,
    },
    ReadOne {
        user: usize,
        notification: usize,
    },
    ReadAll {
        user: usize,
        up_to: Option<usize>,
    },
    Follow {
        user: usize,
        topic: usize,
        follows: bool,
    },
    /// Some operations of an update, or with none a wipe.
    Draw {
        room: usize,
        operations: u32,
    },
    /// A lease until a time, or its end.
    Lease {
        record: usize,
        holder: Option<usize>,
        ends: i64,
    },
    /// A call in which each of some people is in a state, with a device.
    Call {
        call: usize,
        people: Vec<u8>,
        over: bool,
    },
    Place {
        call: usize,
        user: usize,
        device: usize,
        until: i64,
    },
    DirectoryChange {
        user: Option<usize>,
        room: usize,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) room: usize,
    pub(crate) sender: usize,
    pub(crate) body: String,
    pub(crate) reply_to: Option<usize>,
    /// Another platform's name for it.
    pub(crate) external: Option<usize>,
    pub(crate) metadata: bool,
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let unit = (vec(operation(), 1..8), prop::bool::weighted(0.15));
    let unit = unit.prop_map(|(operations, undone)| Step::Unit { operations, undone });
    vec(prop_oneof![9 => unit, 1 => Just(Step::Reopen)], 1..14)
}

/// Letters of one, two and four bytes, and the two that PostgreSQL needs help with.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-zé😀'\"%\\\\]{0,12}", 1 => "[\\x00\\x010-1]{1,4}"]
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation as O;
    let few = 0usize..4;
    let draft = (
        few.clone(),
        few.clone(),
        text(),
        any::<(Option<u8>, Option<bool>, bool)>(),
    );
    let draft = draft.prop_map(|(room, sender, body, (reply, external, metadata))| Draft {
        room,
        sender,
        body,
        reply_to: reply.map(usize::from),
        external: external.map(usize::from),
        metadata,
    });
    let message = any::<u8>().prop_map(usize::from);
    let logs = prop_oneof![
        4 => (0usize..6, text()).prop_map(|(room, text)| O::Append { room, text }),
        1 => (0usize..6, 0u64..5).prop_map(|(room, back)| O::Trim { room, back }),
        3 => (few.clone(), few.clone()).prop_map(|(user, key)| O::Keyed { user, key }),
        1 => (-50i64..100, 1u32..5).prop_map(|(age, limit)| O::ForgetKeys { age, limit }),
        2 => (any::<bool>(), few.clone(), 0usize..6).prop_map(|(user, of, room)| {
            O::DirectoryChange { user: user.then_some(of), room }
        }),
    ];
    let messages = prop_oneof![
        6 => draft.prop_map(O::Send),
        1 => (message.clone(), text()).prop_map(|(message, body)| O::Edit { message, body }),
        1 => message.clone().prop_map(|message| O::Blank { message }),
        3 => (message.clone(), "[👍❤a\\x00]{1,2}", few.clone(), any::<bool>()).prop_map(
            |(message, emoji, user, added)| O::React { message, emoji, user, added }
        ),
        1 => (message.clone(), few.clone(), 0usize..3)
            .prop_map(|(message, user, status)| O::Status { message, user, status }),
        2 => (few.clone(), any::<u8>(), any::<Option<u8>>()).prop_map(|(user, delivered, read)| {
            O::Cursor { user, delivered: delivered.into(), read: read.map(usize::from) }
        }),
        1 => (-50i64..100, 1u32..4).prop_map(|(age, limit)| O::ForgetMessages { age, limit }),
    ];
    let inbox = prop_oneof![
        3 => (few.clone(), few.clone(), any::<bool>())
            .prop_map(|(circle, user, from_now)| O::Join { circle, user, from_now }),
        1 => (few.clone(), few.clone()).prop_map(|(circle, user)| O::Leave { circle, user }),
        1 => few.clone().prop_map(|room| O::Touch { room }),
    ];
    let some_text = || proptest::option::of(text());
    let directory = prop_oneof![
        (few.clone(), 0usize..3, some_text(), any::<bool>()).prop_map(
            |(user, role, name, declared)| O::User {
                user,
                role,
                name,
                declared
            }
        ),
        (few.clone(), 0usize..3, some_text()).prop_map(|(user, status, words)| O::Presence {
            user,
            status,
            words
        }),
        (few.clone(), 0i64..5000).prop_map(|(user, at)| O::LastSeen { user, at }),
        (few.clone(), few.clone(), any::<bool>()).prop_map(|(provider, patient, cares)| O::Care {
            provider,
            patient,
            cares
        }),
        few.clone().prop_map(|visit| O::Visit { visit }),
        (few.clone(), some_text(), proptest::option::of(few)).prop_map(
            |(thread, title, creator)| {
                O::Thread {
                    thread,
                    title,
                    creator,
                }
            }
        ),
    ];
    let someone = || proptest::option::of(0usize..4);
    let notices = prop_oneof![
        1 => (0usize..2, someone(), someone(), any::<bool>()).prop_map(
            |(report, owner, template, made)| O::Report { report, owner, template, made }
        ),
        1 => (0usize..2, someone()).prop_map(|(template, owner)| O::Template { template, owner }),
        2 => (0usize..2, proptest::collection::btree_set(0u8..8, 0..5), 0u64..4).prop_map(
            |(template, ids, forgotten)| O::Live {
                template,
                ids: ids.into_iter().collect(),
                forgotten,
            }
        ),
        2 => (0usize..3, proptest::option::of(0usize..2), proptest::option::of(1u64..3), 0u32..3)
            .prop_map(|(user, room, hour, forgotten)| O::Audit { user, room, hour, forgotten }),
        2 => (0usize..3, 1i64..9, any::<bool>())
            .prop_map(|(user, until, ended)| O::Emergency { user, until, ended }),
        4 => (someone(), 0usize..2, text())
            .prop_map(|(user, topic, text)| O::Notify { user, topic, text }),
        2 => (0usize..4, any::<u8>()).prop_map(|(user, notification)| O::ReadOne {
            user,
            notification: notification.into(),
        }),
        1 => (0usize..4, any::<Option<u8>>())
            .prop_map(|(user, up_to)| O::ReadAll { user, up_to: up_to.map(usize::from) }),
        2 => (0usize..2, 0u32..4).prop_map(|(room, operations)| O::Draw { room, operations }),
        3 => (0usize..4, 0usize..2, any::<bool>())
            .prop_map(|(user, topic, follows)| O::Follow { user, topic, follows }),
    ];
    // No two leases end at once: the first of two would be any of them.
    let time = || 0i64..1_000_000;
    let held = prop_oneof![
        (0usize..4, someone(), time()).prop_map(|(record, holder, ends)| O::Lease {
            record,
            holder,
            ends: 1000 + ends % 1009,
        }),
        (0usize..3, vec(any::<u8>(), 3), prop::bool::weighted(0.3))
            .prop_map(|(call, people, over)| O::Call { call, people, over }),
        (0usize..3, 0usize..4, 0usize..2, time()).prop_map(|(call, user, device, until)| {
            O::Place {
                call,
                user,
                device,
                until: 1000 + until % 1013,
            }
        }),
    ];
    prop_oneof![3 => logs, 4 => messages, 2 => inbox, 2 => directory, 2 => notices, 2 => held]
}
