//! Section 9: settings, where they come from, and servers that refuse to start.

use carewire_tests::{Failure, Options, Raw, Refusal, Server, Token, http};
use serde_json::{Value, json};

async fn connected(server: &Server, token: &Token) -> Result<Value, Failure> {
    let mut raw = Raw::open(server).await;
    raw.request("auth:authenticate", json!({"token": token.sign()}))
        .await?;
    Ok(raw.event("connected").await["data"].clone())
}

async fn heartbeat(server: &Server) -> u64 {
    let data = connected(server, &Token::new("ana", "patient"))
        .await
        .unwrap();
    data["heartbeatIntervalMs"].as_u64().unwrap()
}

/// Starts a server that must refuse, and returns what it said.
fn refused(configure: impl FnOnce(Options) -> Options) -> String {
    match Server::try_start(configure) {
        Ok(server) => panic!("it listens on {}", server.address()),
        Err(Refusal { status, log }) => {
            assert!(!status.success(), "it refused with {status}");
            assert!(!log.trim().is_empty(), "it did not say why");
            assert!(!log.contains("panicked"), "it panicked: {log}");
            log
        }
    }
}

#[tokio::test]
async fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let file = "heartbeat_interval_ms = 1000\nconnections_per_user = 3\n";
    let with_file = |o: Options| {
        let path = o.folder().join("carewire.toml");
        std::fs::write(&path, file).unwrap();
        o.arg("--config").arg(path.display())
    };
    let name = "CAREWIRE_HEARTBEAT_INTERVAL_MS";
    let only_file = Server::start(with_file);
    assert_eq!(heartbeat(&only_file).await, 1_000);
    let with_env = Server::start(|o| with_file(o).env(name, 2_000));
    assert_eq!(heartbeat(&with_env).await, 2_000);
    let with_flag = Server::start(|o| {
        with_file(o)
            .env(name, 2_000)
            .arg("--heartbeat-interval-ms")
            .arg(3_000)
    });
    assert_eq!(heartbeat(&with_flag).await, 3_000);
}

#[tokio::test]
async fn the_address_and_the_key_come_from_the_file_too() {
    let server = Server::start(|o| {
        let path = o.folder().join("carewire.toml");
        let secret = carewire_tests::SECRET;
        std::fs::write(
            &path,
            format!("listen = \"127.0.0.1:0\"\njwt_secret = \"{secret}\"\n"),
        )
        .unwrap();
        o.without("CAREWIRE_LISTEN")
            .without("CAREWIRE_JWT_SECRET")
            .arg("--config")
            .arg(path.display())
    });
    heartbeat(&server).await;
}

#[test]
fn without_a_key_it_does_not_start() {
    let log = refused(|o| o.without("CAREWIRE_JWT_SECRET"));
    assert!(log.contains("CAREWIRE_JWT_SECRET"), "{log}");
}

#[tokio::test]
async fn a_secret_has_at_least_32_bytes() {
    let log = refused(|o| o.env("CAREWIRE_JWT_SECRET", "x".repeat(31)));
    assert!(log.contains("32"), "{log}");
    assert!(
        !log.contains(&"x".repeat(31)),
        "the secret is in the log: {log}"
    );
    let secret = "y".repeat(32);
    let server = Server::start(|o| o.env("CAREWIRE_JWT_SECRET", &secret));
    let token = Token::new("ana", "patient").sign_with(secret.as_bytes());
    Raw::connect(&server)
        .bearer(&token)
        .open()
        .await
        .welcome()
        .await;
}

#[tokio::test]
async fn a_database_file_that_another_process_holds_is_refused() {
    let first = Server::start(|o| o);
    let database = format!("sqlite://{}", first.folder().join("carewire.db").display());
    refused(|o| o.env("CAREWIRE_DATABASE_URL", &database));
    // The first one goes on as if nothing had been.
    heartbeat(&first).await;
    drop(first);
}

#[tokio::test]
async fn a_database_file_is_free_again_after_a_kill() {
    let mut server = Server::start(|o| o);
    server.kill();
    server.restart();
    heartbeat(&server).await;
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    refused(|o| {
        std::fs::write(
            o.folder().join("carewire.db"),
            "no database at all ".repeat(500),
        )
        .unwrap();
        o
    });
    refused(|o| {
        o.env(
            "CAREWIRE_DATABASE_URL",
            "sqlite:///nowhere/at/all/carewire.db",
        )
    });
}

