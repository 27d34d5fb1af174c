//! What backends publish.

use super::live;
use crate::{
    backplane::{Addressee, Signal},
    core::{Caller, require},
    error::{Error, Result},
    hub::{Audience, Frame},
    keys::RoomKey,
    planted::{self, Bug},
    policy::Action,
    store::{NamedEvent, Tx},
};
use carewire_protocol::{
    ClientId, Command, ErrorReply, EventData, PrivateJson, Retention, Role, RoomId, TenantId,
    UserId,
    backend::{PublishRequest, Target, patient_of},
    catalog,
    frame::{EventHead, encode_event},
    report, room,
    room::PublishReply,
};

/// Where an event goes.
enum Destination {
    /// To rooms. The reply names the offset in the first.
    Rooms(Vec<RoomKey>),
    /// To whoever is connected now: it is not kept, whatever its type.
    Connected(Addressee),
}

/// An event on its way.
struct Publication {
    event: EventData,
    data: PrivateJson,
    destination: Destination,
    retained: bool,
    origin: Option<ClientId>,
}

/// `event:publish`.
pub async fn publish(caller: &Caller, request: PublishRequest) -> Result<PublishReply> {
    let replies = publish_all(caller, vec![request]).await?;
    Ok(replies.into_iter().next().unwrap_or_default())
}

/// `POST /v1/publish`: all of them, or none where one is refused. One key is for all.
pub async fn publish_all(
    caller: &Caller,
    requests: Vec<PublishRequest>,
) -> Result<Vec<PublishReply>> {
    if caller.identity.role != Role::Service {
        return Err(Error::Refused(ErrorReply::denied()));
    }
    let publications: Vec<Publication> = requests
        .into_iter()
        .map(|request| publication(caller, request))
        .collect::<Result<_>>()?;
    let identity = caller.identity.clone();
    let options = caller.core.config.policy.clone();
    let key = caller.key.clone();
    let (replies, fleeting) = caller
        .core
        .write(move |tx| {
            Box::pin(async move {
                let (user, name) = (identity.key(), PublishRequest::NAME);
                if let Some(reply) = tx.replayed(&user, key.as_ref(), name).await? {
                    return Ok((serde_json::from_str(&reply)?, Vec::new()));
                }
                // Every refusal comes before the first write.
                for publication in &publications {
                    for room in publication.rooms_that_must_exist() {
                        require(tx.rows(), &identity, Action::Join, room, &options).await?;
                    }
                }
                let mut replies = Vec::with_capacity(publications.len());
                let mut fleeting = Vec::new();
                for publication in publications {
                    replies.push(publication.keep(tx, &user.tenant).await?);
                    if !publication.is_kept() && publication.live().is_none() {
                        fleeting.push(publication);
                    }
                }
                let reply = serde_json::to_string(&replies)?;
                tx.remember(&user, key.as_ref(), name, reply).await?;
                Ok((replies, fleeting))
            })
        })
        .await?;
    for publication in fleeting {
        publication.tell(caller);
    }
    Ok(replies)
}

fn publication(caller: &Caller, request: PublishRequest) -> Result<Publication> {
    let event = request.event_data(&caller.identity.user)?;
    let is_custom = matches!(event, EventData::Room(room::Event::Custom(_)));
    let by_type = catalog::events()
        .any(|row| row.name == event.name() && row.retention == Retention::Retained);
    if let (EventData::Report(report::Event::Update(update)), Target::Room(room)) =
        (&event, &request.target)
    {
        live::check(update, room)?;
    }
    Ok(Publication {
        data: PrivateJson::from_value(&event)?,
        destination: destination(caller, &request.target, &event),
        retained: by_type || (is_custom && request.retain == Some(true)),
        origin: request.origin,
        event,
    })
}

fn destination(caller: &Caller, target: &Target, event: &EventData) -> Destination {
    let tenant = &caller.identity.tenant;
    let named = match target {
        Target::User(user) => RoomId::User(user.clone()),
        Target::Room(room) => room.clone(),
        Target::Tenant(tenant) => RoomId::Tenant(tenant.clone()),
        Target::Staff(tenant) => RoomId::Staff(tenant.clone()),
        Target::Role(role) => {
            return Destination::Connected(Addressee::Role(tenant.clone(), role.clone()));
        }
        Target::Connection(id) => {
            return Destination::Connected(Addressee::Connection(tenant.clone(), id.clone()));
        }
    };
    let patient = patient_of(event).filter(|_| !planted::is(Bug::AudienceFromTarget));
    let rooms = match patient {
        None => vec![named],
        Some(patient) => rooms_of_patient(tenant, patient, event),
    };
    let keys = rooms.into_iter().map(|room| RoomKey::new(tenant, room));
    Destination::Rooms(keys.collect())
}

