//! Why money comes: appeals with a name, a link, and when they have them a goal and days.
use crate::{
    app::App,
    audit,
    db::Tx,
    gifts::{self, Campaign, CampaignId, Giving, queries},
    kernel::{Cents, Currency, Day, text},
    settings,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, badge, day, empty, error_summary, facts, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};

const PATH: &str = "/staff/campaigns";
/// The highest goal that can be set: a trillion units of a currency with cents.
const HIGHEST_GOAL: Cents = Cents::new(100_000_000_000_000);

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(list))
        .route("/staff/campaigns/new", get(ask_new).post(add))
        .route("/staff/campaigns/{id}", get(show))
        .route("/staff/campaigns/{id}/facts", get(ask).post(change))
}

async fn list(State(app): State<App>, staff: Staff) -> Result<Page, Error> {
    let campaigns = gifts::campaigns(&mut app.db.read().await?).await?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let may = staff.may_keep_gifts().is_ok();
    let content = html! {
        div.list-head {
            p { "A link with a campaign in it counts every gift made by it towards that campaign." }
            @if may { p.actions { a.button href="/staff/campaigns/new" { "Add a campaign" } } }
        }
        @if campaigns.is_empty() {
            (empty("A campaign tells why gifts came: a year-end appeal, say, with a goal and its days. None is set yet.", may.then_some(("Add a campaign", "/staff/campaigns/new"))))
        } @else {
            table {
                caption { "Campaigns by name" }
                thead { tr { th scope="col" { "Name" } th scope="col" { "When" } th.num scope="col" { "Goal" } th scope="col" { "State" } th scope="col" { "Gifts" } } }
                tbody { @for campaign in &campaigns { tr {
                    th scope="row" { a href={ (PATH) "/" (campaign.id) } { (campaign.name) } }
                    td data-label="When" { span { (days(campaign)) } }
                    td.num data-label="Goal" { @if let Some(goal) = campaign.goal { (goal.of(campaign.currency)) } @else { "—" } }
                    td data-label="State" { (state(campaign, today)) }
                    td data-label="Gifts" { a href={ "/staff/gifts?campaign=" (campaign.slug) } { "See them" span.visually-hidden { ": " (campaign.name) } } }
                } } }
            }
        }
    };
    Ok(Page::staff("Campaigns", content).crumb("Gifts", "/staff/gifts").wide())
}

fn days(campaign: &Campaign) -> Markup {
    html! {
        @match (campaign.starts_on, campaign.ends_on) {
            (Some(from), Some(to)) => { (day(from)) " to " (day(to)) }
            (Some(from), None) => { "From " (day(from)) }
            (None, Some(to)) => { "Until " (day(to)) }
            (None, None) => "At any time",
        }
    }
}

fn state(campaign: &Campaign, today: Day) -> Markup {
    match (campaign.starts_on, campaign.ends_on) {
        (Some(from), _) if today < from => badge("draft", "To come"),
        (_, Some(to)) if to < today => badge("ended", "Over"),
        _ => badge("active", "Running"),
    }
}

