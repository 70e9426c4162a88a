//! Round, reviewers and votes on the page of an application.
use super::{Assignment, Case, Choice, Vote};
use crate::{
    db::Tx,
    kernel::{Day, Zone},
    members::{
        Application,
        application::ApplicationState,
        rounds::{self, Entry},
    },
    staff::{self, Staff},
    web::{Csrf, Draft, Field, badge, day, field, moment},
};
use maud::{Markup, html};

/// Everything the section shows.
pub(in crate::members::application) struct Ground {
    case: Case,
    stays: Vec<Entry>,
    reviewers: Vec<Staff>,
    later: Option<Day>,
}

/// The section as this person sees it.
pub(in crate::members::application) async fn section(
    tx: &mut Tx,
    a: &Application,
    staff: &Staff,
    csrf: &Csrf,
    draft: &Draft,
    (zone, today): (&Zone, Day),
) -> sqlx::Result<Markup> {
    let stays = rounds::stays(tx, a.id).await?;
    let current = stays.iter().find(|stay| stay.deferred_at.is_none()).map(|stay| stay.on_day);
    let ground = Ground {
        case: Case::of(tx, a.id).await?,
        reviewers: staff::reviewers(tx).await?,
        later: rounds::later(tx, current, today).await?.map(|round| round.on_day),
        stays,
    };
    let in_review = a.state == ApplicationState::InReview;
    if !in_review && ground.stays.is_empty() && ground.case.votes.is_empty() {
        return Ok(html! {});
    }
    Ok(html! {
        section aria-labelledby="review" {
            h2 #review { "Review" }
            (where_it_is(&ground, in_review))
            p { strong { (ground.case.sentence()) } (missing(&ground.case, in_review)) }
            (votes(&ground.case.votes, zone))
            @if in_review && staff.may_review().is_ok() { (ballot(a, &ground.case, staff, csrf, draft)) }
            @if in_review && staff.may_admit().is_ok() {
                (assigning(a, &ground, csrf))
                (deferring(a, &ground, csrf, draft))
            }
        }
    })
}

fn where_it_is(ground: &Ground, in_review: bool) -> Markup {
    html! {
        @for stay in ground.stays.iter().rev() {
            @match &stay.reason {
                Some(reason) => p { "Deferred from " (link(stay.on_day)) ": " (reason) },
                None => p { "It is in the round of " (link(stay.on_day)) "." },
            }
        }
        @if in_review && ground.stays.iter().all(|stay| stay.deferred_at.is_some()) {
            p { "It is in no round: none that is ahead was open when it arrived. It goes into the next day of review that is set." }
        }
    }
}

fn link(on: Day) -> Markup {
    html! { a href={ "/staff/review-rounds/" (on) } { (day(on)) } }
}

fn missing(case: &Case, in_review: bool) -> Markup {
    let names: Vec<_> = case.missing().map(|asked| asked.name.as_str()).collect();
    html! { @if in_review && !names.is_empty() { " Still to vote: " (names.join(", ")) "." } }
}

/// Each vote with its comment.
pub(super) fn votes(votes: &[Vote], zone: &Zone) -> Markup {
    html! {
        @if !votes.is_empty() {
            table {
                caption { "Votes" }
                thead { tr { th scope="col" { "Reviewer" } th scope="col" { "Vote" } th scope="col" { "Comment" } th scope="col" { "When" } } }
                tbody { @for vote in votes { tr {
                    th scope="row" { (vote.name) }
                    td data-label="Vote" { (badge(tone(vote.choice), vote.choice.label())) }
                    td data-label="Comment" { @if vote.comment.is_empty() { "—" } @else { (vote.comment) } }
                    td data-label="When" { (moment(vote.changed_at, zone)) }
                } } }
            }
        }
    }
}

const fn tone(choice: Choice) -> &'static str {
    match choice {
        Choice::For => "good",
        Choice::Against => "bad",
        Choice::Abstain | Choice::Recused => "neutral",
    }
}

fn ballot(a: &Application, case: &Case, staff: &Staff, csrf: &Csrf, draft: &Draft) -> Markup {
    let mine = case.vote_of(staff.id);
    let mut shown = draft.clone();
    if let Some(vote) = mine.filter(|_| draft.value("vote").is_empty() && draft.error("vote").is_none()) {
        shown.keep("vote", vote.choice.as_str());
        shown.keep("comment", &vote.comment);
    }
    let options = [
        (Choice::For.as_str(), "In favor", None),
        (Choice::Against.as_str(), "Against", None),
        (Choice::Abstain.as_str(), "Abstain", Some("Counts for the quorum, for neither side.")),
        (Choice::Recused.as_str(), "Recuse myself", Some("Not counted. Write why, such as a tie to the organization.")),
    ];
    html! {
        h3 { @if mine.is_some() { "Change your vote" } @else { "Vote" } }
        form method="post" action={ "/staff/applications/" (a.id) "/vote" } novalidate {
            (csrf.field())
            (field("vote", "Your vote").radios(&shown, &options))
            (Field { optional: true, hint: Some("Other staff read it; the applicant does not."), ..field("comment", "Comment") }.textarea(&shown, 3))
            p.actions { button type="submit" { @if mine.is_some() { "Change my vote" } @else { "Cast my vote" } } }
        }
    }
}

fn assigning(a: &Application, ground: &Ground, csrf: &Csrf) -> Markup {
    let Ground { case, reviewers, .. } = ground;
    let draft = Draft::of(case.assignments.iter().map(|asked: &Assignment| ("reviewer", asked.staff_id.to_string())));
    let options: Vec<_> = reviewers.iter().map(|staff| (staff.id.to_string(), staff.name.clone(), None)).collect();
    html! {
        details {
            summary { "Assign reviewers" }
            form method="post" action={ "/staff/applications/" (a.id) "/reviewers" } {
                (csrf.field())
                (Field { optional: true, hint: Some("They find it under “What needs attention” until they vote."), ..field("reviewer", "Who looks at it") }.checkboxes(&draft, &options))
                p.actions { button.secondary type="submit" { "Save the reviewers" } }
            }
        }
    }
}

fn deferring(a: &Application, ground: &Ground, csrf: &Csrf, draft: &Draft) -> Markup {
    html! {
        details open[draft.error("deferral").is_some()] {
            summary { "Defer to a later round" }
            @match ground.later {
                Some(later) => form method="post" action={ "/staff/applications/" (a.id) "/deferral" } novalidate {
                    (csrf.field())
                    p { "It moves to the round of " (day(later)) ". Its votes stay and can be changed until then." }
                    (Field { hint: Some("It is mailed to the applicant as you write it."), ..field("deferral", "Reason") }.textarea(draft, 3))
                    p.actions { button.secondary type="submit" { "Defer to " (later.words()) } }
                },
                None => p { "No later round is set. An administrator adds one under Settings, Review rounds." },
            }
        }
    }
}
