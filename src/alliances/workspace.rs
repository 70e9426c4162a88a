//! The leader's first page: how the alliance is, its numbers, and the ways to its roster, activities,
//! messages and requests.
use super::{
    Term, activities,
    form::{self, today},
    health,
    keeper::{Keeper, Side},
    list::state_mood,
    pipeline, queries,
};
use crate::{
    app::App,
    kernel::{Day, text},
    staff::LeaderAccount,
    web::{Error, Page, badge, day, facts, figure, redirect},
};
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new().route("/leader", get(home)).route("/leader/{id}", get(show))
}

/// Leads to the one alliance, or lists them; says so when there is none.
async fn home(State(app): State<App>, leader: LeaderAccount) -> Result<Response, Error> {
    let today = today(&app);
    let mut tx = app.db.read().await?;
    let ids = queries::leads(&mut tx, leader.id(), today).await?;
    if let [one] = ids.as_slice() {
        return Ok(redirect(format!("/leader/{one}")));
    }
    let mine: Vec<_> = queries::overviews(&mut tx, today).await?.into_iter().filter(|of| ids.contains(&of.alliance.id)).collect();
    let terms = queries::terms_of_account(&mut tx, leader.id()).await?;
    let content = html! {
        @if mine.is_empty() { (nothing(&terms, today)) } @else {
            ul.cards { @for of in &mine { li.card {
                h2 { a href={ "/leader/" (of.alliance.id) } { (of.alliance.name) } }
                p { (of.territory()) }
                (badge(state_mood(of.alliance.state), of.alliance.state.label()))
            } } }
        }
    };
    Ok(Page::staff("Your alliances", content).into_response())
}

fn nothing(terms: &[Term], today: Day) -> Markup {
    let coming = terms.iter().filter(|t| t.from_day > today).min_by_key(|t| t.from_day);
    let ended = terms.iter().filter_map(|t| t.to_day).filter(|to| *to <= today).max();
    html! {
        p.lead {
            @match (coming, ended) {
                (Some(term), _) => { "Your term begins on " (day(term.from_day)) ". The alliance’s pages open then." },
                (None, Some(ended)) => { "Your term ended on " (day(ended)) ". What you recorded stays with the alliance." },
                (None, None) => { "No alliance is open to you at the moment." },
            }
        }
        p { "Write to the secretariat when you think that this is wrong." }
    }
}

async fn show(State(app): State<App>, keeper: Keeper) -> Result<Page, Error> {
    let Side::Leader(leader) = &keeper.side else { return Err(Error::NotFound) };
    let today = today(&app);
    let id = keeper.alliance.id;
    let mut tx = app.db.read().await?;
    let of = form::find(&app, &mut tx, id).await?;
    let year = Day::new(today.year(), 1, 1).unwrap_or(today);
    let all = queries::activities(&mut tx, id, false, 5_000).await?;
    let this_year = || all.iter().filter(|a| a.on_day >= year && a.on_day <= today);
    let came: i64 = this_year().filter_map(|a| a.attendance).sum();
    let held = this_year().count();
    let latest: Vec<_> = all.into_iter().take(5).collect();
    let term = of.current(today).find(|t| t.staff_id == Some(leader.id()));
    let base = &keeper.base;
    // What only the secretariat can mend is not said to the leader as a task.
    let theirs =
        health::warnings(&of, today).into_iter().find(|w| w.step.1.starts_with("/activities") || w.step.1.starts_with("/roster"));
    let content = html! {
        p { (badge(state_mood(of.alliance.state), of.alliance.state.label())) }
        p.lead { (pipeline::sentence(of.alliance.state)) }
        @if of.requests > 0 {
            div.notice data-mood="info" { p { (text::count(of.requests, "person asks", "people ask")) " to join. " a href={ (base) "/requests" } { "Read and answer" } } }
        }
        @if let Some(warning) = theirs { div.notice data-mood="warn" { p { (warning.words) " " a href={ (base) (warning.step.1) } { (warning.step.0) } } } }
        div.figures {
            (figure("On the roster", text::number(of.roster), Some(&format!("{base}/roster")), Some(html! { "Today" })))
            (figure("Activities this year", held, Some(&format!("{base}/activities")), Some(html! { "Since " (day(year)) })))
            (figure("People who came", text::number(came), Some(&format!("{base}/activities")), Some(html! { "At this year’s activities" })))
            (figure("Requests that wait", of.requests, Some(&format!("{base}/requests")), None))
        }
        p.actions {
            a.button href={ (base) "/activities#record" } { "Record an activity" }
            a.button.secondary href={ (base) "/roster#add" } { "Add to the roster" }
            a.button.secondary href={ (base) "/messages" } { "Write to the roster" }
        }
        section aria-labelledby="latest" {
            h2 #latest { "Latest activities" }
            @if latest.is_empty() { p { "Nothing is recorded yet. Begin with the last meeting." } } @else { (activities::timeline(&latest)) }
        }
        section aria-labelledby="facts" {
            h2 #facts { "Your alliance" }
            (facts(&[
                ("Territory", html! { (of.territory()) }),
                ("Host organization", html! { @if let Some(host) = &of.host { (host.organization.name) } @else { "None" } }),
                ("Launched", html! { @if let Some(on) = of.launched_on { (day(on)) } @else { "Not yet" } }),
                ("Your term", html! { @if let Some(term) = term { "Since " (day(term.from_day)) @if let Some(to) = term.to_day { ", until " (day(to)) } } }),
            ]))
            p.hint { "The secretariat keeps these facts. Write to it when one is wrong." }
        }
    };
    Ok(Page::staff(of.alliance.name.clone(), content))
}
