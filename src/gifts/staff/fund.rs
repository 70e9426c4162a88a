//! The page that moves a received gift to another fund or splits it over several: which ones, what changes, and then
//! the act. To take it back, it is moved again.
use super::gift::known;
use crate::{
    app::App,
    books::Account,
    donors::{self, Donor},
    gifts::{
        self, Fund, FundId, Gift, GiftState, Restriction,
        fund::{self, Move, NotMoved},
        parts::{self, Book, Part, Piece, Rows},
    },
    kernel::Cents,
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
    #[serde(flatten)]
    rows: Rows,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The parts, as the person saw them.
    from: String,
    /// The id of the new fund; without one, the rows say where it goes.
    to: String,
    #[serde(flatten)]
    rows: Rows,
    reason: String,
}

struct Before {
    gift: Gift,
    donor: Donor,
    funds: Vec<Fund>,
    receipt: Option<Receipt>,
    book: Book,
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
            book: fund::book(&mut tx, &gift).await?,
            gift,
        })
    }

    fn fund(&self, id: FundId) -> Option<&Fund> {
        self.funds.iter().find(|fund| fund.id == id)
    }

    fn name(&self, id: FundId) -> &str {
        self.fund(id).map_or("", |fund| &fund.name)
    }

    /// Funds it can be moved to as a whole.
    fn others(&self) -> impl Iterator<Item = &Fund> {
        self.funds.iter().filter(|fund| self.gift.split || fund.id != self.gift.fund_id)
    }

    fn whole(&self, to: &Fund) -> Vec<Piece> {
        vec![Piece { fund: to.id, amount: self.gift.intended }]
    }

    /// `“General”`, or `“General” and “Legal”`.
    fn quoted(&self, funds: impl Iterator<Item = FundId>) -> String {
        parts::joined(funds.map(|id| format!("“{}”", self.name(id))).collect())
    }

    fn from(&self) -> String {
        self.quoted(self.book.parts.iter().map(|part| part.fund_id))
    }

    fn path(&self) -> String {
        format!("/staff/gifts/{}", self.gift.id)
    }

    /// The pieces that the rows make, or nothing and the draft that says why.
    fn rows(&self, draft: &mut Draft, rows: &Rows) -> Option<Vec<Piece>> {
        rows.keep(draft);
        let to = parts::read(draft, rows, &self.funds, self.gift.intended())?;
        if !fund::is_so(&self.book.parts, &to) {
            return Some(to);
        }
        draft.reject("part_share_1", "The gift is divided so already. Change what is to be different");
        None
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
    let mut draft = Draft::default();
    if asked.rows.any() {
        return match before.rows(&mut draft, &asked.rows) {
            Some(to) => Ok(preview(&before, &to, &draft, &csrf)),
            None => Err(Draft::refuse(question(&before, &draft))),
        };
    }
    let Some(slug) = asked.to else {
        if before.gift.split {
            let now: Vec<_> = before.book.parts.iter().map(|part| Piece { fund: part.fund_id, amount: part.amount }).collect();
            parts::filled(&mut draft, &now, &before.funds, before.gift.currency);
        }
        return Ok(question(&before, &draft));
    };
    if let Some(to) = before.others().find(|fund| fund.slug == slug) {
        return Ok(preview(&before, &before.whole(to), &draft, &csrf));
    }
    draft.reject("to", "Choose the fund the gift moves to");
    Err(Draft::refuse(question(&before, &draft)))
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
    let to = if typed.rows.any() {
        typed.rows.keep(&mut draft);
        match parts::read(&mut draft, &typed.rows, &before.funds, before.gift.intended()) {
            Some(to) => to,
            None => return Err(Draft::refuse(question(&before, &draft))),
        }
    } else {
        before.whole(before.funds.iter().find(|fund| fund.id.to_string() == typed.to).ok_or(Error::NotFound)?)
    };
    let reason = draft.text("reason", &typed.reason, 300, "Say why the gift moves, for those who read the audit later");
    let Some(reason) = reason else { return Err(Draft::refuse(preview(&before, &to, &draft, &csrf))) };
    let wish = Move { from: &typed.from, to: &to, reason: &reason };
    let said = match &to[..] {
        [one] => format!("The gift is now in the fund “{}”.", before.name(one.fund)),
        several => format!("The gift is now split over {}.", before.quoted(several.iter().map(|piece| piece.fund))),
    };
    match fund::change(&app, &staff, before.gift.id, &wish).await {
        Ok(()) => Ok(redirect_saying(before.path(), Mood::Good, said)),
        Err(NotMoved::Impossible(why)) => Err(Error::Conflict(why.to_owned())),
        Err(NotMoved::Database(error)) => Err(error.into()),
        Err(NotMoved::Books(error)) => Err(Error::internal(error.to_string())),
    }
}

fn framed(before: &Before, content: Markup) -> Page {
    Page::staff(format!("Move the gift of {} to other funds", before.gift.charged()), content)
        .crumb("Gifts", "/staff/gifts")
        .crumb(format!("Gift of {}", before.gift.charged()), before.path())
}

