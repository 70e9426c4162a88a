//! Who looks at applications without membership being their role: named by an administrator, one by one.
use super::{
    Person, Role, Staff, StaffId,
    people::{self, AccountError},
    queries,
};
use crate::{
    app::App,
    db::Tx,
    web::{Csrf, Draft, Error, Form, Mood, redirect_saying, tick},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use maud::{Markup, html};

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/people/{id}/reviewing", post(name))
}

/// Everybody with an open account who may look at applications and vote.
pub async fn reviewers(tx: &mut Tx) -> sqlx::Result<Vec<Staff>> {
    let mut all = queries::open_accounts(tx).await?;
    all.retain(|staff| staff.may_review().is_ok());
    Ok(all)
}

/// Everybody of the secretariat with an open account.
pub async fn secretariat(tx: &mut Tx) -> sqlx::Result<Vec<Staff>> {
    let mut all = queries::open_accounts(tx).await?;
    all.retain(|staff| Role::SECRETARIAT.contains(&staff.role));
    Ok(all)
}

/// Asks whether this person reviews applications, on the page of the account.
pub(super) fn form(person: &Person, csrf: &Csrf) -> Markup {
    let draft = Draft::of([("reviews", if person.reviews { "yes" } else { "" })]);
    let hint = "Votes on applications in review rounds, whatever the role. Administrators and membership staff do so anyway.";
    html! {
        form method="post" action={ "/staff/people/" (person.id) "/reviewing" } {
            (csrf.field())
            (tick("reviews", "Named as a reviewer of applications", Some(hint), &draft))
            p.actions { button.secondary type="submit" { "Save" } }
        }
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Typed {
    reviews: String,
}

async fn name(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<StaffId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_administer()?;
    let mut tx = app.db.write().await?;
    let person = people::name_reviewer(&mut tx, &app, &staff, id, typed.reviews == "yes").await.map_err(|error| match error {
        AccountError::Refused(why) => Error::Conflict(why.to_owned()),
        error => error.into(),
    })?;
    tx.commit().await?;
    let now = if person.reviews { "looks at applications and votes" } else { "is no longer named as a reviewer" };
    Ok(redirect_saying(format!("/staff/people/{id}"), Mood::Good, format!("{} {now}.", person.name)))
}
