//! The alliances as visitors read of them: by state, found by ZIP code, and a page for each. What search engines
//! are to understand stands in the markup itself (schema.org microdata).
use super::{
    Activity, Overview, activities,
    form::today,
    list::{leaders, state_mood},
    places, queries,
};
use crate::{
    app::App,
    kernel::{Coalition, Day, text},
    web::{Draft, Error, Field, Page, badge, day, empty, facts, field},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/alliances", get(list)).route("/alliances/{slug}", get(show))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    near: String,
}

fn is_shown(of: &Overview) -> bool {
    matches!(of.alliance.state.as_str(), "organizing" | "launched")
}

async fn list(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Page, Error> {
    let today = today(&app);
    let all = queries::overviews(&mut app.db.read().await?, today).await?;
    let all: Vec<_> = all.into_iter().filter(is_shown).collect();
    let typed: String = text::line(&asked.near).chars().take(40).collect();
    let mut draft = Draft::of([("near", typed.as_str())]);
    let code = places::state_of(&typed);
    if code.is_none() && !typed.is_empty() {
        draft.reject("near", "Write a state, its two letters, or a ZIP code such as 55105");
    }
    let content = html! {
        p.lead { "Local organizations and people who work together where they live, each led by somebody there and backed by a host organization." }
        form.filters method="get" action="/alliances" role="search" {
            (Field { optional: true, kind: "search", autocomplete: Some("postal-code"), ..field("near", "Your state or ZIP code") }.input(&draft))
            button type="submit" { "Find yours" }
        }
        @if let Some(code) = code { (found(&all, code, today)) }
        @else if all.is_empty() {
            (empty("There is no alliance yet. The first one will stand here with its territory and its leader.", Some(("Start one", "/alliances/start"))))
        } @else { (by_state(&all, today)) }
        @if !all.is_empty() { p { "None near you? " a href="/alliances/start" { "Start an alliance" } } }
    };
    Ok(Page::public("Alliances", content).describe("Local alliances of the coalition, and who leads them."))
}

fn found(all: &[Overview], code: &str, today: Day) -> Markup {
    let name = places::state_name(code).unwrap_or(code);
    let near: Vec<_> = all.iter().filter(|of| places::reaches(&of.territories, code)).collect();
    html! {
        h2 { "In " (name) }
        @if near.is_empty() {
            (empty(&format!("There is no alliance in {name} yet. One begins with somebody who lives there."), Some(("Start one", &format!("/alliances/start?state={code}")))))
        } @else { (cards(&near, today)) }
        p { a href="/alliances" { "All alliances" } }
    }
}

fn by_state(all: &[Overview], today: Day) -> Markup {
    let here = |code: &str| {
        all.iter().filter(|of| of.territories.iter().any(|t| t.state_code.as_deref() == Some(code))).collect::<Vec<_>>()
    };
    let wider: Vec<_> = all.iter().filter(|of| of.territories.iter().all(|t| t.state_code.is_none())).collect();
    html! {
        @for (code, name) in places::STATES {
            @let some = here(code);
            @if !some.is_empty() { h2 { (name) } (cards(&some, today)) }
        }
        @if !wider.is_empty() { @if wider.len() < all.len() { h2 { "Wider territories" } } (cards(&wider, today)) }
    }
}

fn cards(some: &[&Overview], today: Day) -> Markup {
    html! { ul.cards { @for of in some { li.card {
        h3 { a href={ "/alliances/" (of.alliance.slug) } { (of.alliance.name) } }
        p { (of.territory()) }
        @if !of.leaders(today).is_empty() { p { "Led by " (leaders(of, today)) } }
        (badge(state_mood(of.alliance.state), of.alliance.state.label()))
    } } } }
}

async fn show(State(app): State<App>, Path(slug): Path<String>) -> Result<Page, Error> {
    let today = today(&app);
    let mut tx = app.db.read().await?;
    let slug: String = text::line(&slug).chars().take(120).collect();
    let alliance = queries::shown(&mut tx, &slug).await?.ok_or(Error::NotFound)?;
    let of = queries::overview(&mut tx, alliance.id, today).await?.ok_or(Error::NotFound)?;
    let latest = queries::activities(&mut tx, alliance.id, true, 8).await?;
    let (ahead, done): (Vec<_>, Vec<_>) = latest.into_iter().partition(|a| a.on_day > today);
    let content = html! {
        div itemscope itemtype="https://schema.org/NGO" {
            header.org-head {
                h1 itemprop="name" { (of.alliance.name) }
                @for paragraph in of.alliance.summary.split("\n\n").filter(|p| !p.is_empty()) { p.lead itemprop="description" { (paragraph) } }
                (badge(state_mood(of.alliance.state), of.alliance.state.label()))
            }
            (known(&of, today))
            (parent(&app.coalition.get(), &app.url("/")))
        }
        p.actions {
            a.button href={ "/alliances/" (of.alliance.slug) "/join" } { "Ask to join" }
            @if let Some(fund) = &of.alliance.fund_slug { a.button.give href={ "/donate?fund=" (fund) } { "Give to its work" } }
        }
        @if !ahead.is_empty() { section aria-labelledby="ahead" { h2 #ahead { "Coming" } (coming(&of.alliance.name, &ahead)) } }
        @if !done.is_empty() { section aria-labelledby="done" { h2 #done { "Lately" } (activities::timeline(&done)) } }
        p { a href="/alliances" { "All alliances" } }
    };
    let summary = if of.alliance.summary.is_empty() { of.territory() } else { of.alliance.summary.clone() };
    Ok(Page::public(of.alliance.name, content).own_heading().crumb("Alliances", "/alliances").describe(summary))
}

/// Whose alliance it is, for search engines: the page says so at its top already.
fn parent(coalition: &Coalition, address: &str) -> Markup {
    html! {
        div hidden itemprop="parentOrganization" itemscope itemtype="https://schema.org/NGO" {
            meta itemprop="name" content=(coalition.name);
            link itemprop="url" href=(address);
        }
    }
}

fn known(of: &Overview, today: Day) -> Markup {
    let led: Vec<_> = of.leaders(today).iter().map(|term| term.who()).collect();
    let mut rows = vec![("Territory", html! { span itemprop="areaServed" { (of.territory()) } })];
    if !led.is_empty() {
        rows.push((if led.len() == 1 { "Leader" } else { "Leaders" }, html! { (led.join("; ")) }));
    }
    if let Some(host) = of.host.as_ref().filter(|host| !host.organization.left()) {
        let (path, name) = (host.organization.path(), &host.organization.name);
        rows.push((
            "Host organization",
            html! { span itemprop="sponsor" itemscope itemtype="https://schema.org/NGO" { a itemprop="url" href=(path) { span itemprop="name" { (name) } } } },
        ));
    }
    if let Some(on) = of.launched_on {
        rows.push(("Launched", html! { (day(on)) meta itemprop="foundingDate" content=(on); }));
    }
    if of.roster > 0 {
        rows.push((
            "Roster",
            html! { (text::count(of.roster, "local organization or person", "local organizations and people")) },
        ));
    }
    facts(&rows)
}

/// What it is going to do, each an event that search engines may announce.
fn coming(alliance: &str, activities: &[Activity]) -> Markup {
    html! { ol.timeline { @for a in activities {
        li itemscope itemtype="https://schema.org/Event" {
            (day(a.on_day))
            meta itemprop="startDate" content=(a.on_day);
            @if !a.place.is_empty() { meta itemprop="location" content=(a.place); }
            meta itemprop="organizer" content=(alliance);
            p { strong itemprop="name" { (a.title) } }
            p.hint { (activities::details(a)) }
        }
    } } }
}
