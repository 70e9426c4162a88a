//! The list of donors: searched, narrowed, sorted, summed over the whole filter, and as CSV of that.
use super::{
    PAGE, STEP,
    filter::{Lapse, Reach},
    queries, remembering,
};
use crate::{
    app::App,
    donors::{
        self, DonorKind,
        staff::{self as roll, Gave, Roll, RollOrder, RollRow, RollSum},
    },
    kernel::{Cents, Coalition, Day, Email, Zone, text},
    staff::Staff,
    web::{Column, Draft, Error, Field, Page, Pager, active_filters, day_of, download, empty, error_summary, field, with},
};
use axum::{
    extract::{Query, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use std::sync::Arc;

const PATH: &str = "/staff/donors";

/// The query string as it comes.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    kind: String,
    from: String,
    to: String,
    email: String,
    recurring: String,
    gave: String,
    least: String,
    tag: String,
    contact: String,
    sort: String,
    after: String,
    before: String,
}

/// What it means: the roll, and each part in words.
struct Read {
    draft: Draft,
    roll: Roll,
    active: Vec<(&'static str, String)>,
    sort: String,
}

impl Asked {
    fn read(&self, coalition: &Coalition, today: Day) -> Read {
        let zone = coalition.zone();
        let mut draft = Draft::default();
        let mut active = Vec::new();
        let words = draft.optional_text("q", &self.q, 200).unwrap_or_default();
        if !words.is_empty() {
            active.push(("q", format!("with “{words}” in the name or address")));
        }
        let kind: Option<DonorKind> = draft.read_optional("kind", &self.kind).flatten();
        if let Some(kind) = kind {
            active.push(("kind", format!("kind: {}", kind.label().to_lowercase())));
        }
        let from: Option<Day> = draft.read_optional("from", &self.from).flatten();
        let to: Option<Day> = draft.read_optional("to", &self.to).flatten();
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            draft.reject("to", "Enter a last day that is not before the first one");
        }
        if let Some(from) = from {
            active.push(("from", format!("gave on {} or later", from.words())));
        }
        if let Some(to) = to {
            active.push(("to", format!("gave on {} or earlier", to.words())));
        }
        let reach: Option<Reach> = draft.read_optional("email", &self.email).flatten();
        if let Some(reach) = reach {
            active.push(("email", reach.label().to_lowercase()));
        }
        draft.keep("recurring", &self.recurring);
        let recurring = self.recurring == "yes";
        if recurring {
            active.push(("recurring", "with a recurring gift that runs".to_owned()));
        }
        let giving = self.giving(coalition, i64::from(coalition.year_of(today)), &mut draft, &mut active);
        draft.keep("tag", &self.tag);
        let tag = donors::care::tag(&self.tag);
        active.extend(tag.as_ref().map(|tag| ("tag", format!("with the tag {tag}"))));
        draft.keep("contact", &self.contact);
        let refuses = self.contact == "no";
        if refuses {
            active.push(("contact", "not to be contacted in some way".to_owned()));
        }
        let (falling, word) = self.sort.strip_prefix('-').map_or((false, self.sort.as_str()), |word| (true, word));
        let order = match word {
            "given" => RollOrder::Given,
            "last" => RollOrder::Last,
            _ => RollOrder::Name,
        };
        if order != RollOrder::Name {
            active.push(("sort", format!("gave at least once in {}", coalition.currency.code().to_uppercase())));
        }
        let sort = if self.sort.is_empty() { "name".to_owned() } else { self.sort.clone() };
        let more =
            queries::of_givers(from.map(|day| zone.start_of(day)), to.map(|day| zone.start_of(day.plus_days(1))), recurring);
        let roll = Roll {
            words,
            kind,
            has_email: reach.map(|r| r == Reach::Email),
            tag,
            refuses,
            giving,
            more,
            currency: coalition.currency,
            order,
            falling,
        };
        Read { draft, roll, active, sort }
    }

    /// What is asked of the totals: the year is this one, calendar or fiscal.
    fn giving(&self, coalition: &Coalition, year: i64, draft: &mut Draft, active: &mut Vec<(&'static str, String)>) -> Vec<Gave> {
        let mut giving = Vec::new();
        let lapse: Option<Lapse> = draft.read_optional("gave", &self.gave).flatten();
        if let Some(lapse) = lapse {
            let kind = if coalition.counts_calendar_years() { "" } else { "fiscal year " };
            let (gave, words) = match lapse {
                Lapse::LastNotThis => (Gave::LastNotThis(year), format!("gave in {kind}{}, not in {year}", year - 1)),
                Lapse::SomeNotThis => (Gave::SomeNotThis(year), format!("gave before {kind}{year}, not in it")),
            };
            giving.push(gave);
            active.push(("gave", words));
        }
        draft.keep("least", &self.least);
        if !self.least.trim().is_empty() {
            match Cents::parse(&self.least, coalition.currency) {
                Ok(least) => {
                    giving.push(Gave::AtLeast(least));
                    active.push(("least", format!("gave {} or more in all", least.of(coalition.currency))));
                }
                Err(reason) => draft.reject("least", reason.to_string()),
            }
        }
        giving
    }
}

struct Sums {
    donors: i64,
    given: Vec<RollSum>,
}

async fn summed(app: &App, roll: &Roll) -> Result<Sums, Error> {
    let (counting, adding) = (roll.clone(), roll.clone());
    let key = format!(
        "{:?} {:?} {:?} {:?} {} {:?} {:?} {} {}",
        roll.words,
        roll.kind,
        roll.has_email,
        roll.tag,
        roll.refuses,
        roll.giving,
        roll.more,
        roll.currency,
        roll.order == RollOrder::Name
    );
    Ok(Sums {
        donors: app.db.figures(format!("donors counted {key}"), async |tx| roll::counted(tx, &counting).await).await?,
        given: app.db.figures(format!("donors {key}"), async |tx| roll::sums(tx, &adding).await).await?,
    })
}

pub(super) async fn page(
    _staff: Staff,
    State(app): State<App>,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let coalition = app.coalition.get();
    let query = query.unwrap_or_default();
    let read = asked.read(&coalition, coalition.zone().day(app.clock.now()));
    if !read.draft.is_right() {
        let content = html! { (error_summary(&read.draft)) (form(&read, true)) };
        return Ok(Page::staff("Donors", content).wide().status(StatusCode::UNPROCESSABLE_ENTITY).into_response());
    }
    let backwards = !asked.before.is_empty();
    let key = Some(if backwards { &asked.before } else { &asked.after }).filter(|key| !key.is_empty());
    let most = i64::try_from(PAGE + 1).expect("a page is small");
    let mut tx = app.db.read().await?;
    let mut rows = roll::rows(&mut tx, &read.roll, key.map(String::as_str), backwards, most).await?;
    drop(tx);
    let meant = if rows.is_empty() && key.is_none() && !read.roll.words.is_empty() {
        let words = read.roll.words.clone();
        app.db.figures(format!("donors like {words}"), async |tx| roll::similar(tx, &words, 5).await).await?
    } else {
        Vec::new()
    };
    let order = read.roll.order;
    let pager = Pager::cut(&mut rows, PAGE, key.is_some(), backwards, |row| row.key(order));
    let sums = summed(&app, &read.roll).await?;
    let content = html! {
        (form(&read, !read.active.is_empty()))
        (active_filters(PATH, &query, &read.active))
        @if rows.is_empty() && read.active.is_empty() && key.is_none() {
            (empty("Everybody who gives will stand here, with what they gave and when. The first gift makes the first donor.", Some(("Open the donate page", "/donate"))))
            p { a href="/staff/donors/new" { "Add a donor by hand" } }
        } @else if rows.is_empty() {
            (nobody(&read.roll.words, &meant))
        } @else {
            div.list-head {
                p { (text::count(sums.donors, "donor", "donors")) ". Amounts are what was intended, less refunds." }
                a.button.secondary href="/staff/donors/new" { "Add a donor" }
                a.button.secondary href="/staff/donors/duplicates" { "Possible duplicates" }
                a.button.secondary href=(with("/staff/donors.csv", &query, &[("after", None), ("before", None)])) { "Download as CSV" }
            }
            (table(&rows, &sums, &read, &query, &coalition.zone()))
            (pager.links(PATH, &query))
        }
    };
    Ok(Page::staff("Donors", content).wide().into_response())
}

fn nobody(words: &str, meant: &[(crate::donors::DonorId, String)]) -> Markup {
    html! {
        div.empty {
            @if words.is_empty() { p { "No donor is like that. Remove a part of the filter, or show all donors." } }
            @else { p { "No donor has “" (words) "” in the name or address. A part of the name is enough, in any order." } }
            @if !meant.is_empty() {
                p { "Perhaps you mean:" }
                ul { @for (id, name) in meant { li { a href={ (PATH) "/" (id) } { (name) } } } }
            }
            p { a.button href=(PATH) { "Show all donors" } }
        }
    }
}

fn form(read: &Read, open: bool) -> Markup {
    let draft = &read.draft;
    let plain = |name, label| Field { width: "medium", optional: true, autocomplete: Some("off"), ..field(name, label) };
    let mut kinds = vec![(String::new(), "Any kind".to_owned())];
    kinds.extend(DonorKind::ALL.iter().map(|kind| (kind.to_string(), kind.label())));
    let mut reach = vec![(String::new(), "With or without e-mail".to_owned())];
    reach.extend(Reach::ALL.iter().map(|reach| (reach.to_string(), reach.label())));
    let mut lapses = vec![(String::new(), "Any year".to_owned())];
    lapses.extend(Lapse::ALL.iter().map(|lapse| (lapse.to_string(), lapse.label())));
    let recurring = [("", "Any giving"), ("yes", "With a recurring gift that runs")];
    html! {
        details.filters open[open] {
            summary { "Search and filter" }
            form method="get" action=(PATH) role="search" {
                (Field { kind: "search", ..plain("q", "Name or e-mail") }.input(draft))
                (Field { optional: false, ..plain("kind", "Kind") }.select(draft, &kinds))
                (Field { kind: "date", width: "short", ..plain("from", "Gave from") }.input(draft))
                (Field { kind: "date", width: "short", ..plain("to", "Gave until") }.input(draft))
                (Field { optional: false, ..plain("gave", "Years") }.select(draft, &lapses))
                (Field { inputmode: Some("decimal"), width: "short", ..plain("least", "Gave in all at least") }.input(draft))
                (plain("tag", "Tag").input(draft))
                (Field { optional: false, ..plain("contact", "Contact") }.select(draft, &[("", "May or may not be contacted"), ("no", "Do not contact")]))
                (Field { optional: false, ..plain("email", "E-mail") }.select(draft, &reach))
                (Field { optional: false, ..plain("recurring", "Giving") }.select(draft, &recurring))
                @if read.sort != "name" { input type="hidden" name="sort" value=(read.sort); }
                button { "Show" }
            }
        }
    }
}

fn table(rows: &[RollRow], sums: &Sums, read: &Read, query: &str, zone: &Zone) -> Markup {
    const COLUMNS: [Column<'static>; 6] = [
        Column::text("Name").sorted_by("name"),
        Column::text("Kind"),
        Column::text("E-mail"),
        Column::number("Gifts"),
        Column::text("Last gift").sorted_by("last"),
        Column::number("Given").sorted_by("given"),
    ];
    html! {
        table {
            caption { "Donors" }
            thead { tr { @for column in COLUMNS { (column.heading(PATH, query, &read.sort)) } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { a href=(remembering(&format!("{PATH}/{}", row.id), PATH, query)) { (row.name) } }
                        td data-label="Kind" { (row.kind.label()) }
                        td data-label="E-mail" { @if let Some(email) = &row.email { (email) } @else { "none" } }
                        td.num data-label="Gifts" { (text::number(row.gifts.unwrap_or(0))) }
                        td data-label="Last gift" { @if let Some(at) = row.last_at { (day_of(at, zone)) } @else { "none yet" } }
                        td.num data-label="Given" { (row.given.unwrap_or(Cents::ZERO).of(read.roll.currency)) }
                    }
                }
            }
            tfoot {
                @for sum in &sums.given {
                    tr {
                        th scope="row" colspan="3" {
                            "All " (text::count(sums.donors, "donor", "donors"))
                            @if sums.given.len() > 1 { " in " (sum.currency.code().to_uppercase()) }
                        }
                        td.num data-label="Gifts" { (text::number(sum.gifts)) }
                        td {}
                        td.num data-label="Given" { (sum.given.of(sum.currency)) }
                    }
                }
            }
        }
    }
}

pub(super) async fn csv(_staff: Staff, State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    const HEADER: [&str; 8] = ["name", "kind", "email", "gifts", "last_gift", "given", "currency", "id"];
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let today = zone.day(app.clock.now());
    let read = asked.read(&coalition, today);
    if !read.draft.is_right() {
        return Err(Error::bad_form("A part of the filter can’t be read"));
    }
    let roll = Arc::new(read.roll);
    download(&format!("donors-{today}.csv"), &HEADER, None::<String>, move |key| {
        let (app, roll, zone) = (app.clone(), roll.clone(), zone.clone());
        async move {
            let mut tx = app.db.read().await?;
            let most = i64::try_from(STEP).expect("a step is small");
            let rows = roll::rows(&mut tx, &roll, key.as_deref(), false, most).await?;
            let next = rows.last().filter(|_| rows.len() == STEP).map(|row| Some(row.key(roll.order)));
            Ok((rows.iter().map(|row| record(row, &roll, &zone)).collect(), next))
        }
    })
}

fn record(row: &RollRow, roll: &Roll, zone: &Zone) -> Vec<String> {
    vec![
        row.name.clone(),
        row.kind.to_string(),
        row.email.as_ref().map(Email::to_string).unwrap_or_default(),
        row.gifts.unwrap_or(0).to_string(),
        row.last_at.map(|at| zone.day(at).to_string()).unwrap_or_default(),
        row.given.unwrap_or(Cents::ZERO).plain(roll.currency),
        roll.currency.code().to_uppercase(),
        row.id.to_string(),
    ]
}
