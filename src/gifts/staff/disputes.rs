//! `/staff/disputes`: what banks dispute or warn about, what is due first on top, and what came of the rest.
use crate::{
    app::App,
    gifts::{
        self, Gift,
        disputes::checklist,
        queries::{self, DisputeRow},
    },
    kernel::{Zone, text},
    staff::Staff,
    web::{Error, Page, badge, day_of, empty, moment},
};
use axum::extract::State;
use maud::{Markup, html};

const PATH: &str = "/staff/disputes";
/// Of those that are decided, so many stand here.
const NEWEST: i64 = 100;

pub(super) async fn page(_staff: Staff, State(app): State<App>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let open = queries::disputes(&mut tx, false, 500).await?;
    let over = queries::disputes(&mut tx, true, NEWEST).await?;
    let warned = gifts::warned_of(&mut tx).await?;
    let warned = gifts::by_ids(&mut tx, &warned).await?;
    drop(tx);
    let zone = app.coalition.get().zone();
    let content = html! {
        p.lead { "A bank takes a disputed payment back, with a fee, until it has decided. What it is told in time, it looks at." }
        @if !warned.is_empty() { (warnings(&warned)) }
        section {
            h2 { "Not decided" }
            @if open.is_empty() {
                (empty("No bank disputes a payment. A dispute stands here from the moment a bank opens it, with the day an answer is due and what to gather.", None))
            } @else { (table("Disputes that are not decided", &open, &zone)) }
        }
        @if !over.is_empty() { section { h2 { "Decided" } (table("Disputes that are decided, the newest first", &over, &zone)) } }
    };
    Ok(Page::staff("Disputes", content).crumb("Gifts", "/staff/gifts").wide())
}

fn warnings(warned: &[Gift]) -> Markup {
    html! {
        section #warnings {
            h2 { "Warnings of fraud" }
            p { "The card’s bank believes that its owner did not pay. A refund now prevents a dispute and its fee." }
            ul {
                @for gift in warned {
                    li { a href={ "/staff/gifts/" (gift.id) } { (gift.charged()) @if let Some(card) = &gift.card { ", " (card) } } }
                }
            }
        }
    }
}

fn table(caption: &str, rows: &[DisputeRow], zone: &Zone) -> Markup {
    html! {
        table {
            caption { (caption) }
            thead { tr { th scope="col" { "Donor" } th scope="col" { "State" } th scope="col" { "Answer due" } th scope="col" { "Gathered" } th scope="col" { "Reason" } th scope="col" { "Opened" } th.num scope="col" { "Fee" } th.num scope="col" { "Disputed" } } }
            tbody {
                @for row in rows {
                    @let dispute = &row.dispute;
                    tr {
                        th scope="row" { a href={ (PATH) "/" (dispute.id) } { (row.donor) } }
                        td data-label="State" { (badge(dispute.state, dispute.state.label())) @if let Some(how) = row.answered { " " (how.label()) } }
                        td data-label="Answer due" { @match dispute.respond_by { Some(by) if dispute.waits() => (moment(by, zone)), _ => "–" } }
                        td data-label="Gathered" { (text::number(row.gathered)) " of " (checklist(&dispute.reason).len()) }
                        td data-label="Reason" { (dispute.reason.replace('_', " ")) }
                        td data-label="Opened" { (day_of(dispute.at, zone)) }
                        td.num data-label="Fee" { (dispute.fee.of(row.currency)) }
                        td.num data-label="Disputed" { (dispute.amount.of(row.currency)) }
                    }
                }
            }
        }
    }
}
