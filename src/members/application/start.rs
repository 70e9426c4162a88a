//! Where an application begins, and where a lost link is mailed again.
use super::{ApplicationId, queries, verbs};
use crate::{
    app::App,
    db::Tx,
    kernel::{Coalition, Day, Email, Timestamp, digest},
    links::{self, LinkError},
    members::{self, NotOpen},
    web::{ClientIp, Csrf, Draft, Error, Field, Form, Page, asked_about, day, error_summary, field, notice, redirect},
};
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;

/// The purpose of an applicant's link.
pub(super) const LINK: &str = "application";
/// How long a link to an application works.
pub(super) const LINK_DAYS: i64 = 60;
/// Beginnings per address of the network, and per e-mail address, in an hour.
const MOST_PER_PLACE: i64 = 20;
const MOST_PER_EMAIL: i64 = 5;

pub(super) fn router() -> Router<App> {
    Router::new().route("/join", get(explain).post(begin)).route("/join/link", post(mail_link))
}

/// The application behind a link; a link that does not work is answered with a page that offers a new one.
pub(super) async fn open(tx: &mut Tx, app: &App, token: &str) -> Result<super::Application, Error> {
    let subject = match links::open(tx, &app.keys, LINK, token, app.clock.now()).await? {
        Ok(subject) => subject,
        Err(LinkError::Unknown) => return Err(Error::NotFound),
        Err(why) => {
            return Err(Error::Gone(format!(
                "{why} Write your e-mail address under “Go on with an application” on the page Join, and we mail a new one."
            )));
        }
    };
    let id: ApplicationId = subject.parse().map_err(|_| Error::NotFound)?;
    queries::by_id(tx, id).await?.ok_or(Error::NotFound)
}

async fn explain(State(app): State<App>, csrf: Csrf) -> Result<Page, Error> {
    page(&app, &csrf, &Draft::default()).await
}

async fn page(app: &App, csrf: &Csrf, draft: &Draft) -> Result<Page, Error> {
    let coalition = app.coalition.get();
    let today = coalition.zone().day(app.clock.now());
    let mut tx = app.db.read().await?;
    let review = members::review_notice(&mut tx, today).await?;
    let not_open = members::not_open(&mut tx, today).await?;
    drop(tx);
    let content = html! {
        (error_summary(draft))
        @if let Some(why) = not_open { (not_yet(why, &coalition)) }
        p.lead { "Membership costs nothing. It rests on a commitment that your organization makes in writing." }
        h2 { "Who can join" }
        ul {
            li { strong { "Members" } " are national, genuine non-governmental organizations that convey their commitment by a letter from a senior official or a resolution of a governing body. Each is given an admission number." }
            li { strong { "Observers" } " follow the work and take part in meetings, without a number and without a vote." }
        }
        h2 { "What you will need" }
        ul {
            li { "About fifteen minutes. You can stop at any question; a link that is mailed to you brings you back." }
            li { "The signed letter or resolution as a PDF, an image or a Word document." }
            li { "The name and e-mail address of your delegate." }
        }
        @if not_open.is_none() { (forms(csrf, draft, review)) }
    };
    Ok(Page::public("Join", content).describe("How an organization joins the coalition, and where it applies."))
}

fn not_yet(why: NotOpen, coalition: &Coalition) -> Markup {
    notice(
        "warn",
        &html! {
            p {
                @match why {
                    NotOpen::Until(first) => { "Applications are not open yet. They open on " (day(first)) "." }
                    NotOpen::NotSetUp => "Applications are not open yet. Come back later.",
                }
                @if !coalition.contact_email.is_empty() {
                    " To hear when they are, write to " a href={ "mailto:" (coalition.contact_email) } { (coalition.contact_email) } "."
                }
            }
        },
    )
}

