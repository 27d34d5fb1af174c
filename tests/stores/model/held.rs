//! Leases and calls: carried out, and read.

use super::{operations::user_at, steps::Operation};
use crate::databases::{at, tenant};
use carewire_protocol::{
    CallId, ClientId, RecordId, RoomId, VisitId,
    call::{Call, CallParticipant, CallState, CallType, ParticipantState},
};
use carewire_server::{
    error::{Error, Result},
    store::{LeaseRow, PlaceRow, RecordKey, Rows, Tx},
};

/// One of four records: two of each of two patients.
fn record(number: usize) -> RecordKey {
    RecordKey {
        tenant: tenant(),
        patient: user_at(number / 2).user,
        record: RecordId::new(format!("r{}", number % 2)).unwrap(),
    }
}

fn client(number: usize) -> ClientId {
    ClientId::new(format!("device-{number}")).unwrap()
}

fn call_id(number: usize) -> CallId {
    CallId::new(format!("c{number}")).unwrap()
}

fn visit(number: usize) -> VisitId {
    VisitId::new(format!("v{number}")).unwrap()
}

/// A call in which everybody is in a state of their own, one call at a time.
async fn call(tx: &mut Tx, number: usize, people: &[u8], over: bool) -> Result<Call> {
    let mut participants = Vec::new();
    for (index, state) in people.iter().enumerate() {
        let user = user_at(index);
        let other = tx.rows().call_of(&user).await?;
        let taken = other.is_some_and(|other| other.call_id != call_id(number));
        let state = match state % 3 {
            _ if taken || over => ParticipantState::Left,
            0 => ParticipantState::Joined,
            1 => ParticipantState::Ringing,
            _ => ParticipantState::Missed,
        };
        let joined = state == ParticipantState::Joined;
        participants.push(CallParticipant {
            user_id: user.user,
            client_id: joined.then(|| client(usize::from(people[index] / 3 % 2))),
            state,
            audio: false,
            video: false,
            screen: false,
        });
    }
    let state = if over {
        CallState::Ended
    } else {
        CallState::Active
    };
    // The second call is always that of a visit.
    let visit_id = (number == 1).then(|| visit(0));
    Ok(Call {
        call_id: call_id(number),
        room_id: RoomId::Call(call_id(number)),
        visit_id,
        call_type: CallType::Audio,
        caller_id: user_at(0).user,
        state,
        participants,
        started_at: None,
        expires_at: (!over).then(|| at(1000 + i64::from(people[0]))),
        ended_at: None,
        end_reason: None,
    })
}

pub(crate) async fn one(tx: &mut Tx, operation: Operation) -> Result<String> {
    use Operation as O;
    match operation {
        O::Lease {
            record: number,
            holder,
            ends,
        } => {
            let record = record(number);
            let Some(holder) = holder else {
                tx.rows().delete_lease(&record).await?;
                return Ok("ended".into());
            };
            let lease = LeaseRow {
                holder: user_at(holder).user,
                client: client(holder),
                token: tx.rows().next_token().await?,
                ttl: 5000,
                expires_at: at(ends),
            };
            tx.rows().put_lease(&record, &lease).await?;
            Ok(format!("{lease:?}"))
        }
        O::Call {
            call: number,
            people,
            over,
        } => {
            let call = call(tx, number, &people, over).await?;
            tx.rows().put_call(&tenant(), &call).await?;
            Ok(format!("{call:?}"))
        }
        O::Place {
            call,
            user,
            device,
            until,
        } => {
            let place = PlaceRow {
                user: user_at(user).user,
                client: client(device),
                kept_until: at(until),
                gone: until % 2 == 0,
            };
            let call = call_id(call);
            let kept = tx.rows().keep_place(&tenant(), &call, &place).await?;
            Ok(format!("{kept}"))
        }
        other => Err(Error::Fault(format!("nothing held: {other:?}"))),
    }
}

macro_rules! answer {
    ($seen:ident, $read:expr) => {
        $seen.push(format!(
            concat!(stringify!($read), " = {:?}"),
            $read.await.unwrap()
        ))
    };
}

pub(crate) async fn reads(rows: &mut dyn Rows) -> Vec<String> {
    let (mut seen, tenant) = (Vec::new(), tenant());
    for number in 0..4 {
        answer!(seen, rows.lease(&record(number)));
    }
    for number in 0..2 {
        answer!(seen, rows.leases_of(&tenant, &user_at(number).user));
    }
    answer!(seen, rows.leases_ending(at(1500), 100));
    answer!(seen, rows.next_lease_end());
    for number in 0..3 {
        answer!(seen, rows.call(&tenant, &call_id(number)));
        answer!(seen, rows.places(&tenant, &call_id(number)));
    }
    answer!(seen, rows.visit_call(&tenant, &visit(0)));
    answer!(seen, rows.open_calls(&tenant));
    for user in (0..4).map(user_at) {
        answer!(seen, rows.call_of(&user));
        answer!(seen, rows.calls(&user, None, 2));
        answer!(seen, rows.calls(&user, Some(&call_id(2)), 10));
    }
    answer!(seen, rows.calls_due(at(1500), 100));
    answer!(seen, rows.next_call_due());
    seen
}
