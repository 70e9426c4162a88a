//! `convener migrate`.
use super::Problem;

pub(crate) async fn run() -> Result<(), Problem> {
    let db = super::connect(&super::config()?).await?;
    super::migrate(&db).await?;
    println!("The database is up to date.");
    db.close().await;
    Ok(())
}
