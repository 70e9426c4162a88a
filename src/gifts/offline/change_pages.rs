//! The pages that correct a gift by hand: what is wrong, what will change, and then the act.
use super::{
    OfflineGift,
    change::{self, Right},
    form::{self, Typed},
    pages::{Lists, purpose},
    place,
};
use crate::{
    app::App,
    donors::{self, Donor},
    gifts::{
        Gift, GiftState, Method, fund,
        parts::{self, Named, Part, Piece},
        queries,
        staff::known,
    },
    kernel::text,
    receipts::{self, Receipt},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};

/// A gift by hand as the pages show it.
pub(super) struct Before {
    pub(super) gift: Gift,
    pub(super) parts: Vec<Part>,
    pub(super) row: OfflineGift,
    pub(super) donor: Donor,
    pub(super) receipt: Option<Receipt>,
    pub(super) lists: Lists,
}

impl Before {
    pub(super) async fn read(app: &App, id: &str) -> Result<Self, Error> {
        let lists = Lists::read(app).await?;
        let mut tx = app.db.read().await?;
        let gift = known(&mut tx, id).await?;
        let row = queries::offline::details(&mut tx, gift.id).await?;
        let Some(row) = row.filter(|_| gift.state == GiftState::Settled) else {
            return Err(Error::Conflict("Only a gift that was entered by hand, and stands, can be corrected here.".to_owned()));
        };
        Ok(Self {
            donor: donors::by_id(&mut tx, gift.donor_id).await?.ok_or(Error::NotFound)?,
            receipt: receipts::standing(&mut tx, &gift.id.to_string()).await?,
            parts: parts::of(&mut tx, &gift).await?,
            lists,
            gift,
            row,
        })
    }

    pub(super) fn path(&self) -> String {
        format!("/staff/gifts/{}", self.gift.id)
    }

    pub(super) fn framed(&self, title: impl Into<String>, content: Markup) -> Page {
        Page::staff(title, content).crumb("Gifts", "/staff/gifts").crumb(format!("Gift of {}", self.gift.charged()), self.path())
    }

    fn pieces(&self) -> Vec<Piece> {
        self.parts.iter().map(|part| Piece { fund: part.fund_id, amount: part.amount }).collect()
    }

    /// Pieces by the names of their funds; one alone without its amount.
    fn named(&self, pieces: &[Piece]) -> String {
        let named: Vec<_> = pieces
            .iter()
            .filter_map(|piece| {
                let fund = self.lists.funds.iter().find(|fund| fund.id == piece.fund)?;
                Some(Named { fund: fund.name.clone(), amount: piece.amount })
            })
            .collect();
        match &named[..] {
            [one] => one.fund.clone(),
            several => parts::in_words(several, self.gift.currency),
        }
    }

