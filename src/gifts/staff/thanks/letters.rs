//! Letters before they go, one for each donor as it will be read; what went out of a batch; and the pages to print.
use super::{PATH, named};
use crate::{
    app::App,
    gifts::{
        BatchId,
        acknowledge::{self, Batch, BatchKind, Sent, Template, ThanksRow, Way},
        queries,
    },
    kernel::text,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, empty, field, moment, notice, redirect_saying},
};
use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use maud::{Markup, html};

/// The gifts and the template that a query or a form names.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    gift: Vec<String>,
    template: String,
    /// The version that was seen: nobody sends a letter that was changed under them.
    version: String,
}

fn chosen<'a>(templates: &'a [Template], id: &str) -> Option<&'a Template> {
    templates.iter().find(|template| template.id.to_string() == id).or(templates.first().filter(|_| id.is_empty()))
}

pub(super) async fn preview(staff: Staff, State(app): State<App>, RawQuery(query): RawQuery, csrf: Csrf) -> Result<Page, Error> {
    let asked: Typed = serde_html_form::from_str(query.as_deref().unwrap_or_default()).map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let templates = queries::templates(&mut tx).await?;
    let rows = queries::to_write(&mut tx, &named(&asked.gift)).await?;
    drop(tx);
    let content = match chosen(&templates, &asked.template) {
        None => empty("There is no letter to write from yet.", Some(("Write a template", "/staff/thanks/templates/new"))),
        Some(_) if rows.is_empty() => empty("None of these gifts waits for thanks.", Some(("See the gifts that do", PATH))),
        Some(template) => letters(&rows, template, &templates, &staff, &app.coalition.get().name, &csrf),
    };
    Ok(Page::staff("Letters of thanks", content).crumb("Gifts", "/staff/gifts").crumb("Thanks", PATH))
}

fn letters(
    rows: &[ThanksRow],
    template: &Template,
    templates: &[Template],
    staff: &Staff,
    coalition: &str,
    csrf: &Csrf,
) -> Markup {
    let mailed = rows.iter().filter(|row| row.way() == Way::Email).count();
    let draft = Draft::of([("template", template.id.to_string())]);
    let choices: Vec<_> = templates.iter().map(|t| (t.id.to_string(), t.name.clone())).collect();
    let hidden = html! { @for row in rows { input type="hidden" name="gift" value=(row.id); } };
    html! {
        p.lead { (mailed) " by e-mail, " (rows.len() - mailed) " on paper. Nothing has gone out yet." }
        form.filters method="get" action={ (PATH) "/letters" } {
            (hidden)
            (Field { width: "medium", ..field("template", "Written from") }.select(&draft, &choices))
            button { "Show with this template" }
        }
        @for row in rows {
            @let (subject, body) = row.letter(template, &staff.name, coalition);
            section.card {
                h2 { "To " (row.donor) }
                p.hint {
                    @match (&row.email, &row.address) {
                        (Some(email), _) => { "By e-mail to " (email) }
                        (None, Some(address)) => { "On paper: " (address.replace('\n', ", ")) }
                        (None, None) => "On paper; no postal address is known, so it has none.",
                    }
                }
                p { strong { (subject) } }
                (paragraphs(&body))
            }
        }
        @if staff.may_keep_gifts().is_ok() {
            form method="post" action={ (PATH) "/letters" } {
                (csrf.field())
                (hidden)
                input type="hidden" name="template" value=(template.id);
                input type="hidden" name="version" value=(template.version);
                div.actions {
                    button { "Send " (text::count(i64::try_from(rows.len()).unwrap_or(i64::MAX), "letter", "letters")) }
                    a href=(PATH) { "Send none" }
                }
            }
        }
    }
}

pub(in crate::gifts::staff) fn paragraphs(body: &str) -> Markup {
    html! { @for paragraph in body.split("\n\n") { p { @for (n, line) in paragraph.lines().enumerate() { @if n > 0 { br; } (line) } } } }
}

