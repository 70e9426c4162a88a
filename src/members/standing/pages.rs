//! The page of each act on a standing: what it means, what is asked, what will happen, and then it happens.
use super::{Act, Allowed, Fact, FactId, FactKind, Standing, State, allowed, derive, queries};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Day, text},
    members::{
        Organization, OrganizationId,
        record::{find, href, subject},
    },
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State as Held},
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/organizations/{id}/standing/{act}", get(ask).post(act))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    on: String,
    until: String,
    standing: String,
    successor: String,
    reason: String,
    step: String,
}

/// What an act is about.
struct Case {
    o: Organization,
    facts: Vec<Fact>,
    state: State,
    /// Who may be the successor; empty but for a merger.
    successors: Vec<(OrganizationId, String)>,
    today: Day,
}

impl Case {
    /// The case, when the act is possible.
    async fn open(tx: &mut Tx, app: &App, id: OrganizationId, act: Act) -> Result<Self, Error> {
        let o = find(tx, id).await?;
        let facts = super::facts(tx, id).await?;
        let today = app.coalition.get().zone().day(app.clock.now());
        let state = super::standing(tx, id, today).await?;
        match allowed(act, &state) {
            Allowed::Yes => {}
            Allowed::Refused(why) => return Err(Error::Conflict(format!("{}: {why} Nothing was changed.", o.name))),
            Allowed::No => return Err(Error::NotFound),
        }
        let successors = if act == Act::Merge { queries::successors(tx, id).await? } else { Vec::new() };
        Ok(Self { o, facts, state, successors, today })
    }

    /// Before this day nothing can be noted any more.
    fn first_day(&self) -> Day {
        self.facts.last().map_or(self.o.admitted_on, |fact| fact.on_day.max(self.o.admitted_on))
    }
}