    fn slug(&self) -> &str {
        self.lists.funds.iter().find(|fund| fund.id == self.gift.fund_id).map_or("", |fund| &fund.slug)
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Correction {
    #[serde(flatten)]
    typed: Typed,
    reason: String,
    /// What will change has been shown.
    seen: String,
}

pub(super) async fn ask(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let Before { gift, row, lists, .. } = &before;
    let words = |words: &Option<String>| words.clone().unwrap_or_default();
    let campaign = lists.campaigns.iter().find(|campaign| Some(campaign.id) == gift.campaign_id);
    let mut draft = Draft::of([
        ("amount", gift.charged.plain(gift.currency)),
        ("received_on", row.received_on.to_string()),
        ("fund", before.slug().to_owned()),
        ("campaign", campaign.map(|campaign| campaign.slug.clone()).unwrap_or_default()),
        ("source", words(&gift.source)),
        ("reference", words(&row.reference)),
        ("description", words(&row.description)),
        ("adviser", words(&row.adviser)),
    ]);
    if gift.split {
        parts::filled(&mut draft, &before.pieces(), &lists.funds, gift.currency);
    }
    Ok(form_page(&before, &draft, &csrf))
}

fn form_page(before: &Before, draft: &Draft, csrf: &Csrf) -> Page {
    let Before { gift, lists, .. } = before;
    let line = |name, label| Field { optional: true, autocomplete: Some("off"), ..field(name, label) };
    before.framed(
        format!("Correct the gift of {}", gift.charged()),
        html! {
            (error_summary(draft))
            p { "Nothing in the books is changed: one entry takes back what was wrong, one posts what is right. You see both before anything happens." }
            form method="post" action={ (before.path()) "/correct" } novalidate {
                (csrf.field())
                (Field { width: "short", inputmode: Some("decimal"), autocomplete: Some("off"), prefix: Some(gift.currency.sign().trim()), ..field("amount", "Amount") }.input(draft))
                (Field { kind: "date", width: "short", ..field("received_on", "Date received") }.input(draft))
                (purpose(lists, draft))
                (Field { width: "medium", ..line("reference", "Reference") }.input(draft))
                @if gift.method.is_described() { (Field { optional: false, ..line("description", "What was given") }.input(draft)) }
                @if gift.method == Method::DonorAdvised { (Field { optional: false, ..line("adviser", "Adviser") }.input(draft)) }
                (Field { hint: Some("Such as: the amount was read wrongly."), ..field("reason", "What was wrong?") }.input(draft))
                div.actions { button { "See what changes" } a href=(before.path()) { "Leave it as it is" } }
            }
        },
    )
}

pub(super) async fn correct(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(sent): Form<Correction>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let typed = &sent.typed;
    let mut draft = typed.kept();
    let around = form::Around { currency: before.gift.currency, ..before.lists.around() };
    let read = form::facts(&mut draft, typed, &around, Some(before.gift.method));
    let reason = draft.text("reason", &text::line(&sent.reason), 300, "Say what was wrong");
    if read.as_ref().is_some_and(|read| read.amount < before.gift.refunded) {
        draft.reject(
            "amount",
            format!("{} of it was given back: enter that or more", before.gift.refunded.of(before.gift.currency)),
        );
    }
    let (Some(read), Some(reason), true) = (read, reason, draft.is_right()) else {
        return Err(Draft::refuse(form_page(&before, &draft, &csrf)));
    };
    let at = if read.received_on == before.row.received_on {
        before.gift.settled_at
    } else {
        Some(super::moment(&app, read.received_on))
    };
    let right = Right {
        gift: Gift {
            intended: read.amount,
            charged: read.amount,
            fund_id: read.pieces.first().map_or(before.gift.fund_id, |piece| piece.fund),
            campaign_id: read.campaign,
            source: read.source,
            settled_at: at,
            given_on: Some(read.received_on),
            ..before.gift.clone()
        },
        row: OfflineGift {
            received_on: read.received_on,
            reference: read.reference,
            description: read.description,
            adviser: read.adviser,
            ..before.row.clone()
        },
        pieces: read.pieces,
    };
    if right.gift == before.gift && right.row == before.row && fund::is_so(&before.parts, &right.pieces) {
        draft.reject("amount", "Nothing is different. Change what was wrong");
        return Err(Draft::refuse(form_page(&before, &draft, &csrf)));
    }
    if sent.seen != "yes" {
        draft.keep("reason", &reason);
        return Ok(axum::response::IntoResponse::into_response(preview(&before, &right, &draft, &csrf)));
    }
    let mut tx = app.db.write().await?;
    change::correct(&app, &mut tx, &staff, &right, &reason).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(before.path(), Mood::Good, "The gift is corrected."))
}

/// What will change, line by line, before it does.
fn preview(before: &Before, right: &Right, draft: &Draft, csrf: &Csrf) -> Page {
    let (old, new) = (&before.gift, &right.gift);
    let (from, to) = (before.named(&before.pieces()), before.named(&right.pieces));
    let shown = |words: &Option<String>| words.clone().unwrap_or_else(|| "none".to_owned());
    let lines: Vec<(&str, String, String)> = [
        ("Amount", old.charged().to_string(), new.charged().to_string()),
        ("Date received", before.row.received_on.words(), right.row.received_on.words()),
        ("Fund", from.clone(), to.clone()),
        ("Source code", shown(&old.source), shown(&new.source)),
        ("Reference", shown(&before.row.reference), shown(&right.row.reference)),
        ("What was given", shown(&before.row.description), shown(&right.row.description)),
        ("Adviser", shown(&before.row.adviser), shown(&right.row.adviser)),
    ]
    .into_iter()
    .filter(|(_, was, is)| was != is)
    .collect();
    let moves = (old.charged, old.given_on) != (new.charged, new.given_on) || !fund::is_so(&before.parts, &right.pieces);
    let account = place(old.method, before.row.deposit).label();
    let hidden = ["amount", "received_on", "fund", "campaign", "source", "reference", "description", "adviser", "reason"];
    before.framed(
        "What changes",
        html! {
            @if !lines.is_empty() {
                table {
                    caption { "The gift of " (before.donor.name) }
                    thead { tr { th scope="col" { "What" } th scope="col" { "It was" } th scope="col" { "It becomes" } } }
                    tbody { @for (what, was, is) in &lines { tr { th scope="row" { (what) } td data-label="It was" { span { (was) } } td data-label="It becomes" { span { (is) } } } } }
                }
            }
            h2 { "In the books" }
            @if moves {
                ul {
                    li { "One entry of today takes " (old.charged()) " out of " (account) " and out of the contributions of " (from) "." }
                    li { "One entry of today puts " (new.charged()) " there, for " (to) "." }
                    li { "The totals of the donor, of the month and of the fund follow at once." }
                }
            } @else { p { "No entry is needed: no amount, fund or day changes." } }
            @if let Some(receipt) = &before.receipt {
                p { "Receipt " (receipt.label()) " is superseded if what it says changes, and the new one " @if before.donor.email.is_some() { "is mailed" } @else { "waits to be printed" } "." }
            }
            form method="post" action={ (before.path()) "/correct" } {
                (csrf.field())
                input type="hidden" name="seen" value="yes";
                @for name in hidden { input type="hidden" name=(name) value=(draft.value(name)); }
                (parts::hidden(draft))
                div.actions { button { "Correct the gift" } a href={ (before.path()) "/correct" } { "Go back" } a href=(before.path()) { "Leave it as it is" } }
            }
        },
    )
}