async fn show(State(app): State<App>, staff: Staff, Path(id): Path<CampaignId>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let campaign = known(&mut tx, id).await?.0;
    let (count, raised) = queries::raised(&mut tx, id, campaign.currency).await?;
    drop(tx);
    let today = app.coalition.get().zone().day(app.clock.now());
    let rows = format!("/staff/gifts?campaign={}&state=settled", campaign.slug);
    let share = campaign.goal.map(|goal| raised.get().saturating_mul(100) / goal.get());
    let content = html! {
        p { (state(&campaign, today)) " " (days(&campaign)) "." }
        (facts(&[
            ("Raised", html! {
                a href=(rows) { (raised.of(campaign.currency)) } " by " (text::count(count, "gift", "gifts"))
                @if let Some(share) = share { ", " (text::number(share)) "% of the goal" }
            }),
            ("Goal", html! { @if let Some(goal) = campaign.goal { (goal.of(campaign.currency)) } @else { "None" } }),
            ("Its page", html! { a href={ "/give/" (campaign.slug) } { (app.url(&format!("/give/{}", campaign.slug))) } }),
            ("Link to give to it", html! { (app.url(&format!("/donate?campaign={}", campaign.slug))) }),
        ]))
        p.hint { "Raised is what was intended, less refunds, of gifts in " (campaign.currency.code().to_uppercase()) "." }
        @if staff.may_keep_gifts().is_ok() { p.actions { a.button.secondary href={ (PATH) "/" (id) "/facts" } { "Change the campaign" } } }
    };
    Ok(Page::staff(campaign.name, content).crumb("Gifts", "/staff/gifts").crumb("Campaigns", PATH))
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Typed {
    name: String,
    slug: String,
    goal: String,
    starts_on: String,
    ends_on: String,
    story: String,
}

impl Typed {
    fn read(&self, id: CampaignId, currency: Currency, others: &[Campaign]) -> Result<Campaign, Draft> {
        let mut draft = Draft::default();
        let name = draft.text("name", &text::line(&self.name), 120, "Enter a name, such as Year-end appeal");
        draft.keep("slug", &self.slug);
        let written = self.slug.trim();
        let slug = text::slug(if written.is_empty() { name.as_deref().unwrap_or_default() } else { written });
        if !written.is_empty() && slug != written {
            draft.reject("slug", format!("Write it in small letters, digits and hyphens, such as {slug}"));
        } else if let Some(other) = others.iter().find(|other| other.id != id && other.slug == slug) {
            let (field, what) = if written.is_empty() { ("name", "name") } else { ("slug", "word") };
            draft.reject(field, format!("Enter another {what}: the link of {} has this one already", other.name));
        }
        draft.keep("goal", &self.goal);
        let goal = match self.goal.trim() {
            "" => None,
            typed => Cents::parse_up_to(HIGHEST_GOAL, typed, currency).map_err(|why| draft.reject("goal", why.to_string())).ok(),
        };
        let starts_on: Option<Day> = draft.read_optional("starts_on", &self.starts_on).flatten();
        let ends_on: Option<Day> = draft.read_optional("ends_on", &self.ends_on).flatten();
        if starts_on.zip(ends_on).is_some_and(|(from, to)| to < from) {
            draft.reject("ends_on", "Enter a last day that is not before the first one");
        }
        let story = draft.optional_text("story", &self.story, 4_000).unwrap_or_default();
        let campaign = name.map(|name| Campaign { id, slug, name, goal, currency, starts_on, ends_on, story });
        campaign.filter(|_| draft.is_right()).ok_or(draft)
    }
}

fn form(draft: &Draft, csrf: &Csrf, heading: &str, action: &str, currency: Currency) -> Page {
    let content = html! {
        (error_summary(draft))
        form method="post" action=(action) novalidate {
            (csrf.field())
            (Field { ..field("name", "Name") }.input(draft))
            (Field { optional: true, width: "medium", hint: Some("Stands in the link, such as year-end-2026. Left empty, it is made from the name. Once the link is out, keep it: gifts by the old one are not counted any more."), ..field("slug", "Word in its link") }.input(draft))
            (Field { optional: true, width: "short", inputmode: Some("decimal"), prefix: Some(currency.sign().trim()), ..field("goal", "Goal") }.input(draft))
            (Field { optional: true, kind: "date", width: "short", ..field("starts_on", "First day") }.input(draft))
            (Field { optional: true, kind: "date", width: "short", ..field("ends_on", "Last day") }.input(draft))
            (Field { optional: true, hint: Some("What visitors read on its page. An empty line begins a paragraph."), ..field("story", "Text of its page") }.textarea(draft, 6))
            div.actions {
                button type="submit" { "Save" }
                a href=(PATH) { "Cancel" }
            }
        }
    };
    Page::staff(heading, content).crumb("Gifts", "/staff/gifts").crumb("Campaigns", PATH)
}

/// What the audit keeps of a campaign.
fn told(campaign: &Campaign) -> serde_json::Value {
    let Campaign { slug, name, goal, currency, starts_on, ends_on, story, .. } = campaign;
    serde_json::json!({
        "slug": slug, "name": name, "goal": goal.map(|goal| goal.of(*currency).to_string()), "starts_on": starts_on, "ends_on": ends_on, "story": story,
    })
}

/// The campaign of an address, and all of them.
async fn known(tx: &mut Tx, id: CampaignId) -> Result<(Campaign, Vec<Campaign>), Error> {
    let all = gifts::campaigns(tx).await?;
    let campaign = all.iter().find(|campaign| campaign.id == id).cloned().ok_or(Error::NotFound)?;
    Ok((campaign, all))
}

async fn ask_new(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let giving: Giving = settings::get(&mut app.db.read().await?).await?;
    Ok(form(&Draft::default(), &csrf, "Add a campaign", "/staff/campaigns/new", giving.currency))
}

async fn add(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let currency = settings::get::<Giving>(&mut tx).await?.currency;
    let others = gifts::campaigns(&mut tx).await?;
    let refuse = |draft: Draft| Draft::refuse(form(&draft, &csrf, "Add a campaign", "/staff/campaigns/new", currency));
    let campaign = typed.read(CampaignId::new(), currency, &others).map_err(refuse)?;
    if !gifts::insert_campaign(&mut tx, &campaign).await? {
        return Err(Error::Conflict("Somebody else added this campaign at the same moment. Look at the list again.".to_owned()));
    }
    let record = campaign.id.to_string();
    audit::record(&mut tx, &staff.actor(), "add", ("campaign", &record), None::<&()>, Some(&told(&campaign)), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{PATH}/{record}"), Mood::Good, format!("{} is added. Its link is below.", campaign.name)))
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<CampaignId>) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let (campaign, _) = known(&mut app.db.read().await?, id).await?;
    let written = |day: Option<Day>| day.map_or_else(String::new, |day| day.to_string());
    let draft = Draft::of([
        ("name", campaign.name.clone()),
        ("slug", campaign.slug.clone()),
        ("goal", campaign.goal.map_or_else(String::new, |goal| goal.plain(campaign.currency))),
        ("starts_on", written(campaign.starts_on)),
        ("ends_on", written(campaign.ends_on)),
        ("story", campaign.story.clone()),
    ]);
    Ok(form(&draft, &csrf, &campaign.name, &format!("{PATH}/{id}/facts"), campaign.currency))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<CampaignId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let (before, all) = known(&mut tx, id).await?;
    let refuse = |draft: Draft| Draft::refuse(form(&draft, &csrf, &before.name, &format!("{PATH}/{id}/facts"), before.currency));
    let after = typed.read(id, before.currency, &all).map_err(refuse)?;
    if after != before {
        if !queries::update_campaign(&mut tx, &after).await? {
            return Err(Error::Conflict("Another campaign took this link at the same moment. Choose another word.".to_owned()));
        }
        let (record, told) = (id.to_string(), [told(&before), told(&after)]);
        audit::record(&mut tx, &staff.actor(), "change", ("campaign", &record), Some(&told[0]), Some(&told[1]), now).await?;
        tx.commit().await?;
    }
    Ok(redirect_saying(format!("{PATH}/{id}"), Mood::Good, format!("{} is saved.", after.name)))
}
