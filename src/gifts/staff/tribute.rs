//! Tributes: whom each is told to, the letter as they will read it, and the list of those that nobody was told of.
use super::gift::known;
use crate::{
    app::App,
    gifts::{
        Gift, GiftState, NoticeId,
        acknowledge::Way,
        queries,
        tribute::{self, Notice},
    },
    kernel::{Email, Zone, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, day, empty, error_summary, field, moment, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

const NEWEST: i64 = 100;

pub(super) async fn list(_staff: Staff, State(app): State<App>) -> Result<Page, Error> {
    let rows = queries::tributes(&mut app.db.read().await?, NEWEST).await?;
    let content = html! {
        @if rows.is_empty() {
            (empty("No gift was given in honor or in memory of somebody yet. Donors choose it on the donate page.", None))
        } @else {
            table {
                caption { "The newest tributes" }
                thead { tr { th scope="col" { "Tribute" } th scope="col" { "Given by" } th scope="col" { "Given on" } th scope="col" { "Letters" } } }
                tbody {
                    @for row in &rows {
                        tr {
                            th scope="row" { a href={ "/staff/gifts/" (row.id) "/tribute" } { (row.tribute_kind.label()) " " (row.tribute_name) } }
                            td data-label="Given by" { (row.donor) }
                            td data-label="Given on" { (day(row.given_on)) }
                            td data-label="Letters" {
                                @match (row.open, row.sent) {
                                    (0, 0) => "Nobody is named to be told",
                                    (0, sent) => { (text::number(sent)) " sent" }
                                    (open, _) => { strong { (text::number(open)) " to send" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(Page::staff("Tributes", content).crumb("Gifts", "/staff/gifts"))
}

struct Before {
    gift: Gift,
    giver: String,
    notices: Vec<Notice>,
    coalition: String,
    zone: Zone,
}

impl Before {
    async fn read(app: &App, id: &str) -> Result<Self, Error> {
        let mut tx = app.db.read().await?;
        let gift = known(&mut tx, id).await?;
        if gift.tribute_kind.is_none() {
            return Err(Error::NotFound);
        }
        let coalition = app.coalition.get();
        Ok(Self {
            giver: tribute::giver(&mut tx, &gift).await?,
            notices: queries::notices_of(&mut tx, gift.id).await?,
            coalition: coalition.name.clone(),
            zone: coalition.zone(),
            gift,
        })
    }

    fn path(&self) -> String {
        format!("/staff/gifts/{}/tribute", self.gift.id)
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    to_name: String,
    email: String,
    email_asked: String,
    address: String,
    words: String,
}

pub(super) async fn page(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    Ok(show(&Before::read(&app, &id).await?, &staff, &Draft::default(), &csrf))
}

pub(super) async fn add(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let before = Before::read(&app, &id).await?;
    let mut draft = Draft::default();
    let to_name = draft.text("to_name", &typed.to_name, 200, "Enter who is to be told");
    let email: Option<Option<Email>> = if typed.email.trim().is_empty() {
        Some(None)
    } else {
        draft.read_email("email", &typed.email, &typed.email_asked).map(Some)
    };
    let address = draft.optional_text("address", &typed.address, 500);
    let words = draft.optional_text("words", &typed.words, 2_000);
    if email == Some(None) && address.as_deref() == Some("") {
        draft.reject("email", "Enter an e-mail address, or a postal address below");
    }
    let (Some(to_name), Some(email), Some(address), Some(words), true) = (to_name, email, address, words, draft.is_right())
    else {
        return Err(Draft::refuse(show(&before, &staff, &draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)));
    };
    let notice = Notice {
        id: NoticeId::new(),
        gift_id: before.gift.id,
        to_name: text::line(&to_name),
        email,
        address: (!address.is_empty()).then_some(address),
        words,
        way: None,
        sent_at: None,
        subject: None,
        body: None,
    };
    tribute::add(&app, &staff, &notice).await?;
    Ok(redirect_saying(before.path(), Mood::Good, "The letter is written below. It has not been sent."))
}

pub(super) async fn send(
    staff: Staff,
    State(app): State<App>,
    Path((id, notice)): Path<(String, String)>,
    RawForm(_): RawForm,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let gift = known(&mut app.db.read().await?, &id).await?;
    let way = tribute::send(&app, &staff, &gift, notice.parse().map_err(|_| Error::NotFound)?).await?;
    let path = format!("/staff/gifts/{}/tribute", gift.id);
    Ok(match way {
        Way::Email => redirect_saying(path, Mood::Good, "The letter is on its way."),
        _ => redirect_saying(format!("{path}/{notice}"), Mood::Good, "The letter is marked as sent on paper. Print it here."),
    })
}

pub(super) async fn remove(
    staff: Staff,
    State(app): State<App>,
    Path((id, notice)): Path<(String, String)>,
    RawForm(_): RawForm,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let gift = known(&mut app.db.read().await?, &id).await?;
    tribute::remove(&app, &staff, &gift, notice.parse().map_err(|_| Error::NotFound)?).await?;
    Ok(redirect_saying(format!("/staff/gifts/{}/tribute", gift.id), Mood::Good, "The letter is taken away."))
}

/// One letter on paper.
pub(super) async fn print(
    _staff: Staff,
    State(app): State<App>,
    Path((id, notice)): Path<(String, String)>,
) -> Result<Page, Error> {
    let before = Before::read(&app, &id).await?;
    let found = before.notices.iter().find(|n| n.id.to_string() == notice).ok_or(Error::NotFound)?;
    let (subject, body) = found.letter(&before.gift, &before.giver, &before.coalition);
    let on = before.zone.day(found.sent_at.unwrap_or(app.clock.now()));
    let content = html! {
        div.actions { p.hint { "Use your browser’s print command. The navigation is left out on paper." } }
        article.letter {
            p { (before.coalition) }
            p { (found.to_name) @if let Some(address) = &found.address { @for line in address.lines() { br; (line) } } }
            p { (day(on)) }
            h2 { (subject) }
            (super::thanks::paragraphs(&body))
        }
    };
    Ok(framed("Letter to print", content, &before.gift).crumb("Tribute", before.path()))
}

fn framed(title: &str, content: Markup, gift: &Gift) -> Page {
    Page::staff(title, content)
        .crumb("Gifts", "/staff/gifts")
        .crumb(format!("Gift of {}", gift.charged()), format!("/staff/gifts/{}", gift.id))
}

fn show(before: &Before, staff: &Staff, draft: &Draft, csrf: &Csrf) -> Page {
    let gift = &before.gift;
    let keeper = staff.may_keep_gifts().is_ok();
    let path = before.path();
    let content = html! {
        (error_summary(draft))
        p.lead { (gift.tribute().unwrap_or_default()) ". Those who are told of it read who gave, and not how much." }
        @if before.notices.is_empty() { p { "Nobody is named to be told." } }
        @for notice in &before.notices {
            @let (subject, body) = notice.letter(gift, &before.giver, &before.coalition);
            section.card {
                h2 { "To " (notice.to_name) }
                p.hint {
                    @match (notice.way, notice.sent_at, &notice.email) {
                        (Some(way), Some(at), _) => { "Sent " (way.label().to_lowercase()) " on " (moment(at, &before.zone)) }
                        (.., Some(email)) => { "By e-mail to " (email) ". Not sent yet." }
                        (.., None) => { "On paper: " (notice.address.as_deref().unwrap_or_default().replace('\n', ", ")) ". Not sent yet." }
                    }
                }
                p { strong { (subject) } }
                (super::thanks::paragraphs(&body))
                p { a href={ (path) "/" (notice.id) } { "To print" span.visually-hidden { " the letter to " (notice.to_name) } } }
                @if keeper && notice.sent_at.is_none() {
                    div.actions {
                        @if gift.state == GiftState::Settled {
                            form method="post" action={ (path) "/" (notice.id) "/sending" } {
                                (csrf.field())
                                button { @if notice.email.is_some() { "Send by e-mail" } @else { "Mark as sent on paper" } span.visually-hidden { " to " (notice.to_name) } }
                            }
                        }
                        form method="post" action={ (path) "/" (notice.id) "/removal" } {
                            (csrf.field())
                            button.secondary { "Take away" span.visually-hidden { " the letter to " (notice.to_name) } }
                        }
                    }
                }
            }
        }
        @if keeper {
            h2 { "Tell somebody" }
            form method="post" action=(path) novalidate {
                (csrf.field())
                (Field { autocomplete: Some("off"), ..field("to_name", "Who is told") }.input(draft))
                (Field { kind: "email", optional: true, autocomplete: Some("off"), ..field("email", "E-mail address") }.input(draft))
                (crate::web::asked_about("email", draft))
                (Field { optional: true, autocomplete: Some("off"), hint: Some("Without an e-mail address the letter is printed."), ..field("address", "Postal address") }.textarea(draft, 3))
                (Field { optional: true, hint: Some("Stands in the letter as it is written here."), ..field("words", "What the donor wants said") }.textarea(draft, 3))
                button { "Write the letter" }
            }
        }
    };
    framed("Tribute", content, gift)
}
