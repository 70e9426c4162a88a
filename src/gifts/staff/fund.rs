//! The page that moves a received gift to another fund: which one, what changes, and then the act.
use super::gift::known;
use crate::{
    app::App,
    books::Account,
    donors::{self, Donor},
    gifts::{
        self, Fund, Gift, GiftState, Restriction,
        fund::{self, Move, NotMoved},
    },
    kernel::{Cents, Money},
    receipts::{self, Receipt},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, facts, field, notice, redirect_saying},
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use maud::{Markup, html};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The slug of the new fund.
    to: Option<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// Ids of the funds, as the person saw them.
    from: String,
    to: String,
    reason: String,
}

struct Before {
    gift: Gift,
    donor: Donor,
    funds: Vec<Fund>,
    receipt: Option<Receipt>,
    standing: Vec<(Account, Cents)>,
}

impl Before {
    async fn read(app: &App, id: &str) -> Result<Self, Error> {
        let mut tx = app.db.read().await?;
        let gift = known(&mut tx, id).await?;
        if gift.state != GiftState::Settled {
            return Err(Error::Conflict("Only a gift that was received can be moved to another fund.".to_owned()));
        }
        Ok(Self {
            donor: donors::by_id(&mut tx, gift.donor_id).await?.ok_or(Error::NotFound)?,
            funds: gifts::funds(&mut tx, false).await?,
            receipt: receipts::standing(&mut tx, &gift.id.to_string()).await?,
            standing: fund::standing(&mut tx, &gift).await?,
            gift,
        })
    }

    fn now(&self) -> Result<&Fund, Error> {
        self.funds.iter().find(|fund| fund.id == self.gift.fund_id).ok_or(Error::NotFound)
    }

    /// A fund it can be moved to.
    fn other(&self, is: impl Fn(&Fund) -> bool) -> Option<&Fund> {
        self.funds.iter().find(|fund| fund.id != self.gift.fund_id && is(fund))
    }

    fn path(&self) -> String {
        format!("/staff/gifts/{}", self.gift.id)
    }
}

pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    csrf: Csrf,
) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let Some(slug) = asked.to else { return question(&before, &Draft::default()) };
    let mut draft = Draft::default();
    if let Some(to) = before.other(|fund| fund.slug == slug) {
        return preview(&before, to, &draft, &csrf);
    }
    draft.reject("to", "Choose the fund the gift moves to");
    Err(Draft::refuse(question(&before, &draft)?))
}

pub(super) async fn change(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let mut draft = Draft::default();
    let reason = draft.text("reason", &typed.reason, 300, "Say why the gift moves, for those who read the audit later");
    let from = typed.from.parse().map_err(|_| Error::NotFound)?;
    let to = before.funds.iter().find(|fund| fund.id.to_string() == typed.to).ok_or(Error::NotFound)?;
    let Some(reason) = reason else { return Err(Draft::refuse(preview(&before, to, &draft, &csrf)?)) };
    let wish = Move { from, to, reason: &reason };
    match fund::change(&app, &staff, before.gift.id, &wish).await {
        Ok(()) => Ok(redirect_saying(before.path(), Mood::Good, format!("The gift is now in the fund “{}”.", to.name))),
        Err(NotMoved::Impossible(why)) => Err(Error::Conflict(why.to_owned())),
        Err(NotMoved::Database(error)) => Err(error.into()),
        Err(NotMoved::Books(error)) => Err(Error::internal(error.to_string())),
    }
}

fn title(gift: &Gift) -> String {
    format!("Move the gift of {} to another fund", gift.charged())
}

fn framed(before: &Before, content: Markup) -> Page {
    Page::staff(title(&before.gift), content)
        .crumb("Gifts", "/staff/gifts")
        .crumb(format!("Gift of {}", before.gift.charged()), before.path())
}

