//! What an alliance does: meetings, visits to congressional offices, media, schools, events.
use super::{
    Activity, ActivityId, ActivityKind,
    form::{self, today},
    keeper::Keeper,
    queries,
};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Day, text},
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, badge, day, empty, error_summary, field, redirect_saying, tick},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

/// The most that one page shows.
const MOST: i64 = 500;

pub(super) fn router() -> Router<App> {
    let mut router = Router::new();
    for base in ["/staff/alliances/{id}", "/leader/{id}"] {
        router = router
            .route(&format!("{base}/activities"), get(list).post(add))
            .route(&format!("{base}/activities/{{activity}}"), get(ask).post(change))
            .route(&format!("{base}/activities/{{activity}}/removal"), post(remove));
    }
    router
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    kind: String,
    title: String,
    on: String,
    place: String,
    attendance: String,
    notes: String,
    shown: String,
}

#[derive(Deserialize)]
struct At {
    activity: ActivityId,
}

#[derive(Serialize)]
struct Record<'a> {
    kind: ActivityKind,
    title: &'a str,
    on: Day,
    place: &'a str,
    attendance: Option<i64>,
    notes: &'a str,
    public: bool,
}

impl<'a> Record<'a> {
    fn of(a: &'a Activity) -> Self {
        Self {
            kind: a.kind,
            title: &a.title,
            on: a.on_day,
            place: &a.place,
            attendance: a.attendance,
            notes: &a.notes,
            public: a.shown,
        }
    }
}

/// The same list for staff, leaders and visitors; notes are for the first two.
pub(super) fn timeline(activities: &[Activity]) -> Markup {
    html! { ol.timeline { @for a in activities { li { (day(a.on_day)) p { strong { (a.title) } } p.hint { (details(a)) } } } } }
}

/// `Meeting · Saint Paul · 24 people`.
pub(super) fn details(a: &Activity) -> String {
    let mut parts = vec![a.kind.label()];
    if !a.place.is_empty() {
        parts.push(a.place.clone());
    }
    if let Some(n) = a.attendance {
        parts.push(text::count(n, "person", "people"));
    }
    parts.join(" · ")
}

async fn list(State(app): State<App>, keeper: Keeper, csrf: Csrf) -> Result<Page, Error> {
    let activities = queries::activities(&mut app.db.read().await?, keeper.alliance.id, false, MOST).await?;
    let draft = Draft::of([("kind", ActivityKind::Meeting.to_string()), ("on", today(&app).to_string())]);
    Ok(page(&keeper, &activities, &csrf, &draft))
}

fn page(keeper: &Keeper, activities: &[Activity], csrf: &Csrf, draft: &Draft) -> Page {
    let keeps = keeper.may_keep().is_ok();
    let content = html! {
        (error_summary(draft))
        @if activities.is_empty() {
            (empty("Nothing is recorded yet. What the alliance does stands here with its day, place and attendance; what is marked public also on its page for visitors.", None))
        } @else {
            table {
                caption { "Activities, the latest first" }
                thead { tr { th scope="col" { "Activity" } th scope="col" { "When" } th scope="col" { "Kind" } th scope="col" { "Place" } th.num scope="col" { "Attendance" } th scope="col" { "Public" } } }
                tbody { @for a in activities { tr {
                    th scope="row" { span { @if keeps { a href={ (keeper.base) "/activities/" (a.id) } { (a.title) } } @else { (a.title) } @if !a.notes.is_empty() { br; small { (a.notes) } } } }
                    td data-label="When" { (day(a.on_day)) }
                    td data-label="Kind" { (a.kind.label()) }
                    td data-label="Place" { (a.place) }
                    td.num data-label="Attendance" { @if let Some(n) = a.attendance { (text::number(n)) } @else { "—" } }
                    td data-label="Public" { @if a.shown { (badge("published", "Public")) } @else { "No" } }
                } } }
            }
        }
        @if keeps {
            section aria-labelledby="record" {
                h2 #record { "Record an activity" }
                form method="post" action={ (keeper.base) "/activities" } {
                    (csrf.field()) (fields(draft))
                    p.actions { button type="submit" { "Record the activity" } }
                }
            }
        }
    };
    keeper.page("Activities", content).wide()
}

fn fields(draft: &Draft) -> Markup {
    let kinds: Vec<_> = ActivityKind::ALL.iter().map(|k| (k.as_str(), k.label(), None)).collect();
    html! {
        (field("kind", "What it was").radios(draft, &kinds))
        (Field { autocomplete: Some("off"), hint: Some("Spring meeting at Hamline University"), ..field("title", "Title") }.input(draft))
        (Field { hint: Some("A day ahead is an announcement."), ..form::date("on", "When") }.input(draft))
        (Field { optional: true, autocomplete: Some("off"), ..field("place", "Place") }.input(draft))
        (Field { optional: true, width: "short", inputmode: Some("numeric"), ..field("attendance", "How many came") }.input(draft))
        (Field { optional: true, hint: Some("For the alliance and the secretariat; never public."), ..field("notes", "Notes") }.textarea(draft, 3))
        (tick("shown", "Also on the alliance’s public page", None, draft))
    }
}

