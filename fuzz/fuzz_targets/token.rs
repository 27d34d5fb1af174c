#![no_main]

use carewire_protocol::Timestamp;
use carewire_server::auth::{Authenticator, ClaimRules};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use serde_json::{Map, Value};
use std::sync::LazyLock;

const SECRET: &str = "a secret of the fuzzer, with more than 32 bytes";
const NOW: i64 = 1_800_000_000_000;

static AUTHENTICATOR: LazyLock<Authenticator> =
    LazyLock::new(|| Authenticator::with_secret(SECRET, ClaimRules::default()).expect("a key"));

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]));
        }
    }
    text
}

// A header, a line break and claims; or any text as it is.
libfuzzer_sys::fuzz_target!(|input: &str| {
    let now = Timestamp::from_millis(NOW);
    assert!(AUTHENTICATOR.check(input, now).is_err(), "nobody signed this");
    let Some((header, claims)) = input.split_once('\n') else { return };
    let text = format!("{}.{}", base64(header.as_bytes()), base64(claims.as_bytes()));
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let signature = sign(text.as_bytes(), &key, Algorithm::HS256).expect("a signature");
    let Ok(identity) = AUTHENTICATOR.check(&format!("{text}.{signature}"), now) else { return };
    // What is accepted says so in its header, and is not over.
    let header: Map<String, Value> = serde_json::from_str(header).expect("a header is an object");
    assert_eq!(header["alg"], "HS256");
    let claims: Map<String, Value> = serde_json::from_str(claims).expect("claims are an object");
    assert!(claims["exp"].as_f64().expect("a number") * 1_000.0 > NOW as f64);
    assert!(claims.get("nbf").is_none_or(Value::is_number));
    assert!(identity.role.is_known() && identity.expires_at > now);
});
