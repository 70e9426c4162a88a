//! The text that applicants accept, in its versions. A new one comes into force on a day and follows the
//! one before; what was in force or accepted is never changed.
use crate::{
    app::App,
    audit,
    kernel::{Day, text},
    members::{self, CommitmentVersion},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, badge, day, empty, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};

const PATH: &str = "/staff/settings/commitment";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(list).post(add))
        .route("/staff/settings/commitment/{version}", get(show))
        .route("/staff/settings/commitment/{version}/removal", post(take_back))
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Typed {
    body: String,
    in_force: String,
}

impl Typed {
    fn read(&self, versions: &[CommitmentVersion], today: Day) -> Result<(String, Day), Draft> {
        let mut draft = Draft::default();
        let body = draft.text("body", &self.body, 20_000, "Write the text that applicants accept");
        let in_force = draft.read::<Day>("in_force", &self.in_force);
        if in_force.is_some_and(|day| day < today) {
            draft.reject("in_force", "Enter today or a later day: what was accepted before stays as it was");
        }
        // Among the versions of its day the newest counts, so this is the one that the new version replaces.
        let before = in_force.and_then(|day| members::in_force(versions, day));
        if let Some(before) = before.filter(|before| Some(&before.body) == body.as_ref()) {
            draft.reject("body", format!("Change the text: version {} has these words already", before.version));
        }
        body.zip(in_force).filter(|_| draft.is_right()).ok_or(draft)
    }
}

async fn list(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    let versions = members::commitments(&mut app.db.read().await?).await?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let current = members::in_force(&versions, today).map_or("", |v| v.body.as_str());
    let draft = Draft::of([("body", current), ("in_force", &today.to_string())]);
    Ok(page(&draft, &csrf, &versions, today))
}

fn page(draft: &Draft, csrf: &Csrf, versions: &[CommitmentVersion], today: Day) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { "Whoever applies accepts this text for their organization, and the application keeps which version it was. A version that is in force is not changed any more: a new one follows it." }
        @if versions.is_empty() { (empty("No text is written yet, so nobody can apply. Write what an organization commits to when it joins.", None)) }
        @else { (table(versions, today)) }
        h2 { @if versions.is_empty() { "Write the text" } @else { "Write a new version" } }
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            (Field { hint: Some("Leave an empty line between paragraphs."), ..field("body", "Text") }.textarea(draft, 12))
            (Field { kind: "date", width: "short", hint: Some("Applications begun before and not sent yet accept it anew."), ..field("in_force", "In force from") }.input(draft))
            div.actions {
                button type="submit" { "Add this version" }
                a href="/staff/settings" { "Cancel" }
            }
        }
    };
    Page::staff("Commitment text", content).crumb("Settings", "/staff/settings")
}

fn table(versions: &[CommitmentVersion], today: Day) -> Markup {
    html! {
        table {
            caption { "Versions, the newest first" }
            thead { tr { th scope="col" { "Version" } th scope="col" { "In force from" } th scope="col" { "State" } th scope="col" { "Accepted by" } } }
            tbody {
                @for v in versions {
                    @let (state, label) = state(v, versions, today);
                    tr {
                        th scope="row" { a href={ (PATH) "/" (v.version) } { "Version " (v.version) } }
                        td data-label="In force from" { (day(v.in_force)) }
                        td data-label="State" { (badge(state, label)) }
                        td data-label="Accepted by" { (text::count(v.accepted, "application", "applications")) }
                    }
                }
            }
        }
    }
}

/// The state for the badge, and how it is said.
fn state(v: &CommitmentVersion, versions: &[CommitmentVersion], today: Day) -> (&'static str, &'static str) {
    if members::in_force(versions, today).is_some_and(|current| current.version == v.version) {
        ("current", "In force")
    } else if v.in_force > today && members::in_force(versions, v.in_force).is_some_and(|then| then.version == v.version) {
        ("draft", "To come")
    } else {
        ("ended", "Replaced")
    }
}

async fn add(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let mut tx = app.db.write().await?;
    let versions = members::commitments(&mut tx).await?;
    let (body, in_force) = typed.read(&versions, today).map_err(|draft| Draft::refuse(page(&draft, &csrf, &versions, today)))?;
    let version = members::add_commitment(&mut tx, &body, in_force).await?.ok_or_else(|| {
        Error::Conflict("Somebody else added a version at the same moment. Read it before you add another.".to_owned())
    })?;
    let before = members::in_force(&versions, in_force).map(told);
    let after = serde_json::json!({ "in_force": in_force, "body": body });
    let record = version.to_string();
    audit::record(&mut tx, &staff.actor(), "add", ("commitment_text", &record), before.as_ref(), Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(PATH, Mood::Good, format!("Version {version} is what applicants accept from {} on.", in_force.words())))
}

/// What the audit keeps of a version.
fn told(v: &CommitmentVersion) -> serde_json::Value {
    serde_json::json!({ "in_force": v.in_force, "body": v.body })
}

async fn show(State(app): State<App>, staff: Staff, csrf: Csrf, Path(version): Path<i64>) -> Result<Page, Error> {
    staff.may_administer()?;
    let versions = members::commitments(&mut app.db.read().await?).await?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let v = versions.iter().find(|v| v.version == version).ok_or(Error::NotFound)?;
    let (state, label) = state(v, &versions, today);
    let content = html! {
        p { (badge(state, label)) " From " (day(v.in_force)) ". Accepted by " (text::count(v.accepted, "application", "applications")) "." }
        div.prose { @for paragraph in v.body.split("\n\n") { p { (paragraph) } } }
        @if v.in_force > today && v.accepted == 0 {
            section.danger-zone aria-labelledby="take-back" {
                h2 #take-back { "Take this version back" }
                p { "It has not come into force, and nobody has accepted it. It will be gone, and the text before it goes on." }
                form method="post" action={ (PATH) "/" (version) "/removal" } {
                    (csrf.field())
                    p.actions { button.danger type="submit" { "Take version " (version) " back" } }
                }
            }
        }
    };
    Ok(Page::staff(format!("Commitment text, version {version}"), content)
        .crumb("Settings", "/staff/settings")
        .crumb("Commitment text", PATH))
}

async fn take_back(
    State(app): State<App>,
    staff: Staff,
    Path(version): Path<i64>,
    RawForm(_): RawForm,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let mut tx = app.db.write().await?;
    let versions = members::commitments(&mut tx).await?;
    let v = versions.iter().find(|v| v.version == version).ok_or(Error::NotFound)?;
    if !members::take_back_commitment(&mut tx, version, today).await? {
        return Err(Error::Conflict(format!("Version {version} is in force or was accepted, so it stays. Write a new version.")));
    }
    let record = version.to_string();
    audit::record(&mut tx, &staff.actor(), "take back", ("commitment_text", &record), Some(&told(v)), None::<&()>, now).await?;
    tx.commit().await?;
    Ok(redirect_saying(PATH, Mood::Good, format!("Version {version} is taken back.")))
}
