//! The upgrade: everything that can be refused before a socket exists.

use crate::{
    Server,
    core::Core,
    http::{Refusal, bearer},
    session::Session,
    socket::Party,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header},
    response::IntoResponse,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use carewire_protocol::{ClientId, ErrorCode, ErrorReply, SUBPROTOCOL, session::Authenticate};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use sha1::{Digest, Sha1};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};
use tokio::net::TcpStream;
use tokio_util::task::TaskTracker;

/// RFC 6455, section 1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Answers an upgrade request and runs the connection. The cheap refusals come first: a flood
/// must not reach tokens or the database.
pub(crate) fn upgrade(
    core: &Arc<Core>,
    tasks: &TaskTracker,
    peer: Option<IpAddr>,
    request: Request<Body>,
) -> Result<Response<Body>, Refusal> {
    upgrade_to(core, tasks, peer, request, Session::new)
}

/// Answers an upgrade request as the server does, for another party than a session: so tests of
/// the transport meet the same handshake and the same socket.
pub fn upgrade_for<P: Party>(
    server: &Server,
    request: Request<Body>,
    party: impl FnOnce(Arc<Core>, IpAddr) -> P,
) -> Response<Body> {
    upgrade_to(server.core(), server.sockets(), None, request, party)
        .unwrap_or_else(IntoResponse::into_response)
}

fn upgrade_to<P: Party>(
    core: &Arc<Core>,
    tasks: &TaskTracker,
    peer: Option<IpAddr>,
    mut request: Request<Body>,
    party: impl FnOnce(Arc<Core>, IpAddr) -> P,
) -> Result<Response<Body>, Refusal> {
    if core.is_draining() {
        return Err(ErrorReply::unavailable().into());
    }
    let peer = peer.map(|peer| believed_address(core, peer, request.headers()));
    if let Some(peer) = peer {
        core.rates.handshake(peer)?;
    }
    let headers = request.headers();
    let accept = accept_key(headers)?;
    check_origin(core, headers)?;
    let subprotocol = choose_subprotocol(headers)?;
    let token = header_token(core, headers)?;

    let session = party(
        Arc::clone(core),
        peer.unwrap_or(Ipv4Addr::UNSPECIFIED.into()),
    );
    let upgraded = hyper::upgrade::on(&mut request);
    tasks.spawn(async move {
        let Ok(upgraded) = upgraded.await else { return };
        let header = token.map(|token| session.authenticate(token));
        // The plain socket where it can be had: without hyper around it, it needs no buffer.
        let parts = match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => parts,
            Err(upgraded) => {
                let io = TokioIo::<Upgraded>::new(upgraded);
                return crate::socket::run(io, session, header).await;
            }
        };
        let io = parts.io.into_inner();
        if parts.read_buf.is_empty() {
            // Empty, but eight KiB that would stay as long as the connection does.
            drop(parts.read_buf);
            crate::socket::run(io, session, header).await;
        } else {
            let first = parts.read_buf;
            crate::socket::run(Rewound { first, io }, session, header).await;
        }
    });

    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    if let Some(name) = subprotocol {
        headers.insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(name),
        );
    }
    Ok(response)
}

fn bad_request(message: &str) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, ErrorReply::malformed(message))
}

fn has_token(headers: &HeaderMap, name: header::HeaderName, token: &str) -> bool {
    headers.get_all(name).iter().any(|value| {
        let words = value.to_str().unwrap_or_default().split(',');
        words
            .into_iter()
            .any(|word| word.trim().eq_ignore_ascii_case(token))
    })
}

/// Checks that this is an upgrade to WebSocket, and proves that it was understood.
pub(crate) fn accept_key(headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    if !has_token(headers, header::CONNECTION, "upgrade")
        || !has_token(headers, header::UPGRADE, "websocket")
    {
        let error = ErrorReply::malformed("This is a WebSocket endpoint");
        return Err(Refusal(StatusCode::UPGRADE_REQUIRED, error));
    }
    if headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .is_none_or(|version| version != "13")
    {
        return Err(bad_request("Sec-WebSocket-Version must be 13"));
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    if BASE64_STANDARD.decode(key).map_or(0, |nonce| nonce.len()) != 16 {
        return Err(bad_request("Sec-WebSocket-Key must be 16 bytes in base 64"));
    }
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(GUID.as_bytes());
    let accept = BASE64_STANDARD.encode(hash.finalize());
    HeaderValue::from_str(&accept).map_err(|_| ErrorReply::internal().into())
}

/// Pages of other origins may not connect with their visitors' networks. What is no browser
/// sends no `Origin`.
fn check_origin(core: &Core, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let same =
        authority.is_some_and(|authority| !host.is_empty() && authority.eq_ignore_ascii_case(host));
    let listed = core
        .config
        .allowed_origins
        .iter()
        .any(|allowed| allowed == origin);
    let dev = core.config.dev_secret.is_some() && authority.is_some_and(is_loopback);
    if same || listed || dev {
        return Ok(());
    }
    let error = ErrorReply::new(ErrorCode::AccessDenied, "This origin may not connect");
    Err(Refusal(StatusCode::FORBIDDEN, error))
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// `carewire.v1` for whoever names it; version 1, unnamed, for whoever names none.
fn choose_subprotocol(headers: &HeaderMap) -> Result<Option<&'static str>, Refusal> {
    if !headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
        return Ok(None);
    }
    if has_token(headers, header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        return Ok(Some(SUBPROTOCOL));
    }
    Err(bad_request("The only subprotocol is carewire.v1"))
}

fn header_token(core: &Core, headers: &HeaderMap) -> Result<Option<Authenticate>, Refusal> {
    let client_id = match headers.get("x-carewire-client") {
        None => None,
        Some(value) => Some(
            value
                .to_str()
                .ok()
                .and_then(|text| ClientId::new(text).ok())
                .ok_or_else(|| {
                    ErrorReply::invalid(
                        "X-Carewire-Client",
                        "X-Carewire-Client must be 1-64 characters",
                    )
                })?,
        ),
    };
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let token = bearer(headers)?;
    core.authenticator.check(token, core.wall())?;
    Ok(Some(Authenticate {
        token: token.into(),
        client_id,
    }))
}

/// The address of whoever is behind a trusted proxy: the rightmost it names.
pub(crate) fn believed_address(core: &Core, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !core
        .config
        .trusted_proxies
        .iter()
        .any(|network| network.contains(&peer))
    {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let rightmost = forwarded
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .and_then(|address| address.trim().parse().ok());
    rightmost.unwrap_or(peer)
}

/// A socket of which the first bytes were read together with the request.
struct Rewound {
    first: bytes::Bytes,
    io: TcpStream,
}

mod rewound {
    use super::Rewound;
    use bytes::{Buf, Bytes};
    use std::{
        io,
        pin::Pin,
        task::{Context, Poll},
    };
    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

    impl AsyncRead for Rewound {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            if self.first.is_empty() {
                return Pin::new(&mut self.io).poll_read(cx, buffer);
            }
            let count = self.first.len().min(buffer.remaining());
            buffer.put_slice(&self.first[..count]);
            self.first.advance(count);
            if self.first.is_empty() {
                self.first = Bytes::new();
            }
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Rewound {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.io).poll_write(cx, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.io).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.io).poll_shutdown(cx)
        }
    }
}