#[tokio::test]
async fn admins_may_be_kept_out_of_conversations() {
    let joins = async |server: &Server| {
        let mut root = Raw::login(server, &Token::new("root", "admin")).await;
        let own = root
            .request("room:join", json!({"roomId": "user:kim"}))
            .await;
        assert_eq!(own.unwrap_err().code(), "access_denied");
        root.request("room:join", json!({"roomId": "chat:kim:lee"}))
            .await
    };
    let open = Server::start(|o| o);
    let closed = Server::start(|o| o.env("CAREWIRE_ADMIN_ACCESS", "false"));
    for server in [&open, &closed] {
        for user in ["kim", "lee"] {
            Raw::login(server, &Token::new(user, "provider")).await;
        }
    }
    joins(&open).await.unwrap();
    assert_eq!(joins(&closed).await.unwrap_err().code(), "access_denied");
}

#[tokio::test]
async fn a_database_in_memory() {
    let server = Server::start(|o| o.env("CAREWIRE_DATABASE_URL", "sqlite::memory:"));
    heartbeat(&server).await;
    assert!(!server.folder().join("carewire.db").exists());
}

#[test]
fn bad_values_are_refused_and_named() {
    for (name, value, named) in [
        ("CAREWIRE_DRAIN_MS", "soon", "drain"),
        ("CAREWIRE_LISTEN", "everywhere", "listen"),
        ("CAREWIRE_ROLE_MAP", "doctor", "ROLE_MAP"),
        ("CAREWIRE_ROLE_MAP", "doctor:wizard", "ROLE_MAP"),
        ("CAREWIRE_DATABASE_URL", "mysql://x", "database"),
        ("CAREWIRE_JWT_KEY_FILE", "/nowhere/key.pem", ""),
    ] {
        let log = refused(|o| o.env(name, value));
        let lower = log.to_lowercase();
        assert!(
            lower.contains(&named.to_lowercase()),
            "{name}={value}: {log}"
        );
    }
}

#[test]
fn a_bad_file_is_refused_with_the_reason() {
    for text in ["drain_ms = \"soon\"", "no_such_setting = 1", "not toml"] {
        refused(|o| {
            let path = o.folder().join("carewire.toml");
            std::fs::write(&path, text).unwrap();
            o.arg("--config").arg(path.display())
        });
    }
    refused(|o| o.arg("--config").arg("/nowhere/carewire.toml"));
    refused(|o| o.arg("--no-such-flag"));
}

#[test]
fn an_address_in_use_is_refused() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    refused(|o| o.env("CAREWIRE_LISTEN", address));
}

#[tokio::test]
async fn claims_have_names_of_the_operators_choice() {
    let server = Server::start(|o| {
        o.env("CAREWIRE_JWT_CLAIM_USER", "uid")
            .env("CAREWIRE_JWT_CLAIM_TENANT", "org")
            .env("CAREWIRE_JWT_CLAIM_ROLE", "https://clinic.example/roles")
            .env("CAREWIRE_JWT_CLAIM_NAME", "display_name")
    });
    let token = Token::new("wrong", "admin")
        .tenant("wrong")
        .claim("uid", "ana")
        .claim("org", "north")
        .claim("https://clinic.example/roles", json!(["patient"]))
        .claim("display_name", "Ana Ruiz");
    let data = connected(&server, &token).await.unwrap();
    assert_eq!(data["userId"], "ana");
    assert_eq!(data["tenantId"], "north");
    assert_eq!(data["role"], "patient");
    assert_eq!(data["name"], "Ana Ruiz");
    let failure = connected(&server, &Token::new("ana", "patient"))
        .await
        .unwrap_err();
    assert_eq!(failure.code(), "invalid_token");
}

#[tokio::test]
async fn roles_have_names_of_the_operators_choice() {
    let server = Server::start(|o| o.env("CAREWIRE_ROLE_MAP", "doctor:provider, nurse:staff"));
    for (claim, role) in [
        (json!("doctor"), "provider"),
        (json!("nurse"), "staff"),
        (json!(["doctor", "nurse"]), "staff"),
        (json!("patient"), "patient"),
    ] {
        let data = connected(&server, &Token::new("u", "").claim("role", claim))
            .await
            .unwrap();
        assert_eq!(data["role"], role);
    }
}

