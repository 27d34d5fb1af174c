//! Rows on their way to subscribers.

use crate::{
    core::Core,
    error::Result,
    hub::{
        Frame, Number, event_frame,
        live::Afterwards,
        stream::{Filter, Row, Stream, Ticket},
    },
    keys::RoomKey,
    store::{CommittedRows, LiveRow},
    timers::Due,
};
use carewire_protocol::{
    PrivateJson, RoomId, TemplateId,
    limits::MAX_PAYLOAD_BYTES,
    report::{InitialEvent, UpdateEvent},
};
use std::{sync::Arc, time::Duration};

/// How many rows whoever subscribes is shown.
const INITIAL_ROWS: usize = 1000;
/// What they may take of a frame: the rest is for the envelope.
const INITIAL_BYTES: usize = MAX_PAYLOAD_BYTES - MAX_PAYLOAD_BYTES / 8;
/// Rows read at once.
const SCANNED: u32 = 500;

fn template_of(key: &RoomKey) -> Option<&TemplateId> {
    match &key.room {
        RoomId::Template(template) => Some(template),
        _ => None,
    }
}

fn shared(row: &LiveRow) -> Arc<Row> {
    Arc::new(Row {
        number: row.number,
        id: row.id.as_str().into(),
        data: row.data.clone(),
        value: row.data.to().unwrap_or_default(),
    })
}

fn update(core: &Core, key: &RoomKey, rows: &[Arc<Row>]) -> Option<Frame> {
    let event = UpdateEvent {
        template_id: template_of(key)?.clone(),
        rows: rows.iter().map(|row| row.data.clone()).collect(),
    };
    Some(event_frame(Some(&key.room), None, core.wall(), &event))
}

/// Rows are durable: whoever subscribes here is told, now or when its time comes.
pub fn offer(core: &Core, committed: &CommittedRows) {
    let key = &committed.room;
    let Some(room) = core.hub.room(key) else {
        return;
    };
    let rows: Vec<_> = committed.rows.iter().map(shared).collect();
    room.state().active_at = core.wall();
    let afterwards = room.offer(&rows, core.now(), |rows| update(core, key, rows));
    follow_up(core, key, afterwards);
}

/// A connection has entered a template's room: it reads what is stored, and what comes follows.
pub fn begin(core: &Core, key: &RoomKey, number: Number) {
    if template_of(key).is_some() {
        change(core, key, number, Stream::ask);
    }
}

/// A subscriber's time may have come.
pub fn due(core: &Core, key: &RoomKey, number: Number) {
    let now = core.now();
    change(core, key, number, |stream| stream.alarm_rang(now));
}

/// A subscriber has left: nobody waits for its time.
pub fn forget(core: &Core, key: &RoomKey, number: Number, alarm: Duration) {
    let due = Due::Stream(Box::new((key.clone(), number)));
    core.timers.unset(alarm, due);
}

/// Changes a subscription, and does what is due then. `false`: there is none.
pub(super) fn change(
    core: &Core,
    key: &RoomKey,
    number: Number,
    change: impl FnOnce(&mut Stream),
) -> bool {
    let changed = with(core, key, number, |stream| {
        change(stream);
        ((), None)
    });
    changed.is_some()
}

fn with<T>(
    core: &Core,
    key: &RoomKey,
    number: Number,
    change: impl FnOnce(&mut Stream) -> (T, Option<Frame>),
) -> Option<T> {
    let room = core.hub.room(key)?;
    let encode = |rows: &[Arc<Row>]| update(core, key, rows);
    let (outcome, afterwards) = room.subscription(number, core.now(), change, encode)?;
    follow_up(core, key, afterwards);
    Some(outcome)
}

fn follow_up(core: &Core, key: &RoomKey, afterwards: Afterwards) {
    for (number, from, to) in afterwards.alarms {
        let due = Due::Stream(Box::new((key.clone(), number)));
        if let Some(at) = from {
            core.timers.unset(at, due.clone());
        }
        if let Some(at) = to {
            core.timers.set(at, due);
        }
    }
    for (number, ticket) in afterwards.reads {
        let key = key.clone();
        core.spawn(|core| async move { read(&core, &key, number, ticket).await });
    }
}

/// Reads what is stored for a subscriber, and tells it.
async fn read(core: &Core, key: &RoomKey, number: Number, ticket: Ticket) {
    let Some(template) = template_of(key) else {
        return;
    };
    let Some(filter) = with(core, key, number, |stream| (stream.filter(), None)) else {
        return;
    };
    let initial = initial(core, key, template, &filter).await;
    let now = core.now();
    match initial {
        Ok((newest, event)) => {
            let frame = event_frame(Some(&key.room), None, core.wall(), &event);
            with(core, key, number, |stream| {
                let wanted = stream.have_read(ticket, newest, now);
                ((), wanted.then_some(frame))
            });
        }
        Err(error) => {
            tracing::warn!(%error, "live rows could not be read");
            change(core, key, number, |stream| stream.read_failed(ticket, now));
        }
    }
}

/// The newest rows that pass, oldest first, and the number of the newest of all.
async fn initial(
    core: &Core,
    key: &RoomKey,
    template: &TemplateId,
    filter: &Filter,
) -> Result<(u64, InitialEvent)> {
    let mut rows = core.store.snapshot().await?;
    let newest = rows.live_state(&key.tenant, template).await?.number;
    let mut event = InitialEvent {
        template_id: template.clone(),
        rows: Vec::new(),
        has_more: false,
    };
    let (mut before, mut bytes) = (newest + 1, 0);
    'pages: loop {
        let page = rows
            .live_rows_before(&key.tenant, template, before, SCANNED)
            .await?;
        let is_last = page.len() < SCANNED as usize;
        for row in page {
            before = row.number;
            if !passes(filter, &row.data) {
                continue;
            }
            bytes += row.data.get().len() + 1;
            if event.rows.len() == INITIAL_ROWS || bytes > INITIAL_BYTES {
                event.has_more = true;
                break 'pages;
            }
            event.rows.push(row.data);
        }
        if is_last {
            break;
        }
    }
    rows.close().await?;
    event.rows.reverse();
    Ok((newest, event))
}

fn passes(filter: &Filter, row: &PrivateJson) -> bool {
    filter.lets_through(&row.to().unwrap_or_default())
}
