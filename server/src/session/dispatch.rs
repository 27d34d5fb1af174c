//! Which function answers which command. The compiler asks for a line here for every new one.

use super::{Answer, Work};
use crate::{
    core::Caller,
    domain::{
        access, backend, call, channel, conversation, live, message, notification, presence,
        record, report, room, session, typing, whiteboard,
    },
    error::Result,
};
use carewire_protocol::{
    AnyCommand, Class, RoomId, access as access_protocol, backend as backend_protocol,
    call as call_protocol, channel as channel_protocol, conversation as conversation_protocol,
    message as message_protocol, notification as notification_protocol,
    presence as presence_protocol, record as record_protocol, report as report_protocol,
    room as room_protocol, session as session_protocol, typing as typing_protocol,
    whiteboard as whiteboard_protocol,
};
use serde::Serialize;

pub(super) fn dispatch(caller: Caller, command: AnyCommand, answer: Answer) -> Work {
    session::note_activity(&caller, &command);
    match command {
        // These may overtake, so they wait for nothing.
        AnyCommand::Typing(command) => {
            answer.send(match command {
                typing_protocol::Command::Start(command) => typing::start(&caller, &command),
                typing_protocol::Command::Stop(command) => typing::stop(&caller, &command),
            });
            Work::Done
        }
        command if command.class() == Class::Keyed => {
            Work::Pipelined(Box::pin(run(caller, command, answer)))
        }
        command => Work::Alone(Box::pin(run(caller, command, answer))),
    }
}

async fn run(caller: Caller, command: AnyCommand, answer: Answer) {
    match command {
        AnyCommand::Session(command) => run_session(&caller, command, &answer).await,
        AnyCommand::Room(command) => run_room(&caller, command, &answer).await,
        AnyCommand::Message(command) => run_message(&caller, command, &answer).await,
        AnyCommand::Conversation(command) => run_conversation(&caller, command, &answer).await,
        AnyCommand::Presence(command) => run_presence(&caller, command, &answer).await,
        AnyCommand::Channel(command) => run_channel(&caller, command, &answer).await,
        AnyCommand::Backend(backend_protocol::Command::PublishRequest(command)) => {
            answer.send(backend::publish(&caller, command).await);
        }
        AnyCommand::Notification(command) => run_notification(&caller, command, &answer).await,
        AnyCommand::Whiteboard(command) => run_whiteboard(&caller, command, &answer).await,
        AnyCommand::Report(command) => run_report(&caller, command, &answer).await,
        AnyCommand::Typing(_) => {}
        AnyCommand::Record(command) => run_record(&caller, command, &answer).await,
        AnyCommand::Call(command) => run_call(&caller, command, &answer).await,
        AnyCommand::Access(access_protocol::Command::BreakGlass(command)) => {
            answer.send(access::break_glass(&caller, command).await);
        }
    }
}

async fn run_session(caller: &Caller, command: session_protocol::Command, answer: &Answer) {
    use session_protocol::Command;
    match command {
        Command::Authenticate(_) => answer.send(session::authenticate_again()),
        Command::Refresh(command) => answer.send(session::refresh(caller, &command).await),
        Command::Resume(command) => {
            let rooms = command
                .rooms
                .iter()
                .map(|room| room.room_id.clone())
                .collect();
            entering(
                caller,
                rooms,
                answer,
                session::resume(caller, command).await,
            );
        }
        Command::Touch(_) => answer.send(Ok(session_protocol::Empty {})),
        Command::Status(_) => answer.send(session::status(caller)),
    }
}

async fn run_room(caller: &Caller, command: room_protocol::Command, answer: &Answer) {
    use room_protocol::Command;
    match command {
        Command::Join(command) => {
            let rooms = vec![command.room_id.clone()];
            entering(caller, rooms, answer, room::join(caller, command).await);
        }
        Command::Leave(command) => answer.send(room::leave(caller, &command)),
        Command::Participants(command) => answer.send(room::participants(caller, &command).await),
        Command::Publish(command) => answer.send(room::publish(caller, command).await),
    }
}

/// Sends the reply of a join, and only then lets events of the rooms follow.
fn entering<T: Serialize>(
    caller: &Caller,
    rooms: Vec<RoomId>,
    answer: &Answer,
    outcome: Result<T>,
) {
    answer.send(outcome);
    room::unhold(caller, rooms);
}

async fn run_message(caller: &Caller, command: message_protocol::Command, answer: &Answer) {
    use message_protocol::Command;
    match command {
        Command::Send(command) => answer.send(message::send(caller, command).await),
        Command::Received(command) => answer.send(message::received(caller, command).await),
        Command::Read(command) => answer.send(message::read(caller, command).await),
        Command::History(command) => answer.send(message::history(caller, command).await),
        Command::Edit(command) => answer.send(message::edit(caller, command).await),
        Command::Delete(command) => answer.send(message::delete(caller, command).await),
        Command::React(command) => {
            answer.send(message::react(caller, command.message_id, command.emoji, true).await);
        }
        Command::Unreact(command) => {
            answer.send(message::react(caller, command.message_id, command.emoji, false).await);
        }
    }
}

