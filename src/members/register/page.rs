//! The pages of the register: the list, a past member entered by hand, a number that was never issued.
use super::{Entry, Stands, entries, queries};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Day, text},
    members::{
        self, Admission, Category, CategoryId, Organization, OrganizationId, PastOrganization, Track, Website, place,
        queries as members_queries,
        queries::{Belonging, Narrowed},
        reaffirmation::{self, Rhythm},
        record::href,
        standing,
    },
    settings,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, day, empty, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

const PATH: &str = "/staff/register";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(show))
        .route("/staff/register/new", get(ask_past).post(enter))
        .route("/staff/register/unissued", get(ask_unissued).post(note_unissued))
        .route("/staff/register/unissued/{number}/removal", post(remove_unissued))
}

async fn holders(tx: &mut Tx) -> sqlx::Result<Vec<Organization>> {
    let all = Narrowed { belonging: Belonging::All, track: Some(Track::Member), ..Narrowed::default() };
    members_queries::listed(tx, &all, 0, 1_000_000).await
}

async fn show(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let next = members::next_number(&mut tx).await?;
    let register = entries(holders(&mut tx).await?, queries::gaps(&mut tx).await?, next - 1);
    let mut facts: HashMap<OrganizationId, Vec<_>> = HashMap::new();
    for fact in standing::all_facts(&mut tx).await? {
        facts.entry(fact.organization_id).or_default().push(fact);
    }
    let today = app.coalition.get().zone().day(app.clock.now());
    let rhythm: Rhythm = settings::get(&mut tx).await?;
    let bases = reaffirmation::queries::bases(&mut tx).await?;
    let due: HashMap<_, _> = bases
        .iter()
        .map(|basis| {
            let own = facts.get(&basis.organization_id).map_or(&[][..], Vec::as_slice);
            (basis.organization_id, rhythm.due(basis.affirmed(own, today)))
        })
        .collect();
    let ids: std::collections::HashSet<_> = facts.keys().chain(due.keys()).copied().collect();
    let stands: Stands = ids
        .into_iter()
        .map(|id| {
            let own = facts.get(&id).map_or(&[][..], Vec::as_slice);
            (id, standing::derive(own, today).with_due(&rhythm, due.get(&id).copied().flatten(), today))
        })
        .collect();
    let may = staff.may_admit().is_ok();
    let unknown = super::unknown(&register);
    let content = html! {
        p.lead { "Every admission number ever issued, in order. A number is issued once and never again; the next one is " (next) "." }
        @if may { p.actions {
            a.button.secondary href="/staff/register/new" { "Enter a past member" }
            a.button.quiet href="/staff/register/unissued" { "Note a number that was not issued" }
        } }
        @if unknown > 0 {
            div.notice data-mood="warn" { p { (text::count(unknown, "number is", "numbers are")) " not accounted for. Enter who held it, or note that it was not issued." } }
        }
        @if register.is_empty() {
            (empty("No number has been issued yet. The first member that is approved gets number 1; who joined before is entered here by hand.", may.then_some(("Enter a past member", "/staff/register/new"))))
        } @else { (table(&register, &stands, may, &csrf)) }
    };
    Ok(Page::staff("Admission register", content).crumb("Staff", "/staff").crumb("Organizations", "/staff/organizations").wide())
}