fn forms(csrf: &Csrf, draft: &Draft, review: Option<(Day, Day)>) -> Markup {
    html! {
        @if let Some((review, cut_off)) = review {
            (notice("info", &html! { p { "The next applications are reviewed on " (day(review)) ". What arrives by " (day(cut_off)) " is among them." } }))
        }
        div.split {
            section aria-labelledby="begin" {
                h2 #begin { "Begin an application" }
                form method="post" action="/join" novalidate {
                    (csrf.field())
                    (Field { kind: "email", autocomplete: Some("email"), inputmode: Some("email"), hint: Some("We mail you the link to your application."), ..field("email", "Your e-mail address") }.input(draft))
                    (asked_about("email", draft))
                    p.actions { button type="submit" { "Begin" } }
                }
            }
            section aria-labelledby="resume" {
                h2 #resume { "Go on with an application" }
                form method="post" action="/join/link" novalidate {
                    (csrf.field())
                    (Field { kind: "email", autocomplete: Some("email"), inputmode: Some("email"), hint: Some("The address you began with. We mail a fresh link."), ..field("known", "Your e-mail address") }.input(draft))
                    p.actions { button.secondary type="submit" { "Mail me the link" } }
                }
            }
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Begin {
    email: String,
    email_asked: String,
    /// No two pages carry the same one, so it tells a second click from a second application.
    csrf: String,
}

async fn begin(State(app): State<App>, csrf: Csrf, ip: ClientIp, Form(typed): Form<Begin>) -> Result<Response, Error> {
    let mut draft = Draft::default();
    let Some(email) = draft.read_email("email", &typed.email, &typed.email_asked) else {
        return Err(Draft::refuse(page(&app, &csrf, &draft).await?));
    };
    let now = app.clock.now();
    let id = id_of(&app, &typed.csrf, &email);
    let mut tx = app.db.write().await?;
    if members::not_open(&mut tx, app.coalition.get().zone().day(now)).await?.is_some() {
        drop(tx);
        return Ok(page(&app, &csrf, &draft).await?.status(StatusCode::CONFLICT).into_response());
    }
    let token = match verbs::begin(&mut tx, &app, id, &email, now).await? {
        Some(token) => {
            limit(&mut tx, &app, ip, &email, now).await?;
            token
        }
        None => verbs::link(&mut tx, &app, id, now).await?,
    };
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect(format!("/join/{token}/track")))
}

/// The same page sent twice names the same application.
fn id_of(app: &App, page: &str, email: &Email) -> ApplicationId {
    let code = digest(&app.keys.code("application id", format!("{page} {email}").as_bytes()));
    ApplicationId::from_u128(u128::from_str_radix(&code[..32], 16).expect("a digest is hexadecimal"))
}

/// Refuses who begins, or asks for links, faster than organizations apply.
async fn limit(tx: &mut Tx, app: &App, ip: ClientIp, email: &Email, now: Timestamp) -> Result<(), Error> {
    let hour = now.unix().div_euclid(3_600);
    let place = app.keys.code("application limit", ip.0.to_string().as_bytes());
    let address = app.keys.code("application limit", email.as_str().as_bytes());
    let from_place = queries::count_start(tx, &place, hour).await?;
    let from_address = queries::count_start(tx, &address, hour).await?;
    if from_place > MOST_PER_PLACE || from_address > MOST_PER_EMAIL {
        let seconds = (hour + 1) * 3_600 - now.unix();
        return Err(Error::TooMany { seconds, what: "Many applications were begun from here within the hour.".to_owned() });
    }
    Ok(())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Known {
    known: String,
}

/// The answer is the same whether the address is known or not.
async fn mail_link(State(app): State<App>, csrf: Csrf, ip: ClientIp, Form(typed): Form<Known>) -> Result<Page, Error> {
    let mut draft = Draft::default();
    let Some(email) = draft.read::<Email>("known", &typed.known) else {
        return Err(Draft::refuse(page(&app, &csrf, &draft).await?));
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    limit(&mut tx, &app, ip, &email, now).await?;
    if let Some(id) = queries::unfinished(&mut tx, &email).await? {
        verbs::send_link(&mut tx, &app, id, &email, now).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    let content = html! {
        p { "If an application was begun with " strong { (email) } " and is not decided, a mail with its link is on its way." }
        p { a href="/join" { "Back to Join" } }
    };
    Ok(Page::public("Look into your mail", content).crumb("Join", "/join"))
}
