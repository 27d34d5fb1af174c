//! One thread for all clients of a process: it starts with the first and ends with the last.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
    time::Duration,
};
use tokio::{runtime, sync::oneshot};

/// How long the thread waits for tasks that outlive the last client: the farewell of its socket.
const FAREWELL: Duration = Duration::from_secs(2);

static CURRENT: Mutex<Weak<Runtime>> = Mutex::new(Weak::new());

/// The thread, for as long as somebody holds it.
#[derive(Debug)]
pub(crate) struct Runtime {
    handle: runtime::Handle,
    /// Dropped with the last holder, which is what ends the thread.
    _held: oneshot::Sender<()>,
}

impl Runtime {
    /// The one of the process.
    pub(crate) fn current() -> io::Result<Arc<Self>> {
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = current.upgrade() {
            return Ok(running);
        }
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let (held, released) = oneshot::channel::<()>();
        thread::Builder::new()
            .name("carewire".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let _ = released.await;
                    let _ = tokio::time::timeout(FAREWELL, all_done()).await;
                });
            })?;
        let running = Arc::new(Self {
            handle,
            _held: held,
        });
        *current = Arc::downgrade(&running);
        Ok(running)
    }

    pub(crate) fn handle(&self) -> &runtime::Handle {
        &self.handle
    }
}

async fn all_done() {
    let metrics = runtime::Handle::current().metrics();
    while metrics.num_alive_tasks() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// The names that the system knows the threads of this process by.
    fn threads() -> usize {
        fs::read_dir("/proc/self/task")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|task| fs::read_to_string(task.path().join("comm")).ok())
            .filter(|name| name.trim() == "carewire")
            .count()
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn one_thread_from_the_first_holder_to_the_last() {
        let (first, second) = (Runtime::current().unwrap(), Runtime::current().unwrap());
        assert!(Arc::ptr_eq(&first, &second));
        drop(first);
        let (done, finished) = oneshot::channel();
        second.handle().spawn(async move {
            let _ = done.send(threads());
        });
        assert_eq!(finished.blocking_recv(), Ok(1));
        drop(second);
        while threads() > 0 {
            thread::yield_now();
        }
    }
}
