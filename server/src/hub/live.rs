//! Live rows on their way to the members of a room: each is told at its own pace, by the same
//! queue as everything else.

use super::{
    connection::Number,
    frame::Frame,
    room::{Flow, Member, Room},
    stream::{Row, Step, Stream, Ticket},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// What is to be done after subscribers were told.
#[derive(Debug, Default)]
pub struct Afterwards {
    /// Who reads what is stored.
    pub reads: Vec<(Number, Ticket)>,
    /// Whose alarm moves, from when to when.
    pub alarms: Vec<(Number, Option<Duration>, Option<Duration>)>,
}

impl Member {
    fn push(&mut self, frame: Frame) {
        match &mut self.flow {
            Flow::Held(waiting) => waiting.push(frame.into()),
            Flow::Replaying(_) | Flow::Live => self.connection.outbox.push(frame),
        }
    }
}

impl Room {
    /// Offers rows to every subscriber, and tells those whose time has come. `encode` makes an
    /// update of rows; subscribers that are told the same share it.
    pub fn offer(
        &self,
        rows: &[Arc<Row>],
        now: Duration,
        encode: impl Fn(&[Arc<Row>]) -> Option<Frame>,
    ) -> Afterwards {
        let mut encoded: BTreeMap<Vec<u64>, Option<Frame>> = BTreeMap::new();
        let mut share = |rows: &[Arc<Row>]| {
            let numbers = rows.iter().map(|row| row.number).collect();
            let frame = encoded.entry(numbers).or_insert_with(|| encode(rows));
            frame.clone()
        };
        let mut afterwards = Afterwards::default();
        let mut state = self.state();
        for (number, member) in state.members.iter_mut() {
            if let Some(mut stream) = member.stream.take() {
                stream.offer(rows);
                advance(
                    *number,
                    member,
                    &mut stream,
                    now,
                    &mut share,
                    &mut afterwards,
                );
                member.stream = Some(stream);
            }
        }
        afterwards
    }

    /// Changes one subscription, made at need, and tells the subscriber what is due. A frame that
    /// the change yields comes first. `None`: there is no such member.
    pub fn subscription<T>(
        &self,
        number: Number,
        now: Duration,
        change: impl FnOnce(&mut Stream) -> (T, Option<Frame>),
        encode: impl Fn(&[Arc<Row>]) -> Option<Frame>,
    ) -> Option<(T, Afterwards)> {
        let mut state = self.state();
        let member = state.members.get_mut(&number)?;
        let mut stream = member.stream.take().unwrap_or_default();
        let (outcome, first) = change(&mut stream);
        if let Some(frame) = first {
            member.push(frame);
        }
        let mut afterwards = Afterwards::default();
        advance(
            number,
            member,
            &mut stream,
            now,
            &mut |rows: &[_]| encode(rows),
            &mut afterwards,
        );
        member.stream = Some(stream);
        Some((outcome, afterwards))
    }
}

fn advance(
    number: Number,
    member: &mut Member,
    stream: &mut Stream,
    now: Duration,
    encode: &mut dyn FnMut(&[Arc<Row>]) -> Option<Frame>,
    afterwards: &mut Afterwards,
) {
    match stream.step(now) {
        Step::Rest => {}
        Step::Tell(rows) => {
            if let Some(frame) = encode(&rows) {
                member.push(frame);
            }
        }
        Step::Read(ticket) => afterwards.reads.push((number, ticket)),
    }
    if let Some((from, to)) = stream.move_alarm() {
        afterwards.alarms.push((number, from, to));
    }
}
