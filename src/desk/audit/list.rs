//! The list of events, narrowed by who, what, which record and when.
use super::{action_words, changes};
use crate::{
    app::App,
    audit::{self, AuditEvent, AuditEventId, Filter},
    desk::{given, records},
    kernel::{Day, Zone, text},
    staff::Staff,
    web::{Column, Draft, Error, Field, Page, Pager, download, empty, error_summary, field, moment, with},
};
use axum::{
    extract::{Query, RawQuery, State},
    response::Response,
};
use maud::{Markup, html};

const PATH: &str = "/staff/audit";
const ROWS: usize = 50;
/// Rows of the file that are read at a time.
const CHUNK: i64 = 500;

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Params {
    who: String,
    action: String,
    record_kind: String,
    record_id: String,
    from: String,
    to: String,
    after: String,
    before: String,
}

impl Params {
    /// The filter; a day that can't be read narrows nothing and is told.
    fn read(&self, zone: &Zone) -> (Filter, Draft) {
        let mut draft = Draft::of([
            ("who", &self.who),
            ("action", &self.action),
            ("record_kind", &self.record_kind),
            ("record_id", &self.record_id),
        ]);
        let from: Option<Day> = draft.read_optional("from", &self.from).flatten();
        let to: Option<Day> = draft.read_optional("to", &self.to).flatten();
        let filter = Filter {
            who: given(&self.who),
            action: given(&self.action),
            record_kind: given(&self.record_kind),
            record_id: given(&self.record_id),
            from: from.map(|day| zone.start_of(day)),
            until: to.map(|day| zone.start_of(day.plus_days(1))),
        };
        (filter, draft)
    }

    const fn is_narrowed(&self) -> bool {
        let Self { who, action, record_kind, record_id, from, to, .. } = self;
        !(who.is_empty()
            && action.is_empty()
            && record_kind.is_empty()
            && record_id.is_empty()
            && from.is_empty()
            && to.is_empty())
    }
}

pub(super) async fn list(
    State(app): State<App>,
    staff: Staff,
    Query(params): Query<Params>,
    RawQuery(query): RawQuery,
) -> Result<Page, Error> {
    staff.may_administer()?;
    let zone = app.coalition.get().zone();
    let (filter, draft) = params.read(&zone);
    let (after, before) = (params.after.parse().ok(), params.before.parse().ok());
    let mut tx = app.db.read().await?;
    let count = audit::count(&mut tx, &filter).await?;
    let offered = audit::lately(&mut tx).await?;
    let mut rows = audit::page(&mut tx, &filter, after, before, i64::try_from(ROWS + 1).unwrap_or(i64::MAX)).await?;
    drop(tx);
    let backwards = after.is_none() && before.is_some();
    let pager = Pager::cut(&mut rows, ROWS, after.is_some() || backwards, backwards, |row| row.id.to_string());
    let query = query.unwrap_or_default();
    let content = html! {
        p.lead { "Who did what to which record. Rows are only ever added." }
        (error_summary(&draft))
        (filters(&draft, &offered))
        @if rows.is_empty() {
            @if params.is_narrowed() { (empty("Nothing was done that fits.", Some(("Show everything", PATH)))) }
            @else { (empty("Nothing has been done yet. Each change that staff, applicants, donors or Convener itself make appears here, with the record before and after.", None)) }
        } @else {
            div.list-head {
                p { (text::count(count, "event", "events")) }
                div.actions { a.button href=(with("/staff/audit.csv", &query, &[("after", None), ("before", None)])) { "Download as CSV" } }
            }
            (table(&rows, &zone))
            (pager.links(PATH, &query))
        }
    };
    Ok(Page::staff("Audit", content).wide().script("staff.js"))
}

fn filters(draft: &Draft, offered: &[(String, String)]) -> Markup {
    let choices = |name: &str, any: &str, mut words: Vec<&String>| {
        words.sort_unstable();
        words.dedup();
        let chosen = draft.value(name);
        let mut options = vec![(String::new(), any.to_owned())];
        options.extend(words.into_iter().map(|w| (w.clone(), records::words(w))));
        if !options.iter().any(|(value, _)| value == chosen) {
            options.push((chosen.to_owned(), records::words(chosen)));
        }
        options
    };
    let optional = |name, label| Field { optional: true, width: "short", ..field(name, label) };
    html! {
        details.filters open[!draft.is_right() || ["who", "action", "record_kind", "record_id", "from", "to"].iter().any(|f| !draft.value(f).is_empty())] {
            summary { "Narrow the list" }
            form method="get" action=(PATH) {
                (Field { width: "medium", ..optional("who", "Who") }.input(draft))
                (optional("action", "What").select(draft, &choices("action", "Anything", offered.iter().map(|(a, _)| a).collect())))
                (optional("record_kind", "Kind of record").select(draft, &choices("record_kind", "Any", offered.iter().map(|(_, k)| k).collect())))
                (Field { width: "medium", ..optional("record_id", "Record’s id") }.input(draft))
                (Field { kind: "date", ..optional("from", "From") }.input(draft))
                (Field { kind: "date", ..optional("to", "To") }.input(draft))
                button type="submit" { "Show" }
            }
        }
    }
}

fn table(rows: &[AuditEvent], zone: &Zone) -> Markup {
    html! {
        table {
            caption { "Events, newest first" }
            thead { tr {
                @for column in [Column::text("When"), Column::text("Who"), Column::text("What"), Column::text("Record"), Column::text("Changed")] {
                    (column.heading(PATH, "", ""))
                }
            } }
            tbody {
                @for row in rows {
                    tr {
                        td data-label="When" { (moment(row.at, zone)) }
                        td data-label="Who" { (row.actor_name) }
                        th scope="row" { a href={ "/staff/audit/" (row.id) } { (action_words(&row.action)) } }
                        td data-label="Record" { (records::link(&row.record_kind, &row.record_id)) }
                        td data-label="Changed" { (changed(row)) }
                    }
                }
            }
        }
    }
}

/// The names of the changed fields, shortened.
fn changed(event: &AuditEvent) -> String {
    let (changes, _) = changes::between(event.before.as_deref(), event.after.as_deref());
    let names: Vec<_> = changes.into_iter().map(|change| change.field).collect();
    if names.is_empty() { "—".to_owned() } else { text::shorten(&names.join(", "), 60) }
}

pub(super) async fn csv(State(app): State<App>, staff: Staff, Query(params): Query<Params>) -> Result<Response, Error> {
    staff.may_administer()?;
    let (filter, draft) = params.read(&app.coalition.get().zone());
    if !draft.is_right() {
        return Err(Error::bad_form("A day in the address is not a date such as 2026-03-31"));
    }
    let head = ["id", "at", "actor_kind", "actor", "action", "record_kind", "record_id", "before", "after"];
    // Each part begins below the last row of the one before.
    download("audit.csv", &head, None::<AuditEventId>, move |below| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let mut tx = app.db.read().await?;
            let rows = audit::page(&mut tx, &filter, below, None, CHUNK).await?;
            let last = rows.last().map(|row| Some(row.id));
            Ok((rows.into_iter().map(cells).collect(), last))
        }
    })
}

fn cells(event: AuditEvent) -> Vec<String> {
    vec![
        event.id.to_string(),
        event.at.to_string(),
        event.actor_kind,
        event.actor_name,
        event.action,
        event.record_kind,
        event.record_id,
        event.before.unwrap_or_default(),
        event.after.unwrap_or_default(),
    ]
}
