//! Abuse of tokens. Whatever is forged is `invalid_token`, in the header (401) and in a frame
//! (4401) alike. Keys and algorithms are tested in `keys.rs`, refreshing in `refresh.rs`.

use crate::common::Bystander;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use carewire_tests::{Failure, Raw, Server, Token, http, now, unique};
use serde_json::{Value, json};
use tokio::net::TcpListener;

async fn refused(server: &Server, what: &str, token: &str) {
    let mut raw = Raw::open(server).await;
    let failure = raw
        .request("auth:authenticate", json!({"token": token}))
        .await;
    let failure = failure.expect_err(what);
    assert_eq!(failure.code(), "invalid_token", "{what}");
    assert_eq!(
        failure.message(),
        "Authentication error: Invalid token",
        "{what}"
    );
    assert_eq!(raw.expect_close().await, 4401, "{what}");

    if !token.chars().any(char::is_control) {
        let bearer = format!("Bearer {token}");
        let answer = http::upgrade(server, "/ws", &[("Authorization", &bearer)]).await;
        assert_eq!(
            (answer.status, answer.code()),
            (401, "invalid_token".to_owned()),
            "{what}"
        );
    }
}

fn ana() -> Token {
    Token::new("ana", "patient")
}

#[tokio::test]
async fn forged_signatures() {
    let server = Server::shared();
    let bystander = Bystander::watch(&server, &unique("tokens")).await;
    let good = ana().sign();
    let (unsigned, signature) = good.rsplit_once('.').unwrap();
    let admin = ana().claim("role", "admin").unsigned();
    for (what, token) in [
        (
            "alg none",
            format!("{}.", ana().header("alg", "none").unsigned()),
        ),
        (
            "alg None",
            format!("{}.", ana().header("alg", "None").unsigned()),
        ),
        (
            "alg none with a signature",
            format!("{}.{signature}", ana().header("alg", "none").unsigned()),
        ),
        ("no signature", format!("{unsigned}.")),
        ("no third part", unsigned.to_owned()),
        (
            "another secret",
            ana().sign_with(b"another secret of more than 32 bytes!"),
        ),
        ("an empty secret", ana().sign_with(b"")),
        ("changed claims", format!("{admin}.{signature}")),
        ("HS512", ana().header("alg", "HS512").sign()),
        ("RS256", ana().header("alg", "RS256").sign()),
        ("no alg", ana().header("alg", Value::Null).sign()),
        (
            "alg as a list",
            ana().header("alg", json!(["HS256"])).sign(),
        ),
        ("a fourth part", format!("{good}.x")),
        ("padding", format!("{good}==")),
        ("a space", format!("{unsigned}. {signature}")),
        ("dots", "..".to_owned()),
        ("text", "nonsense".to_owned()),
        ("a kilobyte", "x".repeat(1_000)),
    ] {
        refused(&server, what, &token).await;
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn a_huge_token() {
    let server = Server::shared();
    let bystander = Bystander::watch(&server, &unique("tokens")).await;
    let token = "x".repeat(500_000);
    let mut raw = Raw::open(&server).await;
    // Either as a bad token, or as more than anybody needs to authenticate.
    let data = json!({"token": token});
    match raw.request("auth:authenticate", data).await.unwrap_err() {
        Failure::Closed(code) => assert_eq!(code, 1009),
        error @ Failure::Error(_) => {
            assert!(
                ["invalid_token", "invalid_input"].contains(&error.code()),
                "{error:?}"
            );
            assert_eq!(raw.expect_close().await, 4401);
        }
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn keys_inside_tokens_are_never_used_or_fetched() {
    let server = Server::shared();
    let trap = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys.json", trap.local_addr().unwrap());
    let other = b"another secret of more than 32 bytes!";
    let key = json!({"kty": "oct", "k": "YW5vdGhlciBzZWNyZXQgb2YgbW9yZSB0aGFuIDMyIGJ5dGVzIQ", "alg": "HS256"});
    for (what, token) in [
        ("jwk", ana().header("jwk", key).sign_with(other)),
        ("jku", ana().header("jku", url.as_str()).sign_with(other)),
        ("x5u", ana().header("x5u", url.as_str()).sign_with(other)),
        ("x5c", ana().header("x5c", json!(["MIIB"])).sign_with(other)),
    ] {
        refused(&server, what, &token).await;
    }
    let fetched = tokio::time::timeout(carewire_tests::wait::QUIET, trap.accept()).await;
    assert!(
        fetched.is_err(),
        "the server fetched a key that a token named"
    );
}

#[tokio::test]
async fn key_ids_are_no_paths_and_no_sql() {
    let server = Server::shared();
    for kid in [
        "../../../../dev/null",
        "/dev/null",
        "x' UNION SELECT 'secret",
        "\u{0}",
        "| id",
    ] {
        let token = ana().header("kid", kid).sign_with(b"");
        refused(&server, kid, &token).await;
    }
}

#[tokio::test]
async fn headers_and_claims_nested_without_end() {
    let server = Server::shared();
    let bystander = Bystander::watch(&server, &unique("tokens")).await;
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let deep = format!("{}1{}", "[".repeat(3_000), "]".repeat(3_000));
    let header = encode(format!(r#"{{"alg":"HS256","typ":"JWT","x":{deep}}}"#));
    let claims = encode(format!(r#"{{"sub":"ana","x":{deep}}}"#));
    let token = ana().sign();
    let mut parts = token.split('.');
    let (first, second, third) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    );
    refused(
        &server,
        "a deep header",
        &format!("{header}.{second}.{third}"),
    )
    .await;
    refused(&server, "deep claims", &format!("{first}.{claims}.{third}")).await;
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn claims_of_the_wrong_kind() {
    let server = Server::shared();
    let bystander = Bystander::watch(&server, &unique("tokens")).await;
    let later = (now() + 3_600).to_string();
    let cases = [
        ("no exp", ana().without("exp")),
        ("exp as text", ana().claim("exp", later.as_str())),
        ("exp null", ana().claim("exp", Value::Null)),
        ("exp true", ana().claim("exp", true)),
        ("exp as a list", ana().claim("exp", json!([now() + 60]))),
        ("nbf as text", ana().claim("nbf", "0")),
        ("nbf as a list", ana().claim("nbf", json!([]))),
        ("nbf to come", ana().claim("nbf", now() + 600)),
        ("no sub", ana().without("sub")),
        ("sub null", ana().claim("sub", Value::Null)),
        ("sub as a list", ana().claim("sub", json!(["ana"]))),
        ("sub with a colon", ana().claim("sub", "ana:lee")),
        ("no tenant", ana().without("tenant")),
        ("tenant as an object", ana().claim("tenant", json!({}))),
        ("tenant with a slash", ana().claim("tenant", "../other")),
        ("no role", ana().without("role")),
        ("an unknown role", ana().claim("role", "wizard")),
        ("a role in capitals", ana().claim("role", "ADMIN")),
        (
            "only unknown roles",
            ana().claim("role", json!(["wizard", 7, null])),
        ),
    ];
    for (what, token) in cases {
        refused(&server, what, &token.sign()).await;
    }
    bystander.noticed_nothing().await;
}

#[tokio::test]
async fn a_negative_or_huge_expiry_does_no_harm() {
    let server = Server::shared();
    for exp in [json!(-1), json!(0), json!(-1e300)] {
        let mut raw = Raw::open(&server).await;
        let token = ana().claim("exp", exp.clone()).sign();
        let failure = raw
            .request("auth:authenticate", json!({"token": token}))
            .await
            .unwrap_err();
        assert!(
            ["token_expired", "invalid_token"].contains(&failure.code()),
            "{exp}: {failure:?}"
        );
        assert_eq!(raw.expect_close().await, 4401);
    }
    for exp in [json!(1e18), json!(u64::MAX), json!(4_102_444_800_i64)] {
        let mut raw = Raw::open(&server).await;
        let token = ana()
            .tenant(&unique("tokens"))
            .claim("exp", exp.clone())
            .sign();
        match raw
            .request("auth:authenticate", json!({"token": token}))
            .await
        {
            Ok(_) => raw.expect_alive().await,
            Err(failure) => assert_eq!(failure.code(), "invalid_token", "{exp}"),
        }
    }
}

#[tokio::test]
async fn claims_cannot_be_given_twice_in_a_frame() {
    let server = Server::shared();
    let mut raw = Raw::open(&server).await;
    let data = json!({
        "token": ana().tenant(&unique("tokens")).sign(), "role": "admin", "tenant": "other",
        "userId": "root", "sub": "root",
    });
    raw.request("auth:authenticate", data).await.unwrap();
    let connected = raw.event("connected").await;
    assert_eq!(connected["data"]["userId"], "ana");
    assert_eq!(connected["data"]["role"], "patient");
    assert_ne!(connected["data"]["tenantId"], "other");
}
