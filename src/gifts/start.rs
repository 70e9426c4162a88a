//! From a right form to the payment page: the gift and its key are committed before the payment
//! service is asked, so a crash, a second click or a silence in between makes neither two gifts nor half of one.
use super::{CampaignId, Frequency, Fund, Gift, GiftId, GiftState, Giving, Limit, TributeKind, queries, refresh};
use crate::{
    app::App,
    db::Tx,
    donors::{self, Giver},
    kernel::{Cents, Currency, Email, Timestamp, digest},
    payments::{CheckoutRequest, GatewayError},
    web::Error,
};
use std::net::IpAddr;

/// What somebody wants to give, read from the form and found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub giver: Giver,
    pub fund: Fund,
    pub campaign: Option<CampaignId>,
    pub source: Option<String>,
    pub frequency: Frequency,
    pub intended: Cents,
    pub covered_fee: Cents,
    pub currency: Currency,
    pub tribute: Option<(TributeKind, String)>,
    /// Not to be named in public.
    pub anonymous: bool,
}

impl Wish {
    /// Knows the form again that was sent twice: who sent it, after which gift, and everything on it.
    pub(super) fn submission(&self, sending: &Sending) -> String {
        digest(&format!("{}\n{:?}\n{self:?}", sending.who, sending.again))
    }
}

/// Who sends the form, and which gift they know that they give after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sending {
    who: String,
    again: Option<GiftId>,
    /// Where it comes from; `None` when staff let it through, and the limits are not asked.
    address: Option<IpAddr>,
}

impl Sending {
    /// A gift that was held back and that staff let through.
    pub(super) fn let_in(held: &str) -> Self {
        Self { who: format!("held {held}"), again: None, address: None }
    }

    /// A browser is known by its cookie; one that keeps none, by where it is.
    pub(super) fn new(browser: Option<String>, address: IpAddr, again: Option<GiftId>) -> Self {
        let who = browser.map_or_else(|| format!("address {}", network(address)), |cookie| format!("browser {cookie}"));
        Self { who, again, address: Some(address) }
    }
}

/// Where the donor goes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// To the payment page.
    Pay(String),
    /// Nowhere: this gift is paid already. Was another one meant?
    Given(Box<Gift>),
}

/// Why no payment page was opened.
#[derive(Debug)]
pub(super) enum NotStarted {
    /// Worth another try with the same form.
    Silent,
    /// The payment service said no, in these words.
    Refused(String),
    Error(Error),
}

