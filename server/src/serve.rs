//! The accept loop: real time-outs on every connection, and a stop that waits for the sockets.

use crate::{Server, audit, domain::session::shut_down, error::Error, http::router};
use axum::{extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{future::Future, io, net::SocketAddr, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// Serves until `stop` resolves, then tells every client when to come back, waits for the
/// sockets for at most the drain time, and closes the database.
pub async fn serve(
    server: Server,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), Error> {
    let app = router(&server);
    let requests = TaskTracker::new();
    let stopping = CancellationToken::new();
    let timeout = server.core().config.auth_timeout;
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                requests.spawn(connection(
                    stream,
                    peer,
                    app.clone(),
                    timeout,
                    stopping.clone(),
                ));
            }
            Err(error) => pause_after(&error).await,
        }
    }
    drop(listener);
    stopping.cancel();
    requests.close();
    drain(&server, requests).await;
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    app: axum::Router,
    timeout: Duration,
    stopping: CancellationToken,
) {
    // Small frames must not wait for the acknowledgement of those before.
    let _ = stream.set_nodelay(true);
    let service = app.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeout)
        .max_buf_size(16 * 1024)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        // Errors are the peer's: a reset, half a request, a time-out.
        _ = &mut connection => {}
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Without descriptors left, accepting fails at once and for a while.
async fn pause_after(error: &io::Error) {
    let by_peer = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !by_peer {
        tracing::warn!(%error, "accepting");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn drain(server: &Server, requests: TaskTracker) {
    let core = server.core();
    let (connections, _) = core.hub.counts();
    tracing::info!(connections, "stopping");
    shut_down(core, "The server restarts");
    let sockets = server.sockets();
    sockets.close();
    let all = async {
        sockets.wait().await;
        requests.wait().await;
    };
    if tokio::time::timeout(core.config.drain, all).await.is_err() {
        tracing::warn!(left = sockets.len(), "stopped waiting for connections");
    }
    if let Err(error) = audit::flush(core).await {
        tracing::warn!(%error, "the end of the audit trail cannot be written");
    }
    core.store.close().await;
    tracing::info!("stopped");
}