pub(super) async fn send(staff: Staff, State(app): State<App>, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let templates = queries::templates(&mut app.db.read().await?).await?;
    let template = chosen(&templates, &typed.template).ok_or(Error::NotFound)?;
    if template.version.to_string() != typed.version {
        return Err(Error::Conflict(
            "The letter was changed while you looked at it. Nothing was sent; look at it again.".to_owned(),
        ));
    }
    let batch = Box::pin(acknowledge::write(&app, &staff, template, &named(&typed.gift))).await?;
    Ok(redirect_saying(
        format!("{PATH}/batches/{batch}"),
        Mood::Good,
        "The letters are written and the gifts are marked as thanked.",
    ))
}

async fn read(app: &App, id: &str) -> Result<(Batch, Vec<Sent>), Error> {
    let id: BatchId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let batch = queries::batch_by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let sent = queries::letters_of(&mut tx, id).await?;
    Ok((batch, sent))
}

pub(super) async fn batch(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let (batch, sent) = read(&app, &id).await?;
    let zone = app.coalition.get().zone();
    let path = format!("{PATH}/batches/{}", batch.id);
    let printed = sent.iter().filter(|letter| letter.way == Way::Print).count();
    let content = html! {
        p.lead {
            (batch.by_name) " did this on " (moment(batch.at, &zone)) ", for " (text::count(batch.gifts, "gift", "gifts")) "."
            @if let Some(at) = batch.undone_at { " It was taken back on " (moment(at, &zone)) "." }
        }
        @if printed > 0 {
            (notice("info", &html! { p { (text::count(i64::try_from(printed).unwrap_or(i64::MAX), "letter goes", "letters go")) " on paper. " a href={ (path) "/print" } { "Open the pages to print" } } }))
        }
        @if !sent.is_empty() {
            table {
                caption { "Letters of this batch" }
                thead { tr { th scope="col" { "To" } th scope="col" { "How" } th scope="col" { "Subject" } } }
                tbody {
                    @for letter in &sent {
                        tr { th scope="row" { a href={ "/staff/gifts/" (letter.gift_id) } { (letter.name) } } td data-label="How" { (letter.way.label()) } td data-label="Subject" { (letter.subject) } }
                    }
                }
            }
        }
        @if batch.undone_at.is_none() && staff.may_keep_gifts().is_ok() {
            form method="post" action={ (path) "/undo" } {
                (csrf.field())
                button.secondary { "Take it back" }
                p.hint {
                    "The gifts wait for thanks again."
                    @if batch.what == BatchKind::Letters { " Mails that left are not called back." }
                }
            }
        }
    };
    Ok(Page::staff(batch.what.label(), content).crumb("Gifts", "/staff/gifts").crumb("Thanks", PATH))
}

/// Every letter that goes on paper, each on a page of its own.
pub(super) async fn print(_staff: Staff, State(app): State<App>, Path(id): Path<String>) -> Result<Page, Error> {
    let (batch, sent) = read(&app, &id).await?;
    let coalition = app.coalition.get();
    let on = coalition.zone().day(batch.at);
    let content = html! {
        div.actions { p.hint { "Use your browser’s print command. Each letter begins on a new page, and the navigation is left out on paper." } }
        @for letter in sent.iter().filter(|letter| letter.way == Way::Print) {
            article.letter {
                p { (coalition.name) }
                p { (letter.name) @if let Some(address) = &letter.address { @for line in address.lines() { br; (line) } } }
                p { (crate::web::day(on)) }
                h2 { (letter.subject) }
                (paragraphs(&letter.body))
            }
        }
        @if !sent.iter().any(|letter| letter.way == Way::Print) { p { "No letter of this batch goes on paper." } }
    };
    Ok(Page::staff("Letters to print", content)
        .crumb("Gifts", "/staff/gifts")
        .crumb("Thanks", PATH)
        .crumb(batch.what.label(), format!("{PATH}/batches/{}", batch.id)))
}

pub(super) async fn undo(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    RawForm(_): RawForm,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let count = acknowledge::undo(&app, &staff, id.parse().map_err(|_| Error::NotFound)?).await?;
    let waits = if count == 1 { "waits" } else { "wait" };
    Ok(redirect_saying(
        PATH,
        Mood::Good,
        format!("Taken back: {} {waits} for thanks again.", text::count(count, "gift", "gifts")),
    ))
}