async fn run_conversation(
    caller: &Caller,
    command: conversation_protocol::Command,
    answer: &Answer,
) {
    use conversation_protocol::Command;
    match command {
        Command::List(command) => answer.send(conversation::list(caller, command).await),
        Command::CreateThread(command) => {
            answer.send(conversation::create_thread(caller, command).await);
        }
        Command::AddMembers(command) => {
            answer.send(conversation::add_members(caller, command).await);
        }
        Command::RemoveMembers(command) => {
            answer.send(conversation::remove_members(caller, command).await);
        }
        Command::GetUnread(_) => answer.send(conversation::unread(caller).await),
    }
}

async fn run_notification(
    caller: &Caller,
    command: notification_protocol::Command,
    answer: &Answer,
) {
    use notification_protocol::Command;
    match command {
        Command::List(command) => answer.send(notification::list(caller, command).await),
        Command::Read(command) => answer.send(notification::read(caller, command).await),
        Command::ReadAll(command) => answer.send(notification::read_all(caller, command).await),
        Command::GetUnreadCount(_) => answer.send(notification::unread_count(caller).await),
        Command::Subscribe(command) => answer.send(notification::subscribe(caller, command).await),
        Command::Unsubscribe(command) => {
            answer.send(notification::unsubscribe(caller, command).await);
        }
    }
}

async fn run_call(caller: &Caller, command: call_protocol::Command, answer: &Answer) {
    use call_protocol::Command;
    match command {
        Command::Initiate(command) => answer.send(call::initiate(caller, command).await),
        Command::Accept(command) => answer.send(call::accept(caller, command).await),
        Command::Reject(command) => answer.send(call::reject(caller, command).await),
        Command::End(command) => answer.send(call::end(caller, command).await),
        Command::Leave(command) => answer.send(call::leave(caller, command).await),
        Command::Join(command) => answer.send(call::join(caller, command).await),
        Command::Signal(command) => answer.send(call::signal(caller, command).await),
        Command::Media(command) => answer.send(call::media(caller, command).await),
        Command::Quality(command) => answer.send(call::quality(caller, command).await),
        Command::History(command) => answer.send(call::history(caller, command).await),
    }
}

async fn run_record(caller: &Caller, command: record_protocol::Command, answer: &Answer) {
    use record_protocol::Command;
    match command {
        Command::View(command) => {
            let rooms = vec![RoomId::Patient(command.patient_id.clone())];
            entering(caller, rooms, answer, record::view(caller, command).await);
        }
        Command::Unview(command) => answer.send(record::unview(caller, command)),
        Command::Viewers(command) => answer.send(record::viewers(caller, command).await),
        Command::Lock(command) => answer.send(record::lock(caller, command).await),
        Command::Renew(command) => answer.send(record::renew(caller, command).await),
        Command::Unlock(command) => answer.send(record::unlock(caller, command).await),
    }
}

async fn run_whiteboard(caller: &Caller, command: whiteboard_protocol::Command, answer: &Answer) {
    use whiteboard_protocol::Command;
    match command {
        Command::Update(command) => answer.send(whiteboard::update(caller, command).await),
        Command::Cursor(command) => answer.send(whiteboard::cursor(caller, command)),
        Command::Clear(command) => answer.send(whiteboard::clear(caller, command).await),
        Command::Snapshot(command) => answer.send(whiteboard::snapshot(caller, command).await),
    }
}

async fn run_report(caller: &Caller, command: report_protocol::Command, answer: &Answer) {
    use report_protocol::Command;
    match command {
        Command::Cancel(command) => answer.send(report::cancel(caller, command).await),
        Command::Refresh(command) => answer.send(report::refresh(caller, command).await),
        Command::SubscribeTemplate(command) => {
            let rooms = vec![RoomId::Template(command.template_id.clone())];
            entering(
                caller,
                rooms,
                answer,
                live::subscribe(caller, command).await,
            );
        }
        Command::SetInterval(command) => answer.send(live::set_interval(caller, &command)),
        Command::ApplyFilter(command) => answer.send(live::apply_filter(caller, command)),
    }
}

async fn run_channel(caller: &Caller, command: channel_protocol::Command, answer: &Answer) {
    use channel_protocol::Command;
    match command {
        Command::Subscribe(command) => {
            let rooms = vec![command.channel.clone()];
            entering(
                caller,
                rooms,
                answer,
                channel::subscribe(caller, command).await,
            );
        }
        Command::Unsubscribe(command) => answer.send(channel::unsubscribe(caller, &command)),
        Command::Publish(command) => answer.send(channel::publish(caller, command).await),
    }
}

async fn run_presence(caller: &Caller, command: presence_protocol::Command, answer: &Answer) {
    use presence_protocol::Command;
    match command {
        Command::Get(command) => answer.send(presence::get(caller, command).await),
        Command::SetStatus(command) => answer.send(presence::set_status(caller, command).await),
        Command::Subscribe(command) => answer.send(presence::subscribe(caller, command).await),
        Command::Unsubscribe(command) => answer.send(presence::unsubscribe(caller, &command)),
    }
}
