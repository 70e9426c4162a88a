//! Gifts that are held back before anything is asked of the payment service: a field that people leave empty was
//! filled in, the form came back faster than people read, or more was asked for than the limits allow. The sender
//! reads a sentence and never which of these it was; staff read it, and let the gift through by a new link or discard
//! it. It refuses to keep more than a day's worth, so that a flood fills nothing.
use super::{
    GiftId, Giving, HeldId, Wish,
    form::{self, Known, Typed},
    queries,
    start::{self, Next, NotStarted, Sending},
};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Cents, Currency, Email, Timestamp, digest, words},
    links::{self, LinkError},
    mail::{self, Class, letter},
    staff::Staff,
    web::{Draft, Error},
};

words! {
    /// Why a gift was held back; for staff alone.
    pub enum Reason {
        Trap = "trap", "A field that people leave empty was filled in";
        TooFast = "too_fast", "The form came back faster than people read it";
        Limit = "limit", "More gifts were begun than the limits allow";
    }
}

words! {
    /// What became of it.
    pub enum HeldState {
        Held = "held", "Held back";
        LetThrough = "let_through", "Let through, not given yet";
        Given = "given", "Let through and begun";
        Discarded = "discarded", "Discarded";
    }
}

/// One row of `held_gift`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Held {
    pub id: HeldId,
    pub reason: Reason,
    pub name: String,
    pub email: Email,
    pub amount: Cents,
    pub currency: Currency,
    /// JSON, as it was typed.
    pub form: String,
    pub at: Timestamp,
    pub state: HeldState,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<String>,
    pub gift_id: Option<GiftId>,
}

/// So many are kept of one day; what comes after is turned away as before and written down nowhere.
const MOST_A_DAY: i64 = 200;
/// How long they are kept: they are people's names and addresses.
const DAYS: i64 = 60;
/// How long the link works that lets a gift through.
const LINK_DAYS: i64 = 14;
const LINK: &str = "held-gift";

/// Why the limits are not asked: the field that is a trap, and the time since the page was opened.
pub(super) fn suspicion(typed: &Typed, giving: &Giving, opened: Option<Timestamp>, now: Timestamp) -> Option<Reason> {
    if !typed.website.is_empty() {
        return Some(Reason::Trap);
    }
    // A browser that keeps no cookie tells no time, and is not held for that.
    opened.filter(|opened| now.seconds_since(*opened) < giving.fastest).map(|_| Reason::TooFast)
}

/// Keeps a form that is right and is held back all the same.
pub(super) async fn hold(app: &App, typed: &Typed, wish: &Wish, reason: Reason) -> Result<(), Error> {
    let now = app.clock.now();
    let form = serde_json::to_string(typed).map_err(Error::internal)?;
    let held = Held {
        id: HeldId::new(),
        reason,
        name: wish.giver.name.clone(),
        email: wish.giver.email.clone(),
        amount: wish.intended + wish.covered_fee,
        currency: wish.currency,
        at: now,
        state: HeldState::Held,
        decided_at: None,
        decided_by: None,
        gift_id: None,
        form,
    };
    let mut tx = app.db.write().await?;
    if queries::held_since(&mut tx, now.plus_days(-1)).await? < MOST_A_DAY {
        let same = digest(&format!("{}\n{}", app.coalition.get().zone().day(now), held.form));
        queries::insert_held(&mut tx, &held, &same).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Mails the person a link that goes on where they were stopped.
pub(super) async fn let_through(app: &App, staff: &Staff, id: HeldId) -> Result<Email, Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let held = queries::held_by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    decide(&mut tx, staff, &held, HeldState::LetThrough, now).await?;
    let token = links::issue(&mut tx, &app.keys, LINK, &id.to_string(), now, now.plus_days(LINK_DAYS)).await?;
    let amount = held.amount.of(held.currency);
    let coalition = app.coalition.get();
    let words = letter(format!("Your gift of {}", amount.short()))
        .line(format!("Dear {},", held.name))
        .line(format!(
            "You wanted to give {amount} to {}. We looked at your gift before it went on to the payment, which we do now and then. Nothing was charged. Thank you for waiting.",
            coalition.name
        ))
        .link("Continue to payment", app.url(&format!("/donate/held/{token}")))
        .line(format!("The link works until {}. If you do not want to give any more, you need to do nothing.", coalition.zone().day(now.plus_days(LINK_DAYS)).words()))
        .sign(&coalition.name);
    mail::send(&mut tx, &held.email, Class::Transactional, ("held_gift", &id.to_string()), &words, now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(held.email)
}

/// Turns a held gift away for good.
pub(super) async fn discard(app: &App, staff: &Staff, id: HeldId) -> Result<(), Error> {
    let mut tx = app.db.write().await?;
    let held = queries::held_by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    decide(&mut tx, staff, &held, HeldState::Discarded, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn decide(tx: &mut Tx, staff: &Staff, held: &Held, state: HeldState, now: Timestamp) -> Result<(), Error> {
    if !queries::decide_held(tx, held.id, state, &staff.name, now).await? {
        return Err(Error::Conflict("Somebody has decided about this gift already.".to_owned()));
    }
    let action = if state == HeldState::LetThrough { "let_through" } else { "discard" };
    audit::record(tx, &staff.actor(), action, ("held_gift", &held.id.to_string()), None::<&()>, Some(&held.reason), now).await?;
    Ok(())
}

/// The held gift that a link opens.
pub(super) async fn opened(app: &App, token: &str) -> Result<Held, Error> {
    let mut tx = app.db.read().await?;
    let id = links::open(&mut tx, &app.keys, LINK, token, app.clock.now()).await?.map_err(gone)?;
    let id = id.parse().map_err(|_| Error::NotFound)?;
    queries::held_by_id(&mut tx, id).await?.filter(|held| held.state != HeldState::Discarded).ok_or(Error::NotFound)
}

fn gone(why: LinkError) -> Error {
    match why {
        LinkError::Unknown => Error::NotFound,
        why => Error::Gone(format!("{why} You can give on the donate page at any time.")),
    }
}

/// Goes on with a gift that was let through: its form is read anew, for funds and amounts may have changed.
pub(super) async fn go_on(app: &App, held: &Held, giving: &Giving) -> Result<Result<Next, Draft>, NotStarted> {
    let mut typed: Typed = serde_json::from_str(&held.form).map_err(Error::internal)?;
    typed.website.clear();
    let mut tx = app.db.read().await?;
    let known = Known {
        fund: queries::open_fund(&mut tx, &typed.fund).await?,
        campaign: queries::campaign_by_slug(&mut tx, &typed.campaign).await?,
    };
    drop(tx);
    // Its writer was asked about the address before.
    typed.email_asked = held.email.to_string();
    let wish = match form::read(&typed, known, giving) {
        Ok(wish) => wish,
        Err(draft) => return Ok(Err(draft)),
    };
    let sending = Sending::let_in(&held.id.to_string());
    let next = Box::pin(start::start(app, giving, &wish, &sending)).await?;
    let mut tx = app.db.write().await?;
    if let Some(gift) = queries::by_submission(&mut tx, &wish.submission(&sending)).await? {
        queries::begin_held(&mut tx, held.id, gift.id).await?;
    }
    tx.commit().await?;
    Ok(Ok(next))
}

/// Forgets what was held long ago.
pub(super) async fn sweep(tx: &mut Tx, now: Timestamp) -> sqlx::Result<()> {
    queries::forget_held(tx, now.plus_days(-DAYS)).await
}
