//! The roster: local organizations and people, each perhaps an affiliate of a national member. Who leaves
//! stays on record.
use super::{
    RosterEntry, RosterId, RosterKind,
    form::{self, today},
    keeper::Keeper,
    queries,
};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Day, Email, text},
    members::{self, Brief},
    web::{Csrf, Download, Draft, Error, Field, Form, Mood, Page, RawForm, day, empty, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

pub(super) fn router() -> Router<App> {
    let mut router = Router::new();
    for base in ["/staff/alliances/{id}", "/leader/{id}"] {
        router = router
            .route(&format!("{base}/roster"), get(list).post(add))
            .route(&format!("{base}/roster.csv"), get(csv))
            .route(&format!("{base}/roster/{{entry}}"), get(ask).post(change))
            .route(&format!("{base}/roster/{{entry}}/departure"), post(leave))
            .route(&format!("{base}/roster/{{entry}}/return"), post(come_back));
    }
    router
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    kind: String,
    name: String,
    email: String,
    member: String,
    note: String,
    from: String,
}

/// The part of an address that names an entry.
#[derive(Deserialize)]
struct At {
    entry: RosterId,
}

#[derive(Serialize)]
struct Record<'a> {
    kind: RosterKind,
    name: &'a str,
    email: Option<&'a Email>,
    from: Day,
    to: Option<Day>,
}

impl<'a> Record<'a> {
    fn of(entry: &'a RosterEntry) -> Self {
        Self { kind: entry.kind, name: &entry.name, email: entry.email.as_ref(), from: entry.from_day, to: entry.to_day }
    }
}

type Links = HashMap<members::OrganizationId, Brief>;

async fn read_roster(tx: &mut Tx, keeper: &Keeper) -> sqlx::Result<(Vec<RosterEntry>, Links)> {
    let entries = queries::roster(tx, keeper.alliance.id).await?;
    let mut ids: Vec<_> = entries.iter().filter_map(|entry| entry.organization_id).collect();
    ids.sort();
    ids.dedup();
    let links = members::briefly(tx, &ids).await?.into_iter().map(|o| (o.id, o)).collect();
    Ok((entries, links))
}

async fn list(State(app): State<App>, keeper: Keeper, csrf: Csrf) -> Result<Page, Error> {
    let (entries, links) = read_roster(&mut app.db.read().await?, &keeper).await?;
    let draft = Draft::of([("kind", RosterKind::Organization.to_string()), ("from", today(&app).to_string())]);
    Ok(page(&keeper, &entries, &links, &csrf, &draft))
}

fn page(keeper: &Keeper, entries: &[RosterEntry], links: &Links, csrf: &Csrf, draft: &Draft) -> Page {
    let now = entries.iter().filter(|entry| entry.to_day.is_none()).count();
    let base = &keeper.base;
    let content = html! {
        (error_summary(draft))
        div.list-head {
            p { strong { (text::count(i64::try_from(now).unwrap_or(i64::MAX), "entry", "entries")) } " today" }
            @if !entries.is_empty() { p.actions { a.button.quiet href={ (base) "/roster.csv" } { "Download as CSV" } } }
        }
        @if entries.is_empty() {
            (empty("Nobody stands on the roster yet. Local organizations, people, and local affiliates of the national members stand here, and messages go to them.", None))
        } @else {
            table {
                caption { "Roster, those of today first" }
                thead { tr { th scope="col" { "Name" } th scope="col" { "Kind" } th scope="col" { "E-mail" } th scope="col" { "National member" } th scope="col" { "Since" } @if keeper.may_keep().is_ok() { th scope="col" { "Change" } } } }
                tbody { @for entry in entries { (row(keeper, entry, links, csrf)) } }
            }
        }
        @if keeper.may_keep().is_ok() {
            section aria-labelledby="add" {
                h2 #add { "Add to the roster" }
                form method="post" action={ (base) "/roster" } {
                    (csrf.field()) (fields(draft))
                    p.actions { button type="submit" { "Add to the roster" } }
                }
            }
        }
    };
    keeper.page("Roster", content).wide()
}

fn row(keeper: &Keeper, entry: &RosterEntry, links: &Links, csrf: &Csrf) -> Markup {
    let here = format!("{}/roster/{}", keeper.base, entry.id);
    html! { tr {
        th scope="row" { span { (entry.name) @if !entry.note.is_empty() { br; small { (entry.note) } } } }
        td data-label="Kind" { (entry.kind.label()) }
        td data-label="E-mail" { @if let Some(email) = &entry.email { a href={ "mailto:" (email) } { (email) } } @else { "None" } }
        td data-label="National member" { @if let Some(o) = entry.organization_id.and_then(|id| links.get(&id)) { a href=(o.path()) { (o.name) } } @else { "None" } }
        td data-label="Since" { span { (day(entry.from_day)) @if let Some(to) = entry.to_day { " until " (day(to)) } } }
        @if keeper.may_keep().is_ok() { td data-label="Change" {
            @let (action, words) = if entry.to_day.is_none() { ("departure", "Left") } else { ("return", "Is back") };
            form method="post" action={ (here) "/" (action) } {
                (csrf.field())
                a href=(here) { "Correct" span.visually-hidden { " " (entry.name) } } " "
                button.quiet type="submit" { (words) span.visually-hidden { ": " (entry.name) } }
            }
        } }
    } }
}

