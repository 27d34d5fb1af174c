//! They see each other: the signals are made up, as there is no camera here.

use super::people::{People, ana};
use anyhow::{Context, ensure};
use carewire::{
    Call, CallEvent, Typed,
    protocol::{
        Finite,
        call::{CallEndReason, CallType, SignalType},
    },
};
use std::time::Duration;

/// Two ends of a call.
pub(super) struct Conversation {
    lees: Call,
    anas: Call,
    lee: Typed<CallEvent>,
    ana: Typed<CallEvent>,
}

impl Conversation {
    /// It rings, is taken, and the two devices find each other.
    pub(super) async fn begin(people: &People) -> anyhow::Result<Self> {
        let mut ringing = people.ana.client.calls().incoming();
        let lees = people.lee.client.calls();
        let lees = lees.start([ana()?], CallType::Video).await?;
        let incoming = ringing.next().await.context("the client is closed")?;
        let anas = incoming.accept().await?;
        let (lee, ana) = (lees.events(), anas.events());
        let mut both = Self {
            lees,
            anas,
            lee,
            ana,
        };
        both.negotiate().await?;
        Ok(both)
    }

    async fn negotiate(&mut self) -> anyhow::Result<()> {
        self.lees.offer(None, &"v=0 offer").await?;
        signal(&mut self.ana, SignalType::Offer).await?;
        self.anas.answer(None, &"v=0 answer").await?;
        signal(&mut self.lee, SignalType::Answer).await?;
        self.anas.candidate(None, &"192.0.2.7 3478").await?;
        signal(&mut self.lee, SignalType::IceCandidate).await
    }

    /// The picture begins to stutter, and both are told.
    pub(super) async fn stutter(&mut self) -> anyhow::Result<()> {
        let (lost, rate) = (Finite::from(12), Finite::from(900));
        let (jitter, round_trip) = (Duration::from_millis(8), Duration::from_millis(90));
        self.anas
            .report_quality(lost, jitter, round_trip, rate)
            .await?;
        wait(&mut self.lee, "a warning", |event| match event {
            CallEvent::QualityIssue(issue) => Some(issue.value == lost),
            _ => None,
        })
        .await
        .and_then(|right| {
            ensure!(right, "the warning is about something else");
            Ok(())
        })
    }

    /// After the network was cut the call goes on, with another offer and answer.
    pub(super) async fn go_on(&mut self) -> anyhow::Result<()> {
        wait(&mut self.ana, "her way back", |event| match event {
            CallEvent::Resumed(_) => Some(()),
            _ => None,
        })
        .await?;
        self.negotiate().await
    }

    pub(super) async fn end(mut self) -> anyhow::Result<()> {
        self.lees.end().await?;
        for events in [&mut self.lee, &mut self.ana] {
            let reason = wait(events, "the end of the call", |event| match event {
                CallEvent::Ended { reason, .. } => Some(reason.clone()),
                _ => None,
            });
            let reason = reason.await?;
            ensure!(reason == Some(CallEndReason::Hangup), "ended by {reason:?}");
        }
        Ok(())
    }
}

async fn signal(events: &mut Typed<CallEvent>, kind: SignalType) -> anyhow::Result<()> {
    wait(events, kind.as_str(), |event| match event {
        CallEvent::Signal(signal) => (signal.signal_type == kind).then_some(()),
        _ => None,
    })
    .await
}

async fn wait<T>(
    events: &mut Typed<CallEvent>,
    what: &str,
    pick: impl Fn(&CallEvent) -> Option<T>,
) -> anyhow::Result<T> {
    let waited = tokio::time::timeout(super::transcript::PATIENCE, async {
        loop {
            let event = events.next().await.context("the client is closed")?;
            if let Some(found) = pick(&event) {
                return Ok(found);
            }
        }
    });
    waited
        .await
        .with_context(|| format!("nobody heard {what}"))?
}
