//! One merge: what the two were, what became of them, and the way back.
use crate::{
    app::App,
    donors::{
        self,
        merge::{Details, Merge, MergeId, Refused},
    },
    kernel::Zone,
    staff::Staff,
    web::{Csrf, Draft, Error, Form, Mood, Page, error_summary, moment, redirect_saying},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use maud::html;

async fn known(app: &App, id: &str) -> Result<Merge, Error> {
    let id: MergeId = id.parse().map_err(|_| Error::NotFound)?;
    donors::merge::merge_by_id(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)
}

pub(super) async fn show(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let may = staff.may_keep_gifts().is_ok();
    page(&known(&app, &id).await?, &app.coalition.get().zone(), may, &Draft::default(), &csrf)
}

fn page(merge: &Merge, zone: &Zone, may: bool, draft: &Draft, csrf: &Csrf) -> Result<Page, Error> {
    let (before, after) = (merge.details(&merge.survivor_before)?, merge.details(&merge.survivor_after)?);
    let merged = merge.details(&merge.merged_before)?;
    let rows = |of: &Details| {
        [
            of.kind.label(),
            of.name.clone(),
            of.email.as_ref().map_or_else(|| "None".to_owned(), ToString::to_string),
            of.address.as_deref().map_or_else(|| "None".to_owned(), |a| a.lines().collect::<Vec<_>>().join(", ")),
            if of.consent_updates { "Wants them" } else { "Did not ask for them" }.to_owned(),
        ]
    };
    let labels = ["Kind", "Name", "E-mail address", "Postal address", "Updates by mail"];
    let (one, other, is) = (rows(&before), rows(&merged), rows(&after));
    let content = html! {
        (error_summary(draft))
        p.lead {
            (merged.name) " became a part of " a href={ "/staff/donors/" (merge.survivor_id) } { (after.name) } " on " (moment(merge.merged_at, zone)) ", by " (merge.merged_by) "."
            @if let (Some(at), Some(by)) = (merge.undone_at, &merge.undone_by) { " It was undone on " (moment(at, zone)) ", by " (by) "." }
        }
        table {
            caption { "Before and after" }
            thead { tr { th scope="col" { span.visually-hidden { "Detail" } } th scope="col" { "The one that stayed" } th scope="col" { "The one that became a part" } th scope="col" { "After the merge" } } }
            tbody { @for (n, label) in labels.iter().enumerate() { tr {
                th scope="row" { (label) }
                td data-label="The one that stayed" { (one[n]) }
                td data-label="The one that became a part" { (other[n]) }
                td data-label="After the merge" { (is[n]) }
            } } }
        }
        @if may && merge.undone_at.is_none() {
            form #undo method="post" action={ "/staff/donors/merges/" (merge.id) } {
                (csrf.field())
                p { "Undoing it makes them two again, each with the gifts and details of before." }
                div.actions { button.danger type="submit" { "Undo the merge" } a href={ "/staff/donors/" (merge.survivor_id) } { "Leave it as it is" } }
            }
        }
    };
    Ok(Page::staff(format!("Merge of {} and {}", before.name, merged.name), content)
        .crumb("Donors", "/staff/donors")
        .crumb(after.name, format!("/staff/donors/{}", merge.survivor_id)))
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn undo(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let merge = known(&app, &id).await?;
    let mut tx = app.db.write().await?;
    match super::undo(&mut tx, &staff.actor(), &merge, app.clock.now()).await {
        Ok(()) => tx.commit().await?,
        Err(Refused::Database(error)) => return Err(error.into()),
        Err(Refused::Because(sentence)) => {
            drop(tx);
            let mut draft = Draft::default();
            draft.reject("undo", sentence);
            let page = page(&merge, &app.coalition.get().zone(), true, &draft, &csrf)?;
            return Err(Draft::refuse(page.status(StatusCode::UNPROCESSABLE_ENTITY)));
        }
    }
    Ok(redirect_saying(format!("/staff/donors/{}", merge.survivor_id), Mood::Good, "They are two donors again."))
}
