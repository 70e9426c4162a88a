//! Tags and dated notes of one donor. Notes are added and stay; it refuses an empty one and one dated tomorrow.
use super::{known, under};
use crate::{
    app::App,
    audit,
    donors::{
        Donor,
        care::{self, Note},
    },
    kernel::Day,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Tags {
    tags: String,
}

pub(super) async fn ask_tags(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let donor = known(&app, &id).await?;
    let mut tx = app.db.read().await?;
    let (has, all) = (care::tags_of(&mut tx, donor.id).await?, care::tags(&mut tx).await?);
    Ok(tags_page(&donor, &Draft::of([("tags", has.join(", "))]), &all, &csrf))
}

fn tags_page(donor: &Donor, draft: &Draft, all: &[String], csrf: &Csrf) -> Page {
    let hint = if all.is_empty() {
        "Separated by commas, such as: volunteer, lawyer.".to_owned()
    } else {
        format!("Separated by commas. In use: {}.", all.join(", "))
    };
    let content = html! {
        (error_summary(draft))
        form method="post" action={ "/staff/donors/" (donor.id) "/tags" } novalidate {
            (csrf.field())
            (Field { optional: true, autocomplete: Some("off"), hint: Some(&hint), ..field("tags", "Tags") }.input(draft))
            div.actions { button { "Save the tags" } a href={ "/staff/donors/" (donor.id) } { "Leave as it is" } }
        }
    };
    under(donor, format!("Tags of {}", donor.name), content)
}

pub(super) async fn save_tags(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Tags>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let donor = known(&app, &id).await?;
    let mut draft = Draft::default();
    draft.optional_text("tags", &typed.tags, 800);
    let mut tags: Vec<_> = typed.tags.split([',', ';', '\n']).filter_map(care::tag).collect();
    tags.sort();
    tags.dedup();
    if tags.len() > 20 {
        draft.reject("tags", "Give at most 20 tags");
    }
    let mut tx = app.db.write().await?;
    let before = care::tags_of(&mut tx, donor.id).await?;
    if !draft.is_right() {
        let all = care::tags(&mut tx).await?;
        return Err(Draft::refuse(tags_page(&donor, &draft, &all, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)));
    }
    if before != tags {
        care::set_tags(&mut tx, donor.id, &tags).await?;
        let (was, is) = (serde_json::json!({ "tags": before }), serde_json::json!({ "tags": tags }));
        let record = ("donor", &*donor.id.to_string());
        audit::record(&mut tx, &staff.actor(), "tag", record, Some(&was), Some(&is), app.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/donors/{}", donor.id), Mood::Good, "The tags are saved."))
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Written {
    day: String,
    words: String,
}

const MOST: i64 = 200;

pub(super) async fn notes(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let donor = known(&app, &id).await?;
    let notes = care::notes_of(&mut app.db.read().await?, donor.id, MOST).await?;
    let today = app.coalition.get().zone().day(app.clock.now());
    Ok(notes_page(&donor, &notes, staff.may_keep_gifts().is_ok(), &Draft::of([("day", today.to_string())]), &csrf))
}

fn notes_page(donor: &Donor, notes: &[Note], may: bool, draft: &Draft, csrf: &Csrf) -> Page {
    let content = html! {
        (error_summary(draft))
        @if may {
            form method="post" action={ "/staff/donors/" (donor.id) "/notes" } novalidate {
                (csrf.field())
                (Field { kind: "date", width: "short", ..field("day", "Day") }.input(draft))
                (Field { hint: Some("What was said, and with whom. Donors may ask to read it."), ..field("words", "Note") }.textarea(draft, 4))
                div.actions { button { "Add the note" } }
            }
        }
        @if notes.is_empty() { p { "No note was written yet." } } @else { (note_list(notes)) }
    };
    under(donor, format!("Notes about {}", donor.name), content)
}

pub(super) fn note_list(notes: &[Note]) -> Markup {
    html! { ol.timeline { @for note in notes { li {
        (day(note.day)) p { @for (n, line) in note.words.lines().enumerate() { @if n > 0 { br; } (line) } } p.hint { (note.written_by) }
    } } } }
}

pub(super) async fn add_note(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Written>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let donor = known(&app, &id).await?;
    let now = app.clock.now();
    let mut draft = Draft::default();
    let on: Option<Day> = draft.read("day", &typed.day);
    if on.is_some_and(|on| on > app.coalition.get().zone().day(now)) {
        draft.reject("day", "Enter a day that is not after today");
    }
    let words = draft.text("words", &typed.words, 4_000, "Write what is to be remembered");
    let mut tx = app.db.write().await?;
    let (Some(on), Some(words), true) = (on, words, draft.is_right()) else {
        let notes = care::notes_of(&mut tx, donor.id, MOST).await?;
        return Err(Draft::refuse(notes_page(&donor, &notes, true, &draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    care::add_note(&mut tx, donor.id, (on, &words), &staff.name, now).await?;
    let what = serde_json::json!({ "day": on, "note": words });
    let record = ("donor", &*donor.id.to_string());
    audit::record(&mut tx, &staff.actor(), "note", record, None::<&()>, Some(&what), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/donors/{}/notes", donor.id), Mood::Good, "The note is kept."))
}
