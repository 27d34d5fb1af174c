//! What a server process wrote, kept for inspection.

use crate::wait::{PATIENCE, within};
use std::{
    io::{BufRead, BufReader, Read},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// The log of a server: standard error and standard output of every process it was, in one.
#[derive(Clone)]
pub struct Log {
    text: Arc<Mutex<String>>,
    /// How many streams are still open.
    open: watch::Sender<usize>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            text: Arc::default(),
            open: watch::Sender::new(0),
        }
    }

    /// Reads a stream to its end, on a thread of its own.
    pub(crate) fn follow(&self, stream: impl Read + Send + 'static) {
        self.open.send_modify(|open| *open += 1);
        let log = self.clone();
        thread::spawn(move || {
            let mut lines = BufReader::new(stream);
            let mut line = Vec::new();
            while lines
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                log.text
                    .lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&line));
                line.clear();
                log.open.send_modify(|_| ());
            }
            log.open.send_modify(|open| *open -= 1);
        });
    }

    /// Everything written so far.
    pub fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    /// How much was written so far: the start of what [`Log::since`] returns.
    pub fn mark(&self) -> usize {
        self.text.lock().unwrap().len()
    }

    /// What was written after a mark.
    pub fn since(&self, mark: usize) -> String {
        self.text.lock().unwrap()[mark..].to_owned()
    }

    /// Waits until a line contains `needle`.
    pub async fn wait_for(&self, needle: &str) {
        let mut changes = self.open.subscribe();
        within(&format!("{needle:?} in the log"), async {
            while !self.text().contains(needle) {
                changes.changed().await.unwrap();
            }
        })
        .await;
    }

    /// Waits until the processes have closed their output, which they do when they end.
    pub async fn wait_for_end(&self) {
        let mut changes = self.open.subscribe();
        within("the end of the server", changes.wait_for(|open| *open == 0))
            .await
            .unwrap();
    }

    /// The port in the `listening` line after `mark`, or `None` when the process ended first.
    pub(crate) fn port(&self, mark: usize) -> Option<u16> {
        let end = Instant::now() + PATIENCE * 2;
        loop {
            let ended = *self.open.borrow() == 0;
            if let Some(port) = self.since(mark).lines().find_map(port_in) {
                return Some(port);
            }
            if ended {
                return None;
            }
            assert!(
                Instant::now() < end,
                "the server neither listens nor ends:\n{}",
                self.text()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// From `listening address=127.0.0.1:PORT`, as text or as JSON.
fn port_in(line: &str) -> Option<u16> {
    if !line.contains("listening") {
        return None;
    }
    let after = line.split("address").nth(1)?;
    let digits = after.rsplit(':').find_map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    })?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::port_in;

    #[test]
    fn finds_the_port_in_both_formats() {
        let text = "2026-11-21T10:30:00Z  INFO carewire_server: listening address=127.0.0.1:4711";
        let json = r#"{"level":"INFO","fields":{"message":"listening","address":"127.0.0.1:4711"},"target":"x"}"#;
        assert_eq!(port_in(text), Some(4711));
        assert_eq!(port_in(json), Some(4711));
        assert_eq!(port_in("INFO stopped"), None);
    }
}
