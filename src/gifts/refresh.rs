//! Looks at the payment service's objects again and puts our gifts where they say.
//!
//! Whatever told us (a webhook, the thanks page, the nightly comparison), the object is fetched fresh
//! with no transaction open, and then all that follows from it is written in one, unless another has
//! written of the object since it was asked for: then it is asked for again. Each function may be
//! called as often as one likes, in any order, from anywhere and by several at once (<https://docs.stripe.com/checkout/fulfillment>).
use super::{
    FraudWarning, Gift, GiftId, GiftState, WarningId, plans,
    project::{self, Told},
    queries,
};
use crate::{
    app::App,
    books::BooksError,
    fresh::Asked,
    payments::{CheckoutState, GatewayError, Subscription},
};
use std::time::Duration;

/// What looking again has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// A sentence for staff; `None` when all was as we had it, or the object is not of a gift of ours.
    pub what: Option<String>,
}

/// Why looking again did not end well.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Books(BooksError),
    /// The payment service's object and our gift contradict each other; a person must look.
    #[error("{0}")]
    Contradiction(String),
    /// Others wrote of the object each time while it was asked for.
    #[error("what is being looked at changes too fast")]
    Overtaken,
}

impl From<BooksError> for RefreshError {
    fn from(error: BooksError) -> Self {
        match error {
            BooksError::Database(error) => Self::Database(error),
            error => Self::Books(error),
        }
    }
}

impl RefreshError {
    /// Whether trying again later may help.
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Gateway(error) => error.is_temporary(),
            Self::Database(_) | Self::Overtaken => true,
            Self::Books(_) | Self::Contradiction(_) => false,
        }
    }
}

type Outcome = Result<Refreshed, RefreshError>;
/// `None` when another has written of the object meanwhile: this answer may be the older one.
type Once = Result<Option<Refreshed>, RefreshError>;

/// Each try that is lost means that another's was written.
const MOST_TRIES: u32 = 8;

/// Asks again until the answer is written.
macro_rules! until_written {
    ($once:expr) => {{
        for _ in 0..MOST_TRIES {
            if let Some(refreshed) = $once.await? {
                return Ok(refreshed);
            }
        }
        Err(RefreshError::Overtaken)
    }};
}

/// A payment page (`cs_…`).
pub async fn refresh_checkout(app: &App, id: &str) -> Outcome {
    until_written!(checkout(app, id))
}

async fn checkout(app: &App, id: &str) -> Once {
    let mut asked = Asked::default();
    asked.before(&app.db, id).await?;
    let checkout = app.gateway.checkout(id).await?;
    let Some(gift) = find(app, checkout.gift.as_deref(), &[id]).await? else { return Ok(Some(Refreshed::default())) };
    match (checkout.state, &checkout.subscription, &checkout.payment) {
        (CheckoutState::Expired, ..) => {
            let mut tx = app.db.write().await?;
            if !asked.claim(&mut tx).await? {
                return Ok(None);
            }
            let abandoned = queries::abandon(&mut tx, gift.id, id).await?;
            tx.commit().await?;
            Ok(Some(Refreshed { what: abandoned.then(|| format!("The gift of {} was not completed.", gift.charged())) }))
        }
        (CheckoutState::Complete, Some(subscription), _) => match &checkout.invoice {
            Some(bill) => invoice(app, bill, true).await,
            None => refresh_subscription(app, subscription).await.map(Some),
        },
        (CheckoutState::Complete, None, Some(payment)) => {
            asked.before(&app.db, payment).await?;
            let told = ask(app, payment, Some(&gift), false).await?;
            write(app, &asked, gift.id, &told, true).await
        }
        (CheckoutState::Open, ..) | (CheckoutState::Complete, None, None) => Ok(Some(Refreshed::default())),
    }
}

/// How long a page waits for the payment service before it shows what is known.
const LONGEST_LOOK: Duration = Duration::from_secs(4);

/// Looks at the checkout of a gift that is not settled. A silence is no reason to show no page.
pub(super) async fn look(app: &App, gift: &Gift) {
    let waits = !matches!(gift.state, GiftState::Settled | GiftState::Failed);
    let Some(checkout) = gift.checkout.as_deref().filter(|_| waits) else { return };
    match tokio::time::timeout(LONGEST_LOOK, refresh_checkout(app, checkout)).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::warn!(gift = %gift.id, error = &error as &dyn std::error::Error, "a checkout could not be looked at");
        }
        Err(_) => tracing::warn!(gift = %gift.id, "the payment service is slow, a page is shown without its word"),
    }
}