fn form(csrf: &Csrf, draft: &Draft, act: Act, case: &Case) -> Page {
    let o = &case.o;
    let content = html! {
        (error_summary(draft))
        p { (act.meaning()) }
        p { "Now: " (case.state.sentence(o)) }
        form method="post" action={ (href(o.id)) "/standing/" (act) } {
            (csrf.field())
            @if act == Act::Merge {
                (field("successor", "Successor").select(draft, &choices(&case.successors)))
            }
            @if act == Act::Override {
                (field("standing", "Standing").radios(draft, &[
                    (Standing::InGoodStanding.as_str(), Standing::InGoodStanding.label(), None),
                    (Standing::Inactive.as_str(), Standing::Inactive.label(), Some("It stays on the roll and is not counted on.")),
                ]))
            }
            (Field { kind: "date", width: "medium", ..field("on", "With effect from") }.input(draft))
            @if matches!(act, Act::Suspend | Act::Override) {
                (Field { kind: "date", width: "medium", optional: act == Act::Suspend, hint: Some("From this day it follows the facts again"), ..field("until", "Until") }.input(draft))
            }
            (Field { hint: Some("Staff read it on the record; the public does not."), ..field("reason", "Reason") }.textarea(draft, 3))
            input type="hidden" name="step" value="preview";
            p.actions { button type="submit" { "See what will happen" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject(act.label(), o, content)
}

fn choices(successors: &[(OrganizationId, String)]) -> Vec<(String, String)> {
    let mut all = vec![(String::new(), "Choose an organization".to_owned())];
    all.extend(successors.iter().map(|(id, name)| (id.to_string(), name.clone())));
    all
}

async fn ask(
    Held(app): Held<App>,
    staff: Staff,
    csrf: Csrf,
    Path((id, act)): Path<(OrganizationId, String)>,
) -> Result<Page, Error> {
    staff.may_admit()?;
    let act: Act = act.parse().map_err(|_| Error::NotFound)?;
    let case = Case::open(&mut app.db.read().await?, &app, id, act).await?;
    Ok(form(&csrf, &Draft::of([("on", case.today.to_string())]), act, &case))
}

/// What is typed, read into the fact it becomes.
fn read(draft: &mut Draft, typed: &Typed, act: Act, case: &Case, staff: &Staff, app: &App) -> Option<Fact> {
    let on = draft.read::<Day>("on", &typed.on);
    if on.is_some_and(|on| on > case.today) {
        draft.reject("on", "Enter a day that is not in the future");
    }
    if on.is_some_and(|on| on < case.first_day()) {
        draft.reject("on", format!("The last thing noted is of {}. Enter that day or a later one", case.first_day().words()));
    }
    let until = match act {
        Act::Suspend => draft.read_optional::<Day>("until", &typed.until).flatten(),
        Act::Override => draft.read::<Day>("until", &typed.until),
        _ => None,
    };
    if until.is_some_and(|until| until <= case.today) {
        draft.reject("until", "Enter a day after today");
    }
    let standing = (act == Act::Override).then(|| draft.read::<Standing>("standing", &typed.standing)).flatten();
    if standing.is_some_and(|s| !matches!(s, Standing::InGoodStanding | Standing::Inactive)) {
        draft.reject("standing", "Choose one of the answers");
    }
    let successor = (act == Act::Merge).then(|| {
        draft.keep("successor", &typed.successor);
        let found = case.successors.iter().find(|(id, _)| id.to_string() == typed.successor);
        if found.is_none() {
            draft.reject("successor", "Choose the organization it merged into");
        }
        found.cloned()
    });
    let (successor_id, successor) = successor.flatten().unzip();
    let reason = draft.text("reason", &text::lines(&typed.reason), 1_000, "Write the reason");
    let fact = Fact {
        id: FactId::new(),
        organization_id: case.o.id,
        kind: kind(act),
        on_day: on?,
        until_day: until,
        standing,
        successor_id,
        successor,
        reason: reason?,
        noted_at: app.clock.now(),
        noted_by: staff.name.clone(),
    };
    draft.is_right().then_some(fact)
}

const fn kind(act: Act) -> FactKind {
    match act {
        Act::Suspend => FactKind::Suspended,
        Act::Reinstate => FactKind::Reinstated,
        Act::Override => FactKind::Override,
        Act::Resign => FactKind::Resigned,
        Act::Merge => FactKind::Merged,
        Act::Dissolve => FactKind::Dissolved,
        Act::Readmit => FactKind::Readmitted,
    }
}

/// For the middle of a sentence.
fn uncapitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// What will happen, line by line.
fn consequences(act: Act, case: &Case, fact: &Fact) -> Vec<String> {
    let name = &case.o.name;
    let number = case.o.admission_number.map(|n| format!("Number {n} "));
    let mut lines = vec![format!("{name}: {}, with effect from {}.", uncapitalized(&super::in_words(fact)), fact.on_day.words())];
    if let Some(successor) = &fact.successor {
        lines[0] = format!("{name} merged into {successor}, with effect from {}.", fact.on_day.words());
    }
    match act {
        Act::Suspend | Act::Override => lines.push("It stays on the public roll and keeps its number and contacts.".to_owned()),
        Act::Reinstate => lines.push("It is in good standing from that day.".to_owned()),
        Act::Resign | Act::Merge | Act::Dissolve => {
            lines.push("It leaves the public roll, and the counts follow at once.".to_owned());
            if let Some(number) = number {
                lines.push(format!("{number}is retired: it stays in the register and is never given to anybody else."));
            }
        }
        Act::Readmit => {
            lines.push("It returns to the public roll, and the counts follow at once.".to_owned());
            if let Some(number) = number {
                lines.push(format!("{number}is its number again."));
            }
        }
    }
    if let Some(successor) = &fact.successor {
        lines.push(format!("Its old address leads to the page of {successor}, which says so."));
    }
    lines.push("No mail is sent.".to_owned());
    lines
}

fn hidden(csrf: &Csrf, typed: &Typed, step: &str) -> Markup {
    html! {
        (csrf.field())
        @for (name, value) in [("on", &typed.on), ("until", &typed.until), ("standing", &typed.standing), ("successor", &typed.successor), ("reason", &typed.reason)] {
            @if !value.is_empty() { input type="hidden" name=(name) value=(value); }
        }
        input type="hidden" name="step" value=(step);
    }
}

fn preview(csrf: &Csrf, typed: &Typed, act: Act, case: &Case, fact: &Fact) -> Page {
    let action = format!("{}/standing/{act}", href(case.o.id));
    let content = html! {
        p { "When you go on, at once:" }
        ul { @for line in consequences(act, case, fact) { li { (line) } } }
        p { "Reason: " (fact.reason) }
        form method="post" action=(action) {
            (hidden(csrf, typed, "do"))
            p.actions { button class=[(!matches!(act, Act::Reinstate | Act::Readmit | Act::Override)).then_some("danger")] type="submit" { (act.verb()) } a href=(href(case.o.id)) { "Not now" } }
        }
        form method="post" action=(action) {
            (hidden(csrf, typed, "change"))
            p.actions { button.secondary type="submit" { "Change what is typed" } }
        }
    };
    subject(act.label(), &case.o, content)
}

async fn act(
    Held(app): Held<App>,
    staff: Staff,
    csrf: Csrf,
    Path((id, act)): Path<(OrganizationId, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let act: Act = act.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.write().await?;
    queries::hold(&mut tx, id).await?;
    let case = Case::open(&mut tx, &app, id, act).await?;
    let mut draft = Draft::default();
    let Some(fact) = read(&mut draft, &typed, act, &case, &staff, &app) else {
        return Err(Draft::refuse(form(&csrf, &draft, act, &case)));
    };
    match typed.step.as_str() {
        "do" => {}
        "change" => return Ok(form(&csrf, &draft, act, &case).into_response()),
        _ => return Ok(preview(&csrf, &typed, act, &case, &fact).into_response()),
    }
    let left_on = match act {
        Act::Resign | Act::Merge | Act::Dissolve => Some(fact.on_day),
        Act::Readmit => None,
        Act::Suspend | Act::Reinstate | Act::Override => case.o.left_on,
    };
    queries::add(&mut tx, &fact, left_on).await?;
    let record = id.to_string();
    let record = ("organization", record.as_str());
    let mut after = case.facts.clone();
    after.push(fact.clone());
    let after = derive(&after, case.today).standing;
    let after =
        serde_json::json!({ "standing": after, "with effect from": fact.on_day, "until": fact.until_day, "reason": fact.reason });
    let before = serde_json::json!({ "standing": case.state.standing });
    audit::record(&mut tx, &staff.actor(), act.word(), record, Some(&before), Some(&after), fact.noted_at).await?;
    tx.commit().await?;
    Ok(redirect_saying(
        href(id),
        Mood::Good,
        format!("{}: {}. It is noted.", case.o.name, uncapitalized(&super::in_words(&fact))),
    ))
}
