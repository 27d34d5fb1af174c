//! The driver on tokio and tokio-tungstenite: one task a client.

#[cfg(feature = "conformance")]
pub(crate) mod echo;

use super::{
    desk::{Action, Ask, Desk},
    network::{NetworkSwitch, Weather},
};
use crate::{
    TokenError,
    session::{Dial, Input, TokenNeed},
};
use carewire_protocol::{ErrorReply, PrivateText, SUBPROTOCOL};
use futures_util::{SinkExt as _, StreamExt as _};
use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{net::TcpStream, sync::mpsc, time::Instant};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        client::IntoClientRequest as _,
        error::UrlError,
        handshake::client::Request,
        http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

/// The library's default of 128 KiB is allocated for every connection and cleared on every read.
const READ_BUFFER: usize = 8 * 1024;
/// No frame of the server exceeds 1 MiB.
const MOST_INCOMING: usize = 2 * 1024 * 1024;
/// How long a closing handshake may take before the socket is dropped.
const FAREWELL: Duration = Duration::from_secs(1);

pub(crate) type TokenFuture = Pin<Box<dyn Future<Output = Result<PrivateText, TokenError>> + Send>>;
pub(crate) type TokenSource = Arc<dyn Fn(TokenNeed) -> TokenFuture + Send + Sync>;
#[cfg(feature = "rustls")]
type Stream = tokio_util::either::Either<TcpStream, tokio_rustls::client::TlsStream<TcpStream>>;
#[cfg(not(feature = "rustls"))]
type Stream = TcpStream;
type Socket = WebSocketStream<Stream>;
type Opening = Pin<Box<dyn Future<Output = (Dial, Dialed)> + Send>>;
type Dialed = Result<Box<Socket>, tungstenite::Error>;

/// What a pump needs besides its session.
pub(crate) struct Link {
    pub(crate) url: String,
    #[cfg(feature = "rustls")]
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
    pub(crate) tokens: TokenSource,
    pub(crate) network: NetworkSwitch,
}

struct Open {
    dial: Dial,
    socket: Box<Socket>,
    outbox: VecDeque<Message>,
    unflushed: bool,
    weather: Weather,
    /// The network swallows everything, see [`NetworkSwitch::cut_silently`].
    silenced: bool,
}

enum Happened {
    Asked(Option<Ask>),
    Opened(Dial, Dialed),
    Token(Result<PrivateText, TokenError>),
    Socket(Option<Result<Message, tungstenite::Error>>),
    Network,
    Time,
}