/// What concerns a patient has rooms of its own, whatever the target: section 7 of the contract.
fn rooms_of_patient(tenant: &TenantId, patient: &UserId, event: &EventData) -> Vec<RoomId> {
    let staff = match event {
        EventData::Schedule(_) => RoomId::Staff(tenant.clone()),
        _ => RoomId::Patient(patient.clone()),
    };
    vec![staff, RoomId::User(patient.clone())]
}

impl Publication {
    fn rooms(&self) -> &[RoomKey] {
        match &self.destination {
            Destination::Rooms(rooms) => rooms,
            Destination::Connected(_) => &[],
        }
    }

    /// A report begins with its first status.
    fn rooms_that_must_exist(&self) -> impl Iterator<Item = &RoomKey> {
        let begun = self.report().map(|status| &status.report_id);
        self.rooms()
            .iter()
            .filter(move |key| !matches!(&key.room, RoomId::Report(id) if Some(id) == begun))
    }

    fn report(&self) -> Option<&report::StatusEvent> {
        match &self.event {
            EventData::Report(report::Event::Status(status)) => Some(status),
            _ => None,
        }
    }

    /// Rows for the subscribers of a template, who are told each at their own pace.
    fn live(&self) -> Option<(&RoomKey, &report::UpdateEvent)> {
        match (self.rooms(), &self.event) {
            ([room], EventData::Report(report::Event::Update(update)))
                if matches!(room.room, RoomId::Template(_)) =>
            {
                Some((room, update))
            }
            _ => None,
        }
    }

    fn is_kept(&self) -> bool {
        self.retained && !self.rooms().is_empty()
    }

    /// Appends a retained event to its rooms.
    async fn keep(&self, tx: &mut Tx, tenant: &TenantId) -> Result<PublishReply> {
        if let Some(status) = self.report() {
            let owner = status.owner_id.as_ref();
            tx.rows()
                .add_report(tenant, &status.report_id, owner)
                .await?;
        }
        let mut reply = PublishReply::default();
        if let Some((room, update)) = self.live() {
            live::keep(tx, room, update).await?;
        }
        if !self.is_kept() {
            return Ok(reply);
        }
        for room in self.rooms() {
            let offset = tx
                .append_data(room, self.origin.as_ref(), self.event.name(), &self.data)
                .await?;
            reply.offset.get_or_insert(offset);
            self.keep_state(tx, room).await?;
        }
        Ok(reply)
    }

    /// What a report's room was told last is its state.
    async fn keep_state(&self, tx: &mut Tx, room: &RoomKey) -> Result<()> {
        if let (RoomId::Report(report), EventData::Report(_)) = (&room.room, &self.event) {
            let event = NamedEvent {
                name: self.event.name().to_owned(),
                data: self.data.clone(),
            };
            let rows = tx.rows();
            rows.put_report_state(&room.tenant, report, &event).await?;
        }
        Ok(())
    }

    /// Tells those who are there now.
    fn tell(&self, caller: &Caller) {
        let core = &caller.core;
        match &self.destination {
            Destination::Rooms(rooms) => {
                for room in rooms {
                    core.backplane.publish(Signal::Told {
                        room: room.clone(),
                        frame: self.frame(caller, Some(&room.room)),
                        audience: Audience::Everyone,
                    });
                }
            }
            Destination::Connected(to) => core.backplane.publish(Signal::Addressed {
                to: to.clone(),
                frame: self.frame(caller, None),
            }),
        }
    }

    fn frame(&self, caller: &Caller, room: Option<&RoomId>) -> Frame {
        let head = EventHead {
            name: self.event.name(),
            room,
            epoch: None,
            offset: None,
            origin: self.origin.as_ref(),
            timestamp: caller.core.wall(),
        };
        Frame::text(&encode_event(&head, &self.data))
    }
}
