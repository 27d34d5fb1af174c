//! Reading: pages of history, and how far each message has come.

use crate::{
    audit,
    core::Caller,
    error::Result,
    keys::RoomKey,
    policy::{Action, Circle},
    store::{MessagePage, Rows},
};
use carewire_protocol::{
    Command, UserId,
    backend::AuditAction,
    limits::{MAX_PAYLOAD_BYTES, check_page},
    message::{History, HistoryReply, Message, MessageStatus},
};

/// `message:history`.
pub async fn history(caller: &Caller, command: History) -> Result<HistoryReply> {
    let limit = check_page(command.limit)?;
    let key = caller.room(&command.room_id);
    let decided = caller.preauthorise(Action::History, &key.room).await?;
    let mut rows = caller.core.store.read().await?;
    let floor = caller
        .floor(&mut *rows, Action::History, &key, decided)
        .await?;
    let newest_first = command.after.is_none();
    let page = MessagePage {
        before: command.before,
        after: command.after,
        reply_to: command.reply_to,
        floor: floor.message,
        limit: limit + 1,
    };
    let mut messages = rows.messages(&key, &page).await?;
    let more = messages.len() > limit as usize;
    if more && newest_first {
        messages.remove(0);
    } else if more {
        messages.pop();
    }
    let cut = fit(&mut messages, newest_first);
    add_statuses(&mut *rows, &key, &mut messages).await?;
    rows.close().await?;
    let (room, command) = (Some(&key.room), Some(History::NAME));
    audit::note(
        &caller.core,
        &caller.identity,
        AuditAction::Read,
        room,
        command,
    );
    Ok(HistoryReply {
        messages,
        has_more: more || cut,
    })
}

/// Drops messages from the far end until the rest fits into a frame. Yields whether it had to.
pub fn fit(messages: &mut Vec<Message>, newest_first: bool) -> bool {
    let size = |message: &Message| serde_json::to_string(message).map_or(0, |text| text.len() + 1);
    // Room for the envelope and what else a snapshot holds.
    let most = MAX_PAYLOAD_BYTES - MAX_PAYLOAD_BYTES / 8;
    let mut total: usize = messages.iter().map(size).sum();
    let mut cut = false;
    while total > most && messages.len() > 1 {
        let dropped = if newest_first {
            Some(messages.remove(0))
        } else {
            messages.pop()
        };
        total -= dropped.as_ref().map_or(0, size);
        cut = true;
    }
    cut
}

/// Fills in how far messages of one room have come: as far as the least advanced of the other
/// members.
pub async fn add_statuses(
    rows: &mut dyn Rows,
    room: &RoomKey,
    messages: &mut [Message],
) -> Result<()> {
    let Some(circle) = Circle::of(&room.room).filter(|_| !messages.is_empty()) else {
        return Ok(());
    };
    let cursors = rows.cursors(room).await?;
    let members: Vec<UserId> = match circle.pair() {
        Some((a, b)) => vec![a.clone(), b.clone()],
        None => {
            let members = rows.members(&room.tenant, circle.name()).await?;
            members.into_iter().map(|member| member.user).collect()
        }
    };
    for message in messages {
        let mut least = None;
        for member in members
            .iter()
            .filter(|member| **member != message.sender_id)
        {
            let reached = cursors.get(member).map_or(Progress::Sent, |receipts| {
                if receipts.read.as_ref() >= Some(&message.id) {
                    Progress::Read
                } else if receipts.delivered.as_ref() >= Some(&message.id) {
                    Progress::Delivered
                } else {
                    Progress::Sent
                }
            });
            least = Some(least.map_or(reached, |least: Progress| least.min(reached)));
        }
        message.status = match least {
            Some(Progress::Read) => MessageStatus::Read,
            Some(Progress::Delivered) => MessageStatus::Delivered,
            Some(Progress::Sent) | None => MessageStatus::Sent,
        };
        // Only another platform reports failures, so only its conversations are looked up.
        if circle.thread().is_some() {
            let statuses = rows.message_statuses(&room.tenant, &message.id).await?;
            if statuses
                .values()
                .any(|status| *status == MessageStatus::Failed)
            {
                message.status = MessageStatus::Failed;
            }
        }
    }
    Ok(())
}

/// How far a member has come with a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    Sent,
    Delivered,
    Read,
}