/// Runs a client until it is closed, or until its last handle is dropped.
pub(crate) async fn pump(mut desk: Desk, link: Link, mut asks: mpsc::UnboundedReceiver<Ask>) {
    let start = Instant::now();
    let mut network = link.network.watch();
    let mut open: Option<Open> = None;
    let mut opening: Option<Opening> = None;
    let mut token: Option<TokenFuture> = None;
    let mut farewell: Option<tokio::task::JoinHandle<()>> = None;
    loop {
        for action in desk.drain() {
            match action {
                Action::Send(text) => {
                    if let Some(open) = &mut open {
                        open.outbox.push_back(Message::text(text));
                    }
                }
                Action::Open(dial) => opening = Some(dial_to(&link, dial, *network.borrow())),
                Action::CloseSocket(dial, code) => {
                    opening = None;
                    if let Some(open) = open.take_if(|open| open.dial == dial) {
                        farewell = Some(tokio::spawn(part(open, code)));
                    }
                }
                Action::NeedToken(need) => token = Some((link.tokens)(need)),
            }
        }
        if desk.is_closed() {
            break;
        }
        let deadline = desk.deadline().map(|at| start + at);
        let happened = tokio::select! {
            ask = asks.recv() => Happened::Asked(ask),
            (dial, result) = maybe(&mut opening) => Happened::Opened(dial, result),
            result = maybe(&mut token) => Happened::Token(result),
            message = poll_fn(|cx| poll_socket(&mut open, cx)) => Happened::Socket(message),
            _ = network.changed() => Happened::Network,
            () = sleep_until(deadline) => Happened::Time,
        };
        let now = start.elapsed();
        match happened {
            Happened::Asked(Some(ask)) => {
                desk.ask(ask, now);
                // What waits already goes out with the same flush.
                while let Ok(ask) = asks.try_recv() {
                    desk.ask(ask, now);
                }
            }
            Happened::Asked(None) => desk.ask(Ask::Close, now),
            Happened::Opened(dial, result) => {
                opening = None;
                let weather = *network.borrow();
                match result {
                    Ok(_) if weather.is_down() => {
                        closed(&mut desk, dial, 1006, "the network is cut", now);
                    }
                    Ok(socket) => {
                        open = Some(Open::new(dial, socket, weather));
                        desk.handle(Input::Opened { dial }, now);
                    }
                    Err(error) => refused(&mut desk, dial, &error, now),
                }
            }
            Happened::Token(result) => {
                token = None;
                desk.handle(Input::Token(result), now);
            }
            Happened::Socket(message) => on_message(&mut desk, &mut open, message, now),
            Happened::Network => {
                let weather = *network.borrow();
                if let Some(gone) = open.take_if(|open| open.weather.reset_since(weather)) {
                    closed(&mut desk, gone.dial, 1006, "the network was cut", now);
                }
                if let Some(open) = &mut open {
                    open.silenced |= open.weather.silenced_since(weather);
                }
            }
            Happened::Time => desk.handle(Input::Wake, now),
        }
    }
    drop(desk);
    if let Some(farewell) = farewell {
        let _ = farewell.await;
    }
}

async fn maybe<T>(future: &mut Option<Pin<Box<dyn Future<Output = T> + Send>>>) -> T {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn dial_to(link: &Link, dial: Dial, weather: Weather) -> Opening {
    if weather.is_down() {
        let cut = std::io::Error::new(std::io::ErrorKind::NetworkUnreachable, "the network is cut");
        return Box::pin(std::future::ready((dial, Err(cut.into()))));
    }
    let request = link.url.as_str().into_client_request().map(|mut request| {
        let headers = request.headers_mut();
        headers.insert(
            SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(SUBPROTOCOL),
        );
        request
    });
    #[cfg(feature = "rustls")]
    let tls = link.tls.clone();
    Box::pin(async move {
        let socket = async {
            let request = request?;
            let stream = connect(&request).await?;
            #[cfg(feature = "rustls")]
            if let Some(tls) = tls {
                let host = request.uri().host().ok_or(UrlError::NoHostName)?;
                let stream = super::tls::connect(tls, host, stream).await?;
                return upgrade(request, Stream::Right(stream)).await;
            }
            upgrade(request, plain(stream)).await
        };
        (dial, socket.await)
    })
}

async fn connect(request: &Request) -> Result<TcpStream, tungstenite::Error> {
    let stream = TcpStream::connect(address(request)?).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(feature = "rustls")]
fn plain(stream: TcpStream) -> Stream {
    Stream::Left(stream)
}

#[cfg(not(feature = "rustls"))]
fn plain(stream: TcpStream) -> Stream {
    stream
}

async fn upgrade(request: Request, stream: Stream) -> Dialed {
    let open = tokio_tungstenite::client_async_with_config;
    Ok(Box::new(open(request, stream, Some(limits())).await?.0))
}

fn limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(MOST_INCOMING))
        .max_frame_size(Some(MOST_INCOMING))
}

/// Host and port of a request; the name is resolved when it is dialed.
fn address(request: &Request) -> Result<String, tungstenite::Error> {
    let uri = request.uri();
    let host = uri.host().ok_or(UrlError::NoHostName)?;
    let port = uri
        .port_u16()
        .unwrap_or(if uri.scheme_str() == Some("wss") {
            443
        } else {
            80
        });
    Ok(format!("{host}:{port}"))
}

