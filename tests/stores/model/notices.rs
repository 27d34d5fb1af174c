//! Reports, notifications and whiteboards: carried out, and read.

use super::{
    operations::{room_at, user_at},
    steps::Operation,
};
use crate::databases::{event, json, room, tenant};
use carewire_protocol::{
    NotificationId, NotificationKind, ReportId, Role, TemplateId, Timestamp, TopicName,
    backend::AuditAction,
    notification::{Notification, Priority},
};
use carewire_server::{
    error::{Error, Result},
    keys::{RoomKey, UserKey},
    store::{
        AuditPage, AuditRow, Board, EmergencyRow, LiveRow, NamedEvent, NotificationPage, OpRow,
        Place, Rows, Tx,
    },
};

fn report(number: usize) -> ReportId {
    ReportId::new(format!("r{number}")).unwrap()
}

fn template(number: usize) -> TemplateId {
    TemplateId::new(format!("t{number}")).unwrap()
}

fn topic(number: usize) -> TopicName {
    TopicName::new(format!("topic-{number}")).unwrap()
}

/// One of a user's notifications, if there are any.
async fn notification_at(
    tx: &mut Tx,
    user: &UserKey,
    number: usize,
) -> Result<Option<NotificationId>> {
    let page = NotificationPage {
        limit: 1000,
        ..NotificationPage::default()
    };
    let all = tx.rows().notifications(user, &page).await?;
    let place = number % all.len().max(1);
    Ok(all.into_iter().nth(place).map(|row| row.id))
}

pub(crate) async fn one(tx: &mut Tx, operation: Operation) -> Result<String> {
    use Operation as O;
    let (tenant, now) = (tenant(), tx.now());
    match operation {
        O::Report {
            report: number,
            owner,
            template: of,
            made,
        } => {
            let (id, owner) = (report(number), owner.map(|owner| user_at(owner).user));
            match owner {
                Some(owner) if made => {
                    let of = of.map(template);
                    tx.rows()
                        .put_report(&tenant, &id, &owner, of.as_ref())
                        .await?;
                }
                owner => tx.rows().add_report(&tenant, &id, owner.as_ref()).await?,
            }
            // Of the one or the other: what is told of a report that is not there is not kept.
            let told = NamedEvent {
                name: "report:status".into(),
                data: json(if made { "{\"progress\": 1}" } else { "{}" }),
            };
            let about = report(usize::from(made));
            tx.rows().put_report_state(&tenant, &about, &told).await?;
        }
        O::Template {
            template: number,
            owner,
        } => {
            let owner = owner.map(|owner| user_at(owner).user);
            tx.rows()
                .put_template(&tenant, &template(number), owner.as_ref())
                .await?;
        }
        O::Audit {
            user,
            room,
            hour,
            forgotten,
        } => {
            let row = AuditRow {
                user: user_at(user),
                role: Role::Staff,
                at: Timestamp::from_millis(i64::try_from(user).unwrap_or_default()),
                action: AuditAction::Joined,
                room: room.map(|room| room_at(room).room),
                command: None,
                hour,
            };
            tx.rows().insert_audit(&row).await?;
            let before = Timestamp::from_millis(2);
            let count = tx.rows().delete_audit_before(before, forgotten).await?;
            return Ok(count.to_string());
        }
        O::Emergency { user, until, ended } => {
            let row = EmergencyRow {
                user: user_at(user),
                patient: user_at(3).user,
                until: Timestamp::from_millis(until),
            };
            if ended {
                return Ok(tx.rows().delete_emergency(&row).await?.to_string());
            }
            tx.rows().put_emergency(&row).await?;
        }
        O::Live {
            template: number,
            ids,
            forgotten,
        } => {
            let template = template(number);
            let mut state = tx.rows().live_state(&tenant, &template).await?;
            let rows: Vec<LiveRow> = (state.number + 1..)
                .zip(&ids)
                .map(|(number, id)| LiveRow {
                    number,
                    id: format!("\"{id}\""),
                    data: json(&format!("{{\"id\": \"{id}\", \"é\": {number}}}")),
                })
                .collect();
            state.number += rows.len() as u64;
            state.rows += 1;
            tx.rows().put_live_rows(&tenant, &template, &rows).await?;
            tx.rows().put_live_state(&tenant, &template, &state).await?;
            if forgotten > 0 {
                let through = state.number / (2 * forgotten);
                tx.rows()
                    .delete_live_rows(&tenant, &template, through)
                    .await?;
            }
            return Ok(format!("{state:?}"));
        }
        O::Notify {
            user,
            topic: to,
            text,
        } => {
            let to = topic(to);
            let (place, topic) = match user {
                Some(user) => (format!("notifications:u{user}"), None),
                None => (format!("topic:{to}"), Some(to)),
            };
            let draft = Notification {
                id: NotificationId::new("new")?,
                kind: "info".parse::<NotificationKind>()?,
                title: text.as_str().into(),
                message: text.as_str().into(),
                priority: Priority::Normal,
                topic,
                data: Some(json("[1, {\"a\":null}]")),
                created_at: now,
                read_at: None,
            };
            let stored = tx.insert_notification(&room(&place), draft).await?;
            return Ok(format!("{stored:?}"));
        }
        O::ReadOne { user, notification } => {
            let user = user_at(user);
            let Some(id) = notification_at(tx, &user, notification).await? else {
                return Ok("none".into());
            };
            let read = tx.rows().read_notification(&user, &id, now).await?;
            return Ok(format!("{read:?}"));
        }
        O::ReadAll { user, up_to } => {
            let user = user_at(user);
            let up_to = match up_to {
                Some(number) => notification_at(tx, &user, number).await?,
                None => None,
            };
            let read = tx
                .rows()
                .read_notifications(&user, up_to.as_ref(), now)
                .await?;
            return Ok(format!("{read:?}"));
        }
        O::Draw { room, operations } => {
            let board = draw(tx, &room_at(room), operations).await?;
            return Ok(format!("{board:?}"));
        }
        O::Follow {
            user,
            topic: number,
            follows,
        } => {
            let (user, topic) = (user_at(user), topic(number));
            let here = tx.floor_now(&room(&format!("topic:{topic}"))).await?;
            if follows {
                tx.rows().follow_topic(&user, &topic, &here.message).await?;
            } else {
                tx.rows()
                    .unfollow_topic(&user, &topic, &here.message)
                    .await?;
            }
        }
        other => return Err(Error::Fault(format!("no notice: {other:?}"))),
    }
    Ok("stored".into())
}

