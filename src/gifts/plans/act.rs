//! What is typed about a recurring gift, read; and a wish done, with the sentence that follows.
use super::{NotDone, Seat, Wish, after_a_pause, wish};
use crate::{
    app::App,
    gifts::{Giving, RecurringGift},
    kernel::{Cents, Zone},
    payments::Split,
    web::{self, Draft, Error, Mood},
};
use axum::response::Response;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::gifts) struct Amount {
    amount: String,
    cover: Option<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::gifts) struct Pause {
    first: String,
}

/// A button.
#[derive(serde::Deserialize)]
pub(in crate::gifts) struct Act {}

/// The amount within the limits of the donate page, and the fee that is covered on top.
pub(in crate::gifts) fn read_amount(giving: &Giving, plan: &RecurringGift, typed: &Amount) -> Result<Wish, Draft> {
    let mut draft = Draft::default();
    draft.keep("amount", &typed.amount);
    if typed.cover.is_some() {
        draft.keep("cover", "yes");
    }
    let (least, most) = if giving.currency == plan.currency { (giving.least, giving.most) } else { (Cents::new(1), Cents::MOST) };
    match Cents::parse(&typed.amount, plan.currency) {
        Ok(amount) if amount < least => draft.reject("amount", format!("Enter {} or more", least.of(plan.currency).short())),
        Ok(amount) if plan.currency.decimals() == 3 && amount.get() % 10 != 0 => {
            draft.reject("amount", "End the amount in 0: cards are not charged the smallest coin of this currency");
        }
        Ok(amount) if amount > most => draft.reject("amount", format!("Enter {} or less", most.of(plan.currency).short())),
        Ok(intended) => {
            let fees = Giving { currency: plan.currency, ..giving.clone() };
            let covered_fee = if typed.cover.is_some() { fees.cover(intended) } else { Cents::ZERO };
            if intended + covered_fee <= Cents::MOST {
                return Ok(Wish::Amount(Split { intended, covered_fee }));
            }
            draft.reject("amount", "With the fee, this is more than a card can be charged. Enter a smaller amount");
        }
        Err(reason) => draft.reject("amount", reason.to_string()),
    }
    Err(draft)
}

/// The day of the first payment after the pause, as one of those that are offered.
pub(in crate::gifts) fn read_pause(plan: &RecurringGift, zone: &Zone, typed: &Pause) -> Result<Wish, Draft> {
    let chosen = after_a_pause(plan, zone).into_iter().find(|(_, day)| day.to_string() == typed.first);
    // Half a day before, the bill that was due last is void already, and the chosen one is not made yet.
    chosen.map(|(at, _)| Wish::Pause(at.plus_hours(-12))).ok_or_else(|| {
        let mut draft = Draft::default();
        draft.reject("first", "Choose the day of the first payment after the pause");
        draft
    })
}

/// Does it, and goes back with what came of it.
pub(in crate::gifts) async fn do_it(app: &App, seat: &Seat, what: Wish) -> Result<Response, Error> {
    let back = seat.home.1.clone();
    let said = match (&what, seat.is_staff) {
        (Wish::Amount(_), _) => "The new amount is charged from the next payment on.",
        (Wish::Pause(_), _) => "The recurring gift is paused.",
        (Wish::Resume, _) => "The pause is over.",
        (Wish::Stop, false) => "Your recurring gift is stopped. Nothing more is charged.",
        (Wish::Stop, true) => "The recurring gift is stopped. Nothing was refunded, and the donor is told by mail.",
        (Wish::Keep, _) => "The recurring gift goes on.",
    };
    match Box::pin(wish(app, seat.plan.id, what, &seat.actor)).await {
        Ok(true) => Ok(web::redirect_saying(back, Mood::Good, said)),
        Ok(false) => Ok(web::redirect_saying(back, Mood::Good, "Nothing was changed: it stands so already.")),
        Err(NotDone::Database(error)) => Err(error.into()),
        Err(reason @ NotDone::Silent) => Err(Error::Unavailable(reason.to_string())),
        Err(reason) => Err(Error::Conflict(reason.to_string())),
    }
}

/// To the payment service's own page, made for this click and kept nowhere.
pub(in crate::gifts) async fn card(app: &App, seat: &Seat) -> Result<Response, Error> {
    let back = app.url(&seat.home.1);
    let url = app.gateway.portal(&seat.plan.customer, &back).await.map_err(|error| {
        tracing::error!(plan = %seat.plan.id, error = &error as &dyn std::error::Error, "a donor could not change the card");
        Error::Unavailable(NotDone::Silent.to_string())
    })?;
    Ok(web::redirect(url))
}