fn question(before: &Before, draft: &Draft) -> Result<Page, Error> {
    let now = before.now()?;
    let others: Vec<_> = before.funds.iter().filter(|fund| fund.id != now.id).collect();
    let choices: Vec<_> = others
        .iter()
        .map(|fund| {
            (
                fund.slug.as_str(),
                fund.name.as_str(),
                Some(if fund.open { fund.description.as_str() } else { "Not offered on the donate page any more." }),
            )
        })
        .collect();
    Ok(framed(
        before,
        html! {
            (error_summary(draft))
            p.lead { "The gift by " (before.donor.name) " is in the fund “" (now.name) "”." }
            @if others.is_empty() {
                p.empty { "There is no other fund yet." }
            } @else {
                form method="get" action={ (before.path()) "/fund" } {
                    (field("to", "Where should it go?").radios(draft, &choices))
                    div.actions { button { "Show what changes" } a href=(before.path()) { "Leave the gift where it is" } }
                }
            }
        },
    ))
}

fn preview(before: &Before, to: &Fund, draft: &Draft, csrf: &Csrf) -> Result<Page, Error> {
    let (gift, from) = (&before.gift, before.now()?);
    let path = before.path();
    let counts = (gift.intended - gift.refunded.min(gift.intended)).of(gift.currency);
    Ok(framed(
        before,
        html! {
            (error_summary(draft))
            (facts(&[
                ("Donor", html! { (before.donor.name) }),
                ("From", html! { (from.name) " (" (from.restriction.label()) ")" }),
                ("To", html! { (to.name) " (" (to.restriction.label()) ")" }),
            ]))
            @if from.restriction != Restriction::None {
                (notice("warn", &html! { p { "The donor gave to “" (from.name) "”, which binds the money. Move it only with the donor’s word, and write down where you have it." } }))
            }
            h2 { "What changes" }
            ul {
                @if let Some(day) = gift.given_on { li { "In the totals of " (day.month().words()) ", " (counts) " goes from “" (from.name) "” to “" (to.name) "”." } }
                li { "In the books, two entries of today take everything out of “" (from.name) "” and put it into “" (to.name) "”:" }
            }
            (lines(before, from, to))
            ul {
                @if let Some(receipt) = &before.receipt { li { "Receipt " (receipt.label()) " is superseded by one that names “" (to.name) "”. Send it from the gift’s page; it is not sent by itself." } }
                @if gift.recurring_id.is_some() { li { "The recurring gift goes on for “" (from.name) "”. Only this payment moves." } }
                li { "No money moves at the payment service, and the donor is not charged." }
            }
            form method="post" action={ (path) "/fund" } novalidate {
                (csrf.field())
                input type="hidden" name="from" value=(from.id);
                input type="hidden" name="to" value=(to.id);
                (Field { hint: Some("Such as: the donor asked for it by mail on 3 March."), ..field("reason", "Why?") }.input(draft))
                div.actions {
                    button { "Move the gift to “" (to.name) "”" }
                    a href={ (path) "/fund" } { "Choose another fund" }
                    a href=(path) { "Leave the gift where it is" }
                }
            }
        },
    ))
}

/// Each account's balance of this gift, before and after.
fn lines(before: &Before, from: &Fund, to: &Fund) -> Markup {
    let side = |amount: Cents| {
        let money = |amount: Cents| -> Money { amount.of(before.gift.currency) };
        if amount.is_positive() { format!("{} debit", money(amount)) } else { format!("{} credit", money(-amount)) }
    };
    html! {
        table {
            caption { "What the two entries move" }
            thead { tr { th scope="col" { "Account" } th.num scope="col" { (from.name) } th.num scope="col" { (to.name) } } }
            tbody {
                @for (account, amount) in &before.standing {
                    tr {
                        th scope="row" { (account.label()) }
                        td.num data-label=(from.name) { (side(-*amount)) }
                        td.num data-label=(to.name) { (side(*amount)) }
                    }
                }
            }
        }
    }
}
