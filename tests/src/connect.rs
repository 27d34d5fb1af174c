//! The upgrade to a WebSocket, with whatever headers a test wants.

use crate::{raw::Raw, server::Server, wait::within};
use tokio::net::TcpSocket;
use tokio_tungstenite::{
    client_async,
    tungstenite::{Error, client::IntoClientRequest, http::HeaderName},
};

/// An upgrade in the making.
pub struct Connect<'a> {
    server: &'a Server,
    path: String,
    headers: Vec<(String, String)>,
    receive_buffer: Option<u32>,
}

impl<'a> Connect<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        Self {
            server,
            path: "/ws".to_owned(),
            headers: Vec::new(),
            receive_buffer: None,
        }
    }

    /// Another path than `/ws`.
    pub fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Adds a header field.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Offers a subprotocol, or several separated by commas.
    pub fn subprotocol(self, names: &str) -> Self {
        self.header("Sec-WebSocket-Protocol", names)
    }

    /// Authenticates in the upgrade.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Names the device in the upgrade.
    pub fn client_id(self, id: &str) -> Self {
        self.header("X-Carewire-Client", id)
    }

    /// Takes few bytes before the server has to wait: for clients that stop reading.
    pub fn receive_buffer(mut self, bytes: u32) -> Self {
        self.receive_buffer = Some(bytes);
        self
    }

    /// Opens the connection.
    pub async fn open(self) -> Raw {
        self.try_open().await.expect("an upgrade")
    }

    /// Opens the connection, or tells how it was refused.
    pub async fn try_open(self) -> Result<Raw, Error> {
        let url = format!("ws://{}{}", self.server.address(), self.path);
        let mut request = url.into_client_request()?;
        for (name, value) in self.headers {
            let name: HeaderName = name.parse().expect("a header name");
            let value = value.parse().expect("a header value");
            request.headers_mut().append(name, value);
        }
        within("an upgrade", async {
            let socket = TcpSocket::new_v4()?;
            if let Some(bytes) = self.receive_buffer {
                socket.set_recv_buffer_size(bytes)?;
            }
            let stream = socket.connect(self.server.address()).await?;
            stream.set_nodelay(true)?;
            let (socket, response) = client_async(request, stream).await?;
            Ok(Raw::new(socket, response))
        })
        .await
    }
}
