//! Section 9: `--dev`.

use carewire_tests::{Options, Raw, Server, http};
use serde_json::{Value, json};

fn dev(o: Options) -> Options {
    o.without("CAREWIRE_JWT_SECRET")
        .without("CAREWIRE_DATABASE_URL")
        .arg("--dev")
}

async fn token(server: &Server, body: Value) -> String {
    let answer = http::request(server, "POST", "/dev/token", None, Some(&body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["token"].as_str().expect("a token").to_owned()
}

async fn connected(server: &Server, token: &str) -> Value {
    let mut raw = Raw::connect(server).bearer(token).open().await;
    raw.welcome().await
}

#[tokio::test]
async fn starts_with_nothing_and_keeps_nothing() {
    let server = Server::start(dev);
    assert_eq!(http::get(&server, "/health").await.status, 200);
    let files: Vec<_> = std::fs::read_dir(server.folder()).unwrap().collect();
    assert!(files.is_empty(), "{files:?}");
}

#[tokio::test]
async fn prints_people_with_tokens_that_work() {
    let server = Server::start(dev);
    let log = server.log().text();
    let words = log.split(|c: char| c.is_whitespace() || c == '"' || c == '=');
    let tokens: Vec<&str> = words.filter(|word| word.starts_with("eyJ")).collect();
    assert!(tokens.len() >= 2, "{log}");
    for token in tokens {
        connected(&server, token).await;
    }
}

#[tokio::test]
async fn gives_tokens_for_anybody() {
    let server = Server::start(dev);
    let first = token(&server, json!({"sub": "somebody", "role": "provider"})).await;
    let data = connected(&server, &first).await;
    assert_eq!(
        (&data["userId"], &data["role"]),
        (&json!("somebody"), &json!("provider"))
    );
    let body = json!({"sub": "somebody", "role": "patient", "tenant": "north"});
    let data = connected(&server, &token(&server, body).await).await;
    assert_eq!(
        (&data["tenantId"], &data["role"]),
        (&json!("north"), &json!("patient"))
    );
    for body in [json!({}), json!({"sub": "a:b", "role": "patient"})] {
        let answer = http::request(&server, "POST", "/dev/token", None, Some(&body)).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn has_a_page() {
    let server = Server::start(dev);
    let page = http::get(&server, "/").await;
    assert_eq!(page.status, 200);
    assert!(
        page.header("content-type")
            .is_some_and(|kind| kind.starts_with("text/html"))
    );
}

#[tokio::test]
async fn without_it_there_is_neither_page_nor_token() {
    let server = Server::shared();
    assert_eq!(http::get(&server, "/").await.status, 404);
    let body = json!({"sub": "a", "role": "admin"});
    let answer = http::request(&server, "POST", "/dev/token", None, Some(&body)).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn keeps_a_database_that_is_named() {
    let server = Server::start(|o| o.arg("--dev"));
    assert!(server.folder().join("carewire.db").exists());
}

#[test]
fn listens_on_loopback_only() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let refusal = Server::try_start(|o| dev(o).env("CAREWIRE_LISTEN", address)).err();
        let refusal = refusal.expect("a server open to the world with --dev");
        assert!(!refusal.status.success());
        assert!(
            refusal.log.contains("--dev-listen-anywhere"),
            "{}",
            refusal.log
        );
    }
}

#[tokio::test]
async fn listens_anywhere_when_told_twice() {
    let server = Server::start(|o| {
        dev(o)
            .env("CAREWIRE_LISTEN", "0.0.0.0:0")
            .arg("--dev-listen-anywhere")
    });
    assert_eq!(http::get(&server, "/health/live").await.status, 200);
}

#[tokio::test]
async fn allows_pages_of_every_loopback_origin() {
    let server = Server::start(dev);
    for origin in [
        "http://localhost:5173",
        "http://127.0.0.1:3000",
        "https://localhost",
        "http://[::1]:8080",
    ] {
        let answer = http::upgrade(&server, "/ws", &[("Origin", origin)]).await;
        assert_eq!(answer.status, 101, "for {origin}");
    }
    for origin in [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "null",
    ] {
        let answer = http::upgrade(&server, "/ws", &[("Origin", origin)]).await;
        assert_eq!(answer.status, 403, "for {origin}");
    }
}

#[tokio::test]
async fn serves_a_folder_of_pages() {
    let pages = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("index.html", "<p>hello"),
        ("a.wasm", "\0asm"),
        ("a.js", "0"),
    ] {
        std::fs::write(pages.path().join(name), text).unwrap();
    }
    let folder = pages.path().to_str().unwrap().to_owned();
    let server = Server::start(|o| dev(o).arg("--dev-pages").arg(&folder));
    for (path, kind) in [
        ("/", "text/html"),
        ("/a.wasm", "application/wasm"),
        ("/a.js", "text/javascript"),
    ] {
        let answer = http::get(&server, path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
        assert!(header("content-type").starts_with(kind), "{answer:?}");
        assert!(
            header("content-security-policy").contains("script-src 'self' 'wasm-unsafe-eval';")
        );
    }
    assert_eq!(http::get(&server, "/../Cargo.toml").await.status, 404);
    assert_eq!(http::get(&server, "/nothing").await.status, 404);
    token(&server, json!({"sub": "somebody", "role": "provider"})).await;
}

#[tokio::test]
async fn serves_no_folder_without_dev() {
    let refusal = Server::try_start(|o| o.env("CAREWIRE_DEV_PAGES", ".")).err();
    let refusal = refusal.expect("pages without --dev");
    assert!(refusal.log.contains("--dev"), "{}", refusal.log);
}
