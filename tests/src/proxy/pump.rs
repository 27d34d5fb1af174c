//! One direction of a link.

use super::fault::{Blow, Lane, Manner};
use std::{collections::VecDeque, io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::tcp::{ReadHalf, WriteHalf},
    sync::watch,
    time::sleep,
};

/// How a direction, and with it the link, came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Whoever sends is done; the other direction may go on.
    Finished,
    /// Both sides see an orderly end.
    Cut,
    /// Both sides see a reset.
    Reset,
}

pub(super) struct Pump<'a> {
    pub(super) from: ReadHalf<'a>,
    pub(super) to: WriteHalf<'a>,
    /// How to carry bytes now.
    pub(super) manner: watch::Receiver<Manner>,
    pub(super) blows: VecDeque<(u64, Blow)>,
    /// Whether blows still fall.
    pub(super) calm: watch::Receiver<bool>,
    pub(super) count: &'a (dyn Fn(&'static str) + Sync),
    /// How many bytes have passed.
    pub(super) at: u64,
    /// Something is lost, so nothing may follow.
    pub(super) swallowing: bool,
}

impl<'a> Pump<'a> {
    pub(super) fn new(
        from: ReadHalf<'a>,
        to: WriteHalf<'a>,
        lane: &Lane,
        (manner, calm): (watch::Receiver<Manner>, watch::Receiver<bool>),
        count: &'a (dyn Fn(&'static str) + Sync),
    ) -> Self {
        Self {
            from,
            to,
            manner,
            blows: lane.blows.iter().copied().collect(),
            calm,
            count,
            at: 0,
            swallowing: false,
        }
    }

    pub(super) async fn run(mut self) -> End {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            if self
                .manner
                .wait_for(|manner| *manner != Manner::Hold)
                .await
                .is_err()
            {
                return End::Cut;
            }
            let read = tokio::select! {
                read = self.from.read(&mut buffer) => read,
                // Whoever holds or heals a link that is silent is heard at once.
                _ = self.manner.changed() => continue,
            };
            let passed = match read {
                Ok(0) => {
                    let _ = self.to.shutdown().await;
                    return End::Finished;
                }
                Ok(count) => self.pass(&buffer[..count]).await,
                Err(_) => return End::Reset,
            };
            match passed {
                Ok(None) => {}
                Ok(Some(end)) => return end,
                Err(_) => return End::Reset,
            }
        }
    }

    async fn pass(&mut self, mut bytes: &[u8]) -> io::Result<Option<End>> {
        loop {
            let here = bytes.len() as u64;
            let Some((at, blow)) = self
                .blows
                .front()
                .copied()
                .filter(|(at, _)| *at < self.at + here)
            else {
                self.write(bytes).await?;
                return Ok(None);
            };
            self.blows.pop_front();
            if *self.calm.borrow() {
                continue;
            }
            let split = usize::try_from(at.saturating_sub(self.at)).unwrap_or(0);
            let (before, after) = bytes.split_at(split);
            self.write(before).await?;
            bytes = after;
            (self.count)(blow.name());
            match blow {
                Blow::Drop => bytes = self.skip(bytes),
                Blow::Double => {
                    self.write(&bytes[..1]).await?;
                    self.at -= 1;
                }
                Blow::Corrupt(bits) => {
                    self.write(&[bytes[0] ^ bits]).await?;
                    bytes = &bytes[1..];
                }
                Blow::Truncate => return Ok(Some(End::Cut)),
                Blow::Reset => return Ok(Some(End::Reset)),
                Blow::Stall(time) => sleep(time).await,
                Blow::Swallow => self.swallowing = true,
            }
        }
    }

    fn skip<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        self.at += 1;
        &bytes[1..]
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u64;
        let manner = *self.manner.borrow();
        self.swallowing |= manner == Manner::Swallow;
        if self.swallowing {
            return Ok(());
        }
        match manner {
            Manner::Slices(size) => {
                for slice in bytes.chunks(size.max(1)) {
                    self.to.write_all(slice).await?;
                    tokio::task::yield_now().await;
                }
                Ok(())
            }
            Manner::Delay(time) => {
                sleep(time.min(Duration::from_secs(5))).await;
                self.to.write_all(bytes).await
            }
            Manner::Pass | Manner::Hold | Manner::Swallow => self.to.write_all(bytes).await,
        }
    }
}
