//! Tokens: the same for every server.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// The secret that all servers check tokens with.
pub(super) const SECRET: &str = "a secret for measurements, of more than 32 bytes";

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    tenant: String,
    role: String,
    exp: i64,
}

/// A token of a user with a role.
pub(super) fn sign(user: &str, role: &str) -> anyhow::Result<String> {
    let claims = Claims {
        sub: user.to_owned(),
        tenant: "bench".to_owned(),
        role: role.to_owned(),
        exp: time::OffsetDateTime::now_utc().unix_timestamp() + 24 * 60 * 60,
    };
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    Ok(jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &key,
    )?)
}

/// Whether a token is one of ours.
pub(super) fn is_valid(token: &str) -> bool {
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::decode::<Claims>(token, &key, &Validation::new(Algorithm::HS256)).is_ok()
}
