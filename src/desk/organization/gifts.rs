//! What an organization gave: the donors that it is, their gifts, and donors that could be it. Organizations know
//! nothing of gifts, and donors nothing of organizations, so they meet here.
//!
//! A tie only says who gave. Standing never depends on it.
use super::reached;
use crate::{
    app::App,
    audit,
    db::Tx,
    donors::{
        self, Donor, DonorId,
        ties::{self, Given, Why},
    },
    gifts::{self, Movement},
    kernel::{Zone, text},
    members::{self, Organization, OrganizationId},
    staff::Staff,
    web::{Csrf, Error, Form, Mood, Page, RawForm, day_of, money, redirect_saying},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;

/// So many stand on the page; the donors' pages have them all.
const NEWEST: i64 = 50;

pub(super) async fn show(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let o = members::organization(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let may = staff.may_keep_gifts().is_ok();
    let givers = ties::of_organization(&mut tx, &id.to_string()).await?;
    let given = ties::given_by(&mut tx, &id.to_string()).await?;
    let ids: Vec<_> = givers.iter().map(|donor| donor.id).collect();
    let moved = gifts::movements_of(&mut tx, &ids, None, NEWEST).await?;
    let addresses = reached::addresses(&mut tx, &o).await?;
    let could_be = if may { ties::could_be(&mut tx, &o.name, o.domain.as_deref(), &addresses).await? } else { Vec::new() };
    let zone = app.coalition.get().zone();
    let content = html! {
        p.lead { (in_words(&given, &zone)) }
        @if givers.is_empty() { p { "No donor is tied to it. A donor that is this organization is tied here; its gifts then stand on its timeline and in its dossier." } }
        @else { (tied(&o, &givers, may, &csrf)) }
        @if !moved.is_empty() { (table(&moved, &zone)) }
        @if may { (offered(&o, &could_be, &csrf)) }
    };
    Ok(Page::staff("Gifts", content)
        .crumb("Staff", "/staff")
        .crumb("Organizations", "/staff/organizations")
        .crumb(o.name, format!("/staff/organizations/{id}")))
}

/// `$1,250.00 in 3 gifts, the last on 3 March 2026.`
pub(super) fn in_words(given: &[Given], zone: &Zone) -> Markup {
    html! {
        @if given.is_empty() { "Nothing was given yet." }
        @for (n, sum) in given.iter().enumerate() {
            @if n > 0 { " " }
            (money(sum.given.of(sum.currency))) " in " (text::count(sum.gifts, "gift", "gifts")) ", less refunds; the last on " (day_of(sum.last_at, zone)) "."
        }
    }
}

fn tied(o: &Organization, givers: &[Donor], may: bool, csrf: &Csrf) -> Markup {
    html! {
        table {
            caption { "Donors that are this organization" }
            thead { tr { th scope="col" { "Donor" } th scope="col" { "E-mail" } @if may { th scope="col" { span.visually-hidden { "Action" } } } } }
            tbody { @for donor in givers { tr {
                th scope="row" { a href={ "/staff/donors/" (donor.id) } { (donor.name) } }
                td data-label="E-mail" { (address(donor)) }
                @if may { td { form method="post" action={ "/staff/organizations/" (o.id) "/gifts/" (donor.id) "/removal" } {
                    (csrf.field()) button type="submit" { "Untie" span.visually-hidden { " " (donor.name) } }
                } } }
            } } }
        }
    }
}

fn address(donor: &Donor) -> &str {
    donor.email.as_ref().map_or("None", |email| email.as_str())
}

fn table(moved: &[Movement], zone: &Zone) -> Markup {
    html! {
        table {
            caption { "What it gave and got back, the newest first" }
            thead { tr { th scope="col" { "Date" } th scope="col" { "Fund" } th.num scope="col" { "Amount" } } }
            tbody { @for row in moved { tr {
                th scope="row" { a href={ "/staff/gifts/" (row.gift_id) } { (day_of(row.at, zone)) } }
                td data-label="Fund" { (row.fund) @if row.back { ", went back" } }
                td.num data-label="Amount" { @if row.back { "−" } (row.amount.of(row.currency)) }
            } } }
        }
    }
}

fn offered(o: &Organization, could_be: &[(Donor, Why)], csrf: &Csrf) -> Markup {
    html! {
        section aria-labelledby="offered" {
            h2 #offered { "Donors that could be this organization" }
            @if could_be.is_empty() { p { "No other donor has its name, one of its addresses, or an address at the domain of its website." } } @else {
                table {
                    caption.visually-hidden { "Donors that nobody tied yet" }
                    thead { tr { th scope="col" { "Donor" } th scope="col" { "E-mail" } th scope="col" { "Why" } th scope="col" { span.visually-hidden { "Action" } } } }
                    tbody { @for (donor, why) in could_be { tr {
                        th scope="row" { a href={ "/staff/donors/" (donor.id) } { (donor.name) } }
                        td data-label="E-mail" { (address(donor)) }
                        td data-label="Why" { (reason(*why, donor)) }
                        td { form method="post" action={ "/staff/organizations/" (o.id) "/gifts" } {
                            (csrf.field()) input type="hidden" name="donor" value=(donor.id);
                            button type="submit" { "Tie" span.visually-hidden { " " (donor.name) } }
                        } }
                    } } }
                }
            }
            p.hint { "Another one: open it under " a href="/staff/donors" { "Donors" } ", change it to an organization, and say there which one it is." }
        }
    }
}

fn reason(why: Why, donor: &Donor) -> String {
    let what = match why {
        Why::Address => "It is reached at this address",
        Why::Domain => "The address is at its domain",
        Why::Name => "It has the same name",
    };
    if donor.kind == donors::DonorKind::Organization {
        what.to_owned()
    } else {
        format!("{what}; so far kept as a {}", donor.kind.label().to_lowercase())
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    donor: DonorId,
}

pub(super) async fn tie(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<OrganizationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.write().await?;
    let o = members::organization(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let donor = donors::by_id(&mut tx, typed.donor).await?.ok_or(Error::NotFound)?;
    tie_to(&mut tx, &app, &staff, &donor, (id, &o.name)).await?;
    tx.commit().await?;
    let said = format!("{} is tied to {}. Its gifts stand on the record now.", donor.name, o.name);
    Ok(redirect_saying(format!("/staff/organizations/{id}/gifts"), Mood::Good, said))
}

/// The tie and its audit event; who is tied already is told to whom.
pub(super) async fn tie_to(
    tx: &mut Tx,
    app: &App,
    staff: &Staff,
    donor: &Donor,
    (id, name): (OrganizationId, &str),
) -> Result<(), Error> {
    let now = app.clock.now();
    if !ties::tie(tx, donor.id, &id.to_string(), &staff.name, now).await? {
        return Err(Error::Conflict(format!(
            "{} is tied to an organization already. Untie it there first. Nothing was changed.",
            donor.name
        )));
    }
    let (record, before) = (donor.id.to_string(), serde_json::json!({ "organization": null, "kind": donor.kind }));
    let after = serde_json::json!({ "organization": name, "kind": donors::DonorKind::Organization });
    audit::record(tx, &staff.actor(), "tie to an organization", ("donor", &record), Some(&before), Some(&after), now).await?;
    Ok(())
}

pub(super) async fn untie(
    State(app): State<App>,
    staff: Staff,
    Path((id, donor)): Path<(OrganizationId, DonorId)>,
    _form: RawForm,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.write().await?;
    let o = members::organization(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let donor = donors::by_id(&mut tx, donor).await?.ok_or(Error::NotFound)?;
    if ties::untie(&mut tx, donor.id, &id.to_string()).await? {
        let (record, before) = (donor.id.to_string(), serde_json::json!({ "organization": o.name }));
        let (record, now) = (("donor", record.as_str()), app.clock.now());
        audit::record(&mut tx, &staff.actor(), "untie from an organization", record, Some(&before), None::<&()>, now).await?;
    }
    tx.commit().await?;
    let said = format!("{} is not tied to {} any more. Its gifts are as they were.", donor.name, o.name);
    Ok(redirect_saying(format!("/staff/organizations/{id}/gifts"), Mood::Good, said))
}
