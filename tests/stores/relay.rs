//! A network between a store and PostgreSQL that knows what it carries, so that it can fail at
//! one exact statement.

use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What happens to the connection that carries a text next.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// It is cut before the text arrives.
    Lose(&'static str),
    /// It is cut when the text was carried out, before the answer.
    LoseAnswerTo(&'static str),
    /// The same, and no other connection is made until [`Relay::come_back`].
    LoseAnswerToAndStayAway(&'static str),
}

#[derive(Debug, Default)]
struct State {
    plan: Option<Fault>,
    away: bool,
    happened: bool,
}

pub(crate) struct Relay {
    url: String,
    state: Arc<Mutex<State>>,
}

impl Relay {
    /// Carries connections to the database of a URL.
    pub(crate) async fn start(url: &str) -> Self {
        let (start, database) = url.rsplit_once('/').unwrap();
        let (user, target) = start.rsplit_once('@').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        let target = target.to_owned();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !shared.lock().unwrap().away {
                    tokio::spawn(carry(client, target.clone(), Arc::clone(&shared)));
                }
            }
        });
        Self {
            url: format!("{user}@{address}/{database}"),
            state,
        }
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    pub(crate) fn plan(&self, fault: Fault) {
        self.state.lock().unwrap().plan = Some(fault);
    }

    pub(crate) fn happened(&self) -> bool {
        self.state.lock().unwrap().happened
    }

    pub(crate) fn come_back(&self) {
        self.state.lock().unwrap().away = false;
    }
}

/// Carries one connection until it ends or a fault ends it.
async fn carry(mut client: TcpStream, target: String, state: Arc<Mutex<State>>) {
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    let (mut up, mut down) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(read @ 1..) = read else { return };
                let fault = due(&state, &up[..read]);
                if matches!(fault, Some(Fault::Lose(_))) {
                    return;
                }
                if server.write_all(&up[..read]).await.is_err() {
                    return;
                }
                if fault.is_some() {
                    // The answer is there, so it was carried out; nobody gets it.
                    let _ = server.read(&mut down).await;
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(read @ 1..) = read else { return };
                if client.write_all(&down[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// The planned fault, if this is what it is planned for.
fn due(state: &Mutex<State>, bytes: &[u8]) -> Option<Fault> {
    let mut state = state.lock().unwrap();
    let (Fault::Lose(text) | Fault::LoseAnswerTo(text) | Fault::LoseAnswerToAndStayAway(text)) =
        state.plan?;
    if !bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
    {
        return None;
    }
    state.happened = true;
    let fault = state.plan.take();
    state.away = matches!(fault, Some(Fault::LoseAnswerToAndStayAway(_)));
    fault
}
