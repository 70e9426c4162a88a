//! Payments that we ask somebody for: written down by whoever asks, paid on the same pages as any gift.
use super::{
    Gift, GiftId, GiftState, Wish, queries, refresh,
    start::{Next, NotStarted, open_page},
};
use crate::{
    app::App,
    db::Tx,
    donors::DonorId,
    kernel::{Email, Timestamp},
    payments::GatewayError,
    web::Error,
};

/// Writes it down; nobody else can know its form again.
pub async fn ask(tx: &mut Tx, app: &App, donor: DonorId, wish: &Wish, now: Timestamp) -> sqlx::Result<GiftId> {
    let id = GiftId::new();
    queries::insert_open(tx, id, donor, wish, &format!("asked {id}"), app.config.is_live(), now).await?;
    Ok(id)
}

fn silent(what: &str) -> Error {
    Error::Unavailable(format!("The payment service does not answer at the moment. {what}; try again in a few minutes."))
}

async fn find(app: &App, id: GiftId) -> Result<Gift, Error> {
    queries::by_id(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)
}

/// As the payment service knows it: it may be paid, and no webhook has told of it yet.
async fn looked_at(app: &App, id: GiftId) -> Result<Gift, Error> {
    refresh::look(app, &find(app, id).await?).await;
    find(app, id).await
}

/// Where it is paid; `None` when it is paid, or on its way. `payer` is whom the page is for when the donor has no
/// address.
pub async fn payment_page(app: &App, id: GiftId, payer: &Email) -> Result<Option<String>, Error> {
    match open_page(app, looked_at(app, id).await?, Some(payer)).await {
        Ok(Next::Pay(url)) => Ok(Some(url)),
        Ok(Next::Given(_)) => Ok(None),
        Err(NotStarted::Silent) => Err(silent("Nothing was charged")),
        Err(NotStarted::Refused(why)) => Err(Error::Conflict(format!("The payment service refused this payment: {why}"))),
        Err(NotStarted::Error(error)) => Err(error),
    }
}

/// Closes its payment page, so that nobody pays there any more. `false` when it is paid, or on its way.
///
/// # Errors
/// [`Error::Unavailable`] when the payment service is silent: then it is not known, and nothing was closed.
pub async fn close_page(app: &App, id: GiftId) -> Result<bool, Error> {
    let gift = looked_at(app, id).await?;
    if let (GiftState::Open, Some(checkout)) = (gift.state, &gift.checkout) {
        match Box::pin(app.gateway.expire_checkout(checkout)).await {
            // One that is not open any more is refused: it was paid, or it ran out.
            Ok(_) | Err(GatewayError::Refused { .. }) => {}
            Err(error) => {
                tracing::error!(gift = %id, error = &error as &dyn std::error::Error, "a payment page was not closed");
                return Err(silent("Nothing was changed"));
            }
        }
    }
    match looked_at(app, id).await?.state {
        GiftState::Settled | GiftState::Processing => Ok(false),
        GiftState::Open if gift.checkout.is_some() => Err(silent("Nothing was changed")),
        GiftState::Open | GiftState::Failed | GiftState::Abandoned => Ok(true),
    }
}
