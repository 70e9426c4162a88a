//! `convener serve`.
use super::Problem;
use convener::serve;

pub(crate) async fn run() -> Result<(), Problem> {
    let config = super::config()?;
    super::start_log(&config)?;
    let listen = config.listen;
    let app = super::app(config).await?;
    if app.coalition.get().demo {
        return Err("This database holds the demonstration. Give `serve` a database of its own in DATABASE_URL.".into());
    }
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|e| format!("The site can't listen on {listen}: {e}"))?;
    tracing::info!(listen = %listener.local_addr()?, base_url = %app.config.base_url, live = app.config.is_live(), "serving");
    serve::serve(app, listener, serve::told_to_stop()).await?;
    Ok(())
}