fn table(register: &BTreeMap<i64, Entry>, stands: &Stands, may: bool, csrf: &Csrf) -> Markup {
    html! {
        table {
            caption { "Admission numbers in order" }
            thead { tr { th.num scope="col" { "Number" } th scope="col" { "Holder" } th scope="col" { "Admitted" } th scope="col" { "Standing" } } }
            tbody { @for (number, entry) in register { tr {
                td.num.member-number data-label="Number" {
                    (number)
                    @if let Entry::Unknown(to) = entry { @if to > number { " to " (to) } }
                }
                @match entry {
                    Entry::Held(o) => {
                        @let now = stands.get(&o.id).map_or(standing::Standing::InGoodStanding, |s| s.standing);
                        th scope="row" { a href=(href(o.id)) { (o.name) } }
                        td data-label="Admitted" { (day(o.admitted_on)) }
                        td data-label="Standing" { span { (standing::shown(now)) @if let Some(left) = o.left_on { " " (day(left)) } } }
                    }
                    Entry::NotIssued(reason) => {
                        th scope="row" { "Number not issued" }
                        td data-label="Admitted" { "—" }
                        td data-label="Standing" { span {
                            (reason)
                            @if may { form method="post" action={ "/staff/register/unissued/" (number) "/removal" } { (csrf.field()) button type="submit" { "Take back" span.visually-hidden { " number " (number) } } } }
                        } }
                    }
                    Entry::Unknown(to) => {
                        th scope="row" {
                            "Not accounted for"
                            @if to > number { ": " (text::number(to - number + 1)) " numbers" }
                        }
                        td data-label="Admitted" { "—" }
                        td data-label="Standing" { @if may { span {
                            a href={ "/staff/register/new?number=" (number) } { @if to > number { "Enter a holder" } @else { "Enter its holder" } span.visually-hidden { " of number " (number) } } " or "
                            a href={ "/staff/register/unissued?number=" (number) } { "not issued" span.visually-hidden { ": number " (number) } }
                        } } @else { "—" } }
                    }
                }
            } } }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    number: String,
    name: String,
    category: String,
    city: String,
    state: String,
    website: String,
    on: String,
    reason: String,
}

fn past_page(csrf: &Csrf, draft: &Draft, categories: &[Category], next: i64) -> Page {
    let kinds: Vec<_> = categories.iter().map(|c| (c.id.to_string(), c.name.clone())).collect();
    let content = html! {
        (error_summary(draft))
        p { "A member that was admitted before Convener kept the register. No mail is sent and no news is drafted. Numbers from " (next) " on were not issued yet: when you enter a higher one, the sequence continues after it." }
        form method="post" action="/staff/register/new" {
            (csrf.field())
            (Field { width: "short", inputmode: Some("numeric"), ..field("number", "Admission number") }.input(draft))
            (Field { kind: "date", width: "medium", ..field("on", "Admitted on") }.input(draft))
            (field("name", "Name").input(draft))
            (field("category", "Category").select(draft, &kinds))
            (Field { width: "medium", ..field("city", "City of its main office") }.input(draft))
            (Field { width: "short", hint: Some("Two letters, such as MN"), ..field("state", "State") }.input(draft))
            (Field { optional: true, inputmode: Some("url"), ..field("website", "Website") }.input(draft))
            p.actions { button type="submit" { "Enter the member" } a href=(PATH) { "Cancel" } }
        }
    };
    Page::staff("Enter a past member", content).crumb("Staff", "/staff").crumb("Admission register", PATH)
}

async fn ask_past(State(app): State<App>, staff: Staff, csrf: Csrf, Query(typed): Query<Typed>) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let categories = members::categories(&mut tx).await?;
    let next = members::next_number(&mut tx).await?;
    Ok(past_page(&csrf, &Draft::of([("number", typed.number)]), &categories, next))
}

/// The number, when nobody holds it.
async fn free_number(tx: &mut Tx, draft: &mut Draft, typed: &str) -> Result<Option<i64>, Error> {
    let Some(number) = draft.read::<i64>("number", typed.trim()) else { return Ok(None) };
    if !(1..1_000_000).contains(&number) {
        draft.reject("number", "Write a number from 1");
        return Ok(None);
    }
    if let Some(holder) = members_queries::by_number(tx, number).await? {
        draft.reject("number", format!("{} holds number {number}. A number is issued once", holder.name));
        return Ok(None);
    }
    Ok(Some(number))
}

async fn enter(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_admit()?;
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let mut tx = app.db.write().await?;
    let last = queries::hold_counter(&mut tx).await?;
    let categories = members::categories(&mut tx).await?;
    let mut draft = Draft::default();
    let number = free_number(&mut tx, &mut draft, &typed.number).await?;
    if let Some(number) = number
        && queries::gaps(&mut tx).await?.iter().any(|(gap, _)| *gap == number)
    {
        draft.reject("number", format!("Number {number} is noted as not issued. Take that back first"));
    }
    let on = draft.read::<Day>("on", &typed.on);
    if on.is_some_and(|on| on > today) {
        draft.reject("on", "Enter a day that is not in the future");
    }
    let name = draft.text("name", &text::line(&typed.name), 200, "Write the organization’s name");
    if let Some(name) = &name
        && let Some(known) = members_queries::by_slug(&mut tx, &text::slug(name)).await?
    {
        draft.reject("name", format!("{} is on record already. Change that record instead", known.name));
    }
    let category = draft.read::<CategoryId>("category", &typed.category).filter(|id| categories.iter().any(|c| c.id == *id));
    let city = draft.text("city", &text::line(&typed.city), 120, "Write the city");
    draft.keep("state", &typed.state);
    let state = place::states(&typed.state).ok().filter(|s| s.len() == 1).and_then(|mut s| s.pop());
    if state.is_none() {
        draft.reject("state", "Write the state’s two letters, such as MN");
    }
    let website = draft.read_optional::<Website>("website", &typed.website).flatten().map(|site| site.to_string());
    let (Some(number), Some(on), Some(name), Some(category_id), Some(city), Some(state_code), true) =
        (number, on, name, category, city, state, draft.is_right())
    else {
        return Err(Draft::refuse(past_page(&csrf, &draft, &categories, last + 1)));
    };
    let contacts = Vec::new();
    let (track, mission) = (Track::Member, String::new());
    let admission = Admission { name, track, category_id, city, state_code, website, founded: None, mission, contacts };
    let past = PastOrganization { id: OrganizationId::new(), admission_number: Some(number), admitted_on: on, admission };
    members::insert_history(&mut tx, std::slice::from_ref(&past), now).await?;
    let record = past.id.to_string();
    let after = serde_json::json!({ "number": number, "admitted on": on, "name": past.admission.name });
    audit::record(&mut tx, &staff.actor(), "enter in the register", ("organization", &record), None::<&()>, Some(&after), now)
        .await?;
    tx.commit().await?;
    Ok(redirect_saying(
        href(past.id),
        Mood::Good,
        format!("{} is entered with number {number}. Add its contacts next.", past.admission.name),
    ))
}

fn unissued_page(csrf: &Csrf, draft: &Draft) -> Page {
    let content = html! {
        (error_summary(draft))
        p { "A number that the sequence skipped and nobody ever held. It is never issued later either." }
        form method="post" action="/staff/register/unissued" {
            (csrf.field())
            (Field { width: "short", inputmode: Some("numeric"), ..field("number", "Admission number") }.input(draft))
            (Field { hint: Some("Such as: the numbering began at 5"), ..field("reason", "Why it was not issued") }.textarea(draft, 3))
            p.actions { button type="submit" { "Note it as not issued" } a href=(PATH) { "Cancel" } }
        }
    };
    Page::staff("Note a number that was not issued", content).crumb("Staff", "/staff").crumb("Admission register", PATH)
}

async fn ask_unissued(staff: Staff, csrf: Csrf, Query(typed): Query<Typed>) -> Result<Page, Error> {
    staff.may_admit()?;
    Ok(unissued_page(&csrf, &Draft::of([("number", typed.number)])))
}

/// What the audit keeps.
#[derive(Serialize)]
struct Unissued<'a> {
    number: i64,
    reason: &'a str,
}

