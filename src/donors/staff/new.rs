//! Adding a donor by hand: somebody who promised, or gave by another way. Who is perhaps here already is shown before
//! anything is saved. It refuses an address that another donor has.
use super::form::{self, Details, Typed};
use crate::{
    app::App,
    audit,
    db::Tx,
    donors::{
        self, Donor, DonorId,
        alike::{self, Reason},
        care,
    },
    kernel::{Email, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Form, Mood, Page, error_summary, notice, redirect_saying},
};
use axum::{extract::State, http::StatusCode, response::Response};
use maud::{Markup, html};
use std::collections::HashSet;

const PATH: &str = "/staff/donors/new";

pub(super) async fn ask(staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    Ok(page(&Draft::of([("kind", "person")]), &[], &csrf))
}

pub(super) async fn save(staff: Staff, State(app): State<App>, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let (mut draft, told) = typed.read(app.coalition.get().zone().day(now));
    let refuse = |draft: &Draft, similar: &[(Donor, String)]| {
        Draft::refuse(page(draft, similar, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY))
    };
    let Some(told) = told else { return Err(refuse(&draft, &[])) };
    let donor = Donor {
        id: DonorId::new(),
        kind: told.kind,
        name: told.name,
        email: told.email,
        address: told.address,
        gateway_customer: None,
        consent_updates: told.consent_updates,
        consent_at: told.consent_updates.then_some(now),
        created_at: now,
    };
    let mut tx = app.db.write().await?;
    if let Some(email) = &donor.email
        && let Some(other) = donors::by_email(&mut tx, email).await?
    {
        draft.reject("email", format!("{} has this address already. Two donors can’t share one", other.name));
        return Err(refuse(&draft, &[(other, "the same e-mail address".to_owned())]));
    }
    let similar = similar(&mut tx, &donor).await?;
    let shown = seen(&similar);
    if !similar.is_empty() && shown != typed.seen {
        draft.keep("seen", &shown);
        return Err(refuse(&draft, &similar));
    }
    donors::bulk_insert(&mut tx, std::slice::from_ref(&donor)).await?;
    care::set_more(&mut tx, donor.id, &told.more).await?;
    let record = donor.id.to_string();
    let details = Details::of(&donor, &told.more);
    audit::record(&mut tx, &staff.actor(), "add", ("donor", &record), None::<&()>, Some(&details), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/donors/{record}"), Mood::Good, "The donor is added."))
}

/// Which donors a form has shown, as the form holds it.
fn seen(similar: &[(Donor, String)]) -> String {
    similar.iter().map(|(donor, _)| donor.id.to_string()).collect::<Vec<_>>().join(" ")
}

/// Donors that are perhaps the one about to be added, and why.
async fn similar(tx: &mut Tx, donor: &Donor) -> sqlx::Result<Vec<(Donor, String)>> {
    let keys = alike::keys(&donor.name, donor.email.as_ref(), donor.address.as_deref());
    let like: Vec<(DonorId, Reason)> = alike::like(tx, &keys, None).await?;
    let ids: Vec<_> = like.iter().map(|(id, _)| *id).collect();
    let why = |id| like.iter().find(|(one, _)| *one == id).map(|(_, reason)| reason.label()).unwrap_or_default();
    let mut found: Vec<_> =
        donors::by_ids(tx, &ids).await?.into_iter().map(|one| (why(one.id), one)).map(|(w, d)| (d, w)).collect();
    let mut taken: HashSet<_> = ids.into_iter().collect();
    let folded = text::fold(&donor.name);
    let named = donors::matching(tx, &donor.name, 10).await?;
    let named = named.into_iter().filter(|one| text::fold(&one.name) == folded && taken.insert(one.id));
    found.extend(named.map(|one| (one, "the same name".to_owned())));
    Ok(found)
}

fn page(draft: &Draft, similar: &[(Donor, String)], csrf: &Csrf) -> Page {
    let seen = draft.value("seen").to_owned();
    Page::staff(
        "New donor",
        html! {
            (error_summary(draft))
            @if !similar.is_empty() { (warning(similar)) }
            form method="post" action=(PATH) novalidate {
                (csrf.field())
                @if !seen.is_empty() { input type="hidden" name="seen" value=(seen); }
                (form::fields(draft))
                div.actions { button { @if seen.is_empty() { "Add the donor" } @else { "Add as somebody else" } } a href="/staff/donors" { "Cancel" } }
            }
        },
    )
    .crumb("Donors", "/staff/donors")
}

fn warning(similar: &[(Donor, String)]) -> Markup {
    notice(
        "warn",
        &html! {
            p { "Perhaps this donor is here already. Nothing is saved yet." }
            ul { @for (donor, why) in similar { li {
                a href={ "/staff/donors/" (donor.id) } { (donor.name) }
                @if let Some(email) = donor.email.as_ref().map(Email::as_str) { ", " (email) }
                ": " (why)
            } } }
        },
    )
}