fn fields(draft: &Draft) -> Markup {
    let kinds: Vec<_> = RosterKind::ALL.iter().map(|k| (k.as_str(), k.label(), None)).collect();
    html! {
        (field("kind", "What it is").radios(draft, &kinds))
        (Field { autocomplete: Some("off"), ..field("name", "Name") }.input(draft))
        (Field { optional: true, kind: "email", inputmode: Some("email"), autocomplete: Some("off"), hint: Some("Messages to the roster go there."), ..field("email", "E-mail address") }.input(draft))
        (Field { optional: true, autocomplete: Some("off"), hint: Some("When it is a local affiliate: the member’s name or admission number"), ..field("member", "National member") }.input(draft))
        (Field { optional: true, autocomplete: Some("off"), ..field("note", "Note") }.input(draft))
        (form::date("from", "Since").input(draft))
    }
}

async fn read(
    tx: &mut Tx,
    draft: &mut Draft,
    typed: &Typed,
    keeper: &Keeper,
    id: RosterId,
    today: Day,
) -> sqlx::Result<Option<RosterEntry>> {
    let kind = draft.read::<RosterKind>("kind", &typed.kind);
    let name = draft.text("name", &text::line(&typed.name), 160, "Write the name");
    let email = draft.read_optional::<Email>("email", &typed.email);
    let member = draft.optional_text("member", &text::line(&typed.member), 200);
    let note = draft.optional_text("note", &text::line(&typed.note), 300);
    let from = draft.read::<Day>("from", &typed.from);
    form::not_ahead(draft, "from", from, today);
    let mut organization_id = None;
    if let Some(member) = member.filter(|m| !m.is_empty()) {
        match members::meant(tx, &member).await? {
            Ok(found) => organization_id = Some(found.id),
            Err(why) => draft.reject("member", why),
        }
    }
    if let Some(name) = &name {
        let taken = queries::roster(tx, keeper.alliance.id).await?;
        let same = |e: &&RosterEntry| {
            e.id != id && e.to_day.is_none() && Some(e.kind) == kind && text::fold(&e.name) == text::fold(name)
        };
        if taken.iter().any(|e| same(&e) && (e.kind == RosterKind::Organization || Some(&e.email) == email.as_ref())) {
            draft.reject("name", format!("{name} stands on the roster already"));
        }
    }
    let entry = (|| {
        Some(RosterEntry {
            id,
            alliance_id: keeper.alliance.id,
            kind: kind?,
            name: name?,
            email: email?,
            note: note?,
            organization_id,
            from_day: from?,
            to_day: None,
        })
    })();
    Ok(entry.filter(|_| draft.is_right()))
}

async fn note(
    tx: &mut Tx,
    app: &App,
    keeper: &Keeper,
    action: &str,
    before: Option<&RosterEntry>,
    after: Option<&RosterEntry>,
) -> sqlx::Result<()> {
    let record = ("alliance", &*keeper.alliance.id.to_string());
    let (before, after) = (before.map(Record::of), after.map(Record::of));
    audit::record(tx, &keeper.actor(), action, record, before.as_ref(), after.as_ref(), app.clock.now()).await
}

async fn add(State(app): State<App>, keeper: Keeper, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    keeper.may_keep()?;
    let mut tx = app.db.write().await?;
    let mut draft = Draft::default();
    let Some(entry) = read(&mut tx, &mut draft, &typed, &keeper, RosterId::new(), today(&app)).await? else {
        let (entries, links) = read_roster(&mut tx, &keeper).await?;
        return Err(Draft::refuse(page(&keeper, &entries, &links, &csrf, &draft)));
    };
    queries::add_roster(&mut tx, &entry).await?;
    note(&mut tx, &app, &keeper, "add_to_roster", None, Some(&entry)).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}/roster", keeper.base), Mood::Good, format!("{} stands on the roster.", entry.name)))
}

fn change_page(keeper: &Keeper, entry: &RosterEntry, csrf: &Csrf, draft: &Draft) -> Page {
    let roster = format!("{}/roster", keeper.base);
    let content = html! {
        (error_summary(draft))
        form method="post" action={ (roster) "/" (entry.id) } {
            (csrf.field()) (fields(draft))
            p.actions { button type="submit" { "Save" } a href=(roster) { "Cancel" } }
        }
    };
    keeper.page(format!("Correct {}", entry.name), content).crumb("Roster", &roster)
}

