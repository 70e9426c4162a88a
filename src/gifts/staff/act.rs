//! What staff do with one gift beside refunding it: note that the donor was thanked, send the receipt.
use super::gift::known;
use crate::{
    app::App,
    audit, donors,
    gifts::{
        Method,
        acknowledge::{self, Way},
        letters, offline, project,
    },
    receipts,
    staff::Staff,
    web::{Error, Form, Mood, RawForm, redirect_saying},
};
use axum::{
    extract::{Path, State},
    response::Response,
};

#[derive(Debug, serde::Deserialize)]
pub(super) struct Thanks {
    thanked: String,
}

pub(super) async fn thank(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(typed): Form<Thanks>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let gift = known(&mut app.db.read().await?, &id).await?;
    let back = format!("/staff/gifts/{}", gift.id);
    let thanked = typed.thanked == "yes";
    if thanked && gift.thanked_at.is_none() {
        acknowledge::mark(&app, &staff, &[gift.id], Some(Way::Person)).await?;
    } else if !thanked {
        acknowledge::wait_again(&app, &staff, &gift).await?;
    }
    let said = if thanked { "The gift is marked as thanked." } else { "The gift waits to be thanked again." };
    Ok(redirect_saying(back, Mood::Good, said))
}

/// Sends the letter with the receipt again. A gift whose receipt was refused gets one now, if the rules
/// let it.
pub(super) async fn resend(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    RawForm(_): RawForm,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let gift = known(&mut tx, &id).await?;
    let gift_id = gift.id.to_string();
    let back = format!("/staff/gifts/{gift_id}");
    let donor = donors::by_id(&mut tx, gift.donor_id).await?.ok_or(Error::NotFound)?;
    let Some(email) = &donor.email else {
        return Err(Error::Conflict(
            "This donor has no e-mail address. Add one to the contact details, or print the receipt.".to_owned(),
        ));
    };
    let mut receipt = receipts::standing(&mut tx, &gift_id).await?;
    if receipt.is_none() {
        receipt = match project::acknowledge(&mut tx, &gift, &donor).await? {
            Ok(frozen) => receipts::issue(&mut tx, &gift_id, &frozen, now).await?,
            Err(refusal) => return Ok(redirect_saying(back, Mood::Warn, format!("No receipt can be issued. {refusal}"))),
        };
    }
    if gift.method != Method::Card {
        offline::thank(&app, &mut tx, &gift, &donor, receipt.as_ref()).await?;
    } else if gift.refunded.is_zero() {
        letters::thank(&app, &mut tx, &gift, &donor, receipt.as_ref()).await?;
    } else {
        letters::returned(&app, &mut tx, &gift, &donor, receipt.as_ref()).await?;
    }
    let number = receipt.map(|receipt| receipt.label());
    audit::record(&mut tx, &staff.actor(), "send_receipt", ("gift", &gift_id), None::<&()>, Some(&number), now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(back, Mood::Good, format!("The receipt is on its way to {email}.")))
}
