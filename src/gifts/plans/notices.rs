//! A word to the donor before a card runs out: once for each recurring gift and card, thirty days before the payment
//! that would fail. Who has no address gets none, and why is kept.
use crate::{
    app::App,
    donors,
    gifts::{letters, queries},
};

const DAYS_BEFORE: i64 = 30;
const AT_ONCE: i64 = 200;

/// Writes the letters that are due today; how many.
pub(in crate::gifts) async fn warn_of_cards(app: &App) -> sqlx::Result<usize> {
    let now = app.clock.now();
    let mut written = 0;
    loop {
        let mut tx = app.db.write().await?;
        let due = queries::cards_running_out(&mut tx, now.plus_days(DAYS_BEFORE), AT_ONCE).await?;
        if due.is_empty() {
            return Ok(written);
        }
        for plan in &due {
            let Some(term) = plan.card_until else { continue };
            let donor = donors::by_id(&mut tx, plan.donor_id).await?;
            let about = letters::About::plan(&mut tx, plan.id).await?;
            let sent = match &donor {
                Some(donor) => letters::card_runs_out(app, &mut tx, about, plan, donor).await?,
                None => false,
            };
            let skipped = (!sent).then_some("The donor has no e-mail address.");
            queries::note_notice(&mut tx, plan.id, "card", term, skipped, now).await?;
            written += usize::from(sent);
        }
        tx.commit().await?;
        app.bell.notify_one();
    }
}