async fn ask(State(app): State<App>, keeper: Keeper, csrf: Csrf, Path(at): Path<At>) -> Result<Page, Error> {
    keeper.may_keep()?;
    let mut tx = app.db.read().await?;
    let entry = queries::entry(&mut tx, keeper.alliance.id, at.entry).await?.ok_or(Error::NotFound)?;
    let link = members::briefly(&mut tx, entry.organization_id.as_slice()).await?.pop();
    let draft = Draft::of([
        ("kind", entry.kind.to_string()),
        ("name", entry.name.clone()),
        ("email", entry.email.as_ref().map_or_else(String::new, ToString::to_string)),
        ("member", link.map_or_else(String::new, |o| o.name)),
        ("note", entry.note.clone()),
        ("from", entry.from_day.to_string()),
    ]);
    Ok(change_page(&keeper, &entry, &csrf, &draft))
}

async fn change(
    State(app): State<App>,
    keeper: Keeper,
    csrf: Csrf,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    keeper.may_keep()?;
    let mut tx = app.db.write().await?;
    let old = queries::entry(&mut tx, keeper.alliance.id, at.entry).await?.ok_or(Error::NotFound)?;
    let mut draft = Draft::default();
    let new = read(&mut tx, &mut draft, &typed, &keeper, old.id, today(&app)).await?;
    if new.as_ref().is_some_and(|new| old.to_day.is_some_and(|to| to < new.from_day)) {
        draft.reject("from", "It left before this day");
    }
    let Some(new) = new.filter(|_| draft.is_right()) else {
        return Err(Draft::refuse(change_page(&keeper, &old, &csrf, &draft)));
    };
    queries::change_roster(&mut tx, &new).await?;
    note(&mut tx, &app, &keeper, "correct_roster", Some(&old), Some(&RosterEntry { to_day: old.to_day, ..new.clone() })).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}/roster", keeper.base), Mood::Good, format!("{} is corrected.", new.name)))
}

async fn leave(State(app): State<App>, keeper: Keeper, Path(at): Path<At>, _: RawForm) -> Result<Response, Error> {
    keeper.may_keep()?;
    let today = today(&app);
    let mut tx = app.db.write().await?;
    let entry = queries::entry(&mut tx, keeper.alliance.id, at.entry).await?.ok_or(Error::NotFound)?;
    if !queries::end_roster(&mut tx, entry.id, today).await? {
        return Err(Error::Conflict(format!("{} has left already. Look at the roster again.", entry.name)));
    }
    note(&mut tx, &app, &keeper, "take_off_roster", Some(&entry), Some(&RosterEntry { to_day: Some(today), ..entry.clone() }))
        .await?;
    tx.commit().await?;
    Ok(redirect_saying(
        format!("{}/roster", keeper.base),
        Mood::Good,
        format!("{} has left. The record stays, and “Is back” undoes it.", entry.name),
    ))
}

async fn come_back(State(app): State<App>, keeper: Keeper, Path(at): Path<At>, _: RawForm) -> Result<Response, Error> {
    keeper.may_keep()?;
    let mut tx = app.db.write().await?;
    let entry = queries::entry(&mut tx, keeper.alliance.id, at.entry).await?.ok_or(Error::NotFound)?;
    if !queries::reopen_roster(&mut tx, entry.id).await? {
        return Err(Error::Conflict(format!("{} stands on the roster already. Look at it again.", entry.name)));
    }
    note(&mut tx, &app, &keeper, "return_to_roster", Some(&entry), Some(&RosterEntry { to_day: None, ..entry.clone() })).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}/roster", keeper.base), Mood::Good, format!("{} stands on the roster again.", entry.name)))
}

async fn csv(State(app): State<App>, keeper: Keeper) -> Result<Response, Error> {
    let (entries, links) = read_roster(&mut app.db.read().await?, &keeper).await?;
    let mut file = Download::new(
        format!("{}-roster.csv", keeper.alliance.slug),
        &["Name", "Kind", "E-mail", "National member", "Since", "Until", "Note"],
    )?;
    for entry in &entries {
        file.row(&[
            entry.name.clone(),
            entry.kind.label(),
            entry.email.as_ref().map_or_else(String::new, ToString::to_string),
            entry.organization_id.and_then(|id| links.get(&id)).map_or_else(String::new, |o| o.name.clone()),
            entry.from_day.to_string(),
            entry.to_day.map_or_else(String::new, |to| to.to_string()),
            entry.note.clone(),
        ])?;
    }
    file.finish()
}
