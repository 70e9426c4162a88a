//! Gifts by hand, batches and pledges for whoever brings a coalition's past along: the same verbs that staff use.
use super::{
    FundId, GiftBatchId, GiftId, Method, batch,
    offline::{self, NotEntered, Payer, Wish},
    parts::Piece,
    pledge, queries,
};
use crate::{
    app::App,
    db::Tx,
    donors::DonorId,
    kernel::{Cents, Currency, Day},
    staff::Staff,
};

pub use offline::NotDone;
pub use pledge::{Promise, Rhythm};

/// A gift that came by hand.
#[derive(Debug, Clone)]
pub struct ByHand {
    pub donor: DonorId,
    pub method: Method,
    /// What is for which fund.
    pub funds: Vec<(FundId, Cents)>,
    pub currency: Currency,
    pub on: Day,
    /// The number of the check, what the bank's statement says.
    pub reference: Option<String>,
    /// Of what was given in kind, of the shares.
    pub description: Option<String>,
}

/// Enters a gift, with its entry, its receipt and the letter.
///
/// # Errors
/// The sentence says what is wrong with it.
pub async fn enter_by_hand(app: &App, tx: &mut Tx, staff: &Staff, gift: &ByHand) -> Result<GiftId, String> {
    let wish = Wish {
        id: GiftId::new(),
        payer: Payer::Known(gift.donor),
        method: gift.method,
        amount: gift.funds.iter().map(|(_, amount)| *amount).sum(),
        currency: gift.currency,
        received_on: gift.on,
        pieces: gift.funds.iter().map(|(fund, amount)| Piece { fund: *fund, amount: *amount }).collect(),
        campaign: None,
        source: None,
        reference: gift.reference.clone(),
        description: gift.description.clone(),
        adviser: None,
        at_the_bank: false,
        another: false,
    };
    match offline::enter(app, tx, staff, &wish).await {
        Ok(entered) => Ok(entered.gift.id),
        Err(NotEntered::Like(other)) => Err(format!("it looks like the gift {}", other.id)),
        Err(NotEntered::NotDone(reason)) => Err(reason.to_string()),
    }
}

/// Opens a batch of so many checks that come to so much, and puts gifts into it that are entered already.
///
/// # Errors
/// When the database does not answer, or somebody opens one at the same moment.
pub async fn open_batch(
    app: &App,
    tx: &mut Tx,
    staff: &Staff,
    (day, count, total, currency): (Day, i64, Cents, Currency),
    gifts: &[GiftId],
) -> Result<GiftBatchId, NotDone> {
    let batch = batch::open_for(app, tx, staff, (day, count, total, currency)).await?;
    for gift in gifts {
        queries::batch::put_into(tx, *gift, batch.id).await?;
    }
    Ok(batch.id)
}

/// Closes a batch: one deposit in the books.
///
/// # Errors
/// [`NotDone::Impossible`] when what was entered is not what was counted.
pub async fn close_batch(app: &App, tx: &mut Tx, staff: &Staff, id: GiftBatchId) -> Result<(), NotDone> {
    batch::close_agreed(app, tx, staff, id).await.map(drop)
}

/// Writes a pledge down, fulfilled so far by these gifts.
///
/// # Errors
/// When the database does not answer.
pub async fn promise(
    app: &App,
    tx: &mut Tx,
    staff: &Staff,
    (promise, donor): (&Promise, &str),
    gifts: &[GiftId],
) -> sqlx::Result<()> {
    let id = pledge::write_down(app, tx, staff, (promise, donor), (None, String::new(), true)).await?;
    for gift in gifts {
        queries::pledge::apply(tx, id, *gift, app.clock.now()).await?;
    }
    Ok(())
}