/// Writes what waits and reads what comes, whichever is possible.
fn poll_socket(
    open: &mut Option<Open>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Message, tungstenite::Error>>> {
    let Some(open) = open else {
        return Poll::Pending;
    };
    if open.silenced {
        open.outbox.clear();
        return Poll::Pending;
    }
    match open.poll_write(cx) {
        Poll::Ready(Err(error)) => Poll::Ready(Some(Err(error))),
        // Reading goes on while the peer does not take what is written, or two full sockets
        // would wait for each other.
        _ => open.socket.poll_next_unpin(cx),
    }
}

impl Open {
    fn new(dial: Dial, socket: Box<Socket>, weather: Weather) -> Self {
        Self {
            dial,
            socket,
            outbox: VecDeque::new(),
            unflushed: false,
            weather,
            silenced: false,
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), tungstenite::Error>> {
        while !self.outbox.is_empty() {
            match self.socket.poll_ready_unpin(cx)? {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => {
                    if let Some(message) = self.outbox.pop_front() {
                        self.socket.start_send_unpin(message)?;
                        self.unflushed = true;
                    }
                }
            }
        }
        if self.unflushed {
            match self.socket.poll_flush_unpin(cx)? {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) => self.unflushed = false,
            }
        }
        Poll::Ready(Ok(()))
    }
}

fn on_message(
    desk: &mut Desk,
    open: &mut Option<Open>,
    message: Option<Result<Message, tungstenite::Error>>,
    now: Duration,
) {
    let Some(dial) = open.as_ref().map(|open| open.dial) else {
        return;
    };
    match message {
        Some(Ok(Message::Text(text))) => desk.handle(Input::Frame { dial, text: &text }, now),
        Some(Ok(Message::Close(frame))) => {
            let code = frame.as_ref().map_or(1005, |frame| frame.code.into());
            let reason = frame.as_ref().map_or("", |frame| &*frame.reason);
            closed(desk, dial, code, reason, now);
            // The library answers the close frame when it is polled again.
            if let Some(open) = open.take() {
                tokio::spawn(part(open, 1000));
            }
        }
        // Pings are answered by the library; the contract knows no binary messages.
        Some(Ok(_)) => {}
        Some(Err(error)) => {
            *open = None;
            closed(desk, dial, 1006, &error.to_string(), now);
        }
        None => {
            *open = None;
            closed(desk, dial, 1006, "the stream ended", now);
        }
    }
}

fn closed(desk: &mut Desk, dial: Dial, code: u16, reason: &str, now: Duration) {
    desk.handle(
        Input::Closed {
            dial,
            code,
            reason,
            retry_after: None,
        },
        now,
    );
}

/// The socket could not be opened. A refusal of the upgrade may say when to come again.
fn refused(desk: &mut Desk, dial: Dial, error: &tungstenite::Error, now: Duration) {
    let retry_after = match error {
        tungstenite::Error::Http(response) => response
            .body()
            .as_deref()
            .and_then(|body| serde_json::from_slice::<ErrorReply>(body).ok())
            .and_then(|error| error.retry_after_ms)
            .map(Duration::from),
        _ => None,
    };
    let reason = error.to_string();
    desk.handle(
        Input::Closed {
            dial,
            code: 1006,
            reason: &reason,
            retry_after,
        },
        now,
    );
}

/// Says goodbye, for a moment, and drops the socket.
async fn part(mut open: Open, code: u16) {
    let frame = CloseFrame {
        code: CloseCode::from(code),
        reason: "".into(),
    };
    let farewell = async {
        let written = poll_fn(|cx| open.poll_write(cx)).await;
        // The WebSocket's own `close`: the box may be a sink too, whose `close` sends no frame.
        let socket: &mut Socket = &mut open.socket;
        if written.is_ok() {
            // Fails where the peer has closed first; the answer to that goes out while reading.
            let _ = socket.close(Some(frame)).await;
            while let Some(Ok(_)) = socket.next().await {}
        }
    };
    let _ = tokio::time::timeout(FAREWELL, farewell).await;
}
