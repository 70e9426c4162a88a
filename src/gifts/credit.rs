//! Soft credits: who else a gift is owed to. They stand beside what somebody gave and are counted nowhere. It refuses a
//! credit to the donor of the gift, one above the gift, and the same one twice.
use super::{CreditId, Gift, queries};
use crate::{
    app::App,
    audit,
    donors::DonorId,
    kernel::{Cents, Currency, Day, words},
    staff::Staff,
    web::Error,
};

words! {
    /// Why a gift is owed to somebody else, too.
    pub enum CreditKind {
        Solicitor = "solicitor", "Asked for it";
        Adviser = "adviser", "Adviser of a donor-advised fund";
        Household = "household", "Household partner";
        Other = "other", "Other";
    }
}

/// A soft credit with whoever it joins: on a gift's page the credited donor, on a donor's page the giver.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Credit {
    pub id: CreditId,
    pub gift_id: super::GiftId,
    pub donor_id: DonorId,
    /// Of the other side.
    pub name: String,
    pub kind: CreditKind,
    pub amount: Cents,
    pub currency: Currency,
    pub given_on: Option<Day>,
    pub note: String,
}

/// What is to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub donor: DonorId,
    pub kind: CreditKind,
    pub amount: Cents,
    pub note: String,
}

pub(super) async fn add(app: &App, staff: &Staff, gift: &Gift, wanted: &Wanted) -> Result<Result<(), &'static str>, Error> {
    if wanted.donor == gift.donor_id {
        return Ok(Err("This donor gave the gift: a soft credit is for somebody else"));
    }
    let now = app.clock.now();
    let id = CreditId::new();
    let mut tx = app.db.write().await?;
    if !queries::insert_credit(&mut tx, id, gift.id, wanted, &staff.name, now).await? {
        return Ok(Err("This donor has a credit of this kind for the gift already"));
    }
    let told = serde_json::json!({ "donor": wanted.donor, "kind": wanted.kind, "amount": wanted.amount, "note": wanted.note });
    audit::record(&mut tx, &staff.actor(), "credit", ("gift", &gift.id.to_string()), None::<&()>, Some(&told), now).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Takes a credit away from a gift.
pub(super) async fn remove(app: &App, staff: &Staff, gift: &Gift, id: CreditId) -> Result<(), Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let credits = queries::credits_of_gift(&mut tx, gift.id).await?;
    let credit = credits.iter().find(|credit| credit.id == id).ok_or(Error::NotFound)?;
    queries::delete_credit(&mut tx, id).await?;
    let told = serde_json::json!({ "donor": credit.donor_id, "kind": credit.kind, "amount": credit.amount, "note": credit.note });
    audit::record(&mut tx, &staff.actor(), "take_credit_away", ("gift", &gift.id.to_string()), Some(&told), None::<&()>, now)
        .await?;
    tx.commit().await?;
    Ok(())
}
