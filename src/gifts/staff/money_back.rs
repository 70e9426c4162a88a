//! The refund's own page: what will happen, how much, and then the act.
use super::{filter::Much, gift::known};
use crate::{
    app::App,
    donors::{self, Donor},
    gifts::{
        Gift,
        queries::open_refund_request,
        refund::{self, NotRefunded, RefundRequest},
    },
    kernel::Cents,
    receipts::{self, Receipt},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, notice, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::html;

#[derive(Debug, serde::Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    much: String,
    #[serde(default)]
    amount: String,
}

struct Before {
    gift: Gift,
    donor: Donor,
    receipt: Option<Receipt>,
    open: Option<RefundRequest>,
}

impl Before {
    async fn read(app: &App, id: &str) -> Result<Self, Error> {
        let mut tx = app.db.read().await?;
        let gift = known(&mut tx, id).await?;
        let before = Self {
            donor: donors::by_id(&mut tx, gift.donor_id).await?.ok_or(Error::NotFound)?,
            receipt: receipts::standing(&mut tx, &gift.id.to_string()).await?,
            open: open_refund_request(&mut tx, gift.id).await?,
            gift,
        };
        if before.gift.payment.is_none() || !refund::left(&before.gift).is_positive() {
            return Err(Error::Conflict("Nothing of this gift can be refunded: no money of it is with us.".to_owned()));
        }
        Ok(before)
    }
}

pub(super) async fn page(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let draft = match &before.open {
        Some(open) => Draft::of([("much", "part".to_owned()), ("amount", open.amount.plain(before.gift.currency))]),
        None => Draft::of([("much", "whole".to_owned())]),
    };
    Ok(question(&before, &draft, &csrf))
}

pub(super) async fn refund(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let (gift, left) = (&before.gift, refund::left(&before.gift));
    let mut draft = Draft::default();
    draft.keep("amount", &typed.amount);
    let amount = match draft.read::<Much>("much", &typed.much) {
        Some(Much::Whole) => Some(left),
        Some(Much::Part) => match Cents::parse(&typed.amount, gift.currency) {
            Ok(amount) if amount <= left => Some(amount),
            Ok(_) => {
                draft.reject("amount", format!("Enter {} or less: no more is left of this gift", left.of(gift.currency)));
                None
            }
            Err(reason) => {
                draft.reject("amount", reason.to_string());
                None
            }
        },
        None => None,
    };
    let Some(amount) = amount else {
        return Err(Draft::refuse(question(&before, &draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let back = format!("/staff/gifts/{}", gift.id);
    match Box::pin(refund::refund(&app, &staff, gift.id, amount)).await {
        Ok(()) => Ok(redirect_saying(
            back,
            Mood::Good,
            format!("{} is on its way back to {}.", amount.of(gift.currency), before.donor.name),
        )),
        Err(NotRefunded::Database(error)) => Err(error.into()),
        Err(reason @ NotRefunded::Silent) => Err(Error::Unavailable(reason.to_string())),
        Err(reason) => Err(Error::Conflict(reason.to_string())),
    }
}

fn question(before: &Before, draft: &Draft, csrf: &Csrf) -> Page {
    let Before { gift, donor, receipt, open } = before;
    let left = refund::left(gift).of(gift.currency);
    let back = format!("/staff/gifts/{}", gift.id);
    let card = gift.card.as_deref().unwrap_or("the card it came from");
    Page::staff(
        format!("Refund the gift of {}", gift.charged()),
        html! {
            (error_summary(draft))
            @if let Some(open) = open {
                (notice("warn", &html! { p {
                    "A refund of " (open.amount.of(gift.currency)) " was asked for and the payment service has not said what came of it. Ask for the same amount again to find out; nothing is refunded twice."
                } }))
            }
            h2 { "What will happen" }
            ul {
                li { (donor.name) " gets the money back on " (card) ". Banks take five to ten days to show it." }
                @if let Some(receipt) = receipt { li { "Receipt " (receipt.label()) " becomes void. When a part of the gift stays, a new receipt takes its place." } }
                @if let Some(email) = &donor.email { li { "A mail to " (email) " says so." } }
                li { "The payment service keeps its fee" @if let Some(fee) = gift.processor_fee { " of " (fee.of(gift.currency)) } "." }
                @if gift.recurring_id.is_some() { li { "The recurring gift goes on. This refund is of one payment only." } }
                li { "It can’t be undone: the donor would have to give again." }
            }
            form method="post" action={ (back) "/refund" } novalidate {
                (csrf.field())
                (field("much", "How much goes back?").radios(draft, &[
                    ("whole", format!("All that is left, {left}"), None),
                    ("part", "A part of it".to_owned(), None),
                ]))
                (Field { optional: true, width: "short", inputmode: Some("decimal"), autocomplete: Some("off"),
                    hint: Some("Only when a part goes back."), ..field("amount", "Amount") }.input(draft))
                div.actions { button.danger { "Refund" } a href=(back) { "Leave the gift as it is" } }
            }
        },
    )
    .crumb("Gifts", "/staff/gifts")
    .crumb(format!("Gift of {}", gift.charged()), back)
}
