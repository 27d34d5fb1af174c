//! Everything that is not a WebSocket: health, metrics, the backend API, and `--dev`.

mod api;
mod dev;
mod health;
mod inspect;
mod pages;

pub use dev::{demo_tokens, settle};

use crate::{
    Server, audit,
    auth::Identity,
    core::{Caller, Core},
    error::Error,
    socket,
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, FromRequest, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, post, put},
};
use carewire_protocol::{ErrorCode, ErrorReply, Key, Role, backend::AuditAction};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio_util::task::TaskTracker;

/// What the handlers share.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) core: Arc<Core>,
    pub(crate) sockets: TaskTracker,
}

/// The server's routes, to be served alone or mounted into another axum application.
pub fn router(server: &Server) -> Router {
    let app = App {
        core: Arc::clone(server.core()),
        sockets: server.sockets().clone(),
    };
    let mut router = Router::new()
        .route("/ws", get(upgrade))
        .route("/ws/health", get(health::websocket))
        .route("/health", get(health::health))
        .route("/health/live", get(health::live))
        .route("/stats", get(inspect::stats))
        .route("/metrics", get(health::metrics))
        .route("/v1/publish", post(api::publish))
        .route("/v1/notifications", post(api::post_notification))
        .route("/v1/reports/{report}", put(api::put_report))
        .route("/v1/templates/{template}", put(api::put_template))
        .route("/v1/audit", get(inspect::audit))
        .route("/v1/access/recheck", post(api::recheck))
        .route("/v1/messages", post(api::post_message))
        .route("/v1/messages/{id}/status", post(api::post_status))
        .route(
            "/v1/care-team/{provider}/{patient}",
            put(api::put_care).delete(api::delete_care),
        )
        .route(
            "/v1/records/{patient}/{record}/lock",
            get(api::lock).delete(api::delete_lock),
        )
        .route("/v1/visits/{visit}", put(api::put_visit))
        .route("/v1/threads/{thread}", put(api::put_thread))
        .route("/v1/users/{user}", put(api::put_user).get(inspect::user))
        .route(
            "/v1/users/{user}/disconnect",
            post(inspect::disconnect_user),
        )
        .route("/v1/users/{user}/rooms", post(inspect::user_rooms))
        .route("/v1/connections", get(inspect::connections))
        .route("/v1/connections/{connection}", delete(inspect::disconnect))
        .route(
            "/v1/connections/{connection}/rooms",
            post(inspect::connection_rooms),
        )
        .route("/v1/rooms", get(inspect::rooms))
        .route("/v1/rooms/{room}", get(inspect::room));
    if server.core().config.dev_secret.is_some() {
        router = router.route("/dev/token", post(dev::token));
        router = match &server.core().config.dev_pages {
            Some(folder) => router.fallback_service(pages::serve(folder)),
            None => router.route("/", get(dev::page)),
        };
    }
    router.with_state(app)
}

async fn upgrade(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    socket::upgrade(&app.core, &app.sockets, peer, request)
}

/// A refused HTTP call: the status, and the error object as its body.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) StatusCode, pub(crate) ErrorReply);

impl From<ErrorReply> for Refusal {
    fn from(error: ErrorReply) -> Self {
        use ErrorCode as Code;
        let status = match error.code {
            Code::NoToken | Code::InvalidToken | Code::TokenExpired => StatusCode::UNAUTHORIZED,
            Code::AccessDenied => StatusCode::FORBIDDEN,
            Code::RoomNotFound | Code::MessageNotFound | Code::CallNotFound => {
                StatusCode::NOT_FOUND
            }
            Code::CallConflict | Code::RecordLocked => StatusCode::CONFLICT,
            Code::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self(status, error)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        error.into_reply().into()
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self(status, error) = self;
        let mut response = (status, json(&error)).into_response();
        if let Some(after) = error.retry_after_ms {
            let seconds = Duration::from(after).as_millis().div_ceil(1000);
            if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        response
    }
}

/// A JSON body.
pub(crate) fn json(value: &impl Serialize) -> Response {
    let text = serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned());
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The token of an `Authorization: Bearer` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, ErrorReply> {
    let value = headers
        .get(header::AUTHORIZATION)
        .ok_or_else(ErrorReply::no_token)?;
    let text = value.to_str().map_err(|_| ErrorReply::invalid_token())?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(ErrorReply::invalid_token())
    }
}

/// Who calls.
pub(crate) fn identify(core: &Core, headers: &HeaderMap) -> Result<Identity, Refusal> {
    Ok(core.authenticator.check(bearer(headers)?, core.wall())?)
}

/// A call of a backend: its identity, and its body.
pub(crate) struct BackendCall {
    pub(crate) caller: Caller,
    body: Bytes,
}

impl BackendCall {
    /// The body as JSON text.
    pub(crate) fn text(&self) -> Result<&str, Refusal> {
        std::str::from_utf8(&self.body)
            .map_err(|_| ErrorReply::malformed("The body is not UTF-8").into())
    }

    /// The body as one of the contract's types.
    pub(crate) fn body<T: serde::de::DeserializeOwned>(&self) -> Result<T, Refusal> {
        Ok(carewire_protocol::frame::decode_body(self.text()?)?)
    }

    /// The server.
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.caller.core
    }
}

impl FromRequest<App> for BackendCall {
    type Rejection = Refusal;

    /// The token is checked before the body is read.
    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let core = &app.core;
        let identity = identify(core, request.headers())?;
        if identity.role != Role::Service {
            let path = request.extensions().get::<MatchedPath>();
            let call = format!(
                "{} {}",
                request.method(),
                path.map_or("", MatchedPath::as_str)
            );
            audit::note(core, &identity, AuditAction::Denied, None, Some(&call));
            return Err(ErrorReply::denied().into());
        }
        let key = match request.headers().get("idempotency-key") {
            None => None,
            Some(value) => {
                let key = value.to_str().ok().and_then(|text| Key::new(text).ok());
                Some(key.ok_or_else(|| {
                    ErrorReply::invalid("key", "Idempotency-Key must be 1-64 visible characters")
                })?)
            }
        };
        let body = read_body(core, request.into_body()).await?;
        let caller = Caller {
            core: Arc::clone(core),
            identity,
            connection: None,
            key,
        };
        Ok(Self { caller, body })
    }
}

/// Reads a body that is neither too large nor too slow.
async fn read_body(core: &Core, body: Body) -> Result<Bytes, Refusal> {
    let limited = Limited::new(body, core.config.max_payload_bytes).collect();
    let limit = core.env.sleep_until(core.now() + core.config.auth_timeout);
    let body = tokio::select! {
        body = limited => body,
        () = limit => {
            let error = ErrorReply::malformed("The body took too long");
            return Err(Refusal(StatusCode::REQUEST_TIMEOUT, error));
        }
    };
    match body {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(ErrorReply::new(ErrorCode::PayloadTooLarge, "The body is too large").into())
        }
        Err(_) => Err(ErrorReply::malformed("The body was cut short").into()),
    }
}
