//! Everything that happened to an organization, on one line.
use super::events::{self, Kind};
use crate::{
    app::App,
    members::{self, OrganizationId},
    staff::Staff,
    web::{Error, Page, Pager, empty, with},
};
use axum::extract::{Path, Query, State};
use maud::html;
use serde::Deserialize;

const PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
    after: String,
}

pub(super) async fn show(
    State(app): State<App>,
    _: Staff,
    Path(id): Path<OrganizationId>,
    Query(asked): Query<Asked>,
) -> Result<Page, Error> {
    let kind = asked.kind.parse::<Kind>().ok();
    let after = Some(asked.after.as_str()).filter(|key| key.contains('~') && !key.contains('\0'));
    let mut tx = app.db.read().await?;
    let o = members::organization(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let mut rows = events::read(&mut tx, &o, kind, after, PAGE + 1).await?;
    let pager = Pager { before: None, ..Pager::cut(&mut rows, PAGE, after.is_some(), false, events::Event::key) };
    let zone = app.coalition.get().zone();
    let path = format!("/staff/organizations/{id}/timeline");
    let query = kind.map_or_else(String::new, |kind| format!("kind={kind}"));
    let content = html! {
        nav.tabs aria-label="Events by kind" {
            ul {
                li { a href=(path) aria-current=[kind.is_none().then_some("page")] { "Everything" } }
                @for each in Kind::ALL {
                    li { a href=(with(&path, "", &[("kind", Some(each.as_str()))])) aria-current=[(kind == Some(*each)).then_some("page")] { (each.label()) } }
                }
            }
        }
        @if rows.is_empty() {
            (empty("Nothing of this kind has happened. What staff, applicants and mail do with this organization comes here by itself.", Some(("Everything", &path))))
        } @else {
            ol.timeline {
                @for row in &rows { li { (row.when(&zone)) p { (row.sentence) } @for line in &row.more { p.hint { (line) } } } }
            }
            @if after.is_some() { p { a href=(with(&path, &query, &[])) { "Back to the newest" } } }
            (pager.links(&path, &query))
        }
    };
    Ok(Page::staff("Everything that happened", content)
        .crumb("Staff", "/staff")
        .crumb("Organizations", "/staff/organizations")
        .crumb(o.name, format!("/staff/organizations/{id}")))
}
