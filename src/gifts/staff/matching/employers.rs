//! Employers and the rules by which they match: ratio, smallest gift, what they add at most.
use super::PATH;
use crate::{
    app::App,
    audit,
    gifts::{EmployerId, matching::Employer, queries},
    kernel::{Cents, Currency, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, empty, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

const EMPLOYERS: &str = "/staff/matching/employers";

pub(super) async fn list(staff: Staff, State(app): State<App>) -> Result<Page, Error> {
    let employers = queries::employers(&mut app.db.read().await?).await?;
    let add = staff.may_keep_gifts().is_ok();
    let content = html! {
        @if employers.is_empty() {
            (empty("No employer is on record. An employer is added with its rule: how much it adds to a gift, from which gift up, and at most how much.",
                add.then_some(("Add the first one", "/staff/matching/employers/new"))))
        } @else {
            @if add { p { a.button href={ (EMPLOYERS) "/new" } { "Add an employer" } } }
            table {
                caption { "Employers that match gifts" }
                thead { tr { th scope="col" { "Name" } th.num scope="col" { "Adds" } th.num scope="col" { "From" } th.num scope="col" { "At most" } } }
                tbody {
                    @for employer in &employers {
                        tr {
                            th scope="row" { a href={ (EMPLOYERS) "/" (employer.id) } { (employer.name) } }
                            td.num data-label="Adds" { (employer.percent) "%" }
                            td.num data-label="From" { (employer.least.of(employer.currency)) }
                            td.num data-label="At most" { @match employer.most { Some(most) => (most.of(employer.currency)), None => "No limit" } }
                        }
                    }
                }
            }
        }
    };
    Ok(framed("Employers", content))
}

fn framed(title: impl Into<String>, content: Markup) -> Page {
    Page::staff(title, content).crumb("Gifts", "/staff/gifts").crumb("Matching gifts", PATH)
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    percent: String,
    least: String,
    most: String,
    how: String,
}

impl Typed {
    fn read(&self, id: EmployerId, currency: Currency) -> Result<Employer, Draft> {
        let mut draft = Draft::default();
        let name = draft.text("name", &self.name, 200, "Enter the employer’s name");
        draft.keep("percent", &self.percent);
        let percent = self.percent.trim().trim_end_matches('%').trim().parse().ok().filter(|n| (1..=1_000).contains(n));
        if percent.is_none() {
            draft.reject("percent", "Enter a whole number from 1 to 1,000; 100 is one to one");
        }
        let mut amount = |field: &str, typed: &str| -> Option<Option<Cents>> {
            draft.keep(field, typed);
            if typed.trim().is_empty() {
                return Some(None);
            }
            Cents::parse(typed, currency).map(Some).map_err(|reason| draft.reject(field, reason.to_string())).ok()
        };
        let least = amount("least", &self.least);
        let most = amount("most", &self.most);
        let how = draft.optional_text("how", &self.how, 2_000);
        match (name, percent, least, most, how) {
            (Some(name), Some(percent), Some(least), Some(most), Some(how)) if draft.is_right() => {
                Ok(Employer { id, name: text::line(&name), percent, least: least.unwrap_or(Cents::ZERO), most, currency, how })
            }
            _ => Err(draft),
        }
    }
}

pub(super) async fn new(staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    Ok(framed("New employer", form(&format!("{EMPLOYERS}/new"), &Draft::of([("percent", "100")]), &csrf))
        .crumb("Employers", EMPLOYERS))
}

async fn known(app: &App, id: &str) -> Result<Employer, Error> {
    let employers = queries::employers(&mut app.db.read().await?).await?;
    employers.into_iter().find(|employer| employer.id.to_string() == id).ok_or(Error::NotFound)
}

pub(super) async fn edit(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let employer = known(&app, &id).await?;
    let plain = |amount: Cents| amount.plain(employer.currency);
    let draft = Draft::of([
        ("name", employer.name.clone()),
        ("percent", employer.percent.to_string()),
        ("least", if employer.least.is_zero() { String::new() } else { plain(employer.least) }),
        ("most", employer.most.map(plain).unwrap_or_default()),
        ("how", employer.how.clone()),
    ]);
    Ok(framed(employer.name.clone(), form(&format!("{EMPLOYERS}/{id}"), &draft, &csrf)).crumb("Employers", EMPLOYERS))
}

/// Saves a new employer, or with an id changes one. What is expected already stays as it was reckoned.
pub(super) async fn save(
    staff: Staff,
    State(app): State<App>,
    id: Option<Path<String>>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = match &id {
        Some(Path(id)) => Some(known(&app, id).await?),
        None => None,
    };
    let (id, currency, action) = before.as_ref().map_or_else(
        || (EmployerId::new(), app.coalition.get().currency, format!("{EMPLOYERS}/new")),
        |employer| (employer.id, employer.currency, format!("{EMPLOYERS}/{}", employer.id)),
    );
    let again = |draft: &Draft| {
        let page = framed("Employer", form(&action, draft, &csrf)).crumb("Employers", EMPLOYERS);
        Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY))
    };
    let employer = typed.read(id, currency).map_err(|draft| again(&draft))?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if !queries::put_employer(&mut tx, &employer).await? {
        let mut draft = Draft::of([("percent", typed.percent), ("least", typed.least), ("most", typed.most), ("how", typed.how)]);
        draft.keep("name", &typed.name);
        draft.reject("name", "Another employer has this name");
        return Err(again(&draft));
    }
    let told = |e: &Employer| serde_json::json!({ "name": e.name, "percent": e.percent, "least": e.least, "most": e.most, "how": e.how });
    let what = if before.is_some() { "change" } else { "add" };
    audit::record(
        &mut tx,
        &staff.actor(),
        what,
        ("employer", &id.to_string()),
        before.as_ref().map(told).as_ref(),
        Some(&told(&employer)),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(redirect_saying(EMPLOYERS, Mood::Good, format!("The rule of {} is saved.", employer.name)))
}

fn form(action: &str, draft: &Draft, csrf: &Csrf) -> Markup {
    let money = |name, label, hint| Field {
        hint: Some(hint),
        optional: true,
        width: "short",
        inputmode: Some("decimal"),
        ..field(name, label)
    };
    html! {
        (error_summary(draft))
        form method="post" action=(action) novalidate {
            (csrf.field())
            (field("name", "Name").input(draft))
            (Field { hint: Some("In percent of the gift: 100 is one to one, 200 two to one."), width: "short", inputmode: Some("numeric"), ..field("percent", "What it adds") }.input(draft))
            (money("least", "The smallest gift it matches", "Empty when it matches any gift.").input(draft))
            (money("most", "What it adds to one gift at most", "Empty when there is no limit.").input(draft))
            (Field { optional: true, hint: Some("The address of its form, whom to write to, until when."), ..field("how", "How to ask") }.textarea(draft, 4))
            div.actions { button { "Save" } a href=(EMPLOYERS) { "Leave it as it is" } }
        }
    }
}
