//! The form of an appeal. Its code is chosen once.
use super::{Appeal, AppealId, Channel};
use crate::{
    app::App,
    audit,
    gifts::{self, Campaign, Giving, queries::appeal},
    kernel::{Cents, Currency, Day, text},
    settings,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use maud::html;

const PATH: &str = "/staff/appeals";
const MOST: Cents = Cents::new(100_000_000_000);

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Opening {
    code: String,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    code: String,
    day: String,
    channel: String,
    cost: String,
    campaign: String,
}

struct Around {
    campaigns: Vec<Campaign>,
    currency: Currency,
}

impl Typed {
    /// The appeal as typed; `before` keeps its code.
    fn read(&self, before: Option<&Appeal>, around: &Around, now: crate::kernel::Timestamp) -> Result<Appeal, Draft> {
        let mut draft = Draft::of([("campaign", self.campaign.as_str())]);
        let name = draft.text("name", &text::line(&self.name), 120, "Enter a name, such as Spring letter");
        draft.keep("code", &self.code);
        let written = self.code.trim();
        let code = match before {
            Some(before) => before.code.clone(),
            None if written.is_empty() => text::slug(name.as_deref().unwrap_or_default()),
            None => written.to_owned(),
        };
        let ours = !code.is_empty() && code.len() <= 60 && code.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if !ours && draft.is_right() {
            draft.reject("code", "Write it in letters, digits and hyphens, at most 60, such as spring-letter");
        }
        let day: Option<Day> = draft.read("day", &self.day);
        let channel: Option<Channel> = draft.read("channel", &self.channel);
        draft.keep("cost", &self.cost);
        let cost = match self.cost.trim() {
            "" | "0" | "0.00" => Some(Cents::ZERO),
            typed => Cents::parse_up_to(MOST, typed, around.currency).map_err(|why| draft.reject("cost", why.to_string())).ok(),
        };
        let campaign = around.campaigns.iter().find(|campaign| campaign.slug == self.campaign.trim()).map(|campaign| campaign.id);
        match (name, day, channel, cost) {
            (Some(name), Some(day), Some(channel), Some(cost)) if draft.is_right() => Ok(Appeal {
                id: before.map_or_else(AppealId::new, |before| before.id),
                code,
                name,
                day,
                channel,
                cost,
                currency: before.map_or(around.currency, |before| before.currency),
                campaign_id: campaign,
                created_at: before.map_or(now, |before| before.created_at),
            }),
            _ => Err(draft),
        }
    }
}

fn form(draft: &Draft, csrf: &Csrf, heading: &str, action: &str, around: &Around, code: Option<&str>) -> Page {
    let channels: Vec<_> = Channel::ALL.iter().map(|channel| (channel.as_str(), channel.label())).collect();
    let campaigns: Vec<_> =
        std::iter::once(("", "None")).chain(around.campaigns.iter().map(|c| (c.slug.as_str(), c.name.as_str()))).collect();
    let content = html! {
        (error_summary(draft))
        form method="post" action=(action) novalidate {
            (csrf.field())
            (Field { autocomplete: Some("off"), ..field("name", "Name") }.input(draft))
            @if let Some(code) = code { p { "Its code is " code { (code) } ". It stays: links and gifts hold it." } }
            @else { (Field { optional: true, width: "medium", autocomplete: Some("off"), hint: Some("Stands in the link and on the reply slip. Left empty, it is made from the name. It can’t be changed later."), ..field("code", "Code") }.input(draft)) }
            (Field { kind: "date", width: "short", ..field("day", "Day it goes out") }.input(draft))
            (Field { width: "medium", ..field("channel", "Channel") }.select(draft, &channels))
            (Field { optional: true, width: "short", inputmode: Some("decimal"), prefix: Some(around.currency.sign().trim()), ..field("cost", "What it costs") }.input(draft))
            @if campaigns.len() > 1 { (Field { optional: true, width: "medium", hint: Some("Its link then leads to the page of the campaign."), ..field("campaign", "Campaign") }.select(draft, &campaigns)) }
            div.actions { button { "Save" } a href=(PATH) { "Cancel" } }
        }
    };
    Page::staff(heading, content).crumb("Gifts", "/staff/gifts").crumb("Appeals", PATH)
}

async fn around(app: &App) -> Result<Around, Error> {
    let mut tx = app.db.read().await?;
    let currency = settings::get::<Giving>(&mut tx).await?.currency;
    Ok(Around { campaigns: gifts::campaigns(&mut tx).await?, currency })
}

pub(super) async fn ask_new(
    staff: Staff,
    State(app): State<App>,
    Query(opening): Query<Opening>,
    csrf: Csrf,
) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let draft = Draft::of([("code", opening.code), ("day", today.to_string()), ("channel", Channel::Mail.to_string())]);
    Ok(form(&draft, &csrf, "Add an appeal", "/staff/appeals/new", &around(&app).await?, None))
}

