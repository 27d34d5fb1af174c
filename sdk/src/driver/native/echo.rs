//! What a conformance test wants of a client: to send back what arrives.

use super::{Open, Socket, connect, part, plain, poll_socket, upgrade};
use crate::driver::network::Weather;
use std::future::poll_fn;
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest as _};

/// Connects with the sockets and limits of the driver, and sends every message back until the
/// connection ends. For the fuzzing server of Autobahn; nothing of a session is in it.
pub async fn echo(url: &str) -> Result<(), Error> {
    let request = url.into_client_request()?;
    let stream = connect(&request).await?;
    let socket: Box<Socket> = upgrade(request, plain(stream)).await?;
    let mut open = Some(Open::new(0, socket, Weather::default()));
    loop {
        match poll_fn(|cx| poll_socket(&mut open, cx)).await {
            Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                if let Some(open) = &mut open {
                    open.outbox.push_back(message);
                }
            }
            Some(Ok(Message::Close(_))) => {
                if let Some(open) = open.take() {
                    part(open, 1000).await;
                }
                return Ok(());
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error),
            None => return Ok(()),
        }
    }
}