#[tokio::test]
async fn a_default_tenant_is_for_tokens_that_name_none() {
    let server = Server::start(|o| o.env("CAREWIRE_DEFAULT_TENANT", "north"));
    let none = Token::new("ana", "patient").without("tenant");
    assert_eq!(
        connected(&server, &none).await.unwrap()["tenantId"],
        "north"
    );
    let south = Token::new("ana", "patient").tenant("south");
    assert_eq!(
        connected(&server, &south).await.unwrap()["tenantId"],
        "south"
    );

    let server = Server::start(|o| o);
    let failure = connected(&server, &none).await.unwrap_err();
    assert_eq!(failure.code(), "invalid_token");
}

#[tokio::test]
async fn issuer_and_audience_are_checked_when_configured() {
    let server = Server::start(|o| {
        o.env("CAREWIRE_JWT_ISSUER", "https://id.example")
            .env("CAREWIRE_JWT_AUDIENCE", "carewire")
    });
    let good = Token::new("ana", "patient")
        .claim("iss", "https://id.example")
        .claim("aud", "carewire");
    connected(&server, &good).await.unwrap();
    connected(
        &server,
        &good.clone().claim("aud", json!(["other", "carewire"])),
    )
    .await
    .unwrap();
    for bad in [
        good.clone().without("iss"),
        good.clone().without("aud"),
        good.clone().claim("iss", "https://id.example.evil"),
        good.clone().claim("iss", json!(["https://id.example"])),
        good.clone().claim("aud", "other"),
        good.clone().claim("aud", json!([])),
        good.clone().claim("aud", json!({"carewire": true})),
    ] {
        let failure = connected(&server, &bad).await.unwrap_err();
        assert_eq!(failure.code(), "invalid_token");
    }
}

#[test]
fn the_help_names_every_setting_of_the_contract() {
    let output = std::process::Command::new(carewire_tests::server_binary())
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success());
    let help = String::from_utf8_lossy(&output.stdout);
    let settings = "LISTEN DATABASE_URL REDIS_URL JWT_SECRET JWT_KEY_FILE JWKS_URL JWT_ISSUER \
        JWT_AUDIENCE JWT_CLAIM_USER JWT_CLAIM_TENANT JWT_CLAIM_ROLE JWT_CLAIM_NAME DEFAULT_TENANT \
        ROLE_MAP ALLOWED_ORIGINS AUTHORIZER_URL AUTHORIZER_TTL_MS ACCESS_FILE AUTO_JOIN \
        WEBHOOK_URL WEBHOOK_SECRET ADMIN_ACCESS BREAK_GLASS AUTH_TIMEOUT_MS \
        HEARTBEAT_INTERVAL_MS IDLE_LOGOFF_MS TYPING_TTL_MS PRESENCE_GRACE_MS CALL_RING_MS \
        LEASE_TTL_MS MESSAGES_PER_SECOND COMMANDS_PER_SECOND CALLS_PER_MINUTE \
        CONNECTS_PER_MINUTE CONNECTIONS_PER_USER ROOMS_PER_CONNECTION TRUSTED_PROXIES \
        MAX_PAYLOAD_BYTES QUEUE_FRAMES QUEUE_BYTES RETAIN_EVENTS RETAIN_MS RETAIN_MESSAGES_MS \
        RETAIN_BYTES DRAIN_MS LOG LOG_FORMAT";
    let missing: Vec<_> = settings
        .split_whitespace()
        .filter(|name| !help.contains(&format!("CAREWIRE_{name}")))
        .collect();
    assert!(missing.is_empty(), "not in --help: {missing:?}");
}

/// Whoever names an authoriser must not get a server that asks nobody.
#[test]
fn settings_that_are_not_served_yet_stop_the_start() {
    for (name, value) in [
        ("CAREWIRE_REDIS_URL", "redis://127.0.0.1"),
        ("CAREWIRE_JWKS_URL", "http://127.0.0.1/jwks"),
        ("CAREWIRE_WEBHOOK_URL", "http://127.0.0.1/hook"),
    ] {
        let log = refused(|o| o.env(name, value));
        assert!(log.contains(name), "{name}: {log}");
    }
}

#[tokio::test]
async fn the_log_has_two_formats() {
    let server = Server::start(|o| o.env("CAREWIRE_LOG_FORMAT", "json"));
    heartbeat(&server).await;
    for line in server.log().text().lines() {
        let entry: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(entry.is_object());
    }
    assert_eq!(http::get(&server, "/health").await.status, 200);
}
