//! Waiting for conditions. Nothing here sleeps and hopes: a wait ends when the condition holds,
//! or fails the test after [`PATIENCE`].

use std::{future::Future, time::Duration};
use tokio::time::{Instant, sleep, timeout};

/// How long a test waits for what must happen. Generous, since machines of continuous
/// integration stall; a passing test never takes this long.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How long a test watches for what must not happen.
pub const QUIET: Duration = Duration::from_millis(400);

/// The value of the future, or a failed test that names `what` was awaited.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let Ok(value) = timeout(PATIENCE, future).await else {
        panic!("waited {PATIENCE:?} in vain for {what}");
    };
    value
}

/// Asks again until the answer is `Some`. For state that only polling shows, such as a page of
/// metrics; what the server announces is awaited instead.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = ask().await {
            return value;
        }
        assert!(
            Instant::now() < end,
            "waited {PATIENCE:?} in vain for {what}"
        );
        sleep(Duration::from_millis(20)).await;
    }
}
