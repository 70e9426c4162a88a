//! The rounds in a list, and one with everything in it and how far it is.
use super::{Entry, ReviewRound, RoundRules, RoundState, queries};
use crate::{
    app::App,
    db::Tx,
    kernel::{Day, text},
    members::{
        Application,
        application::{self, votes::Case},
    },
    settings,
    staff::Staff,
    web::{Error, Page, badge, day, day_of, empty},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/review-rounds", get(list)).route("/staff/review-rounds/{day}", get(show))
}

async fn list(State(app): State<App>, staff: Staff) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let rules: RoundRules = settings::get(&mut tx).await?;
    let rounds = queries::all(&mut tx).await?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let may = staff.may_administer().is_ok();
    let (ahead, over): (Vec<_>, Vec<_>) = rounds.iter().partition(|round| round.state(&rules, today) != RoundState::Closed);
    let content = html! {
        p.lead { "Applications are decided together, in rounds. What is taken into review goes into the round it arrived in time for." }
        @if rounds.is_empty() {
            (empty("No review is set yet. Once days are set, each round shows its applications, their votes and an agenda to print.", may.then_some(("Set the days", "/staff/settings/review-rounds"))))
        } @else {
            @if !ahead.is_empty() { (table("Now and ahead, the next one first", &mut ahead.iter().rev().copied(), &rules, today)) }
            @if !over.is_empty() { (table("Closed, the latest first", &mut over.iter().copied(), &rules, today)) }
            @if may { p { a href="/staff/settings/review-rounds" { "Days and rules of review" } } }
        }
    };
    Ok(Page::staff("Review rounds", content).crumb("Staff", "/staff").crumb("Applications", "/staff/applications"))
}

fn table(caption: &str, rounds: &mut dyn Iterator<Item = &ReviewRound>, rules: &RoundRules, today: Day) -> Markup {
    html! {
        table {
            caption { (caption) }
            thead { tr { th scope="col" { "Day" } th scope="col" { "State" } th scope="col" { "In time until" } th.num scope="col" { "Applications" } th.num scope="col" { "Undecided" } } }
            tbody { @for round in rounds { @let state = round.state(rules, today); tr {
                th scope="row" { a href=(round.path()) { (day(round.on_day)) } }
                td data-label="State" { (badge(state, state.label())) }
                td data-label="In time until" { (day(round.cut_off(rules))) }
                td.num data-label="Applications" { (round.applications) }
                td.num data-label="Undecided" { (round.undecided) }
            } } }
        }
    }
}

/// A round with all that is in it.
pub(super) struct Whole {
    pub(super) round: ReviewRound,
    pub(super) rules: RoundRules,
    pub(super) inside: Vec<(Application, Case)>,
    deferred: Vec<(Application, Entry)>,
}

pub(super) async fn whole(tx: &mut Tx, on: Day) -> Result<Whole, Error> {
    let round = queries::on_day(tx, on).await?.ok_or(Error::NotFound)?;
    let (mut inside, mut deferred) = (Vec::new(), Vec::new());
    for entry in queries::entries(tx, round.id).await? {
        let application = application::by_id(tx, entry.application_id).await?.ok_or(Error::NotFound)?;
        match entry.deferred_at {
            None => {
                let case = Case::of(tx, application.id).await?;
                inside.push((application, case));
            }
            Some(_) => deferred.push((application, entry)),
        }
    }
    Ok(Whole { round, rules: settings::get(tx).await?, inside, deferred })
}

async fn show(State(app): State<App>, _: Staff, Path(on): Path<String>) -> Result<Page, Error> {
    let on: Day = on.parse().map_err(|_| Error::NotFound)?;
    let zone = app.coalition.get().zone();
    let today = zone.day(app.clock.now());
    let Whole { round, rules, inside, deferred } = whole(&mut app.db.read().await?, on).await?;
    let state = round.state(&rules, today);
    let content = html! {
        p { (badge(state, state.label())) " " (sentence(&round, &rules, today)) }
        @if inside.is_empty() {
            (empty("No application is in this round yet. What is taken into review and arrived in time comes here.", Some(("Applications that wait", "/staff/applications"))))
        } @else {
            (progress(&round))
            p { a href={ (round.path()) "/agenda" } { "Agenda to print" } }
            table {
                caption { "Applications in this round" }
                thead { tr { th scope="col" { "Organization" } th scope="col" { "Track" } th scope="col" { "State" } th scope="col" { "Reviewers" } th scope="col" { "Votes" } } }
                tbody { @for (a, case) in &inside { tr {
                    th scope="row" { a href={ "/staff/applications/" (a.id) } { (a.title()) } }
                    td data-label="Track" { @if let Some(track) = a.track { (track.label()) } @else { "—" } }
                    td data-label="State" { (badge(a.state, a.state.label())) }
                    td data-label="Reviewers" { (reviewers(case)) }
                    td data-label="Votes" { (case.sentence()) }
                } } }
            }
        }
        @if !deferred.is_empty() {
            h2 { "Deferred to a later round" }
            ul { @for (a, entry) in &deferred { li {
                a href={ "/staff/applications/" (a.id) } { (a.title()) }
                @if let Some(at) = entry.deferred_at { ", " (day_of(at, &zone)) }
                @if let Some(reason) = &entry.reason { ": " (reason) }
            } } }
        }
    };
    Ok(Page::staff(format!("Review of {}", on.words()), content)
        .crumb("Staff", "/staff")
        .crumb("Applications", "/staff/applications")
        .crumb("Review rounds", "/staff/review-rounds"))
}

pub(super) fn reviewers(case: &Case) -> String {
    let names: Vec<_> = case.assignments.iter().map(|asked| asked.name.as_str()).collect();
    if names.is_empty() { "Nobody is assigned".to_owned() } else { names.join(", ") }
}

fn sentence(round: &ReviewRound, rules: &RoundRules, today: Day) -> String {
    let (cut_off, on) = (round.cut_off(rules).words(), round.on_day.words());
    match round.state(rules, today) {
        RoundState::Open => format!("What arrives by {cut_off} is in time; it is decided on {on}."),
        RoundState::InReview if today <= round.on_day => {
            format!("It is decided on {on}. What arrived after {cut_off} goes into the next round.")
        }
        RoundState::InReview => {
            format!(
                "Its day is over and {} undecided. Decide, or defer to a later round.",
                text::count(round.undecided, "application is", "applications are")
            )
        }
        RoundState::Closed => "Its day is over and everything in it is decided.".to_owned(),
    }
}

fn progress(round: &ReviewRound) -> Markup {
    let done = round.applications - round.undecided;
    html! {
        p #progress-words { (done) " of " (text::count(round.applications, "application", "applications")) " decided or withdrawn." }
        progress max=(round.applications) value=(done) aria-labelledby="progress-words" {}
    }
}
