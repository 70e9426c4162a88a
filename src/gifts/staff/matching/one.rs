//! One matching gift, from the thought of it to the employer's gift; and its beginning on the page of the donor's gift.
use super::{PATH, state};
use crate::{
    app::App,
    donors,
    gifts::{
        Gift, GiftId, GiftState,
        matching::{self, Employer, MatchState, MatchStep, Matching},
        queries,
    },
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day, error_summary, facts, field, redirect_saying},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

/// So many of the employer's gifts are offered.
const OFFERED: i64 = 12;

struct Before {
    matching: Matching,
    employer: Option<Employer>,
    offered: Vec<Gift>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    q: String,
    step: String,
    received: String,
}

impl Before {
    async fn read(app: &App, id: &str, words: &str) -> Result<Self, Error> {
        let id = id.parse().map_err(|_| Error::NotFound)?;
        let mut tx = app.db.read().await?;
        let matching = queries::match_by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let words = if words.is_empty() { &matching.employer } else { words };
        let givers: Vec<_> = donors::matching(&mut tx, words, OFFERED).await?.into_iter().map(|donor| donor.id).collect();
        let mut offered = queries::may_be_the_match(&mut tx, &givers, OFFERED).await?;
        offered.retain(|gift| gift.id != matching.gift_id);
        let employer = queries::employers(&mut tx).await?.into_iter().find(|employer| employer.id == matching.employer_id);
        Ok(Self { matching, employer, offered })
    }
}

pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Typed>,
    csrf: Csrf,
) -> Result<Page, Error> {
    let before = Before::read(&app, &id, &asked.q).await?;
    Ok(show(&before, &staff, &Draft::of([("q", asked.q)]), &csrf))
}

