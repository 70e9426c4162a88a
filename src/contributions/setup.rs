//! Whether organizations are asked to contribute, to which fund, and which amounts are suggested.
use super::{Contributions, Tier};
use crate::{
    app::App,
    audit,
    db::Tx,
    gifts::{self, Fund, FundId},
    kernel::{Cents, Currency},
    settings::{self, Setting},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying, tick},
};
use axum::{Router, extract::State, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;

const PATH: &str = "/staff/settings/contributions";

pub(super) fn router() -> Router<App> {
    Router::new().route(PATH, get(open).post(save))
}

/// What the overview of the settings says.
pub async fn about(tx: &mut Tx) -> sqlx::Result<Markup> {
    let setup: Contributions = settings::get(tx).await?;
    Ok(html! {
        p { @if setup.on { "Organizations are asked to contribute." } @else { "No organization is asked to contribute." } }
        p.hint { "Voluntary, with suggested amounts and an invoice. Standing does not depend on it." }
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    on: String,
    fund: String,
    tiers: String,
    by_check: String,
}

fn lines(tiers: &[Tier], currency: Currency) -> String {
    let line = |tier: &Tier| match tier.up_to {
        Some(most) => format!("{}: {}", most.plain(currency), tier.amount.plain(currency)),
        None => format!("larger: {}", tier.amount.plain(currency)),
    };
    tiers.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Largest budget that a tier may name: a hundred billion units.
const MOST_BUDGET: Cents = Cents::new(10_000_000_000_000);

fn tier(line: &str, currency: Currency) -> Option<Tier> {
    let (budget, amount) = line.split_once(':')?;
    let up_to = match budget.trim() {
        "larger" => None,
        most => Some(Cents::parse_up_to(MOST_BUDGET, most, currency).ok()?),
    };
    Some(Tier { up_to, amount: Cents::parse(amount, currency).ok()? })
}

fn tiers(draft: &mut Draft, typed: &str, currency: Currency) -> Option<Vec<Tier>> {
    draft.keep("tiers", typed);
    let all: Option<Vec<_>> = typed.lines().filter(|line| !line.trim().is_empty()).map(|line| tier(line, currency)).collect();
    let rising = |all: &Vec<Tier>| {
        let bounds: Vec<_> = all.iter().map(|tier| tier.up_to.unwrap_or(Cents::new(i64::MAX))).collect();
        bounds.windows(2).all(|pair| pair[0] < pair[1]) && all.len() <= 12
    };
    let all = all.filter(rising);
    if all.is_none() {
        draft.reject(
            "tiers",
            "Write a line for each budget, the smallest first, such as 250,000: 100, and larger: 1,000 at the end",
        );
    }
    all
}

async fn open(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    let mut tx = app.db.read().await?;
    let setup: Contributions = settings::get(&mut tx).await?;
    let funds = gifts::funds(&mut tx, false).await?;
    let draft = Draft::of([
        ("on", if setup.on { "yes" } else { "" }.to_owned()),
        ("fund", setup.fund.map_or_else(String::new, |fund| fund.to_string())),
        ("tiers", lines(&setup.tiers, app.coalition.get().currency)),
        ("by_check", setup.by_check),
    ]);
    Ok(page(&draft, &csrf, &funds))
}

fn page(draft: &Draft, csrf: &Csrf, funds: &[Fund]) -> Page {
    let mut choices = vec![(String::new(), "Choose a fund".to_owned())];
    choices.extend(funds.iter().map(|fund| (fund.id.to_string(), fund.name.clone())));
    let content = html! {
        (error_summary(draft))
        p.lead { "Contributions are voluntary and stand beside membership: no standing depends on them." }
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            (tick("on", "Ask organizations to contribute", None, draft))
            (Field { hint: Some("Where contributions are posted"), ..field("fund", "Fund") }.select(draft, &choices))
            (Field { optional: true, hint: Some("A line for each budget of a year and its amount, the smallest first: 250,000: 100. The last may be larger: 1,000."), ..field("tiers", "Suggested amounts") }.textarea(draft, 5))
            (Field { optional: true, hint: Some("Stands on the invoice: to whom a check is made out, and where it is sent."), ..field("by_check", "Paying without a card") }.textarea(draft, 3))
            p.actions { button type="submit" { "Save" } a href="/staff/settings" { "Cancel" } }
        }
    };
    Page::staff("Contributions", content).crumb("Settings", "/staff/settings")
}

async fn save(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let funds = gifts::funds(&mut tx, false).await?;
    let mut draft = Draft::default();
    let on = typed.on == "yes";
    draft.keep("on", &typed.on);
    draft.keep("fund", &typed.fund);
    let fund = typed.fund.parse::<FundId>().ok().filter(|id| funds.iter().any(|fund| fund.id == *id));
    if on && fund.is_none() {
        draft.reject("fund", "Choose the fund that contributions go to");
    }
    let tiers = tiers(&mut draft, &typed.tiers, app.coalition.get().currency);
    let by_check = draft.optional_text("by_check", &typed.by_check, 600);
    let (Some(tiers), Some(by_check), true) = (tiers, by_check, draft.is_right()) else {
        return Err(Draft::refuse(page(&draft, &csrf, &funds)));
    };
    let (before, after): (Contributions, _) = (settings::get(&mut tx).await?, Contributions { on, fund, tiers, by_check });
    if after != before {
        settings::set(&mut tx, &after, now).await?;
        audit::record(&mut tx, &staff.actor(), "change", ("setting", Contributions::KEY), Some(&before), Some(&after), now)
            .await?;
    }
    tx.commit().await?;
    let said = if on { "Organizations can be asked to contribute." } else { "No organization is asked to contribute." };
    Ok(redirect_saying("/staff/settings", Mood::Good, said))
}
