//! Runs the site and its workers until it is told to stop. Refuses to cut anybody off: requests that
//! have begun are answered, and workers stop between two jobs.
use crate::{app::App, routes, settings, work::Workers};
use std::{future::Future, io, net::SocketAddr, time::Duration};
use tokio::{net::TcpListener, sync::watch};

/// How long a request that has begun may take to end once we were told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(30);
/// How often the coalition's settings are read again where other processes may change them.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Serves on `listener` until `stop` comes; then ends in order and closes the database.
pub async fn serve(app: App, listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let workers = Workers::start(&app, &routes::jobs(), routes::CALENDAR);
    let service = routes::router(&app).into_make_service_with_connect_info::<SocketAddr>();
    let (stopping, mut stopped) = watch::channel(false);
    let looking = (!app.db.is_sqlite()).then(|| tokio::spawn(look_again(app.clone())));
    let told = async move {
        stop.await;
        tracing::info!("stopping: no new requests are taken");
        // The receiver lives as long as this function.
        let _ = stopping.send(true);
    };
    let server = std::future::IntoFuture::into_future(axum::serve(listener, service).with_graceful_shutdown(told));
    let late = async {
        // An error means that the sender is gone, which happens only at the end.
        let _ = stopped.wait_for(|stopped| *stopped).await;
        tokio::time::sleep(LAST_REQUESTS).await;
    };
    let ended = tokio::select! {
        ended = server => ended,
        () = late => {
            tracing::warn!("some requests did not end in time");
            Ok(())
        }
    };
    if let Some(looking) = looking {
        looking.abort();
    }
    workers.stop().await;
    app.db.close().await;
    tracing::info!("stopped");
    ended
}

/// Follows what another process changed in the coalition's settings.
async fn look_again(app: App) {
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        let read = async {
            let mut tx = app.db.read().await?;
            settings::get(&mut tx).await
        };
        match read.await {
            Ok(coalition) => app.coalition.set(coalition),
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "the settings can't be read"),
        }
    }
}

/// Comes when the process is asked to end: Ctrl-C, or SIGTERM from the service manager.
pub async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
