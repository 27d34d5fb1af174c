//! Whether this node can serve.

use super::{App, Refusal, json};
use crate::{core::Core, socket};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Response as HttpResponse, StatusCode, header},
    response::{IntoResponse, Response},
};
use carewire_protocol::{
    Millis,
    backend::{Health, HealthFrame, HealthServices, HealthStatus, ServiceStatus, WebsocketHealth},
};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /health`. 503 only where this node cannot serve.
pub(super) async fn health(State(app): State<App>) -> Response {
    let core = &app.core;
    let database = database(core).await;
    let backplane = if core.backplane.is_up() {
        ServiceStatus::Ok
    } else {
        ServiceStatus::Degraded
    };
    let serving = database == ServiceStatus::Ok && !core.is_draining();
    let well = serving && backplane == ServiceStatus::Ok;
    let (connections, users) = core.hub.counts();
    let status = if well {
        HealthStatus::Ok
    } else {
        HealthStatus::Degraded
    };
    let websocket = if core.is_draining() {
        ServiceStatus::Down
    } else {
        ServiceStatus::Ok
    };
    let health = Health {
        status,
        timestamp: core.wall(),
        uptime_ms: Millis::from(core.now()),
        connections: connections as u64,
        rooms: core.hub.all_rooms().len() as u64,
        services: HealthServices {
            database,
            backplane,
            websocket: WebsocketHealth {
                status: websocket,
                connections: connections as u64,
                authenticated_users: users as u64,
            },
        },
    };
    let code = if serving {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, json(&health)).into_response()
}

async fn database(core: &Core) -> ServiceStatus {
    let asked = async {
        let mut rows = core.store.read().await?;
        // A connection from the pool proves nothing until it is used.
        rows.mark().await?;
        rows.close().await
    };
    let limit = core.env.sleep_until(core.now() + PATIENCE);
    tokio::select! {
        Ok(()) = asked => ServiceStatus::Ok,
        () = limit => ServiceStatus::Down,
        else => ServiceStatus::Down,
    }
}

/// `GET /health/live`: 200 while the process runs.
pub(super) async fn live() -> &'static str {
    "ok"
}

/// `GET /metrics`.
pub(super) async fn metrics(State(app): State<App>) -> Response {
    let text = app.core.metrics.render(&app.core.gauges());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// `WS /ws/health`: one frame, and a normal close.
pub(super) async fn websocket(
    State(app): State<App>,
    mut request: Request,
) -> Result<HttpResponse<Body>, Refusal> {
    let accept = socket::accept_key(request.headers())?;
    let well = database(&app.core).await == ServiceStatus::Ok && !app.core.is_draining();
    let status = if well {
        HealthStatus::Ok
    } else {
        HealthStatus::Degraded
    };
    let frame = HealthFrame::new(status, app.core.wall());
    let text = serde_json::to_string(&frame).unwrap_or_default();
    let upgraded = hyper::upgrade::on(&mut request);
    app.sockets.spawn(async move {
        if let Ok(upgraded) = upgraded.await {
            let mut io = TokioIo::new(upgraded);
            let _ = io.write_all(crate::hub::Frame::text(&text).bytes()).await;
            socket::say_goodbye(&mut io, carewire_protocol::error::close::NORMAL).await;
        }
    });
    let mut response = HttpResponse::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}