async fn note_unissued(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_admit()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let last = queries::hold_counter(&mut tx).await?;
    let mut draft = Draft::default();
    let number = free_number(&mut tx, &mut draft, &typed.number).await?;
    if number.is_some_and(|number| number > last) {
        draft.reject("number", format!("The last number issued is {last}. A higher one is still to be issued"));
    }
    let reason = draft.text("reason", &text::lines(&typed.reason), 500, "Write why it was not issued");
    let (Some(number), Some(reason), true) = (number, reason, draft.is_right()) else {
        return Err(Draft::refuse(unissued_page(&csrf, &draft)));
    };
    if queries::insert_gap(&mut tx, number, &reason, &staff.name, now).await? {
        let (record, after) = (number.to_string(), Unissued { number, reason: &reason });
        let record = ("admission_number", record.as_str());
        audit::record(&mut tx, &staff.actor(), "note as not issued", record, None::<&()>, Some(&after), now).await?;
    }
    tx.commit().await?;
    Ok(redirect_saying(PATH, Mood::Good, format!("Number {number} is noted as not issued.")))
}

async fn remove_unissued(
    State(app): State<App>,
    staff: Staff,
    Path(number): Path<i64>,
    _form: RawForm,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    if let Some(reason) = queries::remove_gap(&mut tx, number).await? {
        let (record, before) = (number.to_string(), Unissued { number, reason: &reason });
        let (record, now) = (("admission_number", record.as_str()), app.clock.now());
        audit::record(&mut tx, &staff.actor(), "take back that it was not issued", record, Some(&before), None::<&()>, now)
            .await?;
    }
    tx.commit().await?;
    Ok(redirect_saying(PATH, Mood::Good, format!("Number {number} is not accounted for again.")))
}
