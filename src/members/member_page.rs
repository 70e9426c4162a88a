//! The public page of an organization, and where its old addresses lead. What search engines are to
//! understand stands in the markup itself (schema.org microdata): the page runs and embeds nothing.
use super::{
    Organization, Track, queries,
    record::{self, FormerName},
    roll::said,
    standing::{self, Standing, State as Stands},
};
use crate::{
    app::App,
    db::Tx,
    kernel::{Coalition, text},
    web::{Error, Page, badge, day, facts, notice, with},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/members/{name}", get(show))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct From {
    /// The address part of an organization that merged into this one, when its address led here.
    merged: String,
}

/// Whom an address names: `39-international-justice-project`, `39`, an observer's name, or a former name.
async fn named(tx: &mut Tx, name: &str) -> sqlx::Result<Option<Organization>> {
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    if let Ok(number) = digits.parse::<i64>()
        && let Some(found) = queries::by_number(tx, number).await?
    {
        return Ok(Some(found));
    }
    let name = said(name);
    match queries::by_slug(tx, &name).await? {
        Some(found) => Ok(Some(found)),
        None => queries::by_former_slug(tx, &name).await,
    }
}

/// Every other spelling leads to the right one; who merged leads to its successor, which says so.
async fn show(State(app): State<App>, Path(name): Path<String>, Query(from): Query<From>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let o = named(&mut tx, &name).await?.ok_or(Error::NotFound)?;
    let coalition = app.coalition.get();
    let today = coalition.zone().day(app.clock.now());
    let state = standing::standing(&mut tx, o.id, today).await?;
    if let Some(successor) = state.by.as_ref().filter(|_| state.standing == Standing::Merged).and_then(|f| f.successor_id) {
        let successor = queries::organization(&mut tx, successor).await?.ok_or(Error::NotFound)?;
        let part = o.path().trim_start_matches("/members/").to_owned();
        return Ok(Redirect::permanent(&with(&successor.path(), "", &[("merged", Some(&part))])).into_response());
    }
    if o.path() != format!("/members/{name}") {
        return Ok(Redirect::permanent(&o.path()).into_response());
    }
    if o.left_on.is_some() {
        return Ok(past(&o, &state).into_response());
    }
    let merged = merged_into(&mut tx, &o, &from.merged, today).await?;
    let former = record::former_names(&mut tx, o.id).await?;
    let states = record::states(&mut tx, o.id).await?;
    let content = html! {
        @if let Some((other, on)) = &merged {
            (notice("info", &html! { p {
                (other.name) " merged into " (o.name) " on " (day(*on)) ". "
                @if let Some(number) = other.admission_number { "Its number " (number) " is retired." }
            } }))
        }
        (body(&o, &former, &states, &coalition, &app))
        p { a href="/members" { "All members" } }
    };
    Ok(Page::public(o.name.clone(), content).own_heading().crumb("Members", "/members").describe(o.mission).into_response())
}

/// The organization whose address led here, when it did merge into this one.
async fn merged_into(
    tx: &mut Tx,
    o: &Organization,
    part: &str,
    today: crate::kernel::Day,
) -> sqlx::Result<Option<(Organization, crate::kernel::Day)>> {
    if part.is_empty() {
        return Ok(None);
    }
    let Some(other) = named(tx, part).await? else { return Ok(None) };
    let state = standing::standing(tx, other.id, today).await?;
    let fact = state.by.filter(|fact| state.standing == Standing::Merged && fact.successor_id == Some(o.id));
    Ok(fact.map(|fact| (other, fact.on_day)))
}

fn body(o: &Organization, former: &[FormerName], states: &[String], coalition: &Coalition, app: &App) -> Markup {
    let formerly = former.iter().map(|name| name.name.as_str()).collect::<Vec<_>>();
    let mut rows = vec![
        ("Category", html! { (o.category) }),
        (
            "Place",
            html! { span itemprop="address" itemscope itemtype="https://schema.org/PostalAddress" {
                span itemprop="addressLocality" { (o.city) } ", " span itemprop="addressRegion" { (o.state_code) }
            } },
        ),
    ];
    if !states.is_empty() {
        rows.push((
            "Active in",
            html! { @for (n, state) in states.iter().enumerate() { @if n > 0 { ", " } span itemprop="areaServed" { (state) } } },
        ));
    }
    rows.push(("Since", html! { (day(o.admitted_on)) }));
    if let Some(founded) = o.founded {
        rows.push(("Founded", html! { span itemprop="foundingDate" { (founded) } }));
    }
    if let Some(website) = &o.website {
        rows.push(("Website", html! { a href=(website) rel="nofollow" itemprop="url" { (website) } }));
    }
    html! {
        div itemscope itemtype="https://schema.org/NGO" {
            header.org-head {
                (record::logo(o))
                @match o.admission_number {
                    Some(number) => p.member-number { (text::ordinal(number)) " " (coalition.member_word) },
                    None => p.member-number { "Observer" },
                }
                h1 itemprop="name" { (o.name) }
                @if !formerly.is_empty() {
                    p.hint { "Formerly " @for (n, name) in formerly.iter().enumerate() { @if n > 0 { ", " } span itemprop="alternateName" { (name) } } }
                }
                @if !o.mission.is_empty() { p.lead itemprop="description" { (o.mission) } }
                (badge(o.track, o.track.label()))
            }
            (facts(&rows))
            div hidden itemprop="memberOf" itemscope itemtype="https://schema.org/NGO" {
                meta itemprop="name" content=(coalition.name);
                link itemprop="url" href=(app.url("/"));
            }
            @if let Some(logo) = &o.logo { link itemprop="logo" href=(app.url(&format!("/logos/{logo}"))); }
        }
    }
}

/// What stays of one that left.
fn past(o: &Organization, state: &Stands) -> Page {
    let what = if o.track == Track::Member { "a member" } else { "an observer" };
    let content = html! {
        header.org-head {
            @if let Some(number) = o.admission_number { p.member-number { "Number " (number) ", retired" } }
            h1 { (o.name) }
        }
        p.lead {
            (o.name) " was " (what) " from " (day(o.admitted_on)) @if let Some(left) = o.left_on { " to " (day(left)) } "."
            @if state.standing == Standing::Dissolved { " The organization was dissolved." }
        }
        p { a href="/members" { "All members" } }
    };
    Page::public(o.name.clone(), content).own_heading().crumb("Members", "/members")
}