/// A payment (`pi_…`).
pub async fn refresh_payment(app: &App, id: &str) -> Outcome {
    until_written!(payment(app, id, false))
}

/// A payment with every refund and dispute of it.
async fn refresh_whole_payment(app: &App, id: &str) -> Outcome {
    until_written!(payment(app, id, true))
}

/// A charge (`ch_…`), with what went back of it.
pub async fn refresh_charge(app: &App, id: &str) -> Outcome {
    match Box::pin(app.gateway.charge(id)).await?.id {
        Some(payment) => refresh_whole_payment(app, &payment).await,
        None => Ok(Refreshed::default()),
    }
}

/// A refund (`re_…`), with every other of its payment.
pub async fn refresh_refund(app: &App, id: &str) -> Outcome {
    let refund = app.gateway.refund(id).await?;
    match (refund.payment, refund.charge) {
        (Some(payment), _) => refresh_whole_payment(app, &payment).await,
        (None, Some(charge)) => refresh_charge(app, &charge).await,
        (None, None) => Ok(Refreshed::default()),
    }
}

/// A dispute (`dp_…`), with every other of its payment.
pub async fn refresh_dispute(app: &App, id: &str) -> Outcome {
    let dispute = app.gateway.dispute(id).await?;
    match dispute.payment {
        Some(payment) => refresh_whole_payment(app, &payment).await,
        None => refresh_charge(app, &dispute.charge).await,
    }
}

/// An early fraud warning (`issfr_…`).
pub async fn refresh_warning(app: &App, id: &str) -> Outcome {
    until_written!(warning(app, id))
}

async fn warning(app: &App, id: &str) -> Once {
    let mut asked = Asked::default();
    asked.before(&app.db, id).await?;
    let told = app.gateway.fraud_warning(id).await?;
    let mut ids = vec![told.charge.as_str()];
    ids.extend(told.payment.as_deref());
    let mut gift = find(app, None, &ids).await?;
    if gift.is_none() {
        // The warning may come before anything told of its payment.
        Box::pin(refresh_charge(app, &told.charge)).await?;
        gift = find(app, None, &ids).await?;
    }
    let Some(gift) = gift else { return Ok(Some(Refreshed::default())) };
    let mut tx = app.db.write().await?;
    if !asked.claim(&mut tx).await? {
        return Ok(None);
    }
    let row = FraudWarning {
        id: WarningId::new(),
        gift_id: gift.id,
        warning: told.id.clone(),
        kind: told.kind.clone(),
        actionable: told.actionable,
        at: told.at,
    };
    let changed = queries::put_warning(&mut tx, &row, &told).await?;
    tx.commit().await?;
    let what =
        if told.actionable { "A bank warns of fraud with" } else { "No refund is needed any more for the fraud warned of with" };
    Ok(Some(Refreshed { what: changed.then(|| format!("{what} the gift of {}.", gift.charged())) }))
}

/// A subscription (`sub_…`).
pub async fn refresh_subscription(app: &App, id: &str) -> Outcome {
    until_written!(subscription(app, id))
}

async fn subscription(app: &App, id: &str) -> Once {
    let mut asked = Asked::default();
    asked.before(&app.db, id).await?;
    let Some(told) = if_ours(app, id, app.gateway.subscription(id).await).await? else { return Ok(Some(Refreshed::default())) };
    let mut tx = app.db.write().await?;
    if !asked.claim(&mut tx).await? {
        return Ok(None);
    }
    let (_, what) = project::plan(app, &mut tx, &told).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(Some(Refreshed { what }))
}

/// Everything recurring that a customer (`cus_…`) pays: the card may be another.
pub async fn refresh_customer(app: &App, id: &str) -> Outcome {
    let plans = queries::plans_of(&mut app.db.read().await?, "customer", &[id]).await?;
    let mut said = Vec::new();
    for plan in plans.iter().filter(|plan| plans::goes_on(plan)) {
        said.extend(Box::pin(refresh_subscription(app, &plan.subscription)).await?.what);
    }
    Ok(Refreshed { what: (!said.is_empty()).then(|| said.join(" ")) })
}

