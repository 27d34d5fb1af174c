//! `carewire-server`: settings, a listener, and signals.

use carewire_server::{Server, Settings, dev, serve};
use std::process::ExitCode;
use tokio::{net::TcpListener, signal};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Settings may be what is wrong, and then there is no log yet.
            eprintln!("carewire-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::load()?;
    start_log(&settings);
    let server = Server::builder(&settings)?.build().await?;
    let config = &server.core().config;
    let listener = TcpListener::bind(config.listen).await?;
    let address = listener.local_addr()?;
    if let Some(secret) = &config.dev_secret {
        carewire_server::dev::settle(&server).await?;
        for (user, role, token) in dev::demo_tokens(secret, server.core().wall())? {
            tracing::info!(user, role, token, "demo token");
        }
        tracing::info!("demo page: http://{address}/");
    }
    tracing::info!(%address, "listening");
    serve(server, listener, stopped()).await?;
    Ok(())
}

fn start_log(settings: &Settings) {
    let filter = settings.log.as_deref().unwrap_or("info");
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match settings.log_format.as_deref() {
        Some("json") => log.json().init(),
        _ => log.with_ansi(false).init(),
    }
}

/// Resolves on an interrupt or a request to terminate.
async fn stopped() {
    let interrupt = async {
        let _ = signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        if let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
            terminate.recv().await;
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
