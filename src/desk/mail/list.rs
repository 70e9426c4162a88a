//! The list of messages.
use super::{delivery, href, state_name, visible_to};
use crate::{
    app::App,
    desk::given,
    kernel::text,
    mail::{self, Class, State},
    staff::Staff,
    web::{Column, Csrf, Draft, Error, Field, Page, Pager, badge, empty, field, moment, with},
};
use axum::extract::{Query, RawQuery, State as Held};
use maud::{Markup, html};

const PATH: &str = "/staff/mail";
const ROWS: usize = 50;

#[derive(serde::Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Params {
    state: String,
    class: String,
    q: String,
    after: String,
    before: String,
}

pub(super) async fn list(
    Held(app): Held<App>,
    staff: Staff,
    csrf: Csrf,
    Query(params): Query<Params>,
    RawQuery(query): RawQuery,
) -> Result<Page, Error> {
    let filter = mail::Filter {
        state: params.state.parse().ok(),
        class: params.class.parse().ok(),
        search: given(&params.q),
        ..visible_to(&staff)
    };
    let (after, before) = (params.after.parse().ok(), params.before.parse().ok());
    let mut tx = app.db.read().await?;
    let counts = mail::counts(&mut tx, &filter).await?;
    let most = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let mut rows = mail::page(&mut tx, &filter, after, before, most).await?;
    drop(tx);
    let backwards = after.is_none() && before.is_some();
    let pager = Pager::cut(&mut rows, ROWS, after.is_some() || backwards, backwards, |row| row.id.to_string());
    let query = query.unwrap_or_default();
    let of = |state: State| counts.iter().find(|(s, _)| *s == state).map_or(0, |(_, n)| *n);
    let all: i64 = counts.iter().map(|(_, n)| n).sum();
    let shown = filter.state.map_or(all, of);
    let is_narrowed = filter.class.is_some() || filter.search.is_some();

    let content = html! {
        p.lead { "Every message Convener has written, and what became of it." }
        (delivery(&app))
        nav.tabs aria-label="States" {
            ul {
                (tab("All", None, all, &query, filter.state))
                @for state in State::ALL { (tab(state_name(*state), Some(*state), of(*state), &query, filter.state)) }
            }
        }
        (filters(&params))
        @if filter.state == Some(State::Dead) && shown > 0 && staff.may_resend_mail().is_ok() {
            form.actions method="post" action="/staff/mail/attempts" {
                (csrf.field())
                button type="submit" { (if shown == 1 { "Try it again".to_owned() } else { format!("Try all {} again", text::number(of(State::Dead))) }) }
            }
        }
        @if rows.is_empty() {
            @if all == 0 && !is_narrowed {
                (empty("No mail has been written yet. Receipts, welcome letters and the links that applicants ask for appear here, each with its text and what became of it.", None))
            } @else {
                (empty("No message fits.", Some(("Show all mail", PATH))))
            }
        } @else {
            (table(&app, &rows, shown))
            (pager.links(PATH, &query))
        }
    };
    Ok(Page::staff("Mail", content).wide().script("staff.js"))
}

fn tab(label: &str, state: Option<State>, count: i64, query: &str, current: Option<State>) -> Markup {
    let href = with(PATH, query, &[("state", state.map(State::as_str)), ("after", None), ("before", None)]);
    html! {
        li { a href=(href) aria-current=[(state == current).then_some("page")] { (label) " (" (text::number(count)) ")" } }
    }
}

fn filters(params: &Params) -> Markup {
    let draft = Draft::of([("q", params.q.as_str()), ("class", params.class.as_str())]);
    let classes: Vec<_> = std::iter::once((String::new(), "Every kind".to_owned()))
        .chain(Class::ALL.iter().map(|class| (class.to_string(), class.label())))
        .collect();
    html! {
        form.filters method="get" action=(PATH) role="search" {
            @if !params.state.is_empty() { input type="hidden" name="state" value=(params.state); }
            (Field { kind: "search", optional: true, width: "medium", ..field("q", "Address or subject") }.input(&draft))
            (field("class", "Kind").select(&draft, &classes))
            button type="submit" { "Show" }
        }
    }
}

fn table(app: &App, rows: &[mail::Summary], shown: i64) -> Markup {
    let zone = app.coalition.get().zone();
    html! {
        table {
            caption { (text::count(shown, "message", "messages")) ", newest first" }
            thead { tr {
                @for column in [Column::text("Written"), Column::text("To"), Column::text("Subject"), Column::text("Kind"), Column::text("State")] {
                    (column.heading(PATH, "", ""))
                }
            } }
            tbody {
                @for row in rows {
                    tr {
                        td data-label="Written" { (moment(row.queued_at, &zone)) }
                        td data-label="To" { (row.addressee) }
                        th scope="row" { a href=(href(row.id)) { (row.subject) } }
                        td data-label="Kind" { (row.class.label()) }
                        td data-label="State" {
                            span {
                                (badge(row.state, state_name(row.state)))
                                @if let Some(error) = &row.error { p.hint { (text::shorten(error, 120)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
