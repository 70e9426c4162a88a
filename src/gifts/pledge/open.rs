//! The page where a pledge is written down.
use super::{Pledge, PledgeId, PledgeState, Promise, Rhythm, schedule};
use crate::{
    app::App,
    audit,
    db::Tx,
    donors::{self, Donor},
    gifts::{
        CampaignId,
        offline::{Lists, choose},
        queries,
    },
    kernel::{Cents, Day, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying, tick},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::html;

const PATH: &str = "/staff/pledges/new";
const MOST: Cents = Cents::new(10_000_000_000);

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Opening {
    donor: String,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    who: String,
    donor: String,
    amount: String,
    rhythm: String,
    instalments: String,
    first_on: String,
    fund: String,
    campaign: String,
    note: String,
    reminders: String,
}

pub(super) async fn ask(staff: Staff, State(app): State<App>, Query(opening): Query<Opening>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let lists = Lists::read(&app).await?;
    let known = match opening.donor.parse() {
        Ok(id) => donors::by_id(&mut app.db.read().await?, id).await?,
        Err(_) => None,
    };
    let draft = Draft::of([
        ("rhythm", Rhythm::Monthly.to_string()),
        ("instalments", "12".to_owned()),
        ("first_on", lists.today.to_string()),
        ("fund", lists.funds.first().map(|fund| fund.slug.clone()).unwrap_or_default()),
        ("reminders", "yes".to_owned()),
    ]);
    Ok(page(&lists, &draft, known.as_ref(), &[], &csrf))
}

fn page(lists: &Lists, draft: &Draft, known: Option<&Donor>, choices: &[Donor], csrf: &Csrf) -> Page {
    let options: Vec<_> = choices
        .iter()
        .map(|donor| (donor.id.to_string(), donor.name.clone(), donor.email.as_ref().map(crate::kernel::Email::as_str)))
        .collect();
    let rhythms: Vec<_> = Rhythm::ALL.iter().map(|rhythm| (rhythm.as_str(), rhythm.label(), None)).collect();
    let funds: Vec<_> = lists.funds.iter().map(|fund| (fund.slug.as_str(), fund.name.as_str())).collect();
    let campaigns: Vec<_> =
        std::iter::once(("", "None")).chain(lists.campaigns.iter().map(|c| (c.slug.as_str(), c.name.as_str()))).collect();
    let short = |name, label| Field { width: "short", autocomplete: Some("off"), ..field(name, label) };
    let content = html! {
        (error_summary(draft))
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            @if let Some(donor) = known {
                p { "Of " a href={ "/staff/donors/" (donor.id) } { (donor.name) } "." }
                input type="hidden" name="donor" value=(donor.id);
            } @else {
                (Field { autocomplete: Some("off"), hint: Some("A name or an e-mail address of somebody among the donors."), ..field("who", "Donor") }.input(draft))
                @if !options.is_empty() { (field("donor", "Which donor is it?").radios(draft, &options)) }
            }
            (Field { inputmode: Some("decimal"), prefix: Some(lists.currency.sign().trim()), hint: Some("All instalments together."), ..short("amount", "How much is pledged?") }.input(draft))
            (field("rhythm", "How will it come?").radios(draft, &rhythms))
            (Field { inputmode: Some("numeric"), optional: true, hint: Some("They come out even to the cent; what can’t be divided goes to the first ones."), ..short("instalments", "In how many instalments?") }.input(draft))
            (Field { kind: "date", ..short("first_on", "When is the first one due?") }.input(draft))
            (Field { width: "medium", ..field("fund", "Fund") }.select(draft, &funds))
            @if campaigns.len() > 1 { (Field { optional: true, width: "medium", ..field("campaign", "Campaign") }.select(draft, &campaigns)) }
            (Field { optional: true, hint: Some("Such as where the donor’s word is kept."), ..field("note", "Note") }.input(draft))
            (tick("reminders", "Remind the donor by mail", Some("A week before each instalment is due, and two weeks after it if it has not come."), draft))
            div.actions { button { "Write the pledge down" } a href="/staff/pledges" { "Cancel" } }
        }
    };
    Page::staff("Write down a pledge", content).crumb("Gifts", "/staff/gifts").crumb("Pledges", "/staff/pledges")
}