/// What the audit keeps of an appeal.
fn told(appeal: &Appeal) -> serde_json::Value {
    let Appeal { code, name, day, channel, cost, currency, .. } = appeal;
    serde_json::json!({ "code": code, "name": name, "day": day, "channel": channel, "cost": cost.of(*currency).to_string() })
}

pub(super) async fn add(staff: Staff, State(app): State<App>, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let around = around(&app).await?;
    let refuse = |draft: Draft| Draft::refuse(form(&draft, &csrf, "Add an appeal", "/staff/appeals/new", &around, None));
    let appeal = typed.read(None, &around, now).map_err(refuse)?;
    let mut tx = app.db.write().await?;
    if !appeal::insert(&mut tx, &appeal).await? {
        let mut draft = Draft::of([
            ("name", &typed.name),
            ("code", &appeal.code),
            ("day", &typed.day),
            ("channel", &typed.channel),
            ("cost", &typed.cost),
            ("campaign", &typed.campaign),
        ]);
        draft.reject("code", "Enter another code: an appeal has this one already");
        return Err(refuse(draft));
    }
    let record = appeal.id.to_string();
    audit::record(&mut tx, &staff.actor(), "add", ("appeal", &record), None::<&()>, Some(&told(&appeal)), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{PATH}/{record}"), Mood::Good, format!("{} is added. Its link is below.", appeal.name)))
}

pub(super) async fn ask(staff: Staff, State(app): State<App>, Path(id): Path<AppealId>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let around = around(&app).await?;
    let appeal = appeal::by_id(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    let campaign = around.campaigns.iter().find(|campaign| Some(campaign.id) == appeal.campaign_id);
    let draft = Draft::of([
        ("name", appeal.name.clone()),
        ("day", appeal.day.to_string()),
        ("channel", appeal.channel.to_string()),
        ("cost", appeal.cost.plain(appeal.currency)),
        ("campaign", campaign.map(|campaign| campaign.slug.clone()).unwrap_or_default()),
    ]);
    Ok(form(&draft, &csrf, &appeal.name, &format!("{PATH}/{id}/facts"), &around, Some(&appeal.code)))
}

pub(super) async fn change(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<AppealId>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let around = around(&app).await?;
    let mut tx = app.db.write().await?;
    let before = appeal::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let action = format!("{PATH}/{id}/facts");
    let refuse = |draft: Draft| Draft::refuse(form(&draft, &csrf, &before.name, &action, &around, Some(&before.code)));
    let after = typed.read(Some(&before), &around, now).map_err(refuse)?;
    if after != before {
        appeal::update(&mut tx, &after).await?;
        let (record, told) = (id.to_string(), [told(&before), told(&after)]);
        audit::record(&mut tx, &staff.actor(), "change", ("appeal", &record), Some(&told[0]), Some(&told[1]), now).await?;
        tx.commit().await?;
    }
    Ok(redirect_saying(format!("{PATH}/{id}"), Mood::Good, format!("{} is saved.", after.name)))
}
