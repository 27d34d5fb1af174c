//! What passes between the devices of a call, and how well.

use super::{
    change::{Asker, unknown},
    machine::Machine,
    tell,
};
use crate::{
    backplane::{Addressee, Signal as NodeSignal},
    core::Caller,
    error::{Error, Result},
    hub::event_frame,
    keys::UserKey,
};
use carewire_protocol::{
    CallId, ErrorReply, Finite,
    call::{
        Call, CallType, ParticipantState, Quality, QualityIssueEvent, QualityMetric, Signal,
        SignalEvent,
    },
    limits,
    session::Empty,
};

/// A call that the asker is concerned by.
async fn look_up(caller: &Caller, id: &CallId) -> Result<(Asker, Call)> {
    let asker = Asker::of(caller)?;
    let mut rows = caller.core.store.read().await?;
    let call = rows.call(&asker.user.tenant, id).await?;
    rows.close().await?;
    let call = call.ok_or_else(unknown)?;
    if call.participant(&asker.user.user).is_none() {
        return Err(Error::Refused(ErrorReply::denied()));
    }
    Ok((asker, call))
}

/// `call:signal`: to the devices that hold the places, and to no other.
pub async fn signal(caller: &Caller, command: Signal) -> Result<Empty> {
    let core = &caller.core;
    let (asker, call) = look_up(caller, &command.call_id).await?;
    let to = command.recipient_id.as_ref();
    let devices = Machine::of(call)
        .signal(&asker.user.user, &asker.client, to)
        .map_err(Error::Refused)?;
    let event = SignalEvent {
        call_id: command.call_id,
        sender_id: asker.user.user.clone(),
        sender_client_id: asker.client,
        signal_type: command.signal_type,
        signal: command.signal,
    };
    let frame = event_frame(None, caller.origin(), core.wall(), &event);
    for (user, client) in devices {
        let user = UserKey::new(&asker.user.tenant, &user);
        core.backplane.publish(NodeSignal::Addressed {
            to: Addressee::Device(user, client),
            frame: frame.clone(),
        });
    }
    Ok(Empty {})
}

/// `call:quality`: what is worse than it should be is told to everybody in the call.
pub async fn quality(caller: &Caller, command: Quality) -> Result<Empty> {
    let (asker, call) = look_up(caller, &command.call_id).await?;
    let machine = Machine::of(call);
    if !machine.holds(&asker.user.user, &asker.client) {
        machine
            .signal(&asker.user.user, &asker.client, None)
            .map_err(Error::Refused)?;
    }
    let call = machine.call();
    for (metric, value, threshold) in issues(&command, &call.call_type) {
        let event = QualityIssueEvent {
            call_id: command.call_id.clone(),
            user_id: asker.user.user.clone(),
            metric,
            value,
            threshold,
        };
        for one in &call.participants {
            if one.state == ParticipantState::Joined {
                let tenant = &asker.user.tenant;
                tell::one_user(&caller.core, tenant, &one.user_id, caller.origin(), &event);
            }
        }
    }
    Ok(Empty {})
}

/// The measures that are beyond their thresholds.
fn issues(quality: &Quality, call_type: &CallType) -> Vec<(QualityMetric, Finite, Finite)> {
    let ms = |ms: carewire_protocol::Millis| ms.0 as f64;
    let limit = |limit: std::time::Duration| limit.as_millis() as f64;
    let least = match call_type {
        CallType::Audio => limits::MIN_AUDIO_KBPS,
        _ => limits::MIN_VIDEO_KBPS,
    };
    let loss = quality.packet_loss_pct.get();
    let (jitter, round_trip) = (ms(quality.jitter_ms), ms(quality.round_trip_ms));
    let rate = quality.bitrate_kbps.get();
    let most = [
        (
            QualityMetric::PacketLossPct,
            loss,
            limits::MAX_PACKET_LOSS_PCT,
        ),
        (QualityMetric::JitterMs, jitter, limit(limits::MAX_JITTER)),
        (
            QualityMetric::RoundTripMs,
            round_trip,
            limit(limits::MAX_ROUND_TRIP),
        ),
    ];
    let mut found: Vec<_> = most
        .into_iter()
        .filter(|(_, value, most)| value > most)
        .collect();
    if rate < least {
        found.push((QualityMetric::BitrateKbps, rate, least));
    }
    found
        .into_iter()
        .filter_map(|(metric, value, threshold)| {
            Some((metric, Finite::new(value)?, Finite::new(threshold)?))
        })
        .collect()
}
