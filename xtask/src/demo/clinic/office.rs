//! What the clinic's software works with: a client, the backend API, and files.

use crate::{demo::people::token_of, server::Server};
use anyhow::Context;
use carewire::{Client, protocol::Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tokio::sync::Mutex;

/// The patient whom the demo is about.
pub(super) const PATIENT: &str = "ana";
/// Her visit, and its room.
pub(super) const VISIT: &str = "v-ana";
pub(super) const VISIT_ROOM: &str = "visit:v-ana";

pub(super) struct Office {
    pub(super) client: Client,
    pub(super) address: SocketAddr,
    files: PathBuf,
    /// Today's appointments.
    pub(super) schedule: Mutex<Vec<Value>>,
}

impl Office {
    pub(super) async fn open(address: SocketAddr, pages: &Path) -> anyhow::Result<Self> {
        let files = pages.join("clinic");
        fs::create_dir_all(&files)?;
        let client = client(address, "ehr", "service")?;
        client.connect().await?;
        Ok(Self {
            client,
            address,
            files,
            schedule: Mutex::default(),
        })
    }

    /// Publishes an event. Waits while there is no server.
    pub(super) async fn publish(
        &self,
        target: Value,
        name: &str,
        data: Value,
    ) -> anyhow::Result<()> {
        let request = json!({ "target": target, "event": { "type": name, "data": data } });
        let request = request.to_string();
        self.client
            .request_text("event:publish", &request, None)
            .await
            .with_context(|| format!("publishing {name}"))?;
        Ok(())
    }

    /// A call of the backend API.
    pub(super) async fn call(
        &self,
        method: &'static str,
        path: &str,
        body: Value,
    ) -> anyhow::Result<()> {
        let (address, path) = (self.address, path.to_owned());
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        tokio::task::spawn_blocking(move || {
            let token = Server::token(address, "ehr", "service")?;
            Server::call(address, method, &path, Some(&token), &body).map(drop)
        })
        .await?
    }

    /// Writes a part of the system of record. Whoever reads it sees the former or the new one.
    pub(super) fn write(&self, name: &str, content: &impl Serialize) -> anyhow::Result<()> {
        self.write_text(&format!("{name}.json"), &serde_json::to_string(content)?)
    }

    pub(super) fn write_text(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let unfinished = self.files.join(format!("{name}.part"));
        fs::write(&unfinished, text)?;
        fs::rename(unfinished, self.files.join(name))?;
        Ok(())
    }
}

/// A client of a demo person.
pub(super) fn client(
    address: SocketAddr,
    user: &'static str,
    role: &'static str,
) -> anyhow::Result<Client> {
    let client = Client::builder(format!("ws://{address}/ws"))
        .token_provider(move || token_of(address, user, role))
        .build()?;
    Ok(client)
}

/// The time as it was written so long ago.
pub(super) fn past(ago: Duration) -> anyhow::Result<String> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let then = now.saturating_sub(ago);
    Ok(Timestamp::from_millis(0).plus(then).to_string())
}

/// The time as it is written on the wire, so long from now.
pub(super) fn time(from_now: Duration) -> anyhow::Result<String> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Timestamp::from_millis(0).plus(now + from_now).to_string())
}
