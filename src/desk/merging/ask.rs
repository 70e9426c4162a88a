//! Two donors side by side before they become one: each detail that differs is chosen, and nothing else can change.
use super::queue::because;
use crate::{
    app::App,
    donors::{
        self, Donor, DonorId, DonorTotal,
        alike::{self, Reason},
        merge::{Details, Refused},
    },
    gifts,
    kernel::text,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use maud::{Markup, html};

const MOST: i64 = 20;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    with: String,
    q: String,
}

/// Which of the two each detail is taken from: `this` or `other`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    with: String,
    kind: String,
    name: String,
    email: String,
    address: String,
    updates: String,
}

/// One of the two, with what it gave.
struct Side {
    donor: Donor,
    totals: Vec<DonorTotal>,
    plans: usize,
}

async fn sides(app: &App, id: &str, with: &str) -> Result<(Side, Side), Error> {
    let id: DonorId = id.parse().map_err(|_| Error::NotFound)?;
    let with: DonorId = with.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let mut side = async |id| -> Result<Side, Error> {
        let donor = donors::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let totals = donors::totals_of(&mut tx, donor.id).await?;
        let plans = gifts::recurring_of(&mut tx, donor.id).await?.len();
        Ok(Side { donor, totals, plans })
    };
    let (one, other) = (side(id).await?, side(with).await?);
    if one.donor.id == other.donor.id {
        Err(Error::Conflict("These two are one donor already.".to_owned()))
    } else {
        Ok((one, other))
    }
}

pub(super) async fn show(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    csrf: Csrf,
) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    if asked.with.is_empty() {
        return search(&app, &id, &asked.q).await;
    }
    let (one, other) = sides(&app, &id, &asked.with).await?;
    let draft = Draft::of(
        details(&one.donor, &other.donor)
            .into_iter()
            .map(|(name, _, this, other)| (name, if this.is_empty() && !other.is_empty() { "other" } else { "this" })),
    );
    Ok(page(&one, &other, &draft, &csrf))
}

/// Whom to merge with: those that are perhaps the same, and a search.
async fn search(app: &App, id: &str, words: &str) -> Result<Page, Error> {
    let id: DonorId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.read().await?;
    let donor = donors::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let keys = alike::keys(&donor.name, donor.email.as_ref(), donor.address.as_deref());
    let like = alike::like(&mut tx, &keys, Some(donor.id)).await?;
    let ids: Vec<_> = like.iter().map(|(id, _)| *id).collect();
    let known = donors::by_ids(&mut tx, &ids).await?;
    let mut found = donors::matching(&mut tx, words, MOST).await?;
    found.retain(|one| one.id != donor.id);
    drop(tx);
    let why = |one: &Donor| like.iter().find(|(id, _)| *id == one.id).map(|(_, reason)| *reason);
    let path = format!("/staff/donors/{}/merge", donor.id);
    let draft = Draft::of([("q", words)]);
    let content = html! {
        p.lead { "Choose the donor that is the same as " (donor.name) ". You compare the two before anything is merged." }
        @if !known.is_empty() { h2 { "Perhaps the same" } (choices(&path, &known, why)) }
        h2 { "Another donor" }
        form method="get" action=(path) role="search" {
            (Field { kind: "search", autocomplete: Some("off"), ..field("q", "Name or e-mail") }.input(&draft))
            button { "Search" }
        }
        @if !found.is_empty() { (choices(&path, &found, |_| None)) }
        @else if !words.is_empty() { p { "No other donor has “" (words) "” in the name or address. Type at least three letters." } }
    };
    Ok(Page::staff("Merge with another donor", content)
        .crumb("Donors", "/staff/donors")
        .crumb(donor.name.clone(), format!("/staff/donors/{}", donor.id)))
}

fn choices(path: &str, donors: &[Donor], why: impl Fn(&Donor) -> Option<Reason>) -> Markup {
    html! {
        ul { @for donor in donors { li {
            a href={ (path) "?with=" (donor.id) } { (donor.name) }
            @if let Some(email) = &donor.email { ", " (email) }
            @if let Some(reason) = why(donor) { ". " (because(&[reason])) }
        } } }
    }
}

/// Each detail: its name, its label, and what it is with either.
fn details(one: &Donor, other: &Donor) -> Vec<(&'static str, &'static str, String, String)> {
    let email = |donor: &Donor| donor.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let address = |donor: &Donor| donor.address.as_deref().unwrap_or_default().lines().collect::<Vec<_>>().join(", ");
    let updates = |donor: &Donor| if donor.consent_updates { "Wants them" } else { "Did not ask for them" }.to_owned();
    vec![
        ("kind", "Kind", one.kind.label(), other.kind.label()),
        ("name", "Name", one.name.clone(), other.name.clone()),
        ("email", "E-mail address", email(one), email(other)),
        ("address", "Postal address", address(one), address(other)),
        ("updates", "Updates by mail", updates(one), updates(other)),
    ]
}

