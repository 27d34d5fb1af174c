//! Everything that can be read, as texts to be compared.

use super::operations::{circle, room_at, rooms, user_at};
use super::{held, notices};
use crate::databases::tenant;
use carewire_protocol::{Key, Platform, ThreadId, Timestamp, VisitId};
use carewire_server::store::{MessagePage, Rows};

/// Answers of all reads; a failure fails the test.
pub(crate) async fn all(rows: &mut dyn Rows) -> Vec<String> {
    let mut seen = logs(rows).await;
    seen.extend(messages(rows).await);
    seen.extend(inbox(rows).await);
    seen.extend(directory(rows).await);
    seen.extend(notices::reads(rows).await);
    seen.extend(held::reads(rows).await);
    seen
}

macro_rules! answer {
    ($seen:ident, $read:expr) => {
        $seen.push(format!(
            concat!(stringify!($read), " = {:?}"),
            $read.await.unwrap()
        ))
    };
}

async fn logs(rows: &mut dyn Rows) -> Vec<String> {
    let mut seen = Vec::new();
    for room in rooms() {
        answer!(seen, rows.log(&room));
        for event in rows.events_after(&room, 0, 1000).await.unwrap() {
            // `Debug` does not show what people wrote.
            seen.push(format!("{event:?} {}", event.data.get()));
        }
        answer!(seen, rows.events_after(&room, 3, 2));
        for ms in [0, 1000, 1040, 9999] {
            answer!(seen, rows.offset_before(&room, Timestamp::from_millis(ms)));
        }
    }
    let names: Vec<_> = rooms().map(|room| room.room).collect();
    answer!(seen, rows.logs(&tenant(), &names));
    answer!(seen, rows.rooms_with_events(None, 2));
    answer!(seen, rows.rooms_with_events(Some(&room_at(0)), 10));
    for number in 0..16 {
        let key = Key::new(format!("key-{}", number % 4)).unwrap();
        answer!(seen, rows.key(&user_at(number / 4), &key));
    }
    answer!(seen, rows.mark());
    answer!(seen, rows.grown_since(0, 100));
    answer!(seen, rows.grown_since(5, 2));
    answer!(seen, rows.directory_since(0, 100));
    seen
}

async fn messages(rows: &mut dyn Rows) -> Vec<String> {
    let mut seen = Vec::new();
    for room in rooms() {
        let whole = MessagePage {
            limit: 1000,
            ..MessagePage::default()
        };
        let messages = rows.messages(&room, &whole).await.unwrap();
        for message in &messages {
            seen.push(serde_json::to_string(message).unwrap());
            answer!(seen, rows.message(&room.tenant, &message.id));
            answer!(seen, rows.message_statuses(&room.tenant, &message.id));
            for event in rows.events_of_message(&room, &message.id).await.unwrap() {
                seen.push(format!("{} about {}", event.offset, message.id));
            }
        }
        if let Some(middle) = messages.get(messages.len() / 2) {
            let pages = [
                MessagePage {
                    before: Some(middle.id.clone()),
                    limit: 2,
                    ..MessagePage::default()
                },
                MessagePage {
                    after: Some(middle.id.clone()),
                    limit: 2,
                    ..MessagePage::default()
                },
                MessagePage {
                    floor: format!("{}~", &middle.id.as_str()[..10]),
                    limit: 100,
                    ..MessagePage::default()
                },
                MessagePage {
                    reply_to: Some(middle.id.clone()),
                    limit: 100,
                    ..MessagePage::default()
                },
            ];
            for page in pages {
                let found = rows.messages(&room, &page).await.unwrap();
                let ids: Vec<_> = found.iter().map(|message| message.id.as_str()).collect();
                seen.push(ids.join(" "));
            }
        }
        answer!(seen, rows.cursors(&room));
        for number in 0..4 {
            let user = user_at(number).user;
            answer!(seen, rows.cursor(&room, &user));
            answer!(seen, rows.unread(&room, &user, ""));
        }
    }
    for number in 0..2 {
        let (sms, external) = (Platform::new("sms").unwrap(), format!("ext\0{number}"));
        answer!(
            seen,
            rows.message_by_external_id(&tenant(), &sms, &external)
        );
    }
    seen
}

async fn inbox(rows: &mut dyn Rows) -> Vec<String> {
    let (mut seen, tenant) = (Vec::new(), tenant());
    for number in 0..4 {
        answer!(seen, rows.members(&tenant, &circle(number)));
        answer!(seen, rows.conversation(&room_at(number)));
        for user in (0..4).map(user_at) {
            answer!(seen, rows.member(&tenant, &circle(number), &user.user));
        }
    }
    for user in (0..4).map(user_at) {
        answer!(seen, rows.unread_conversations(&user, 2));
        answer!(seen, rows.conversations(&user, None, None, 100));
        let after = (Timestamp::from_millis(1040), "thread:t0".to_owned());
        answer!(
            seen,
            rows.conversations(&user, None, Some(after.clone()), 2)
        );
        let web = Platform::new("web").unwrap();
        answer!(seen, rows.conversations(&user, Some(&web), None, 100));
        for other in (0..4).map(user_at) {
            answer!(seen, rows.share_a_circle(&tenant, &user.user, &other.user));
        }
    }
    seen
}

async fn directory(rows: &mut dyn Rows) -> Vec<String> {
    let (mut seen, tenant) = (Vec::new(), tenant());
    for number in 0..4 {
        let user = user_at(number);
        let found = rows.user(&user).await.unwrap();
        let name = found.as_ref().and_then(|row| row.name.as_deref());
        seen.push(format!("{found:?} {name:?}"));
        let status = rows.status(&user).await.unwrap();
        seen.push(format!("{status:?} {:?}", status.custom_status.as_deref()));
        for other in (0..4).map(user_at) {
            answer!(seen, rows.cares(&tenant, &user.user, &other.user));
        }
        let visit = VisitId::new(format!("v{number}")).unwrap();
        answer!(seen, rows.visit_exists(&tenant, &visit));
        let thread = ThreadId::new(format!("t{number}")).unwrap();
        let found = rows.thread(&tenant, &thread).await.unwrap();
        let title = found.as_ref().and_then(|row| row.title.as_deref());
        seen.push(format!("{found:?} {title:?}"));
    }
    seen
}