fn question(before: &Before, draft: &Draft) -> Page {
    let choices: Vec<_> = before
        .others()
        .map(|fund| {
            let about = if fund.open { fund.description.as_str() } else { "Not offered on the donate page any more." };
            (fund.slug.as_str(), fund.name.as_str(), Some(about))
        })
        .collect();
    let intended = before.gift.intended();
    let hint = if before.gift.covered_fee.is_zero() {
        format!("The rows come to {intended}.")
    } else {
        format!("The rows come to {intended}, what was meant; the fee that the donor covered goes along in proportion.")
    };
    framed(
        before,
        html! {
            (error_summary(draft))
            p.lead { "The gift by " (before.donor.name) @if before.gift.split { " is split over the funds " } @else { " is in the fund " } (before.from()) "." }
            @if choices.is_empty() {
                p.empty { "There is no other fund yet." }
            } @else {
                form method="get" action={ (before.path()) "/fund" } {
                    (field("to", "Where should all of it go?").radios(draft, &choices))
                    div.actions { button { "Show what changes" } a href=(before.path()) { "Leave the gift where it is" } }
                }
                form method="get" action={ (before.path()) "/fund" } {
                    (parts::section(&before.funds, draft, "Split it over funds", &hint))
                    div.actions { button.secondary { "Show what the split changes" } }
                }
            }
        },
    )
}

fn preview(before: &Before, to: &[Piece], draft: &Draft, csrf: &Csrf) -> Page {
    let gift = &before.gift;
    let path = before.path();
    let parts = parts::made_of(gift, to);
    let into = before.quoted(to.iter().map(|piece| piece.fund));
    let named = |parts: &[Part]| {
        html! { @for (place, part) in parts.iter().enumerate() {
            @if place > 0 { br; }
            (before.name(part.fund_id)) " (" (before.fund(part.fund_id).map_or_else(String::new, |fund| fund.restriction.label())) ")"
            @if parts.len() > 1 { ": " (part.amount.of(gift.currency)) }
        } }
    };
    let bound: Vec<_> = before
        .book
        .parts
        .iter()
        .map(|part| part.fund_id)
        .filter(|id| before.fund(*id).is_some_and(|fund| fund.restriction != Restriction::None))
        .collect();
    framed(
        before,
        html! {
            (error_summary(draft))
            (facts(&[
                ("Donor", html! { (before.donor.name) }),
                ("From", named(&before.book.parts)),
                ("To", named(&parts)),
            ]))
            @if !bound.is_empty() {
                (notice("warn", &html! { p { "The donor gave to " (before.quoted(bound.into_iter())) ", which binds the money. Move it only with the donor’s word, and write down where you have it." } }))
            }
            h2 { "What changes" }
            ul {
                @if let Some(day) = gift.given_on { li { "In the totals of " (day.month().words()) ", " ((gift.intended - gift.refunded.min(gift.intended)).of(gift.currency)) " goes from " (before.from()) " to " (into) "." } }
                li { "In the books, two entries of today take everything out of " (before.from()) " and put it into " (into) ":" }
            }
            (lines(before, &parts))
            ul {
                @if let Some(receipt) = &before.receipt { li { "Receipt " (receipt.label()) " is superseded by one that names " (into) ". Send it from the gift’s page; it is not sent by itself." } }
                @if gift.recurring_id.is_some() { li { "The recurring gift goes on as it is. Only this payment moves." } }
                li { "No money moves at the payment service, and the donor is not charged." }
                li { "To take it back, move the gift again." }
            }
            form method="post" action={ (path) "/fund" } novalidate {
                (csrf.field())
                input type="hidden" name="from" value=(fund::mark(&before.book.parts));
                @if let [one] = to { input type="hidden" name="to" value=(one.fund); } @else { (parts::hidden(draft)) }
                (Field { hint: Some("Such as: the donor asked for it by mail on 3 March."), ..field("reason", "Why?") }.input(draft))
                div.actions {
                    button { @if to.len() > 1 { "Split the gift over " (into) } @else { "Move the gift to " (into) } }
                    a href={ (path) "/fund" } { "Choose otherwise" }
                    a href=(path) { "Leave the gift where it is" }
                }
            }
        },
    )
}

/// What each fund has of this gift on each account, before and after.
fn lines(before: &Before, to: &[Part]) -> Markup {
    let money = |amount: Cents| amount.of(before.gift.currency);
    let side = |amount: Cents| match amount.get() {
        0 => "–".to_owned(),
        1.. => format!("{} debit", money(amount)),
        _ => format!("{} credit", money(-amount)),
    };
    let (standing, restated) = (before.book.standing(), before.book.restated(to));
    let mut funds: Vec<FundId> = before.book.parts.iter().chain(to).map(|part| part.fund_id).collect();
    let mut seen = std::collections::HashSet::new();
    funds.retain(|id| seen.insert(*id));
    let of = |all: &[(Account, Vec<Cents>)], parts: &[Part], account: Account, fund: FundId| -> Cents {
        let shares = all.iter().find(|(other, _)| *other == account).map(|(_, shares)| shares);
        let place = parts.iter().position(|part| part.fund_id == fund);
        shares.zip(place).and_then(|(shares, place)| shares.get(place).copied()).unwrap_or_default()
    };
    html! {
        table {
            caption { "What the funds have of this gift, before and after" }
            thead { tr { th scope="col" { "Account" } th scope="col" { "Fund" } th.num scope="col" { "Now" } th.num scope="col" { "After" } } }
            tbody {
                @for (account, _) in &standing {
                    @for fund in &funds {
                        @let (now, after) = (of(&standing, &before.book.parts, *account, *fund), of(&restated, to, *account, *fund));
                        tr {
                            th scope="row" { (account.label()) }
                            td data-label="Fund" { (before.name(*fund)) }
                            td.num data-label="Now" { (side(now)) }
                            td.num data-label="After" { (side(after)) }
                        }
                    }
                }
            }
        }
    }
}
