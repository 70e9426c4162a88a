//! The home page: who we are, who joined last, and the three things a visitor can do.
use crate::{
    app::App,
    kernel::{Coalition, text},
    members::{self, Newest},
    news,
    web::{Error, Page, day, day_of},
};
use axum::{Router, extract::State, routing::get};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new().route("/", get(home))
}

async fn home(State(app): State<App>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let newest = members::newest(&mut tx).await?;
    let counts = members::counts(&mut tx).await?;
    let items = news::latest(&mut tx, None, 3).await?;
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let review = members::review_notice(&mut tx, zone.day(app.clock.now())).await?;
    drop(tx);
    let content = html! {
        section.hero {
            h1 { @if coalition.tagline.is_empty() { (coalition.name) } @else { (coalition.tagline) } }
            @if !coalition.mission.is_empty() { p.lead { (coalition.mission) } }
            p.actions {
                a.button.give href="/donate" { "Donate" }
                a.button.secondary href="/join" { "Join as an organization" }
            }
            @if let Some(newest) = &newest { (newest_line(newest, &coalition)) }
        }
        ul.cards {
            li.card {
                h2 { a href="/join" { "Join" } }
                p { "Membership costs nothing. It rests on a commitment that your organization puts in writing." }
                @if counts.members > 0 {
                    p { a href="/members" { (text::count(counts.members, "member", "members")) @if counts.observers > 0 { " and " (text::count(counts.observers, "observer", "observers")) } } " so far." }
                }
                @if let Some((review, cut_off)) = review {
                    p { "Applications that arrive by " (day(cut_off)) " are reviewed on " (day(review)) "." }
                }
            }
            li.card {
                h2 { a href="/donate" { "Give" } }
                p { "Once, every month or every year, by card. You choose what it is for, and a receipt comes by mail." }
            }
            li.card {
                h2 { a href="/news" { "Stay updated" } }
                p { "What the coalition does, and who joins." }
                p { a href="/alliances" { "Find an alliance near you" } }
            }
        }
        @if !items.is_empty() {
            section aria-labelledby="latest" {
                h2 #latest { "Latest news" }
                ul.news { @for item in &items {
                    li.news-line {
                        @if let Some(at) = item.published_at { p.when { (day_of(at, &zone)) } }
                        h3 { a href={ "/news/" (item.slug) } { (item.title) } }
                        @if !item.summary.is_empty() { p { (item.summary) } }
                    }
                } }
                p { a href="/news" { "All news" } }
            }
        }
    };
    let title = coalition.name.clone();
    Ok(Page::public(title, content).own_heading().describe(coalition.mission.clone()))
}

fn newest_line(newest: &Newest, coalition: &Coalition) -> Markup {
    html! {
        p.news-line {
            span {
                a href=(newest.path()) { (newest.name) } " is our " (text::ordinal(newest.admission_number)) " " (coalition.member_word)
                ", admitted on " (day(newest.admitted_on)) ". " a href="/join" { "Is yours the next?" }
            }
        }
    }
}
