//! One dispute: what it is about, until when, what is gathered, the answer, and how it ended.
use super::gift::event_list;
use crate::{
    app::App,
    audit::{self, AuditEvent},
    donors::{self, Donor},
    gifts::{
        self, Gift, GiftDispute,
        disputes::{self, Answered, Care, checklist},
        queries,
    },
    kernel::Zone,
    payments::DisputeState,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, badge, day_of, error_summary, facts, field, moment, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

struct Record {
    dispute: GiftDispute,
    gift: Gift,
    donor: Donor,
    care: Care,
    events: Vec<AuditEvent>,
}

impl Record {
    async fn read(app: &App, id: &str) -> Result<Self, Error> {
        let mut tx = app.db.read().await?;
        let dispute = queries::dispute_by_id(&mut tx, disputes::named(id)?).await?.ok_or(Error::NotFound)?;
        let gift = gifts::by_id(&mut tx, dispute.gift_id).await?.ok_or(Error::NotFound)?;
        Ok(Self {
            donor: donors::by_id(&mut tx, gift.donor_id).await?.ok_or(Error::NotFound)?,
            care: queries::care_of(&mut tx, dispute.id).await?,
            events: audit::of_record(&mut tx, ("dispute", &dispute.id.to_string())).await?,
            gift,
            dispute,
        })
    }

    fn path(&self) -> String {
        format!("/staff/disputes/{}", self.dispute.id)
    }

    fn may_answer(&self) -> bool {
        self.dispute.waits() && self.care.answered.is_none()
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    item: Vec<String>,
    note: String,
    /// `keep`, or a way of answering.
    then: String,
}

pub(super) async fn page(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let record = Record::read(&app, &id).await?;
    let mut values = vec![("note", record.care.note.clone())];
    values.extend(record.care.gathered.iter().map(|(item, _)| ("item", item.clone())));
    Ok(show(&record, &staff, &Draft::of(values), &csrf, &app.coalition.get().zone()))
}

pub(super) async fn act(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let record = Record::read(&app, &id).await?;
    let mut draft = Draft::of(typed.item.iter().map(|item| ("item", item.clone())));
    let note = draft.optional_text("note", &typed.note, 20_000);
    let how: Option<Option<Answered>> =
        if typed.then == "keep" { Some(None) } else { draft.read::<Answered>("then", &typed.then).map(Some) };
    if how == Some(Some(Answered::Sent)) && note.as_deref() == Some("") {
        draft.reject("note", "Write what the bank needs to know before you send it");
    }
    let (Some(note), Some(how), true) = (note, how, draft.is_right()) else {
        let page = show(&record, &staff, &draft, &csrf, &app.coalition.get().zone());
        return Err(Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    disputes::keep(&app, &staff, &record.dispute, &typed.item, &note).await?;
    let said = match how {
        None => "What you gathered is kept.",
        Some(how) => {
            Box::pin(disputes::answer(&app, &staff, &record.dispute, how)).await?;
            if how == Answered::Sent {
                "The answer is sent. The bank decides, often after weeks."
            } else {
                "The dispute is marked as answered."
            }
        }
    };
    Ok(redirect_saying(record.path(), Mood::Good, said))
}

/// Where the dispute stands, in sentences.
fn standing(record: &Record, zone: &Zone) -> Markup {
    let Record { dispute, gift, donor, care, .. } = record;
    let amount = dispute.amount.of(gift.currency);
    html! {
        p.lead {
            "The bank of " (donor.name) " "
            @if dispute.state == DisputeState::Inquiry { "asks about " } @else { "disputed " } (amount) " on " (day_of(dispute.at, zone)) ". "
            @match (dispute.state, care.answered) {
                (DisputeState::Inquiry | DisputeState::NeedsResponse, Some((how, at))) => { (how.label()) " on " (day_of(at, zone)) "; the bank has not confirmed it yet." }
                (DisputeState::Inquiry | DisputeState::NeedsResponse, None) => {
                    @if let Some(by) = dispute.respond_by { "An answer is due by " (moment(by, zone)) "." } @else { "An answer is due." }
                    @if dispute.state == DisputeState::NeedsResponse { " Without one the money is lost." } @else { " No money has moved." }
                }
                (DisputeState::UnderReview, _) => { "The bank is looking at our answer. Nothing needs to be done until it decides." }
                (DisputeState::Won, _) => { "It was won: the money is ours again, the fee is not." }
                (DisputeState::Lost, _) => { "It was lost: the gift counts as given back, and its receipt is void." }
                (DisputeState::Closed, _) => { "It was withdrawn. No money moved." }
            }
        }
    }
}

fn show(record: &Record, staff: &Staff, draft: &Draft, csrf: &Csrf, zone: &Zone) -> Page {
    let Record { dispute, gift, donor, care, events } = record;
    let works = staff.may_keep_gifts().is_ok() && !dispute.is_over();
    let content = html! {
        (error_summary(draft))
        (standing(record, zone))
        div.split {
            div {
                section { h2 { "What to gather" } @if works { (form(record, draft, csrf)) } @else { (gathered(record)) } }
                section { h2 { "Who did what" } (event_list(events, zone)) }
            }
            aside {
                section {
                    h2 { "About it" }
                    (facts(&[
                        ("State", badge(dispute.state, dispute.state.label())),
                        ("Reason", html! { (dispute.reason.replace('_', " ")) }),
                        ("Gift", html! { a href={ "/staff/gifts/" (gift.id) } { (gift.charged()) } }),
                        ("Donor", html! { a href={ "/staff/donors/" (donor.id) } { (donor.name) } }),
                        ("Disputed", html! { (dispute.amount.of(gift.currency)) }),
                        ("Taken from our balance", html! { (dispute.withdrawn.of(gift.currency)) }),
                        ("Fee", html! { (dispute.fee.of(gift.currency)) }),
                        ("Answer", html! { @match care.answered { Some((how, at)) => { (how.label()) ", " (moment(at, zone)) } None => "None yet" } }),
                        ("At the payment service", html! { code { (dispute.dispute) } }),
                    ]))
                }
            }
        }
    };
    Page::staff(format!("Dispute of {}", dispute.amount.of(gift.currency)), content)
        .crumb("Gifts", "/staff/gifts")
        .crumb("Disputes", "/staff/disputes")
        .wide()
}

fn form(record: &Record, draft: &Draft, csrf: &Csrf) -> Markup {
    let by = |item: &str| record.care.gathered.iter().find(|(word, _)| word == item).map(|(_, by)| format!("Gathered by {by}"));
    let hints: Vec<_> = checklist(&record.dispute.reason).iter().map(|(word, words)| (*word, *words, by(word))).collect();
    let choices: Vec<_> = hints.iter().map(|(word, words, hint)| (*word, *words, hint.as_deref())).collect();
    html! {
        form method="post" action=(record.path()) novalidate {
            (csrf.field())
            (Field { optional: true, ..field("item", "Tick what is at hand") }.checkboxes(draft, &choices))
            (Field { optional: true, hint: Some("In plain sentences, with days and amounts. The bank reads this and what the donor typed on the form; files are added at the payment service."), ..field("note", "The answer to the bank") }.textarea(draft, 10))
            div.actions {
                button name="then" value="keep" { "Keep this" }
                @if record.may_answer() {
                    button.secondary name="then" value="sent" { "Send it to the bank" }
                    button.secondary name="then" value="elsewhere" { "I answered at the payment service" }
                }
            }
            @if record.may_answer() { p.hint { "A bank takes one answer. It can’t be changed after it is sent." } }
        }
    }
}

fn gathered(record: &Record) -> Markup {
    html! {
        ul {
            @for (word, words) in checklist(&record.dispute.reason) {
                li {
                    (words)
                    @match record.care.gathered.iter().find(|(item, _)| item == word) { Some((_, by)) => { " (gathered by " (by) ")" } None => " (not gathered)" }
                }
            }
        }
        @if !record.care.note.is_empty() { h3 { "The answer to the bank" } @for line in record.care.note.lines() { p { (line) } } }
    }
}
