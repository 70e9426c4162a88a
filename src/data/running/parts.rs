//! What several pages of these imports show alike.
use super::{Outcome, Row, State};
use crate::{
    data::{Fate, Fates, Outcomes},
    kernel::text,
    web::{badge, notice},
};
use maud::{Markup, html};

/// What is not touched, wherever it is decided.
pub(super) fn promise() -> Markup {
    notice(
        "info",
        &html! { p { "Stripe is only read. Nothing is changed there, nobody is charged, no mail leaves, and every subscription goes on as it is." } },
    )
}

/// Where it stands, in a sentence.
pub(super) fn sentence(state: State, f: &Fates, o: &Outcomes) -> String {
    let n = text::number;
    match state {
        State::Reading => {
            let read = text::count(f.fresh + f.matches + f.refused, "subscription is", "subscriptions are");
            format!("{read} read so far. Nothing is written.")
        }
        State::Read => format!(
            "{} can be brought in, {} on record already, {} can’t be brought in. Nothing is written yet.",
            n(f.fresh),
            n(f.matches),
            n(f.refused)
        ),
        State::Applying => format!(
            "{} of {} are applied. It goes on if you leave this page, and after a restart.",
            n(o.made + o.stayed + o.refused),
            n(f.fresh)
        ),
        State::Applied => {
            let made = text::count(o.made, "recurring gift was", "recurring gifts were");
            format!("{made} brought in, {} left out, {} not applied.", n(o.stayed), n(o.refused + f.refused))
        }
        State::Undone => format!("{} taken back, {} kept.", n(o.undone), n(o.kept)),
        State::Discarded => "It was thrown away before anything was written.".to_owned(),
    }
}

/// How far the applying is, as a bar.
pub(super) fn bar(f: &Fates, o: &Outcomes) -> Markup {
    let done = o.made + o.stayed + o.refused;
    html! { progress value=(done) max=(f.fresh.max(1)) aria-label="Subscriptions applied" {} }
}

pub(super) fn table(rows: &[Row], applied: bool) -> Markup {
    html! {
        table {
            caption { "Subscriptions in the order of Stripe, the newest first" }
            thead { tr {
                th.num scope="col" { "Row" } th scope="col" { "Who gives" } th scope="col" { "What" } th scope="col" { "Fate" } th scope="col" { "Why, and what to know" }
                @if applied { th scope="col" { "Outcome" } }
            } }
            tbody { @for row in rows { (line(row, applied)) } }
        }
    }
}

fn line(row: &Row, applied: bool) -> Markup {
    let donor = row.donor_id.filter(|_| row.outcome != Some(Outcome::Undone) || !row.made_donor);
    html! { tr {
        td.num data-label="Row" { (row.number) }
        th scope="row" { @if let Some(id) = donor { a href={ "/staff/donors/" (id) } { (row.name) } } @else { (row.name) } }
        td data-label="What" { span {
            @if row.what.is_empty() { (row.subscription) } @else { (row.what) }
            @if !row.product.is_empty() { br; (row.product) }
        } }
        td data-label="Fate" { (badge(row.fate.mood(), label(row.fate))) }
        td data-label="Why, and what to know" { div { (row.reason) @for note in row.notes() { p.hint { (note) } } } }
        @if applied { td data-label="Outcome" { span {
            @match (row.outcome, row.recurring_id) {
                (Some(Outcome::Made), Some(id)) => a href={ "/staff/recurring/" (id) } { "Brought in" },
                (Some(Outcome::Left), _) => "Left out",
                (Some(Outcome::Kept), Some(id)) => a href={ "/staff/recurring/" (id) } { "Kept" },
                (Some(outcome), _) => (outcome.label()),
                (None, _) if row.fate == Fate::New => "Waits",
                (None, _) => "Passed over",
            }
            @if let Some(why) = &row.outcome_why { br; (why) }
        } } }
    } }
}

pub(super) fn label(fate: Fate) -> &'static str {
    match fate {
        Fate::New => "To be brought in",
        Fate::Matches => "On record already",
        Fate::Refused => "Can’t be brought in",
    }
}
