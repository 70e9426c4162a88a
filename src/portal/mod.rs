//! The first page of the portal, put together from what every room knows of one organization.
use crate::{
    alliances::{self, AllianceState, Overview},
    app::App,
    contributions,
    db::Tx,
    members::{
        self,
        portal::{Delegate, Entry},
    },
    web::{Csrf, Draft, Error, Page},
};
use axum::{Router, extract::State, routing::get};
use maud::{Markup, html};

pub fn private() -> Router<App> {
    Router::new().route("/portal", get(first))
}

async fn first(State(app): State<App>, csrf: Csrf, entry: Entry) -> Result<Page, Error> {
    let delegate = match entry {
        Entry::In(delegate) => delegate,
        Entry::Over(why) => return Ok(members::portal::ask_page(&csrf, &Draft::default(), Some(&why))),
        Entry::Nobody => return Ok(members::portal::ask_page(&csrf, &Draft::default(), None)),
    };
    let mut tx = app.db.read().await?;
    let home = members::portal::home(&mut tx, &app, &delegate, &csrf).await?;
    let near = near(&mut tx, &delegate).await?;
    let mut asked = home.asked;
    asked.extend(contributions::asked(&mut tx, &delegate).await?);
    let contributions = contributions::portal_part(&mut tx, &delegate).await?;
    let content = html! {
        (home.head)
        section aria-labelledby="asked" {
            h2 #asked { "What is asked of you" }
            @if asked.is_empty() { p { "Nothing at the moment." } } @else {
                ul.attention { @for (n, (mood, sentence, way)) in asked.iter().enumerate() {
                    li data-mood=(mood) { span.count aria-hidden="true" { (n + 1) } p { (sentence) } (way) }
                } }
            }
        }
        (home.main)
        (home.aside)
        @if let Some(part) = contributions { (part) }
        @if delegate.state.standing.belongs() { (alliances_part(&near)) }
    };
    Ok(Page::bare(delegate.o.name.clone(), content).own_heading())
}

/// Alliances that work, or are being made, where the organization works.
async fn near(tx: &mut Tx, d: &Delegate) -> sqlx::Result<Vec<Overview>> {
    let mut states = members::record::states(tx, d.o.id).await?;
    states.push(d.o.state_code.clone());
    let all = alliances::overviews(tx, d.today).await?;
    let shown = |o: &Overview| matches!(o.alliance.state, AllianceState::Organizing | AllianceState::Launched);
    let here = |o: &Overview| {
        let in_state = o.territories.iter().any(|t| t.state_code.as_ref().is_some_and(|state| states.contains(state)));
        in_state || o.host.as_ref().is_some_and(|host| host.organization.id == d.o.id)
    };
    Ok(all.into_iter().filter(|o| shown(o) && here(o)).collect())
}

fn alliances_part(near: &[Overview]) -> Markup {
    html! {
        section aria-labelledby="alliances" {
            h2 #alliances { "Alliances where you work" }
            @if near.is_empty() {
                p { "There is none yet. " a href="/alliances/start" { "Start one" } }
            } @else {
                ul { @for o in near { li {
                    a href={ "/alliances/" (o.alliance.slug) } { (o.alliance.name) }
                    @if !o.territory().is_empty() { ", " (o.territory()) }
                } } }
            }
        }
    }
}
