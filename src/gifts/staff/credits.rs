//! A gift's soft credits: found by name, added with a kind and an amount, taken away again.
use super::gift::known;
use crate::{
    app::App,
    donors::{self, Donor},
    gifts::{
        CreditId, Gift,
        credit::{self, Credit, CreditKind, Wanted},
        queries,
    },
    kernel::Cents,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

/// So many donors are offered for some words.
const OFFERED: i64 = 12;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    q: String,
    donor: String,
    kind: String,
    amount: String,
    note: String,
}

struct Before {
    gift: Gift,
    credits: Vec<Credit>,
    found: Vec<Donor>,
}

impl Before {
    async fn read(app: &App, id: &str, words: &str) -> Result<Self, Error> {
        let mut tx = app.db.read().await?;
        let gift = known(&mut tx, id).await?;
        let credits = queries::credits_of_gift(&mut tx, gift.id).await?;
        let mut found = donors::matching(&mut tx, words, OFFERED).await?;
        found.retain(|donor| donor.id != gift.donor_id);
        Ok(Self { gift, credits, found })
    }
}

pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Typed>,
    csrf: Csrf,
) -> Result<Page, Error> {
    let before = Before::read(&app, &id, &asked.q).await?;
    let amount = before.gift.intended.plain(before.gift.currency);
    let draft = Draft::of([("q", asked.q), ("kind", CreditKind::Solicitor.to_string()), ("amount", amount)]);
    Ok(show(&before, &staff, &draft, &csrf))
}

pub(super) async fn add(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id, &typed.q).await?;
    let gift = &before.gift;
    let mut draft = Draft::of([("q", typed.q.clone()), ("donor", typed.donor.clone()), ("amount", typed.amount.clone())]);
    let donor = typed.donor.parse().ok();
    if donor.is_none() {
        draft.reject("donor", "Choose who has the credit");
    }
    let kind = draft.read::<CreditKind>("kind", &typed.kind);
    let note = draft.optional_text("note", &typed.note, 500);
    let amount = match Cents::parse(&typed.amount, gift.currency) {
        Ok(amount) if amount <= gift.intended => Some(amount),
        Ok(_) => {
            draft.reject("amount", format!("Enter {} or less: no more was given", gift.intended()));
            None
        }
        Err(reason) => {
            draft.reject("amount", reason.to_string());
            None
        }
    };
    let refuse = |draft: &Draft| Draft::refuse(show(&before, &staff, draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY));
    let (Some(donor), Some(kind), Some(note), Some(amount)) = (donor, kind, note, amount) else { return Err(refuse(&draft)) };
    if donors::by_id(&mut app.db.read().await?, donor).await?.is_none() {
        draft.reject("donor", "This donor is not on record any more");
        return Err(refuse(&draft));
    }
    if let Err(why) = credit::add(&app, &staff, gift, &Wanted { donor, kind, amount, note }).await? {
        draft.reject("donor", why);
        return Err(refuse(&draft));
    }
    Ok(redirect_saying(
        format!("/staff/gifts/{}/credits", gift.id),
        Mood::Good,
        "The soft credit is added. What anybody gave stays as it was.",
    ))
}

pub(super) async fn remove(
    staff: Staff,
    State(app): State<App>,
    Path((id, credit)): Path<(String, String)>,
    RawForm(_): RawForm,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let gift = known(&mut app.db.read().await?, &id).await?;
    let credit: CreditId = credit.parse().map_err(|_| Error::NotFound)?;
    credit::remove(&app, &staff, &gift, credit).await?;
    Ok(redirect_saying(format!("/staff/gifts/{}/credits", gift.id), Mood::Good, "The soft credit is taken away."))
}

fn show(before: &Before, staff: &Staff, draft: &Draft, csrf: &Csrf) -> Page {
    let Before { gift, credits, found } = before;
    let path = format!("/staff/gifts/{}/credits", gift.id);
    let keeper = staff.may_keep_gifts().is_ok();
    let content = html! {
        (error_summary(draft))
        p.lead { "Who else this gift is owed to. A soft credit stands on their page apart from what they gave, and is counted in no total." }
        @if credits.is_empty() { p { "Nobody has a soft credit for this gift." } } @else {
            ul {
                @for credit in credits {
                    li {
                        (line(credit))
                        @if keeper {
                            form method="post" action={ (path) "/" (credit.id) "/removal" } {
                                (csrf.field())
                                button.secondary { "Take away" span.visually-hidden { " the credit of " (credit.name) } }
                            }
                        }
                    }
                }
            }
        }
        @if keeper {
            h2 { "Add one" }
            form method="get" action=(path) role="search" {
                (Field { kind: "search", width: "medium", hint: Some("Three letters or more of a name or an e-mail address."), ..field("q", "Find the donor") }.input(draft))
                button.secondary { "Find" }
            }
            @if !draft.value("q").is_empty() {
                @if found.is_empty() { p { "No other donor is found by these words." } } @else { (form(&path, found, draft, csrf)) }
            }
        }
    };
    Page::staff("Soft credits", content)
        .crumb("Gifts", "/staff/gifts")
        .crumb(format!("Gift of {}", gift.charged()), format!("/staff/gifts/{}", gift.id))
}

fn form(path: &str, found: &[Donor], draft: &Draft, csrf: &Csrf) -> Markup {
    let donors: Vec<_> = found
        .iter()
        .map(|donor| {
            let email = donor.email.as_ref().map(|email| format!(", {email}")).unwrap_or_default();
            (donor.id.to_string(), format!("{}{email}", donor.name), None)
        })
        .collect();
    let kinds: Vec<_> = CreditKind::ALL.iter().map(|kind| (kind.as_str(), kind.label())).collect();
    html! {
        form method="post" action=(path) novalidate {
            (csrf.field())
            input type="hidden" name="q" value=(draft.value("q"));
            (field("donor", "Who has the credit?").radios(draft, &donors))
            (Field { width: "medium", ..field("kind", "Why") }.select(draft, &kinds))
            (Field { width: "short", inputmode: Some("decimal"), ..field("amount", "Amount") }.input(draft))
            (Field { optional: true, ..field("note", "Note") }.input(draft))
            button { "Add the soft credit" }
        }
    }
}

/// `Ada Lovelace, $50.00: Household partner`.
pub(super) fn line(credit: &Credit) -> Markup {
    html! {
        a href={ "/staff/donors/" (credit.donor_id) } { (credit.name) } ", " (credit.amount.of(credit.currency)) ": " (credit.kind.label())
        @if !credit.note.is_empty() { " (" (credit.note) ")" }
    }
}
