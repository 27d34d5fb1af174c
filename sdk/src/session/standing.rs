//! What a connection stands for beyond its rooms: the charts somebody looks at and the rows they
//! are shown. The server forgets it with the connection; the session says it again.

use super::{
    Owner, Session, Timer,
    table::{Set, Table},
};
use crate::{Event, Refusal, json::Object};
use carewire_protocol::{
    Command as _, RoomId, TemplateId, UserId,
    record::View,
    report::{ApplyFilter, SetInterval, SubscribeTemplate},
};
use std::time::Duration;

/// How long to wait before something is said again that the server could not take now.
const AGAIN: Duration = Duration::from_secs(1);

/// How the rows of a template are wanted.
#[derive(Debug, Default)]
struct Wanted {
    /// Subscribed as such; whoever joined the room is brought back with the other rooms.
    subscribed: bool,
    /// The command that asked for an interval.
    interval: Option<Box<str>>,
    /// The command that asked for a filter.
    filter: Option<Box<str>>,
}

#[derive(Debug, Default)]
pub(super) struct Standing {
    charts: Set<UserId>,
    templates: Table<TemplateId, Wanted>,
}

impl Standing {
    pub(super) fn look_at(&mut self, patient: UserId) {
        self.charts.insert(patient);
    }

    pub(super) fn look_away(&mut self, patient: &UserId) {
        self.charts.remove(patient);
    }

    pub(super) fn subscribe(&mut self, template: TemplateId) {
        self.templates.entry(template).or_default().subscribed = true;
    }

    pub(super) fn pace(&mut self, template: TemplateId, pace: Box<str>) {
        self.templates.entry(template).or_default().interval = Some(pace);
    }

    pub(super) fn sift(&mut self, template: TemplateId, sift: Option<Box<str>>) {
        self.templates.entry(template).or_default().filter = sift;
    }

    /// The room is left, and with it what stood there. Says whether anything did.
    pub(super) fn end(&mut self, room: &RoomId) -> bool {
        match room {
            RoomId::Patient(patient) => self.charts.remove(patient),
            RoomId::Template(template) => self.templates.remove(template).is_some(),
            _ => false,
        }
    }

    fn rooms(&self) -> Vec<RoomId> {
        let charts = self.charts.iter().cloned().map(RoomId::Patient);
        let templates = self.templates.keys().cloned().map(RoomId::Template);
        charts.chain(templates).collect()
    }
}

impl Session {
    /// Says all of it again on a new connection.
    pub(super) fn restore_standing(&mut self) {
        for room in self.standing.rooms() {
            self.restore(&room);
        }
    }

    /// Says again what stands in one room.
    pub(super) fn restore(&mut self, room: &RoomId) {
        if !self.is_online() {
            return;
        }
        let owner = || Owner::Restore(room.clone());
        match room {
            RoomId::Patient(patient) if self.standing.charts.contains(patient) => {
                let view = Object::new().text("patientId", patient);
                self.transmit_own::<View>(owner(), view);
            }
            RoomId::Template(template) => {
                let Some(wanted) = self.standing.templates.get(template) else {
                    return;
                };
                let said_again = [
                    (SetInterval::NAME, wanted.interval.clone()),
                    (ApplyFilter::NAME, wanted.filter.clone()),
                ];
                if wanted.subscribed {
                    let rows = Object::new().text("templateId", template);
                    self.transmit_own::<SubscribeTemplate>(owner(), rows);
                }
                for (name, data) in said_again {
                    if let Some(data) = data {
                        self.transmit_text(owner(), name, data);
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn on_restore_refused(&mut self, room: RoomId, error: Refusal) {
        if error.is_retried() {
            let wait = self.told_or(error.retry_after(), AGAIN);
            self.after(wait, Timer::Restore(room));
        } else if self.standing.end(&room) {
            self.rooms.remove(&room);
            self.forget_room(&room);
            self.emit(Event::RoomLost { room, error });
        }
    }
}