fn read(draft: &mut Draft, typed: &Typed, keeper: &Keeper, id: ActivityId, by: &str) -> Option<Activity> {
    let kind = draft.read::<ActivityKind>("kind", &typed.kind);
    let title = draft.text("title", &text::line(&typed.title), 160, "Write what it was, in a few words");
    let on = draft.read::<Day>("on", &typed.on);
    let place = draft.optional_text("place", &text::line(&typed.place), 160);
    draft.keep("attendance", &typed.attendance);
    let digits = typed.attendance.trim().replace(',', "");
    let attendance =
        if digits.is_empty() { Some(None) } else { digits.parse::<i64>().ok().filter(|n| (0..1_000_000).contains(n)).map(Some) };
    if attendance.is_none() {
        draft.reject("attendance", "Write a whole number, such as 24");
    }
    let notes = draft.optional_text("notes", &typed.notes, 4_000);
    draft.keep("shown", &typed.shown);
    let activity = Activity {
        id,
        alliance_id: keeper.alliance.id,
        kind: kind?,
        title: title?,
        on_day: on?,
        place: place?,
        attendance: attendance?,
        notes: notes?,
        shown: typed.shown == "yes",
        recorded_by: by.to_owned(),
    };
    draft.is_right().then_some(activity)
}

async fn note(
    tx: &mut Tx,
    app: &App,
    keeper: &Keeper,
    action: &str,
    before: Option<&Activity>,
    after: Option<&Activity>,
) -> sqlx::Result<()> {
    let record = ("alliance", &*keeper.alliance.id.to_string());
    let (before, after) = (before.map(Record::of), after.map(Record::of));
    audit::record(tx, &keeper.actor(), action, record, before.as_ref(), after.as_ref(), app.clock.now()).await
}

async fn add(State(app): State<App>, keeper: Keeper, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    keeper.may_keep()?;
    let mut tx = app.db.write().await?;
    let mut draft = Draft::default();
    let Some(activity) = read(&mut draft, &typed, &keeper, ActivityId::new(), keeper.name()) else {
        let all = queries::activities(&mut tx, keeper.alliance.id, false, MOST).await?;
        return Err(Draft::refuse(page(&keeper, &all, &csrf, &draft)));
    };
    queries::add_activity(&mut tx, &activity, app.clock.now()).await?;
    note(&mut tx, &app, &keeper, "record_activity", None, Some(&activity)).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}/activities", keeper.base), Mood::Good, format!("“{}” is recorded.", activity.title)))
}

fn change_page(keeper: &Keeper, activity: &Activity, csrf: &Csrf, draft: &Draft) -> Page {
    let all = format!("{}/activities", keeper.base);
    let here = format!("{all}/{}", activity.id);
    let content = html! {
        (error_summary(draft))
        form method="post" action=(here) {
            (csrf.field()) (fields(draft))
            p.actions { button type="submit" { "Save" } a href=(all) { "Cancel" } }
        }
        section.danger-zone aria-labelledby="remove" {
            h2 #remove { "Remove" }
            p { "For what was recorded by mistake. The audit keeps what it said." }
            form.actions method="post" action={ (here) "/removal" } { (csrf.field()) button type="submit" { "Remove this activity" } }
        }
    };
    keeper.page(format!("Correct “{}”", activity.title), content).crumb("Activities", &all)
}

async fn ask(State(app): State<App>, keeper: Keeper, csrf: Csrf, Path(at): Path<At>) -> Result<Page, Error> {
    keeper.may_keep()?;
    let a = queries::activity(&mut app.db.read().await?, keeper.alliance.id, at.activity).await?.ok_or(Error::NotFound)?;
    let draft = Draft::of([
        ("kind", a.kind.to_string()),
        ("title", a.title.clone()),
        ("on", a.on_day.to_string()),
        ("place", a.place.clone()),
        ("attendance", a.attendance.map_or_else(String::new, |n| n.to_string())),
        ("notes", a.notes.clone()),
        ("shown", if a.shown { "yes".to_owned() } else { String::new() }),
    ]);
    Ok(change_page(&keeper, &a, &csrf, &draft))
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
    let old = queries::activity(&mut tx, keeper.alliance.id, at.activity).await?.ok_or(Error::NotFound)?;
    let mut draft = Draft::default();
    let Some(new) = read(&mut draft, &typed, &keeper, old.id, &old.recorded_by) else {
        return Err(Draft::refuse(change_page(&keeper, &old, &csrf, &draft)));
    };
    queries::change_activity(&mut tx, &new).await?;
    note(&mut tx, &app, &keeper, "correct_activity", Some(&old), Some(&new)).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}/activities", keeper.base), Mood::Good, format!("“{}” is corrected.", new.title)))
}

async fn remove(State(app): State<App>, keeper: Keeper, Path(at): Path<At>, _: RawForm) -> Result<Response, Error> {
    keeper.may_keep()?;
    let mut tx = app.db.write().await?;
    let old = queries::activity(&mut tx, keeper.alliance.id, at.activity).await?.ok_or(Error::NotFound)?;
    queries::remove_activity(&mut tx, old.id).await?;
    note(&mut tx, &app, &keeper, "remove_activity", Some(&old), None).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}/activities", keeper.base), Mood::Good, format!("“{}” is removed.", old.title)))
}