async fn draw(tx: &mut Tx, room: &RoomKey, operations: u32) -> Result<Board> {
    let mut board = tx.rows().board(room).await?;
    board.revision += 1;
    let told = event(room, "drawn");
    let offset = tx.append(room, None, &told).await?;
    if operations == 0 {
        board.bytes = 0;
        tx.rows().delete_ops(room).await?;
    }
    for number in 1..=operations {
        let op = OpRow {
            place: Place {
                revision: board.revision,
                number,
            },
            op: json(&format!("{{\"line\": {number}}}")),
        };
        board.bytes += op.op.get().len() as u64;
        tx.rows().insert_op(room, offset, &op).await?;
    }
    tx.rows().put_board(room, &board).await?;
    Ok(board)
}

pub(crate) async fn reads(rows: &mut dyn Rows) -> Vec<String> {
    let (mut seen, tenant) = (Vec::new(), tenant());
    for number in 0..2 {
        let owner = rows.report_owner(&tenant, &report(number)).await.unwrap();
        let told = rows.report_state(&tenant, &report(number)).await.unwrap();
        let told = told.map(|event| (event.name, event.data.get().to_owned()));
        let source = rows.template_owner(&tenant, &template(number)).await;
        let followers = rows.followers(&tenant, &topic(number)).await.unwrap();
        seen.push(format!(
            "{owner:?} {told:?} {:?} {followers:?}",
            source.unwrap()
        ));
    }
    for (user, room, before) in [
        (None, None, None),
        (Some(1), None, Some(9)),
        (None, Some(0), None),
    ] {
        let page = AuditPage {
            user: user.map(|user| user_at(user).user),
            room: room.map(|room| room_at(room).room),
            from: Some(Timestamp::from_millis(1)),
            to: None,
            before,
            limit: 4,
        };
        seen.push(format!("{:?}", rows.audit(&tenant, &page).await.unwrap()));
    }
    let end = Timestamp::from_millis(5);
    let ending = rows.emergencies_ending(end, 2).await.unwrap();
    seen.push(format!(
        "{ending:?} {:?}",
        rows.next_emergency_end().await.unwrap()
    ));
    for user in (0..3).map(user_at) {
        let cares = rows.cares(&tenant, &user.user, &user_at(3).user).await;
        seen.push(format!("{user:?} {}", cares.unwrap()));
    }
    for template in (0..2).map(template) {
        let state = rows.live_state(&tenant, &template).await.unwrap();
        let sizes = rows.live_sizes(&tenant, &template).await.unwrap();
        seen.push(format!("{template:?} {state:?} {sizes:?}"));
        for before in [u64::MAX, state.number / 2] {
            let page = rows.live_rows_before(&tenant, &template, before, 3).await;
            let texts = page.unwrap().into_iter();
            seen.extend(texts.map(|row| format!("{row:?} {}", row.data.get())));
        }
    }
    for user in (0..4).map(user_at) {
        let topics = rows.topics(&user).await.unwrap();
        let unread = rows.unread_notifications(&user).await.unwrap();
        seen.push(format!("{user:?} {topics:?} {unread}"));
        let mut before = None;
        // In pages, all and then the unread ones.
        for unread_only in [false, false, false, true] {
            let page = NotificationPage {
                unread_only,
                before: before.clone(),
                limit: if unread_only { 100 } else { 3 },
            };
            let found = rows.notifications(&user, &page).await.unwrap();
            before = found.last().map(|row| row.id.clone()).or(before);
            let texts = found.iter().map(|row| serde_json::to_string(row).unwrap());
            seen.extend(texts);
        }
    }
    for room in rooms_drawn() {
        let board = rows.board(&room).await.unwrap();
        seen.push(format!("{room:?} {board:?}"));
        let middle = Place {
            revision: board.revision / 2,
            number: 1,
        };
        for (after, floor) in [(Place::default(), 0), (middle, 0), (Place::default(), 3)] {
            for op in rows.ops(&room, after, floor, 3).await.unwrap() {
                seen.push(format!("{op:?} {}", op.op.get()));
            }
        }
    }
    seen
}

fn rooms_drawn() -> [RoomKey; 2] {
    [room_at(0), room_at(1)]
}
