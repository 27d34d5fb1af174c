//! Section 3.1 and 9: RS256, ES256 and EdDSA with key files.

use carewire_tests::{Failure, Raw, Server, Token};
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256};
use serde_json::{Value, json};

struct Key {
    algorithm: Algorithm,
    pair: KeyPair,
    private: EncodingKey,
}

fn key(algorithm: Algorithm) -> Key {
    let kind = match algorithm {
        Algorithm::RS256 => &PKCS_RSA_SHA256,
        Algorithm::ES256 => &PKCS_ECDSA_P256_SHA256,
        _ => &PKCS_ED25519,
    };
    let pair = KeyPair::generate_for(kind).unwrap();
    let pem = pair.serialize_pem();
    let private = match algorithm {
        Algorithm::RS256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
        Algorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        _ => EncodingKey::from_ed_pem(pem.as_bytes()),
    }
    .unwrap();
    Key {
        algorithm,
        pair,
        private,
    }
}

fn start(key: &Key) -> Server {
    Server::start(|o| {
        o.without("CAREWIRE_JWT_SECRET").file(
            "CAREWIRE_JWT_KEY_FILE",
            "key.pem",
            key.pair.public_key_pem(),
        )
    })
}

async fn authenticate(server: &Server, token: &str) -> Result<Value, Failure> {
    let mut raw = Raw::open(server).await;
    let reply = raw
        .request("auth:authenticate", json!({"token": token}))
        .await;
    if reply.is_err() {
        assert_eq!(raw.expect_close().await, 4401);
    }
    reply
}

async fn refused(server: &Server, token: &str) {
    let failure = authenticate(server, token).await.unwrap_err();
    assert_eq!(failure.code(), "invalid_token");
}

fn ana() -> Token {
    Token::new("ana", "patient")
}

async fn works_and_refuses_others(algorithm: Algorithm) {
    let key = key(algorithm);
    let server = start(&key);
    authenticate(&server, &ana().sign_key(algorithm, &key.private))
        .await
        .unwrap();

    // Another key of the same kind.
    let other = self::key(algorithm);
    refused(&server, &ana().sign_key(algorithm, &other.private)).await;
    // The public key, which everybody knows, as the secret of HMAC.
    let pem = key.pair.public_key_pem();
    for public in [
        pem.as_bytes(),
        pem.trim().as_bytes(),
        key.pair.public_key_raw(),
    ] {
        refused(&server, &ana().sign_with(public)).await;
        refused(
            &server,
            &ana()
                .header("alg", format!("{algorithm:?}"))
                .sign_with(public),
        )
        .await;
    }
    // No signature at all.
    refused(
        &server,
        &format!("{}.", ana().header("alg", "none").unsigned()),
    )
    .await;
    refused(&server, &ana().sign()).await;
    // A true signature under another name.
    for name in ["none", "HS256", "RS512", "ES384", "PS256"] {
        let honest = ana().sign_key(algorithm, &key.private);
        let signature = honest.rsplit('.').next().unwrap();
        refused(
            &server,
            &format!("{}.{signature}", ana().header("alg", name).unsigned()),
        )
        .await;
    }
}

#[tokio::test]
async fn rs256() {
    works_and_refuses_others(Algorithm::RS256).await;
}

#[tokio::test]
async fn es256() {
    works_and_refuses_others(Algorithm::ES256).await;
}

#[tokio::test]
async fn eddsa() {
    works_and_refuses_others(Algorithm::EdDSA).await;
}

#[tokio::test]
async fn other_kinds_of_keys_are_refused() {
    let ed = key(Algorithm::EdDSA);
    let server = start(&ed);
    for algorithm in [Algorithm::RS256, Algorithm::ES256] {
        let other = key(algorithm);
        refused(&server, &ana().sign_key(other.algorithm, &other.private)).await;
    }
}

#[test]
fn a_file_without_a_public_key_is_refused() {
    for content in [
        "",
        "secret",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ] {
        let refusal = Server::try_start(|o| {
            o.without("CAREWIRE_JWT_SECRET")
                .file("CAREWIRE_JWT_KEY_FILE", "key.pem", content)
        });
        let refusal = refusal.err().expect("a server without a key");
        assert!(!refusal.status.success());
        assert!(!refusal.log.contains("panicked"), "{}", refusal.log);
    }
}
