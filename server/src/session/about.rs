//! Which room a command is about, as far as it says so.

use carewire_protocol::{
    AnyCommand, RoomId, access, channel, conversation, message, record, report, room, whiteboard,
};

/// The room of a command, for the audit trail.
pub(super) fn about(command: &AnyCommand) -> Option<RoomId> {
    match command {
        AnyCommand::Room(command) => Some(of_room(command).clone()),
        AnyCommand::Message(command) => of_message(command).cloned(),
        AnyCommand::Conversation(command) => of_conversation(command).cloned(),
        AnyCommand::Channel(command) => Some(of_channel(command).clone()),
        AnyCommand::Whiteboard(command) => Some(of_whiteboard(command).clone()),
        AnyCommand::Report(command) => Some(of_report(command)),
        AnyCommand::Record(command) => Some(of_record(command)),
        AnyCommand::Access(access::Command::BreakGlass(command)) => {
            Some(RoomId::Patient(command.patient_id.clone()))
        }
        _ => None,
    }
}

fn of_room(command: &room::Command) -> &RoomId {
    match command {
        room::Command::Join(command) => &command.room_id,
        room::Command::Leave(command) => &command.room_id,
        room::Command::Participants(command) => &command.room_id,
        room::Command::Publish(command) => &command.room_id,
    }
}

/// Commands that name a message do not name its room.
fn of_message(command: &message::Command) -> Option<&RoomId> {
    match command {
        message::Command::Send(command) => Some(&command.room_id),
        message::Command::Received(command) => Some(&command.room_id),
        message::Command::Read(command) => Some(&command.room_id),
        message::Command::History(command) => Some(&command.room_id),
        message::Command::Edit(_)
        | message::Command::Delete(_)
        | message::Command::React(_)
        | message::Command::Unreact(_) => None,
    }
}

fn of_conversation(command: &conversation::Command) -> Option<&RoomId> {
    match command {
        conversation::Command::AddMembers(command) => Some(&command.room_id),
        conversation::Command::RemoveMembers(command) => Some(&command.room_id),
        conversation::Command::List(_)
        | conversation::Command::CreateThread(_)
        | conversation::Command::GetUnread(_) => None,
    }
}

fn of_channel(command: &channel::Command) -> &RoomId {
    match command {
        channel::Command::Subscribe(command) => &command.channel,
        channel::Command::Unsubscribe(command) => &command.channel,
        channel::Command::Publish(command) => &command.channel,
    }
}

fn of_whiteboard(command: &whiteboard::Command) -> &RoomId {
    match command {
        whiteboard::Command::Update(command) => &command.room_id,
        whiteboard::Command::Cursor(command) => &command.room_id,
        whiteboard::Command::Clear(command) => &command.room_id,
        whiteboard::Command::Snapshot(command) => &command.room_id,
    }
}

fn of_report(command: &report::Command) -> RoomId {
    use report::Command;
    match command {
        Command::Cancel(report::Cancel { report_id })
        | Command::Refresh(report::Refresh { report_id }) => RoomId::Report(report_id.clone()),
        Command::SubscribeTemplate(report::SubscribeTemplate { template_id })
        | Command::SetInterval(report::SetInterval { template_id, .. })
        | Command::ApplyFilter(report::ApplyFilter { template_id, .. }) => {
            RoomId::Template(template_id.clone())
        }
    }
}

fn of_record(command: &record::Command) -> RoomId {
    use record::Command;
    let patient = match command {
        Command::View(command) => &command.patient_id,
        Command::Unview(command) => &command.patient_id,
        Command::Viewers(command) => &command.patient_id,
        Command::Lock(command) => &command.patient_id,
        Command::Renew(command) => &command.patient_id,
        Command::Unlock(command) => &command.patient_id,
    };
    RoomId::Patient(patient.clone())
}
