//! Tokens: honest ones by default, and every claim and header open to change.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use serde_json::{Map, Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// The secret of the servers in these tests.
pub const SECRET: &str = "a secret of the tests, with more than 32 bytes";

/// The tenant of tokens that name no other.
pub const TENANT: &str = "clinic";

/// A JWT in the making. `to_string` and [`Token::sign`] give the text.
#[derive(Clone)]
pub struct Token {
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Token {
    /// A token of [`TENANT`] that lives for an hour.
    pub fn new(sub: &str, role: &str) -> Self {
        let header = json!({"alg": "HS256", "typ": "JWT"});
        let claims = json!({"sub": sub, "tenant": TENANT, "role": role});
        let object = |value: Value| value.as_object().cloned().unwrap();
        Self {
            header: object(header),
            claims: object(claims),
        }
        .lives(3_600)
    }

    /// Sets a claim to any JSON.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a claim.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets a field of the header to any JSON.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Sets the tenant.
    pub fn tenant(self, tenant: &str) -> Self {
        self.claim("tenant", tenant)
    }

    /// Sets the name of the person.
    pub fn name(self, name: &str) -> Self {
        self.claim("name", name)
    }

    /// Sets how many seconds from now it expires; negative for the past.
    pub fn lives(self, seconds: i64) -> Self {
        let exp = now() + seconds;
        self.claim("exp", exp)
    }

    /// When it expires, in seconds since 1970.
    pub fn expires(&self) -> i64 {
        self.claims["exp"].as_i64().unwrap()
    }

    /// Signs with the secret of the tests.
    pub fn sign(&self) -> String {
        self.sign_with(SECRET.as_bytes())
    }

    /// Signs with HMAC-SHA256 and any secret, whatever the header says.
    pub fn sign_with(&self, secret: &[u8]) -> String {
        self.sign_as(Algorithm::HS256, &EncodingKey::from_secret(secret))
    }

    /// Signs with a key of any kind; the header names the algorithm.
    pub fn sign_key(self, algorithm: Algorithm, key: &EncodingKey) -> String {
        self.header("alg", format!("{algorithm:?}"))
            .sign_as(algorithm, key)
    }

    fn sign_as(&self, algorithm: Algorithm, key: &EncodingKey) -> String {
        let text = self.unsigned();
        let signature = sign(text.as_bytes(), key, algorithm).expect("a signature");
        format!("{text}.{signature}")
    }

    /// Header and claims without a signature, and without the second dot.
    pub fn unsigned(&self) -> String {
        let part = |map: &Map<String, Value>| {
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(map).expect("JSON"))
        };
        format!("{}.{}", part(&self.header), part(&self.claims))
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}
