//! Who belongs to a household. Each goes on giving in their own name; it refuses what is no person and who belongs to
//! another household.
use super::{known, under};
use crate::{
    app::App,
    audit,
    db::Tx,
    donors::{
        self, Donor, DonorId,
        reach::{self, Belongs},
    },
    kernel::Timestamp,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::html;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    member: String,
}

pub(super) async fn show(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let donor = known(&app, &id).await?;
    let belongs = reach::belongs(&mut app.db.read().await?, donor.id).await?;
    Ok(page(&donor, &belongs, staff.may_keep_gifts().is_ok(), &Draft::default(), &csrf))
}

fn page(donor: &Donor, belongs: &Belongs, may: bool, draft: &Draft, csrf: &Csrf) -> Page {
    let here = format!("/staff/donors/{}/household", donor.id);
    let content = html! {
        (error_summary(draft))
        @if belongs.members.is_empty() { p { "Nobody belongs to it yet." } } @else {
            table {
                caption { "Who belongs to it" }
                thead { tr { th scope="col" { "Name" } @if may { th scope="col" { span.visually-hidden { "Action" } } } } }
                tbody { @for member in &belongs.members { tr {
                    th scope="row" { a href={ "/staff/donors/" (member.id) } { (member.name) } }
                    @if may { td { form method="post" action={ (here) "/" (member.id) "/removal" } {
                        (csrf.field()) button.secondary type="submit" { "Take out" span.visually-hidden { " " (member.name) } }
                    } } }
                } } }
            }
        }
        @if may {
            form method="post" action=(here) novalidate {
                (csrf.field())
                (Field { autocomplete: Some("off"), hint: Some("The e-mail address or the whole name of a donor."), ..field("member", "Who belongs to it, too") }.input(draft))
                div.actions { button { "Add to the household" } }
            }
        }
    };
    under(donor, format!("Household {}", donor.name), content)
}

pub(super) async fn add(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let household = known(&app, &id).await?;
    let mut draft = Draft::default();
    let typed = draft.text("member", &typed.member, 200, "Enter an e-mail address or a name").unwrap_or_default();
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if draft.is_right() {
        let found = donors::called(&mut tx, &typed).await?;
        match found.as_slice() {
            [] => draft.reject("member", "No donor has this address or exactly this name"),
            [member] => {
                if let Some(why) = reach::may_join(&mut tx, &household, member).await? {
                    draft.reject("member", why);
                } else {
                    join(&mut tx, &staff, &household, member, now).await?;
                    tx.commit().await?;
                    let said = format!("{} belongs to this household now.", member.name);
                    return Ok(redirect_saying(format!("/staff/donors/{}/household", household.id), Mood::Good, said));
                }
            }
            _ => draft.reject("member", "Several donors are called so. Enter the e-mail address"),
        }
    }
    let belongs = reach::belongs(&mut tx, household.id).await?;
    Err(Draft::refuse(page(&household, &belongs, true, &draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)))
}

async fn join(tx: &mut Tx, staff: &Staff, household: &Donor, member: &Donor, now: Timestamp) -> Result<(), Error> {
    reach::join_household(tx, household.id, member.id, now).await?;
    let (of_home, of_member) = (serde_json::json!({ "joined_by": member.name }), serde_json::json!({ "joined": household.name }));
    for (donor, what) in [(household.id, &of_home), (member.id, &of_member)] {
        audit::record(tx, &staff.actor(), "join_household", ("donor", &donor.to_string()), None::<&()>, Some(what), now).await?;
    }
    Ok(())
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn remove(
    staff: Staff,
    State(app): State<App>,
    Path((id, member)): Path<(String, DonorId)>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let household = known(&app, &id).await?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if !reach::leave_household(&mut tx, household.id, member).await? {
        return Err(Error::Conflict("This donor does not belong to the household any more.".to_owned()));
    }
    let left = serde_json::json!({ "household": household.id, "member": member });
    for donor in [household.id, member] {
        audit::record(&mut tx, &staff.actor(), "leave_household", ("donor", &donor.to_string()), Some(&left), None::<&()>, now)
            .await?;
    }
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/donors/{}/household", household.id), Mood::Good, "The donor is out of the household."))
}