impl<E: Into<Error>> From<E> for NotStarted {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

/// How long the same form from the same sender is taken for the same gift, or asked about.
const SAME_HOURS: i64 = 24;

/// Writes the gift down, or finds the one this form made already, and opens its payment page.
pub(super) async fn start(app: &App, giving: &Giving, wish: &Wish, sending: &Sending) -> Result<Next, NotStarted> {
    let submission = wish.submission(sending);
    let now = app.clock.now();
    let mut tx = app.db.read().await?;
    let before = queries::by_submission(&mut tx, &submission).await?;
    drop(tx);
    if let Some(gift) = &before {
        // It may be paid, and no webhook has told of it yet.
        refresh::look(app, gift).await;
    }
    let mut tx = app.db.write().await?;
    let mut known = queries::by_submission(&mut tx, &submission).await?;
    if let Some(gift) = &known {
        let paid = matches!(gift.state, GiftState::Settled | GiftState::Processing);
        if paid && now.seconds_since(gift.shown_at) < SAME_HOURS * 3_600 {
            return Ok(Next::Given(Box::new(gift.clone())));
        }
        if gift.state != GiftState::Open {
            queries::forget_submission(&mut tx, gift.id).await?;
            known = None;
        }
    }
    if known.is_none() {
        if let Some(address) = sending.address {
            within_limits(app, &mut tx, giving, wish, address, now).await?;
        }
        let donor = donors::upsert(&mut tx, &wish.giver, now).await?;
        queries::insert_open(&mut tx, GiftId::new(), donor, wish, &submission, app.config.is_live(), now).await?;
        known = queries::by_submission(&mut tx, &submission).await?;
    }
    tx.commit().await?;
    let gift = known.ok_or_else(|| Error::internal("a gift that was just written is not there"))?;
    open_page(app, gift, None).await
}

/// Opens the payment page of a gift that waits to be paid, or finds the one that is open.
/// The page is made out to the donor's address, or to `payer` when the donor has none.
pub(super) async fn open_page(app: &App, mut gift: Gift, payer: Option<&Email>) -> Result<Next, NotStarted> {
    let now = app.clock.now();
    match gift.state {
        GiftState::Settled | GiftState::Processing => return Ok(Next::Given(Box::new(gift))),
        GiftState::Open => {}
        GiftState::Failed | GiftState::Abandoned => gift = again(app, &gift).await?,
    }
    match (&gift.checkout_url, gift.checkout_until) {
        (Some(url), Some(until)) if until > now => return Ok(Next::Pay(url.clone())),
        (Some(_), _) => gift = again(app, &gift).await?,
        // The service forgets a key after a day; what it did with an old one is not known any more.
        (None, _) if now.seconds_since(gift.created_at) > 23 * 3_600 && gift.attempt == 1 => gift = again(app, &gift).await?,
        (None, _) => {}
    }
    let mut tx = app.db.read().await?;
    let donor = donors::by_id(&mut tx, gift.donor_id).await?.and_then(|donor| donor.email);
    let fund = queries::fund_by_id(&mut tx, gift.fund_id).await?.map(|fund| fund.name).unwrap_or_default();
    drop(tx);
    let email = donor
        .or_else(|| payer.cloned())
        .ok_or_else(|| Error::Conflict("This gift has no e-mail address; start again from the donate page.".to_owned()))?;
    let request = CheckoutRequest {
        gift: gift.id.to_string(),
        description: format!("Gift to {}: {fund}", app.coalition.get().short_name),
        email,
        // A visitor has not proven the address, so they never enter the payment service as somebody it knows.
        customer: None,
        charged: gift.charged,
        covered_fee: gift.covered_fee,
        currency: gift.currency,
        frequency: gift.frequency,
        success_url: app.url(&format!("{}?session={{CHECKOUT_SESSION_ID}}", thanks_path(app, gift.id))),
        cancel_url: app.url(&cancelled_path(app, gift.id)),
    };
    let key = format!("checkout-{}-{}", gift.id, gift.attempt);
    let answer = Box::pin(app.gateway.start_checkout(&key, &request)).await;
    match answer {
        Ok(page) => {
            let mut tx = app.db.write().await?;
            queries::set_checkout(&mut tx, gift.id, gift.attempt, &page).await?;
            tx.commit().await?;
            Ok(Next::Pay(page.url))
        }
        Err(GatewayError::Refused { code, message }) => {
            tracing::warn!(gift = %gift.id, code, "the payment service refused a checkout");
            let mut tx = app.db.write().await?;
            queries::refuse(&mut tx, gift.id, gift.attempt, &message).await?;
            tx.commit().await?;
            Err(NotStarted::Refused(message))
        }
        Err(error) => {
            tracing::error!(gift = %gift.id, error = &error as &dyn std::error::Error, "no checkout was opened");
            Err(NotStarted::Silent)
        }
    }
}

async fn again(app: &App, gift: &Gift) -> Result<Gift, NotStarted> {
    let mut tx = app.db.write().await?;
    queries::next_attempt(&mut tx, gift.id, gift.attempt).await?;
    let fresh = queries::by_id(&mut tx, gift.id).await?;
    tx.commit().await?;
    Ok(fresh.ok_or(Error::NotFound)?)
}

/// Refuses who asks for payment pages faster than people give: that is how stolen cards are tried.
async fn within_limits(
    app: &App,
    tx: &mut Tx,
    giving: &Giving,
    wish: &Wish,
    address: IpAddr,
    now: Timestamp,
) -> Result<(), Error> {
    queries::forget_counts(tx, now).await?;
    let subjects = [
        (giving.per_address, format!("address {}", network(address)), "Too many gifts were begun from your connection."),
        (giving.per_email, format!("email {}", wish.giver.email), "Too many gifts were begun with this e-mail address."),
        (giving.overall, "all".to_owned(), "More gifts are being made than we can take in at once."),
    ];
    for (Limit { most, seconds }, subject, what) in subjects {
        let seconds = seconds.max(1);
        let period = now.unix().div_euclid(seconds);
        let left = seconds - now.unix().rem_euclid(seconds);
        // A keyed code: who reads the table learns no address.
        let subject = app.keys.code("gift-limit", subject.as_bytes());
        if queries::count_up(tx, &subject, period, now.plus_seconds(left)).await? > most {
            let what = format!("{what} Nothing was charged. What you typed is still in your browser: go back to it then.");
            return Err(Error::TooMany { seconds: left, what });
        }
    }
    Ok(())
}

/// One household or office counts as one: the address itself, or the /64 an IPv6 user is given.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(four) => four.to_string(),
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or_else(|| format!("{:x?}", &six.segments()[..4]), |four| four.to_string()),
    }
}

const PAGES: &str = "gift-page";

fn token(app: &App, id: GiftId) -> String {
    format!("{id}.{}", app.keys.code(PAGES, id.to_string().as_bytes()))
}

/// The gift a page's address names, when the address is one of ours.
pub(super) fn gift_of_token(app: &App, token: &str) -> Option<GiftId> {
    let (id, code) = token.split_once('.')?;
    if app.keys.verify(PAGES, id.as_bytes(), code) { id.parse().ok() } else { None }
}

/// The page that thanks for a gift; nobody can guess its address.
pub fn thanks_path(app: &App, id: GiftId) -> String {
    format!("/donate/thanks/{}", token(app, id))
}

/// The page for a donor who came back from the payment page without paying.
pub fn cancelled_path(app: &App, id: GiftId) -> String {
    format!("/donate/cancelled/{}", token(app, id))
}
