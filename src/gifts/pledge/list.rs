//! The list of pledges: what runs, what is overdue.
use super::PledgeState;
use crate::{
    app::App,
    gifts::queries::pledge::{PledgeRow, Wanted, rows},
    kernel::{Day, words},
    staff::Staff,
    web::{Error, Page, Pager, badge, day, empty},
};
use axum::extract::{Query, RawQuery, State};
use maud::{Markup, html};

const PATH: &str = "/staff/pledges";
const PAGE: usize = 50;

words! {
    /// Which pledges are shown.
    pub enum Show {
        Running = "running", "Running";
        Overdue = "overdue", "Overdue";
        All = "all", "All";
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    show: String,
    after: String,
}

pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Page, Error> {
    let show = asked.show.parse().unwrap_or(Show::Running);
    let wanted = match show {
        Show::Running => Wanted::Running,
        Show::Overdue => Wanted::Overdue,
        Show::All => Wanted::All,
    };
    let today = app.coalition.get().zone().day(app.clock.now());
    let key = Some(asked.after.as_str()).filter(|key| !key.is_empty());
    let most = i64::try_from(PAGE + 1).expect("a page is small");
    let mut found = rows(&mut app.db.read().await?, wanted, today, key, most).await?;
    let key_of = |row: &PledgeRow| format!("{}~{}", row.pledge.created_at, row.pledge.id);
    let pager = Pager { before: None, ..Pager::cut(&mut found, PAGE, key.is_some(), false, key_of) };
    let may = staff.may_keep_gifts().is_ok();
    let content = html! {
        div.list-head {
            p { "What donors promised, and what came of it. A pledge stands beside the books: money counts when it arrives." }
            @if may { p.actions { a.button href="/staff/pledges/new" { "Write down a pledge" } } }
        }
        p.actions { @for choice in Show::ALL { a href={ (PATH) "?show=" (choice) } aria-current=[(*choice == show).then_some("true")] { (choice.label()) } " " } }
        @if found.is_empty() {
            @if show == Show::Overdue { (empty("No pledge is overdue.", None)) }
            @else { (empty("A pledge says who will give how much by when; reminders go out by themselves. None is here yet.", may.then_some(("Write down a pledge", "/staff/pledges/new")))) }
        } @else {
            (table(&found, today))
            (pager.links(PATH, &query.unwrap_or_default()))
        }
    };
    Ok(Page::staff("Pledges", content).crumb("Gifts", "/staff/gifts").wide())
}

/// Pledges with what came of each.
pub(in crate::gifts) fn table(rows: &[PledgeRow], today: Day) -> Markup {
    html! {
        table {
            caption { "Pledges" }
            thead { tr { th scope="col" { "Donor" } th scope="col" { "Fund" } th scope="col" { "State" } th scope="col" { "Next due" } th.num scope="col" { "Pledged" } th.num scope="col" { "Paid" } th.num scope="col" { "Overdue" } } }
            tbody { @for row in rows { tr {
                th scope="row" { a href={ (PATH) "/" (row.pledge.id) } { (row.donor) } }
                td data-label="Fund" { (row.fund) }
                td data-label="State" { (state(row, today)) }
                td data-label="Next due" { @match row.next_on.filter(|_| row.pledge.state == PledgeState::Open) { Some(on) => (day(on)), None => "–" } }
                td.num data-label="Pledged" { (row.pledge.amount.of(row.pledge.currency)) }
                td.num data-label="Paid" { (row.paid.of(row.pledge.currency)) }
                td.num data-label="Overdue" { @if overdue(row) { ((row.due - row.paid).of(row.pledge.currency)) } @else { "–" } }
            } } }
        }
    }
}

pub(super) fn overdue(row: &PledgeRow) -> bool {
    row.pledge.state == PledgeState::Open && row.due > row.paid
}

pub(super) fn state(row: &PledgeRow, today: Day) -> Markup {
    if row.pledge.state == PledgeState::WrittenOff {
        badge("ended", "Written off")
    } else if row.paid >= row.pledge.amount {
        badge("complete", "Paid in full")
    } else if overdue(row) && row.next_on.is_some_and(|on| on < today) {
        badge("past_due", "Overdue")
    } else if overdue(row) {
        badge("pending", "Due today")
    } else {
        badge("active", "Running")
    }
}
