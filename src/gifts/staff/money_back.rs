//! The refund's own page: how much, what that changes, why, and then the act.
use super::{filter::Much, gift::known};
use crate::{
    app::App,
    donors::{self, Donor, DonorTotal},
    gifts::{
        Gift, disputes_of, parts,
        queries::open_refund_request,
        refund::{self, Because, NotRefunded, RefundRequest},
        returned::counted,
    },
    kernel::Cents,
    payments::RefundReason,
    receipts::{self, Receipt},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, notice, redirect_saying},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    much: String,
    amount: String,
    reason: String,
    note: String,
}

struct Before {
    gift: Gift,
    donor: Donor,
    /// Its fund, or its funds with what each has of it.
    fund: String,
    total: Option<DonorTotal>,
    receipt: Option<Receipt>,
    open: Option<RefundRequest>,
}

impl Before {
    async fn read(app: &App, id: &str) -> Result<Self, Error> {
        let mut tx = app.db.read().await?;
        let gift = known(&mut tx, id).await?;
        let totals = donors::totals_of(&mut tx, gift.donor_id).await?;
        let before = Self {
            donor: donors::by_id(&mut tx, gift.donor_id).await?.ok_or(Error::NotFound)?,
            fund: parts::words(&mut tx, &gift).await?,
            total: totals.into_iter().find(|total| total.currency == gift.currency),
            receipt: receipts::standing(&mut tx, &gift.id.to_string()).await?,
            open: open_refund_request(&mut tx, gift.id).await?,
            gift,
        };
        if before.gift.payment.is_none() || !refund::left(&before.gift).is_positive() {
            return Err(Error::Conflict("Nothing of this gift can be refunded: no money of it is with us.".to_owned()));
        }
        if disputes_of(&mut tx, before.gift.id).await?.iter().any(|dispute| dispute.withdrawn.is_positive()) {
            return Err(Error::Conflict(
                "The bank disputes this payment and holds its money until it decides; a refund would pay it twice.".to_owned(),
            ));
        }
        Ok(before)
    }

    /// The amount of the form, or the draft that says what is wrong with it.
    fn amount(&self, draft: &mut Draft, typed: &Typed) -> Option<Cents> {
        let (currency, left) = (self.gift.currency, refund::left(&self.gift));
        draft.keep("amount", &typed.amount);
        match draft.read::<Much>("much", &typed.much)? {
            Much::Whole => Some(left),
            Much::Part => match Cents::parse(&typed.amount, currency) {
                Ok(amount) if amount <= left => Some(amount),
                Ok(_) => {
                    draft.reject("amount", format!("Enter {} or less: no more is left of this gift", left.of(currency)));
                    None
                }
                Err(reason) => {
                    draft.reject("amount", reason.to_string());
                    None
                }
            },
        }
    }
}

