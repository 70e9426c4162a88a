//! Appeals with what they cost and brought, and codes in links that no appeal has.
use super::{Appeal, AppealId};
use crate::{
    app::App,
    gifts::{
        self, Campaign,
        queries::appeal::{self, CodeSum},
    },
    kernel::text,
    staff::Staff,
    web::{Error, Page, day, empty, facts, with},
};
use axum::extract::{Path, State};
use maud::{Markup, html};

const PATH: &str = "/staff/appeals";

async fn sums(app: &App) -> Result<Vec<CodeSum>, Error> {
    Ok(app.db.figures("source codes".to_owned(), async |tx| appeal::sums(tx).await).await?)
}

/// The rows behind the figures of a code.
fn rows(code: &str) -> String {
    with("/staff/gifts", "", &[("source", Some(code)), ("state", Some("settled"))])
}

/// The link that brings a code along: to the campaign's page when the appeal has one.
pub(super) fn link(app: &App, code: &str, campaign: Option<&Campaign>) -> String {
    let page = campaign.map_or_else(|| "/donate".to_owned(), |campaign| format!("/give/{}", campaign.slug));
    app.url(&with(&page, "", &[("source", Some(code))]))
}

pub(super) async fn page(staff: Staff, State(app): State<App>) -> Result<Page, Error> {
    let sums = sums(&app).await?;
    let appeals = appeal::all(&mut app.db.read().await?).await?;
    let may = staff.may_keep_gifts().is_ok();
    let strays: Vec<_> = sums.iter().filter(|sum| appeals.iter().all(|appeal| appeal.code != sum.code)).collect();
    let content = html! {
        div.list-head {
            p { "Each appeal has a code. A link with the code in it counts every gift made by it, recurring ones with each payment." }
            p.actions {
                @if may { a.button href="/staff/appeals/new" { "Add an appeal" } }
                a.button.secondary href="/staff/appeals/button" { "A donation button for other sites" }
            }
        }
        @if appeals.is_empty() { (empty("A letter, a mail, an evening: whatever asks for gifts gets a code here, and the gifts it brings are counted. None is here yet.", may.then_some(("Add an appeal", "/staff/appeals/new")))) }
        @else { (table(&appeals, &sums)) }
        @if !strays.is_empty() { (others(&strays, may)) }
    };
    Ok(Page::staff("Appeals", content).crumb("Gifts", "/staff/gifts").wide())
}

fn table(appeals: &[Appeal], sums: &[CodeSum]) -> Markup {
    html! {
        table {
            caption { "Appeals, the newest first" }
            thead { tr { th scope="col" { "Name" } th scope="col" { "Code" } th scope="col" { "Day" } th scope="col" { "Channel" } th.num scope="col" { "Gifts" } th.num scope="col" { "Donors" } th.num scope="col" { "Given" } th.num scope="col" { "Cost" } } }
            tbody { @for appeal in appeals {
                @let sum = sums.iter().find(|sum| sum.code == appeal.code && sum.currency == appeal.currency);
                tr {
                    th scope="row" { a href={ (PATH) "/" (appeal.id) } { (appeal.name) } }
                    td data-label="Code" { code { (appeal.code) } }
                    td data-label="Day" { (day(appeal.day)) }
                    td data-label="Channel" { (appeal.channel.label()) }
                    td.num data-label="Gifts" { a href=(rows(&appeal.code)) { (text::number(sum.map_or(0, |sum| sum.gifts))) } }
                    td.num data-label="Donors" { (text::number(sum.map_or(0, |sum| sum.donors))) }
                    td.num data-label="Given" { (sum.map_or_else(Default::default, |sum| sum.given).of(appeal.currency)) }
                    td.num data-label="Cost" { (appeal.cost.of(appeal.currency)) }
                }
            } }
        }
    }
}

fn others(strays: &[&CodeSum], may: bool) -> Markup {
    html! {
        section {
            h2 { "Codes that no appeal has" }
            table {
                caption { "Codes that links brought along" }
                thead { tr { th scope="col" { "Code" } th.num scope="col" { "Gifts" } th.num scope="col" { "Donors" } th.num scope="col" { "Given" } @if may { th scope="col" { "Appeal" } } } }
                tbody { @for sum in strays { tr {
                    th scope="row" { code { (sum.code) } }
                    td.num data-label="Gifts" { a href=(rows(&sum.code)) { (text::number(sum.gifts)) } }
                    td.num data-label="Donors" { (text::number(sum.donors)) }
                    td.num data-label="Given" { (sum.given.of(sum.currency)) }
                    @if may { td data-label="Appeal" { a href=(with("/staff/appeals/new", "", &[("code", Some(&sum.code))])) { "Add it" span.visually-hidden { ": " (sum.code) } } } }
                } } }
            }
        }
    }
}

pub(super) async fn one(staff: Staff, State(app): State<App>, Path(id): Path<AppealId>) -> Result<Page, Error> {
    let sums = sums(&app).await?;
    let mut tx = app.db.read().await?;
    let appeal = appeal::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let campaigns = gifts::campaigns(&mut tx).await?;
    drop(tx);
    let campaign = campaigns.iter().find(|campaign| Some(campaign.id) == appeal.campaign_id);
    let own: Vec<_> = sums.iter().filter(|sum| sum.code == appeal.code).collect();
    let link = link(&app, &appeal.code, campaign);
    let content = html! {
        (facts(&[
            ("Link to send out", html! { a href=(link) { (link) } }),
            ("Code", html! { code { (appeal.code) } }),
            ("Day", day(appeal.day)),
            ("Channel", html! { (appeal.channel.label()) }),
            ("Campaign", html! { @match campaign { Some(campaign) => { a href={ "/staff/campaigns/" (campaign.id) } { (campaign.name) } }, None => "None" } }),
            ("Cost", html! { (appeal.cost.of(appeal.currency)) }),
            ("Brought", html! {
                @if own.is_empty() { "Nothing yet" }
                @for sum in &own { a href=(rows(&appeal.code)) { (sum.given.of(sum.currency)) } " by " (text::count(sum.gifts, "gift", "gifts")) " of " (text::count(sum.donors, "donor", "donors")) " " }
            }),
        ]))
        p.hint { "Brought is what was intended, less refunds. For a printed letter, write the code on the reply slip and enter it with the gift." }
        @if staff.may_keep_gifts().is_ok() { p.actions { a.button.secondary href={ (PATH) "/" (id) "/facts" } { "Change the appeal" } } }
    };
    Ok(Page::staff(appeal.name, content).crumb("Gifts", "/staff/gifts").crumb("Appeals", PATH))
}