pub(super) async fn save(staff: Staff, State(app): State<App>, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let lists = Lists::read(&app).await?;
    let mut draft = Draft::of([("fund", &typed.fund), ("campaign", &typed.campaign), ("reminders", &typed.reminders)]);
    let mut tx = app.db.write().await?;
    let (donor, choices) = choose(&mut tx, &mut draft, &typed.who, &typed.donor).await?;
    draft.keep("amount", &typed.amount);
    let amount =
        Cents::parse_up_to(MOST, &typed.amount, lists.currency).map_err(|why| draft.reject("amount", why.to_string())).ok();
    let rhythm = draft.read::<Rhythm>("rhythm", &typed.rhythm);
    draft.keep("instalments", &typed.instalments);
    let count = match (rhythm, typed.instalments.trim().parse::<i64>()) {
        (Some(Rhythm::Once), _) => Some(1),
        (_, Ok(count)) if (1..=120).contains(&count) => Some(count),
        _ => {
            draft.reject("instalments", "Enter how many instalments there are, from 1 to 120");
            None
        }
    };
    if amount.zip(count).is_some_and(|(amount, count)| amount.get() < count) {
        draft.reject("amount", "Enter more: each instalment is at least the smallest unit");
    }
    let first: Option<Day> = draft.read("first_on", &typed.first_on);
    let fund = lists.funds.iter().find(|fund| fund.slug == typed.fund.trim());
    if fund.is_none() {
        draft.reject("fund", "Choose the fund it is for");
    }
    let campaign = lists.campaigns.iter().find(|campaign| campaign.slug == typed.campaign.trim()).map(|campaign| campaign.id);
    let note = draft.optional_text("note", &text::line(&typed.note), 300);
    let (Some(donor), Some(amount), Some(rhythm), Some(count), Some(first), Some(fund), Some(note), true) =
        (donor.as_ref(), amount, rhythm, count, first, fund, note, draft.is_right())
    else {
        let known = donor.as_ref().filter(|_| typed.who.is_empty());
        return Err(Draft::refuse(page(&lists, &draft, known, &choices, &csrf)));
    };
    let promise = Promise {
        donor: donor.id,
        fund: fund.id,
        amount,
        currency: lists.currency,
        rhythm,
        instalments: count,
        first_on: first,
        made_on: lists.today,
    };
    let more = (campaign, note, typed.reminders == "yes");
    let record = write_down(&app, &mut tx, &staff, (&promise, &donor.name), more).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/pledges/{record}"), Mood::Good, format!("The pledge of {} is written down.", donor.name)))
}

/// Writes a pledge of the donor who is called so, with its instalments.
pub(in crate::gifts) async fn write_down(
    app: &App,
    tx: &mut Tx,
    staff: &Staff,
    (promise, donor): (&Promise, &str),
    (campaign_id, note, reminders): (Option<CampaignId>, String, bool),
) -> sqlx::Result<PledgeId> {
    let now = app.clock.now();
    let &Promise { amount, currency, rhythm, instalments, first_on, .. } = promise;
    let pledge = Pledge {
        id: PledgeId::new(),
        donor_id: promise.donor,
        fund_id: promise.fund,
        campaign_id,
        amount,
        currency,
        rhythm,
        made_on: promise.made_on,
        note,
        reminders,
        state: PledgeState::Open,
        written_off_at: None,
        why: None,
        created_at: now,
    };
    queries::pledge::insert(tx, &pledge, &schedule(amount, rhythm, first_on, instalments)).await?;
    let told = serde_json::json!({
        "donor": donor, "amount": amount.of(currency).to_string(), "rhythm": rhythm, "instalments": instalments, "first_on": first_on,
    });
    audit::record(tx, &staff.actor(), "add", ("pledge", &pledge.id.to_string()), None::<&()>, Some(&told), now).await?;
    Ok(pledge.id)
}