/// Asked for with an amount, it shows what that amount changes; nothing is done by looking.
pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(mut asked): Query<Typed>,
    csrf: Csrf,
) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    if asked.much.is_empty() {
        if let Some(open) = &before.open {
            asked.much = Much::Part.to_string();
            asked.amount = open.amount.plain(before.gift.currency);
            asked.reason = open.reason.unwrap_or(RefundReason::Requested).to_string();
        } else {
            asked.much = Much::Whole.to_string();
        }
    }
    if asked.reason.is_empty() {
        asked.reason = RefundReason::Requested.to_string();
    }
    let mut draft = Draft::of([("reason", asked.reason.clone()), ("note", asked.note.clone())]);
    let amount = before.amount(&mut draft, &asked);
    Ok(question(&before, &draft, amount, &csrf))
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
    let gift = &before.gift;
    let mut draft = Draft::default();
    let amount = before.amount(&mut draft, &typed);
    let reason = draft.read::<RefundReason>("reason", &typed.reason);
    let note = draft.optional_text("note", &typed.note, 1_000);
    let (Some(sum), Some(reason), Some(note)) = (amount, reason, note) else {
        return Err(Draft::refuse(question(&before, &draft, amount, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let back = format!("/staff/gifts/{}", gift.id);
    match Box::pin(refund::refund(&app, &staff, gift.id, sum, &Because { reason, note })).await {
        Ok(()) => Ok(redirect_saying(
            back,
            Mood::Good,
            format!("{} is on its way back to {}.", sum.of(gift.currency), before.donor.name),
        )),
        Err(NotRefunded::Database(error)) => Err(error.into()),
        Err(reason @ NotRefunded::Silent) => Err(Error::Unavailable(reason.to_string())),
        Err(reason) => Err(Error::Conflict(reason.to_string())),
    }
}

fn question(before: &Before, draft: &Draft, amount: Option<Cents>, csrf: &Csrf) -> Page {
    let Before { gift, open, .. } = before;
    let left = refund::left(gift).of(gift.currency);
    let back = format!("/staff/gifts/{}", gift.id);
    let path = format!("{back}/refund");
    Page::staff(
        format!("Refund the gift of {}", gift.charged()),
        html! {
            (error_summary(draft))
            @if let Some(open) = open {
                (notice("warn", &html! { p {
                    "A refund of " (open.amount.of(gift.currency)) " was asked for and the payment service has not said what came of it. Ask for the same amount again to find out; nothing is refunded twice."
                } }))
            }
            form method="get" action=(path) novalidate {
                input type="hidden" name="reason" value=(draft.value("reason"));
                (field("much", "How much goes back?").radios(draft, &[
                    ("whole", format!("All that is left, {left}"), None),
                    ("part", "A part of it".to_owned(), None),
                ]))
                (Field { optional: true, width: "short", inputmode: Some("decimal"), autocomplete: Some("off"),
                    hint: Some("Only when a part goes back."), ..field("amount", "Amount") }.input(draft))
                button.secondary { "Show what it changes" }
            }
            @if let Some(amount) = amount { (consequences(before, amount)) }
            form method="post" action=(path) novalidate {
                (csrf.field())
                input type="hidden" name="much" value=(draft.value("much"));
                input type="hidden" name="amount" value=(draft.value("amount"));
                (field("reason", "Why?").radios(draft, &RefundReason::ALL.iter().map(|r| (r.as_str(), r.label(), None)).collect::<Vec<_>>()))
                (Field { optional: true, hint: Some("For those who read this later. The donor does not see it."), ..field("note", "Note") }.textarea(draft, 2))
                div.actions {
                    button.danger { "Refund" @if let Some(amount) = amount { " " (amount.of(gift.currency)) } }
                    a href=(back) { "Leave the gift as it is" }
                }
            }
        },
    )
    .crumb("Gifts", "/staff/gifts")
    .crumb(format!("Gift of {}", gift.charged()), back)
}

/// What follows from giving this much back: for the donor, the totals, the books and the receipt.
fn consequences(before: &Before, amount: Cents) -> Markup {
    let Before { gift, donor, fund, total, receipt, .. } = before;
    let money = |cents: Cents| cents.of(gift.currency);
    let after = gift.refunded + amount;
    let less = counted(gift, after) - counted(gift, gift.refunded);
    let card = gift.card.as_deref().unwrap_or("the card it came from");
    html! {
        h2 { "What will happen" }
        ul {
            li { (donor.name) " gets " (money(amount)) " back on " (card) ". Banks take five to ten days to show it." }
            @if let Some(receipt) = receipt {
                li {
                    "Receipt " (receipt.label()) " becomes void."
                    @if after < gift.charged { " A new receipt takes its place, for what stays of the gift." } @else { " None takes its place." }
                }
            }
            @if let Some(email) = &donor.email { li { "A mail to " (email) " says so." } }
            li { "The payment service keeps its fee" @if let Some(fee) = gift.processor_fee { " of " (money(fee)) } "." }
            @if gift.recurring_id.is_some() { li { "The recurring gift goes on. This refund is of one payment only." } }
            li { "It can’t be undone: the donor would have to give again." }
        }
        table {
            caption { "Totals before and after" }
            thead { tr { th scope="col" { "Total" } th.num scope="col" { "Now" } th.num scope="col" { "After" } } }
            tbody {
                tr { th scope="row" { "This gift, as totals count it" } td.num data-label="Now" { (money(gift.intended - counted(gift, gift.refunded))) } td.num data-label="After" { (money(gift.intended - counted(gift, after))) } }
                @if let Some(total) = total {
                    tr { th scope="row" { "Given by " (donor.name) } td.num data-label="Now" { (money(total.given)) } td.num data-label="After" { (money(total.given - less)) } }
                }
            }
        }
        table {
            caption { "New entry in the books" }
            thead { tr { th scope="col" { "Account" } th.num scope="col" { "Debit" } th.num scope="col" { "Credit" } } }
            tbody {
                tr { th scope="row" { "Refunds · " (fund) } td.num data-label="Debit" { (money(amount)) } td.num data-label="Credit" {} }
                tr { th scope="row" { "Balance at the payment service · " (fund) } td.num data-label="Debit" {} td.num data-label="Credit" { (money(amount)) } }
            }
        }
    }
}