/// One bill of a subscription (`in_…`): paid, it is a gift; the first one is the gift of the form.
pub async fn refresh_invoice(app: &App, id: &str) -> Outcome {
    until_written!(invoice(app, id, false))
}

/// `complete` says that the donor is done with the payment page.
async fn invoice(app: &App, id: &str, complete: bool) -> Once {
    let mut asked = Asked::default();
    asked.before(&app.db, id).await?;
    let invoice = app.gateway.invoice(id).await?;
    let Some(subscription) = &invoice.subscription else { return Ok(Some(Refreshed::default())) };
    asked.before(&app.db, subscription).await?;
    let told = app.gateway.subscription(subscription).await;
    let Some(subscription) = if_ours(app, subscription, told).await? else { return Ok(Some(Refreshed::default())) };
    let refusal = match &invoice.payment {
        Some(payment) if !invoice.paid && !invoice.is_first && invoice.attempts > 0 => {
            app.gateway.payment(payment).await?.failure
        }
        _ => None,
    };
    let told = match &invoice.payment {
        // A first bill that is not paid waits for a bank, or the bank has said no.
        Some(payment) if invoice.paid || invoice.is_first => {
            let gift = find(app, None, &[id, payment]).await?;
            asked.before(&app.db, payment).await?;
            Some(ask(app, payment, gift.as_ref(), false).await?)
        }
        _ => None,
    };
    let mut tx = app.db.write().await?;
    if !asked.claim(&mut tx).await? {
        return Ok(None);
    }
    let what = project::invoice(app, &mut tx, &invoice, &subscription, told.as_ref(), refusal.as_deref(), complete).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(Some(Refreshed { what }))
}

/// What can't be said in our words and is no recurring gift of ours is another program's affair: one that comes every
/// week, say.
async fn if_ours(app: &App, id: &str, told: Result<Subscription, GatewayError>) -> Result<Option<Subscription>, RefreshError> {
    match told {
        Err(GatewayError::Unreadable(_)) if queries::plan_of(&mut app.db.read().await?, id).await?.is_none() => Ok(None),
        told => Ok(Some(told?)),
    }
}

async fn payment(app: &App, id: &str, everything: bool) -> Once {
    let mut asked = Asked::default();
    asked.before(&app.db, id).await?;
    let gift = find(app, None, &[id]).await?;
    let told = ask(app, id, gift.as_ref(), everything).await?;
    let mut ids = vec![id];
    ids.extend(told.payment.charge.as_deref());
    let gift = match gift {
        Some(gift) => Some(gift),
        None => find(app, told.payment.gift.as_deref(), &ids).await?,
    };
    match gift {
        Some(gift) => write(app, &asked, gift.id, &told, false).await,
        // Of another program on the same account, or of a renewal whose invoice is not told yet.
        None => Ok(Some(Refreshed::default())),
    }
}

async fn write(app: &App, asked: &Asked, id: GiftId, told: &Told, complete: bool) -> Once {
    let mut tx = app.db.write().await?;
    if !asked.claim(&mut tx).await? {
        return Ok(None);
    }
    let what = project::payment(app, &mut tx, id, told, complete).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(Some(Refreshed { what }))
}

/// The gift that our own id names, or one of the service's.
async fn find(app: &App, ours: Option<&str>, theirs: &[&str]) -> Result<Option<Gift>, RefreshError> {
    let mut tx = app.db.read().await?;
    if let Some(id) = ours.and_then(|id| id.parse().ok())
        && let Some(gift) = queries::by_id(&mut tx, id).await?
    {
        return Ok(Some(gift));
    }
    for id in theirs {
        if let Some(id) = queries::by_gateway_id(&mut tx, id).await? {
            return Ok(queries::by_id(&mut tx, id).await?);
        }
    }
    Ok(None)
}

/// Asks for a payment, and for what went back of it when there may be something.
async fn ask(app: &App, id: &str, known: Option<&Gift>, everything: bool) -> Result<Told, GatewayError> {
    let payment = app.gateway.payment(id).await?;
    let refunds = everything || payment.refunded.is_positive() || known.is_some_and(|gift| gift.refunded.is_positive());
    let disputes = everything || payment.disputed || known.is_some_and(|gift| gift.disputed);
    Ok(Told {
        refunds: if refunds { app.gateway.refunds_of(id).await? } else { Vec::new() },
        disputes: if disputes { app.gateway.disputes_of(id).await? } else { Vec::new() },
        payment,
    })
}
