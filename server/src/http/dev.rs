//! What `--dev` adds: tokens for anybody, and a page to begin with.

use super::{App, Refusal, json, read_body};
use crate::auth::sign_dev_token;
use axum::{
    extract::{Request, State},
    response::{Html, Response},
};
use carewire_protocol::{ErrorReply, Role, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The tenant of the demo people.
pub(super) const TENANT: &str = "demo";
/// How long a demo token lives.
const TOKEN_LIFE: Duration = Duration::from_hours(12);

/// The demo people: id, role, name.
pub(super) const PEOPLE: [(&str, &str, &str); 5] = [
    ("dr-lee", "provider", "Dr. Lee"),
    ("ana", "patient", "Ana Ruiz"),
    ("nurse-kim", "staff", "Kim Novak"),
    ("root", "admin", "Admin"),
    ("ehr", "service", "EHR"),
];

pub(super) async fn page() -> Html<&'static str> {
    Html(include_str!("dev.html"))
}

#[derive(Deserialize)]
struct TokenRequest {
    sub: UserId,
    role: Role,
    tenant: Option<TenantId>,
    name: Option<String>,
    #[serde(rename = "expiresInMs")]
    expires_in_ms: Option<u64>,
}

#[derive(Serialize)]
struct TokenReply {
    token: String,
}

/// `POST /dev/token {sub, role, tenant?, name?, expiresInMs?}`.
pub(super) async fn token(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let core = &app.core;
    let body = read_body(core, request.into_body()).await?;
    let text = std::str::from_utf8(&body).unwrap_or_default();
    let asked: TokenRequest = carewire_protocol::frame::decode_body(text)?;
    asked.role.check("role")?;
    let Some(secret) = core.config.dev_secret.as_deref() else {
        return Err(ErrorReply::denied().into());
    };
    let tenant = match asked.tenant {
        Some(tenant) => tenant,
        None => TenantId::new(TENANT).map_err(|_| ErrorReply::internal())?,
    };
    let life = asked
        .expires_in_ms
        .map_or(TOKEN_LIFE, Duration::from_millis);
    let expires_at = core.wall().plus(life);
    let demo_name = PEOPLE
        .iter()
        .find(|(id, ..)| asked.sub == **id)
        .map(|(.., name)| *name);
    let name = asked.name.as_deref().or(demo_name);
    let token = sign_dev_token(secret, &tenant, &asked.sub, &asked.role, name, expires_at)?;
    Ok(json(&TokenReply { token }))
}

/// Tokens of the demo people, to be printed at the start.
pub fn demo_tokens(
    secret: &str,
    now: Timestamp,
) -> Result<Vec<(&'static str, &'static str, String)>, crate::error::Error> {
    let tenant = TenantId::new(TENANT)?;
    PEOPLE
        .iter()
        .map(|(id, role, name)| {
            let user = UserId::new(id)?;
            let expires_at = now.plus(TOKEN_LIFE);
            let token = sign_dev_token(
                secret,
                &tenant,
                &user,
                &Role::from(*role),
                Some(name),
                expires_at,
            )?;
            Ok((*id, *role, token))
        })
        .collect()
}

/// Makes the demo people known to each other: the doctor and the nurse care for the patient.
pub async fn settle(server: &crate::Server) -> Result<(), crate::error::Error> {
    use crate::{domain::directory, keys::UserKey};
    use carewire_protocol::backend::PutUser;
    let core = server.core();
    let tenant = TenantId::new(TENANT)?;
    for (id, role, name) in PEOPLE {
        let user = UserKey::new(&tenant, &UserId::new(id)?);
        let body = PutUser {
            role: Role::from(role),
            name: Some(name.into()),
        };
        directory::put_user(core, user, body).await?;
    }
    let patient = UserKey::new(&tenant, &UserId::new("ana")?);
    for provider in ["dr-lee", "nurse-kim"] {
        let provider = UserKey::new(&tenant, &UserId::new(provider)?);
        directory::set_care(core, provider, patient.clone(), true).await?;
    }
    Ok(())
}
