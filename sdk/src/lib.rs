//! The Carewire client: a typed live layer for healthcare.
//!
//! ```no_run
//! use carewire::{Client, RoomId, TokenError};
//!
//! async fn fetch_token() -> Result<String, TokenError> {
//!     Ok("…".to_owned()) // from the application's own backend
//! }
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder("ws://127.0.0.1:9003/ws").token_provider(fetch_token).connect().await?;
//! let room = client.join(RoomId::chat("dr-lee", "ana")?).snapshot().await?;
//! let mut events = room.events();
//! room.send("Hello").await?; // durable when it returns; queued while offline
//! while let Some(event) = events.next().await {
//!     if let Some(message) = event.new_message() {
//!         println!("{}: {}", message.sender_id, &*message.body);
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! The connection is lost and found again without help. Nothing retained is missed or delivered
//! twice, and what the user did happens exactly once: see [`session`] for how.
//!
//! # Handles
//!
//! | from | for |
//! | --- | --- |
//! | [`Client::join`] | a [`Room`]: messages, history, receipts, typing, events of one's own |
//! | [`Client::presence`], [`Client::inbox`] | who is there; conversations and unread counts |
//! | [`Client::notifications`] | [`Notifications`] to oneself and one's topics |
//! | [`Client::whiteboard`], [`Client::channel`] | a [`Whiteboard`]; a [`Channel`] |
//! | [`Client::record`] | a chart: [`Viewing`] it, and a [`Lease`] to write in it |
//! | [`Client::calls`] | a [`Call`] around any peer connection, and what rings here |
//! | [`Client::reports`] | a [`Report`] in the making, and [`LiveRows`] |
//! | [`Client::appointments`], [`Client::vitals`], [`Client::alerts`] | what backends tell |
//! | [`Client::publish`], [`Reports::requests`] | what services say, and what is asked of them |
//! | [`Client::request`], [`Client::events`] | any command of the contract, and every event |
//!
//! # Features
//!
//! * `native` (default): the driver on tokio.
//! * `rustls-webpki-roots` (default), `rustls-native-roots`: `wss://` with the roots of Mozilla or
//!   those of the operating system. With both, Apple's systems and Windows decide alone, and
//!   elsewhere either will do.
//! * `aws-lc-rs` (default), `ring`: what TLS computes with. `ring` is the smaller one, and has no
//!   `ChaCha20` here.
//! * `tls12` (default): servers and proxies that know no TLS 1.3.
//! * `web`: the driver on gloo-net, for the crate that wraps it for JavaScript.
//!
//! Without `native` there are only the [`session`] and the [`reader`] of events, which compile
//! everywhere.

pub mod reader;
pub mod session;

mod error;
mod event;
mod json;
mod lazy;
mod local;
mod refusal;

#[cfg(feature = "native")]
mod builder;
#[cfg(feature = "native")]
mod bulletins;
#[cfg(feature = "native")]
mod call;
#[cfg(feature = "native")]
mod channel;
#[cfg(feature = "native")]
mod client;
#[cfg(any(feature = "native", feature = "web"))]
mod driver;
#[cfg(feature = "native")]
mod hub;
#[cfg(feature = "native")]
mod inbox;
#[cfg(feature = "native")]
mod lease;
#[cfg(feature = "native")]
mod messages;
#[cfg(feature = "native")]
mod notifications;
#[cfg(feature = "native")]
mod presence;
#[cfg(feature = "native")]
mod publish;
#[cfg(feature = "native")]
mod record;
#[cfg(feature = "native")]
mod report;
#[cfg(feature = "native")]
mod room;
#[cfg(feature = "native")]
mod rows;
#[cfg(feature = "native")]
mod typed;
#[cfg(feature = "native")]
mod typing;
#[cfg(feature = "native")]
mod whiteboard;

pub use carewire_protocol as protocol;
pub use carewire_protocol::{ClientId, Key, MessageId, RoomId, UserId};
pub use error::{CloseReason, ConnectError, RequestError, TokenError};
pub use event::{
    CallLost, CallResumed, Event, LeaseEvent, LeaseLoss, LeaseState, Resumed, Resynced,
};
pub use lazy::Lazy;
pub use refusal::Refusal;
pub use session::{Backoff, Queue, State, TokenNeed};

#[cfg(feature = "web")]
pub use driver::web;

#[cfg(feature = "conformance")]
pub use driver::native::echo::echo;
#[cfg(feature = "native")]
pub use {
    builder::ClientBuilder,
    bulletins::{Alert, AppointmentChange},
    call::{Call, CallEvent, Calls, IncomingCall},
    channel::{Channel, ChannelEvent},
    client::{Client, Identity},
    driver::network::NetworkSwitch,
    hub::EventStream,
    inbox::Inbox,
    lease::{Lease, Lock},
    messages::History,
    notifications::{NotificationEvent, Notifications},
    presence::{PresenceApi, PresenceSubscription},
    record::{ChartEvent, Record, Viewing},
    report::{Report, ReportEvent, ReportRequest, ReportRequests, Reports},
    room::{Join, Room},
    rows::{LiveRows, RowsEvent, RowsLoss},
    typed::Typed,
    whiteboard::{BoardEvent, Whiteboard},
};

/// The examples of the READMEs, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../README.md")]
struct Readme;
