//! `/staff/held`: gifts that were held back, each with its reason and two ways out; and the alarm when cards are
//! declined in a burst.
use crate::{
    app::App,
    gifts::{
        Giving,
        burst::{self, Burst},
        form::Typed,
        held::{self, Held, HeldState},
        queries,
    },
    kernel::{Zone, text},
    settings,
    staff::Staff,
    web::{Csrf, Error, Form, Mood, Page, badge, empty, moment, notice, redirect_saying},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};

const PATH: &str = "/staff/held";
const NEWEST: i64 = 50;

pub(super) async fn page(staff: Staff, State(app): State<App>, csrf: Csrf) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let waiting = queries::held(&mut tx, false, 500).await?;
    let decided = queries::held(&mut tx, true, NEWEST).await?;
    let burst = queries::unseen_burst(&mut tx).await?;
    let giving: Giving = settings::get(&mut tx).await?;
    drop(tx);
    let zone = app.coalition.get().zone();
    let keeper = staff.may_keep_gifts().is_ok();
    let content = html! {
        p.lead { "Gifts that look as if a program had sent them are held back before anything is charged. Their senders read that we look at the gift, and not why." }
        @if giving.paused { (notice("warn", &html! { p { "Giving by card is paused: nobody can give until an administrator ends the pause under Settings." } })) }
        @if let Some(burst) = &burst { (alarm(burst, &giving, keeper, &csrf, &zone)) }
        section {
            h2 { "Waiting for you" }
            @if waiting.is_empty() {
                (empty("No gift is held back. One stands here when a hidden field was filled in, the form came back too fast, or a limit was reached.", None))
            } @else {
                table {
                    caption { "The oldest first" }
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Reason" } th scope="col" { "Sent" } th.num scope="col" { "Amount" } @if keeper { th scope="col" { "Decide" } } } }
                    tbody { @for held in &waiting { (item(held, keeper, &csrf, &zone)) } }
                }
            }
        }
        @if !decided.is_empty() { section { h2 { "Decided" } (table(&decided, &zone)) } }
    };
    Ok(Page::staff("Held back", content).crumb("Gifts", "/staff/gifts"))
}

fn alarm(burst: &Burst, giving: &Giving, keeper: bool, csrf: &Csrf, zone: &Zone) -> Markup {
    notice(
        "bad",
        &html! {
            p {
                (text::number(burst.declined)) " cards were declined within " (giving.burst.seconds / 60) " minutes, at " (moment(burst.began_at, zone))
                ". Somebody may be trying stolen cards."
                @if burst.paused { " Giving by card was paused." } @else { " An administrator can pause giving under Settings." }
            }
            @if keeper {
                form method="post" action={ (PATH) "/bursts/" (burst.id) } { (csrf.field()) button.secondary { "I have looked at it" } }
            }
        },
    )
}

fn item(held: &Held, keeper: bool, csrf: &Csrf, zone: &Zone) -> Markup {
    let typed: Typed = serde_json::from_str(&held.form).unwrap_or_default();
    let path = format!("{PATH}/{}", held.id);
    html! {
        tr {
            th scope="row" { (held.name) br; (held.email) }
            td data-label="Reason" { (held.reason.label()) "." @if !typed.website.is_empty() { " It held: " (text::shorten(&typed.website, 80)) } }
            td data-label="Sent" { (moment(held.at, zone)) }
            td.num data-label="Amount" { (held.amount.of(held.currency)) @if typed.frequency != "once" { " " (typed.frequency) } }
            @if keeper {
                td data-label="Decide" {
                    form method="post" action=(path) {
                        (csrf.field())
                        button name="decision" value="let_through" { "Let through" span.visually-hidden { " the gift of " (held.name) } }
                        button.secondary name="decision" value="discarded" { "Discard" span.visually-hidden { " the gift of " (held.name) } }
                    }
                }
            }
        }
    }
}

fn table(rows: &[Held], zone: &Zone) -> Markup {
    html! {
        table {
            caption { "The newest decisions" }
            thead { tr { th scope="col" { "Name" } th scope="col" { "Reason" } th scope="col" { "What became of it" } th scope="col" { "Decided" } th.num scope="col" { "Amount" } } }
            tbody {
                @for held in rows {
                    tr {
                        th scope="row" { (held.name) }
                        td data-label="Reason" { (held.reason.label()) }
                        td data-label="What became of it" {
                            (badge(held.state, held.state.label()))
                            @if let Some(gift) = held.gift_id { " " a href={ "/staff/gifts/" (gift) } { "See the gift" } }
                        }
                        td data-label="Decided" { (held.decided_by.as_deref().unwrap_or_default()) @if let Some(at) = held.decided_at { ", " (moment(at, zone)) } }
                        td.num data-label="Amount" { (held.amount.of(held.currency)) }
                    }
                }
            }
        }
    }
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Decision {
    decision: HeldState,
}

pub(super) async fn decide(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(typed): Form<Decision>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let id = id.parse().map_err(|_| Error::NotFound)?;
    let said = match typed.decision {
        HeldState::LetThrough => format!("A link to go on is on its way to {}.", held::let_through(&app, &staff, id).await?),
        HeldState::Discarded => {
            held::discard(&app, &staff, id).await?;
            "The gift is discarded. Nobody is told.".to_owned()
        }
        HeldState::Held | HeldState::Given => return Err(Error::bad_form("It keeper nothing")),
    };
    Ok(redirect_saying(PATH, Mood::Good, said))
}

#[derive(serde::Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn see(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    burst::see(&app, &staff, id.parse().map_err(|_| Error::NotFound)?).await?;
    Ok(redirect_saying(PATH, Mood::Good, "The declined cards are marked as looked at."))
}
