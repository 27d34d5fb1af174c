//! Who takes part, each with a client and a network of their own.

use super::transcript::Transcript;
use crate::server::Server;
use carewire::{Client, NetworkSwitch, TokenError, protocol::UserId};
use std::{net::SocketAddr, time::Instant};

pub(super) struct Person {
    pub(super) client: Client,
    pub(super) network: NetworkSwitch,
    pub(super) heard: Transcript,
}

pub(super) struct People {
    pub(super) lee: Person,
    pub(super) kim: Person,
    pub(super) ana: Person,
    /// The hospital's own software.
    pub(super) ehr: Person,
}

impl People {
    pub(super) async fn arrive(address: SocketAddr, began: Instant) -> anyhow::Result<Self> {
        let arrive = |name, role| arrive(address, name, role, began);
        let (lee, kim, ana, ehr) = tokio::try_join!(
            arrive("dr-lee", "provider"),
            arrive("dr-kim", "provider"),
            arrive("ana", "patient"),
            arrive("ehr", "service"),
        )?;
        Ok(Self { lee, kim, ana, ehr })
    }

    pub(super) fn all(&self) -> [&Person; 4] {
        [&self.lee, &self.kim, &self.ana, &self.ehr]
    }
}

async fn arrive(
    address: SocketAddr,
    name: &'static str,
    role: &'static str,
    began: Instant,
) -> anyhow::Result<Person> {
    let network = NetworkSwitch::new();
    let client = Client::builder(format!("ws://{address}/ws"))
        .token_provider(move || token_of(address, name, role))
        .network(&network)
        .build()?;
    let heard = Transcript::of(name, &client, began);
    client.connect().await?;
    Ok(Person {
        client,
        network,
        heard,
    })
}

/// What a login would give. A server that is away is asked again later.
pub(super) async fn token_of(
    address: SocketAddr,
    user: &'static str,
    role: &'static str,
) -> Result<String, TokenError> {
    let token = tokio::task::spawn_blocking(move || Server::token(address, user, role));
    let token = token.await.map_err(TokenError::temporary)?;
    token.map_err(TokenError::temporary)
}

pub(super) fn ana() -> anyhow::Result<UserId> {
    Ok("ana".parse()?)
}