pub(super) async fn step(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id, &typed.q).await?;
    let mut draft = Draft::of([("q", typed.q.clone()), ("received", typed.received.clone())]);
    let step = draft.read::<MatchStep>("step", &typed.step);
    let received: Option<GiftId> = typed.received.parse().ok();
    if step == Some(MatchStep::Receive) && received.is_none() {
        draft.reject("received", "Choose the gift by which the employer matched");
    }
    let (Some(step), true) = (step, draft.is_right()) else {
        return Err(Draft::refuse(show(&before, &staff, &draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    matching::step(&app, &staff, &before.matching, step, received).await?;
    let path = format!("{PATH}/gifts/{}", before.matching.id);
    Ok(match step {
        MatchStep::Submit => redirect_saying(path, Mood::Good, "It is asked for since today."),
        MatchStep::Receive => redirect_saying(path, Mood::Good, "The employer’s gift is linked. Both donors keep their own."),
        MatchStep::Back => redirect_saying(path, Mood::Good, "It is one step back."),
        MatchStep::Remove => redirect_saying(PATH, Mood::Good, "The matching gift is not expected any more."),
    })
}

fn show(before: &Before, staff: &Staff, draft: &Draft, csrf: &Csrf) -> Page {
    let Before { matching, employer, offered } = before;
    let path = format!("{PATH}/gifts/{}", matching.id);
    let mut rows = vec![
        ("State", state(matching.state)),
        (
            "Gift",
            html! { a href={ "/staff/gifts/" (matching.gift_id) } { (matching.intended.of(matching.currency)) " by " (matching.donor) } },
        ),
        ("Employer", html! { a href={ (PATH) "/employers/" (matching.employer_id) } { (matching.employer) } }),
        ("Expected", html! { (matching.expected.of(matching.currency)) }),
    ];
    if let Some(on) = matching.submitted_on {
        rows.push(("Asked for on", day(on)));
    }
    if let Some(gift) = matching.received_id {
        rows.push(("Received as", html! { a href={ "/staff/gifts/" (gift) } { "The employer’s gift" } }));
    }
    let content = html! {
        (error_summary(draft))
        (facts(&rows))
        @if let Some(how) = employer.as_ref().map(|employer| &employer.how).filter(|how| !how.is_empty()) {
            h2 { "How to ask" }
            @for line in how.lines() { p { (line) } }
        }
        @if staff.may_keep_gifts().is_ok() {
            form method="post" action=(path) {
                (csrf.field())
                div.actions {
                    @if matching.state == MatchState::Potential { button name="step" value="submit" { "We asked for it today" } }
                    @if matching.state != MatchState::Potential { button.secondary name="step" value="back" { "One step back" } }
                    @if matching.state != MatchState::Received { button.secondary name="step" value="remove" { "Do not expect it" } }
                }
            }
            @if matching.state != MatchState::Received { (arrival(&path, matching, offered, draft, csrf)) }
        }
    };
    Page::staff(format!("Matching gift of {}", matching.expected.of(matching.currency)), content)
        .crumb("Gifts", "/staff/gifts")
        .crumb("Matching gifts", PATH)
}

fn arrival(path: &str, matching: &Matching, offered: &[Gift], draft: &Draft, csrf: &Csrf) -> Markup {
    let choices: Vec<_> = offered
        .iter()
        .map(|gift| {
            let on = gift.given_on.map(|on| format!(" on {}", on.words())).unwrap_or_default();
            (gift.id.to_string(), format!("{}{on}", gift.intended()), None)
        })
        .collect();
    html! {
        h2 { "Has it come?" }
        form method="get" action=(path) role="search" {
            (Field { kind: "search", optional: true, width: "medium", hint: Some("Found by the employer’s name, unless you write another."), ..field("q", "Who gave it") }.input(draft))
            button.secondary { "Find gifts" }
        }
        @if choices.is_empty() { p { "No gift by “" (if draft.value("q").is_empty() { &matching.employer } else { draft.value("q") }) "” is on record that could be it." } }
        @else {
            form method="post" action=(path) novalidate {
                (csrf.field())
                input type="hidden" name="q" value=(draft.value("q"));
                (field("received", "Which gift is it?").radios(draft, &choices))
                button name="step" value="receive" { "This is it" }
            }
        }
    }
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Begin {
    employer: String,
}

pub(super) async fn begin(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(typed): Form<Begin>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.read().await?;
    let gift = super::super::gift::known(&mut tx, &id).await?;
    let employers = queries::employers(&mut tx).await?;
    drop(tx);
    let employer = employers.iter().find(|employer| employer.id.to_string() == typed.employer).ok_or(Error::NotFound)?;
    let matching = matching::begin(&app, &staff, &gift, employer).await?;
    Ok(redirect_saying(format!("{PATH}/gifts/{matching}"), Mood::Good, "The matching gift is expected."))
}

/// On the page of a gift: its matching gift, or the employers that may add to it.
pub(in crate::gifts::staff) fn section(
    gift: &Gift,
    matching: Option<&Matching>,
    employers: &[Employer],
    may_add: bool,
    csrf: &Csrf,
) -> Markup {
    let choices: Vec<_> = employers.iter().filter(|e| e.adds(gift).is_ok()).map(|e| (e.id.to_string(), e.name.clone())).collect();
    html! {
        section {
            h2 { "Matching gift" }
            @match matching {
                Some(found) => p {
                    (state(found.state)) " "
                    a href={ (PATH) "/gifts/" (found.id) } { (found.expected.of(found.currency)) " by " (found.employer) }
                    @if found.received_id == Some(gift.id) { ": this gift is it" }
                },
                None if may_add && gift.state == GiftState::Settled && !choices.is_empty() => {
                    details {
                        summary { "Expect one" }
                        form method="post" action={ "/staff/gifts/" (gift.id) "/matching" } {
                            (csrf.field())
                            (Field { width: "medium", ..field("employer", "The donor’s employer") }.select(&Draft::default(), &choices))
                            button.secondary { "Expect a matching gift" }
                        }
                    }
                },
                None => p { "None is expected. " a href={ (PATH) "/employers" } { "Employers and their rules" } },
            }
        }
    }
}
