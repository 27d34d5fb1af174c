//! The server as a library: mounted into an axum application, with the application's own rules.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test"
)]

use async_trait::async_trait;
use carewire::{Client, RoomId, protocol::ErrorCode};
use carewire_server::{
    Server, Settings,
    auth::{Identity, sign_dev_token},
    config::DEV_SECRET,
    policy::{Action, Authoriser},
    router,
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Lets everybody talk in rooms of visits, for as long as the practice is open.
struct Practice {
    open: AtomicBool,
}

#[async_trait]
impl Authoriser for Practice {
    async fn allow(&self, identity: &Identity, _action: Action, room: &RoomId) -> bool {
        let own = *room == RoomId::User(identity.user.clone());
        own || matches!(room, RoomId::Visit(_)) && self.open.load(Ordering::SeqCst)
    }
}

async fn serve(practice: Arc<Practice>) -> SocketAddr {
    let settings = Settings {
        dev: true,
        ..Settings::default()
    };
    let builder = Server::builder(&settings).unwrap().authoriser(practice);
    let server = builder.build().await.unwrap();
    let app = axum::Router::new()
        .route("/", axum::routing::get(|| async { "the application" }))
        .nest("/live", router(&server));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

async fn login(address: SocketAddr, user: &str) -> Client {
    let role = "patient".into();
    let tenant = "clinic".parse().unwrap();
    let later = carewire::protocol::Timestamp::from_millis(4_000_000_000_000);
    let token = sign_dev_token(
        DEV_SECRET,
        &tenant,
        &user.parse().unwrap(),
        &role,
        None,
        later,
    )
    .unwrap();
    let url = format!("ws://{address}/live/ws");
    Client::builder(url).token(token).connect().await.unwrap()
}

#[tokio::test]
async fn an_application_mounts_the_server_and_decides_by_itself() {
    let practice = Arc::new(Practice {
        open: AtomicBool::new(true),
    });
    let address = serve(Arc::clone(&practice)).await;
    let (ana, ben) = (login(address, "ana").await, login(address, "ben").await);

    // No backend ever said that this visit exists: the application decides alone.
    let visit: RoomId = "visit:v1".parse().unwrap();
    let anas = ana.join(visit.clone()).await.unwrap();
    let bens = ben.join(visit.clone()).await.unwrap();
    let mut heard = bens.events();
    anas.send("Hello").await.unwrap();
    let message = loop {
        let event = heard.next().await.unwrap();
        if let Some(message) = event.new_message() {
            break message.clone();
        }
    };
    assert_eq!(message.body, "Hello");
    bens.react(message.id, "👋").await.unwrap();

    let chat = RoomId::chat("ana", "ben").unwrap();
    let denied = ana.join(chat).await.err().unwrap();
    assert!(denied.is(&ErrorCode::AccessDenied), "{denied}");

    practice.open.store(false, Ordering::SeqCst);
    let denied = anas.send("Still open?").await.unwrap_err();
    assert!(denied.is(&ErrorCode::AccessDenied), "{denied}");
}
