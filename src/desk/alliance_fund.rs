//! The fund of an alliance: which one it is, and what was given to it. Alliances know nothing of gifts, so
//! the two meet here.
use crate::{
    alliances::{self, AllianceId},
    app::App,
    audit,
    gifts::{self, Fund},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, money, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/alliances/{id}/fund", get(show).post(choose))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    fund: String,
}

fn page(alliance: &alliances::Alliance, content: Markup) -> Page {
    Page::staff("Fund", content)
        .crumb("Staff", "/staff")
        .crumb("Alliances", "/staff/alliances")
        .crumb(&alliance.name, format!("/staff/alliances/{}", alliance.id))
}

async fn show(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<AllianceId>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let alliance = alliances::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let funds = gifts::funds(&mut tx, false).await?;
    let chosen = alliance.fund_slug.as_deref().and_then(|slug| funds.iter().find(|fund| fund.slug == slug));
    let given = match chosen {
        Some(fund) => gifts::given_to_fund(&mut tx, fund.id).await?,
        None => Vec::new(),
    };
    let content = html! {
        @if let Some(fund) = chosen {
            p.lead {
                "Gifts for it go to " strong { (fund.name) } ": "
                @if given.is_empty() { "nothing was given yet" } @else {
                    @for (n, (currency, cents)) in given.iter().enumerate() { @if n > 0 { " and " } (money(cents.of(*currency))) } " was given in all, less refunds"
                } "."
            }
            p { a href={ "/staff/gifts?fund=" (fund.slug) } { "See the gifts" } " · " a href={ "/donate?fund=" (fund.slug) } { "The page where people give to it" } }
            @if !fund.open { p { "The fund is closed, so visitors are not offered it." } }
        } @else { p.lead { "It has no fund of its own. With one, its public page leads to the donate page." } }
        @if staff.may_admit().is_ok() { (form(&alliance, &funds, &csrf, &Draft::of([("fund", alliance.fund_slug.clone().unwrap_or_default())]))) }
    };
    Ok(page(&alliance, content))
}

fn form(alliance: &alliances::Alliance, funds: &[Fund], csrf: &Csrf, draft: &Draft) -> Markup {
    let mut options = vec![(String::new(), "None".to_owned())];
    options.extend(funds.iter().map(|fund| (fund.slug.clone(), fund.name.clone())));
    html! {
        (error_summary(draft))
        form method="post" action={ "/staff/alliances/" (alliance.id) "/fund" } {
            (csrf.field())
            (Field { optional: true, ..field("fund", "Fund") }.select(draft, &options))
            p.actions { button type="submit" { "Save" } }
        }
    }
}

async fn choose(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<AllianceId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let alliance = alliances::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let funds = gifts::funds(&mut tx, false).await?;
    let chosen = funds.iter().find(|fund| fund.slug == typed.fund);
    if chosen.is_none() && !typed.fund.is_empty() {
        let mut draft = Draft::of([("fund", typed.fund.as_str())]);
        draft.reject("fund", "Choose one of the funds");
        return Err(Draft::refuse(page(&alliance, form(&alliance, &funds, &csrf, &draft))));
    }
    alliances::set_fund(&mut tx, id, chosen.map(|fund| fund.slug.as_str())).await?;
    let before = serde_json::json!({ "fund": alliance.fund_slug });
    let after = serde_json::json!({ "fund": chosen.map(|fund| &fund.slug) });
    let record = ("alliance", &*id.to_string());
    audit::record(&mut tx, &staff.actor(), "choose_fund", record, Some(&before), Some(&after), app.clock.now()).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/alliances/{id}/fund"), Mood::Good, "The fund is saved."))
}