fn page(one: &Side, other: &Side, draft: &Draft, csrf: &Csrf) -> Page {
    let (this, that) = (&one.donor, &other.donor);
    let all = details(this, that);
    let path = format!("/staff/donors/{}/merge", this.id);
    let shown = |words: &str| if words.is_empty() { "None".to_owned() } else { words.to_owned() };
    let content = html! {
        (error_summary(draft))
        p.lead { (that.name) " becomes a part of " (this.name) ": all gifts, recurring gifts and ties go over, and no amount changes. The old address of the page and of the donor lead to the one that stays. It can be undone." }
        table {
            caption { "The two side by side" }
            thead { tr { th scope="col" { "" span.visually-hidden { "Detail" } } th scope="col" { "This donor stays" } th scope="col" { "This one becomes a part" } } }
            tbody {
                @for (_, label, mine, theirs) in &all {
                    tr { th scope="row" { (label) } td data-label="This donor stays" { (shown(mine)) } td data-label="This one becomes a part" { (shown(theirs)) } }
                }
                tr { th scope="row" { "Gifts" } td data-label="This donor stays" { (given(one)) } td data-label="This one becomes a part" { (given(other)) } }
                tr { th scope="row" { "Recurring gifts" } td data-label="This donor stays" { (one.plans) } td data-label="This one becomes a part" { (other.plans) } }
            }
        }
        p { a href={ "/staff/donors/" (that.id) "/merge?with=" (this.id) } { "Let " (that.name) " stay instead" } }
        form #merge method="post" action=(path) {
            (csrf.field()) input type="hidden" name="with" value=(that.id);
            @for (name, label, mine, theirs) in all.iter().filter(|(_, _, mine, theirs)| mine != theirs) {
                (field(name, label).radios(draft, &[("this", shown(mine), None), ("other", shown(theirs), None)]))
            }
            p.hint { "Both e-mail addresses go on leading to this donor. What either does not want to be contacted by stays so." }
            div.actions { button type="submit" { "Merge the two" } a href={ "/staff/donors/" (this.id) } { "Leave them as they are" } }
        }
    };
    Page::staff(format!("Merge {} and {}", this.name, that.name), content)
        .crumb("Donors", "/staff/donors")
        .crumb(this.name.clone(), format!("/staff/donors/{}", this.id))
}

fn given(side: &Side) -> Markup {
    html! {
        @if side.totals.is_empty() { "None" }
        @for (n, total) in side.totals.iter().enumerate() {
            @if n > 0 { ", " }
            (text::count(total.gifts, "gift", "gifts")) ", " (total.given.of(total.currency))
        }
    }
}

impl Typed {
    fn choose(&self, this: &Details, other: &Details) -> Details {
        let from = |typed: &str| if typed == "other" { other } else { this };
        Details {
            kind: from(&self.kind).kind,
            name: from(&self.name).name.clone(),
            email: from(&self.email).email.clone(),
            address: from(&self.address).address.clone(),
            consent_updates: from(&self.updates).consent_updates,
            consent_at: from(&self.updates).consent_at,
            more: this.more.and(&other.more),
            ..this.clone()
        }
    }
}

pub(super) async fn merge(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let (one, other) = sides(&app, &id, &typed.with).await?;
    let mut tx = app.db.write().await?;
    let two = (one.donor.id, other.donor.id);
    match super::merge(&mut tx, &staff.actor(), two, |this, other| typed.choose(this, other), app.clock.now()).await {
        Ok(_) => tx.commit().await?,
        Err(Refused::Database(error)) => return Err(error.into()),
        Err(Refused::Because(sentence)) => {
            drop(tx);
            let mut draft = Draft::of([
                ("kind", &typed.kind),
                ("name", &typed.name),
                ("email", &typed.email),
                ("address", &typed.address),
                ("updates", &typed.updates),
            ]);
            draft.reject("merge", sentence);
            return Err(Draft::refuse(page(&one, &other, &draft, &csrf).status(StatusCode::UNPROCESSABLE_ENTITY)));
        }
    }
    let said = format!("{} is now a part of this donor. You can undo it below.", other.donor.name);
    Ok(redirect_saying(format!("/staff/donors/{}", one.donor.id), Mood::Good, said))
}
