//! A forgotten password: asked for by address, mailed as a link. The page answers the same, after the
//! same work, whether the address has an account or not: a job looks it up later.
use super::{caller::Caller, letters, limits::Limit, queries};
use crate::{
    app::App,
    kernel::Email,
    links,
    mail::{self, Class},
    web::{Csrf, Draft, Error, Field, Form, Page, error_summary, field, redirect},
    work::{self, Job, JobError},
};
use axum::{Router, extract::State, response::Response, routing::get};
use futures_util::future::BoxFuture;
use maud::html;
use serde::Deserialize;

/// The purpose of the link.
pub(super) const RESET: &str = "staff.reset";
/// How long the link can be followed.
const GOOD_FOR_MINUTES: i64 = 60;
/// The kind of the job that mails the link; its key is the address that was typed.
pub(super) const MAIL_LINK: &str = "staff.reset";

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/forgotten", get(ask).post(send)).route("/staff/forgotten/sent", get(sent))
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    email: String,
}

async fn ask(csrf: Csrf) -> Page {
    page(&csrf, &Draft::default())
}

fn page(csrf: &Csrf, draft: &Draft) -> Page {
    let content = html! {
        div.sign-in {
            h1 { "Forgotten password" }
            (error_summary(draft))
            p { "Write the e-mail address of your account. We mail you a link with which you choose a new password." }
            form method="post" action="/staff/forgotten" {
                (csrf.field())
                (Field { kind: "email", autocomplete: Some("username"), inputmode: Some("email"), ..field("email", "E-mail address") }.input(draft))
                p.actions { button type="submit" { "Mail me a link" } }
            }
            p { a href="/staff/sign-in" { "Back to sign-in" } }
        }
    };
    Page::bare("Forgotten password", content).own_heading()
}

async fn send(State(app): State<App>, caller: Caller, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let mut draft = Draft::default();
    let Some(email) = draft.read::<Email>("email", &typed.email) else {
        return Err(Draft::refuse(page(&csrf, &draft)));
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    Limit::reset_address(&caller).count(&mut tx, now).await?;
    work::soon(&mut tx, MAIL_LINK, email.as_str(), now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect("/staff/forgotten/sent"))
}

async fn sent() -> Page {
    let content = html! {
        div.sign-in {
            h1 { "Look into your mail" }
            p.lead { "If the address belongs to an account, a mail with a link is on its way to it." }
            p { "The link works once, for an hour. If nothing comes within a few minutes, look among unwanted mail, check the address, or ask an administrator." }
            p { a href="/staff/sign-in" { "Back to sign-in" } }
        }
    };
    Page::bare("Look into your mail", content).own_heading()
}

/// The job: mails a link when the address has an account with a password, at most three in an hour.
pub(super) fn mail_link(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let email: Email = job.key.parse().map_err(|_| JobError::Never("its key is not an address".to_owned()))?;
        let now = app.clock.now();
        let mut tx = app.db.write().await?;
        let Some(access) = queries::access(&mut tx, &email).await? else { return Ok(()) };
        let staff = access.account;
        match Limit::reset_account(staff.id).count(&mut tx, now).await {
            Ok(()) => {}
            Err(Error::Database(error)) => return Err(error.into()),
            Err(_) => return Ok(()),
        }
        let (subject, until) = (staff.id.to_string(), now.plus_minutes(GOOD_FOR_MINUTES));
        links::revoke(&mut tx, RESET, &subject, now).await?;
        let token = links::issue(&mut tx, &app.keys, RESET, &subject, now, until).await?;
        let letter = letters::reset(&staff, &app.url(&format!("/staff/reset/{token}")), until, &app.coalition.get());
        mail::send(&mut tx, &staff.email, Class::Transactional, ("staff_user", &subject), &letter, now).await?;
        tx.commit().await?;
        app.bell.notify_one();
        Ok(())
    })
}
