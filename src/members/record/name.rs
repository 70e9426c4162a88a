//! What an organization is called: the name people know, the one in its papers, its EIN, and what it was
//! called before. A former name is still found, and its public address leads to the new one.
use super::{FormerName, FormerNameId, find, href, queries, subject};
use crate::{
    app::App,
    audit::{self, Actor},
    db::Tx,
    kernel::{Day, Timestamp, text},
    members::{self, Organization, OrganizationId},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, error_summary, field, redirect_saying, tick},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/organizations/{id}/name", get(ask).post(rename))
        .route("/staff/organizations/{id}/former-names", get(ask_former).post(add_former))
        .route("/staff/organizations/{id}/former-names/{name}/removal", post(remove_former))
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Typed {
    name: String,
    legal_name: String,
    ein: String,
    keep: String,
    until: String,
}

/// What is written down of a change.
#[derive(Serialize)]
struct Names<'a> {
    name: &'a str,
    legal_name: Option<&'a str>,
    ein: Option<&'a str>,
}

impl<'a> Names<'a> {
    fn of(o: &'a Organization) -> Self {
        Self { name: &o.name, legal_name: o.legal_name.as_deref(), ein: o.ein.as_deref() }
    }
}

fn page(csrf: &Csrf, draft: &Draft, o: &Organization) -> Page {
    let content = html! {
        (error_summary(draft))
        form method="post" action={ (href(o.id)) "/name" } {
            (csrf.field())
            (fields(draft))
            h2 { "When the name changes" }
            (tick("keep", "Keep the present name as a former name", Some("A search finds it, and its old address leads to the new one. Leave the tick out only to correct a spelling."), draft))
            (Field { optional: true, kind: "date", width: "medium", ..field("until", "Called so until") }.input(draft))
            p.actions { button type="submit" { "Save the names" } a href=(href(o.id)) { "Cancel" } }
        }
    };
    subject("Change the names", o, content)
}

pub(in crate::members) fn fields(draft: &Draft) -> Markup {
    html! {
        (Field { hint: Some("As people know it. It stands on the roll."), ..field("name", "Name") }.input(draft))
        (Field { optional: true, hint: Some("As it stands in its papers, when that differs"), ..field("legal_name", "Legal name") }.input(draft))
        (Field { optional: true, width: "short", inputmode: Some("numeric"), hint: Some("Nine digits, such as 12-3456789"), ..field("ein", "EIN") }.input(draft))
    }
}

/// The names as they are.
pub(in crate::members) fn draft(o: &Organization) -> Draft {
    let opt = |v: &Option<String>| v.clone().unwrap_or_default();
    Draft::of([("name", o.name.clone()), ("legal_name", opt(&o.legal_name)), ("ein", opt(&o.ein))])
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let o = find(&mut app.db.read().await?, id).await?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let mut draft = draft(&o);
    draft.keep("keep", "yes");
    draft.keep("until", &today.to_string());
    Ok(page(&csrf, &draft, &o))
}

/// `12-3456789`, also from nine digits or with spaces.
pub fn ein(typed: &str) -> Result<String, &'static str> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let rest_is_harmless = typed.chars().all(|c| c.is_ascii_digit() || c == '-' || c.is_whitespace());
    if digits.len() != 9 || !rest_is_harmless {
        return Err("Write the EIN’s nine digits, such as 12-3456789");
    }
    Ok(format!("{}-{}", &digits[..2], &digits[2..]))
}

/// What an organization is to be called.
pub(in crate::members) struct Wanted {
    pub(in crate::members) name: String,
    pub(in crate::members) legal_name: Option<String>,
    pub(in crate::members) ein: Option<String>,
}

pub(in crate::members) fn read(draft: &mut Draft, name: &str, legal_name: &str, number: &str) -> Option<Wanted> {
    let name = draft.text("name", &text::line(name), 200, "Write the organization’s name");
    let legal_name = draft.optional_text("legal_name", &text::line(legal_name), 200).filter(|n| !n.is_empty());
    draft.keep("ein", number);
    let number = Some(number.trim()).filter(|e| !e.is_empty()).map(ein).transpose();
    let ein = number.map_err(|reason| draft.reject("ein", reason)).unwrap_or_default();
    draft.is_right().then_some(Wanted { name: name?, legal_name, ein })
}

/// What becomes of the present name.
pub(in crate::members) enum Present {
    /// It was a slip, and is forgotten.
    Corrected,
    /// It stays as a former name, until a day if that is known.
    Former(Option<Day>),
}

/// Gives an organization its new names.
pub(in crate::members) async fn give(
    tx: &mut Tx,
    o: &Organization,
    wanted: &Wanted,
    present: Present,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), Error> {
    let Wanted { name, legal_name, ein } = wanted;
    let mut slug = o.slug.clone();
    if *name != o.name {
        if text::slug(name) != text::slug(&o.name) {
            slug = own_slug(tx, o.id, name).await?;
        }
        if let Present::Former(until_day) = present {
            let old_slug = (slug != o.slug).then(|| o.slug.clone());
            let former = FormerName { id: FormerNameId::new(), name: o.name.clone(), slug: old_slug, from_day: None, until_day };
            queries::insert_former_name(tx, o.id, &former, now).await?;
        }
    }
    let names = queries::Names { name, slug: &slug, legal_name: legal_name.as_deref(), ein: ein.as_deref() };
    queries::rename(tx, o.id, &names).await?;
    queries::reindex(tx, o.id).await?;
    let after = Names { name, legal_name: names.legal_name, ein: names.ein };
    let record = o.id.to_string();
    audit::record(tx, actor, "change the names", ("organization", &record), Some(&Names::of(o)), Some(&after), now).await?;
    Ok(())
}

async fn rename(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    let mut draft = Draft::default();
    draft.keep("keep", &typed.keep);
    let wanted = read(&mut draft, &typed.name, &typed.legal_name, &typed.ein);
    let until: Option<Day> = draft.read_optional("until", &typed.until).flatten();
    if until.is_some_and(|day| day > today) {
        draft.reject("until", "Enter a day that is not in the future");
    }
    let (Some(wanted), true) = (wanted, draft.is_right()) else {
        return Err(Draft::refuse(page(&csrf, &draft, &o)));
    };
    let present = if typed.keep == "yes" { Present::Former(until) } else { Present::Corrected };
    give(&mut tx, &o, &wanted, present, &staff.actor(), now).await?;
    // A program and its fiscal sponsor rightly share one number, so this is said and not refused.
    let shared = match &wanted.ein {
        Some(ein) => queries::holder_of_ein(&mut tx, ein, id).await?,
        None => None,
    };
    tx.commit().await?;
    Ok(match shared {
        Some((_, other)) => {
            let said = format!("The names are saved. {other} has the same EIN; look whether they are one.");
            redirect_saying(href(id), Mood::Warn, said)
        }
        None => redirect_saying(href(id), Mood::Good, "The names are saved. Visitors see them at once."),
    })
}

/// An address for the new name: its own old one, when it takes a former name back.
async fn own_slug(tx: &mut Tx, id: OrganizationId, name: &str) -> sqlx::Result<String> {
    let wanted = text::slug(name);
    for former in queries::former_names(tx, id).await?.into_iter().filter(|f| f.slug.as_deref() == Some(&wanted)) {
        queries::remove_former_name(tx, id, former.id).await?;
    }
    members::queries::free_slug(tx, &wanted).await
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct TypedFormer {
    former: String,
    from: String,
    until: String,
}

fn former_page(csrf: &Csrf, draft: &Draft, o: &Organization, names: &[FormerName]) -> Page {
    let content = html! {
        (error_summary(draft))
        @if names.is_empty() { p { "No former name is known." } } @else { (former_table(csrf, o, names)) }
        h2 { "Add a former name" }
        form method="post" action={ (href(o.id)) "/former-names" } {
            (csrf.field())
            (field("former", "Name").input(draft))
            (Field { optional: true, kind: "date", width: "medium", ..field("from", "Called so from") }.input(draft))
            (Field { optional: true, kind: "date", width: "medium", ..field("until", "Until") }.input(draft))
            p.actions { button type="submit" { "Add the name" } a href=(href(o.id)) { "Back to the record" } }
        }
    };
    subject("Former names", o, content)
}

fn former_table(csrf: &Csrf, o: &Organization, names: &[FormerName]) -> Markup {
    html! {
        table {
            caption { "What it was called, the latest first" }
            thead { tr { th scope="col" { "Name" } th scope="col" { "When" } th scope="col" { span.visually-hidden { "Action" } } } }
            tbody { @for name in names { tr {
                th scope="row" { (name.name) }
                td data-label="When" { (name.when()) }
                td { form method="post" action={ (href(o.id)) "/former-names/" (name.id) "/removal" } {
                    (csrf.field()) button type="submit" { "Remove" span.visually-hidden { " " (name.name) } }
                } }
            } } }
        }
    }
}

async fn ask_former(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<OrganizationId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let names = queries::former_names(&mut tx, id).await?;
    Ok(former_page(&csrf, &Draft::default(), &o, &names))
}

async fn add_former(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<OrganizationId>,
    Form(typed): Form<TypedFormer>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let o = find(&mut tx, id).await?;
    let mut draft = Draft::default();
    let name = draft.text("former", &text::line(&typed.former), 200, "Write the former name");
    let from: Option<Day> = draft.read_optional("from", &typed.from).flatten();
    let until: Option<Day> = draft.read_optional("until", &typed.until).flatten();
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        draft.reject("until", "Enter a last day that is not before the first one");
    }
    let (Some(name), true) = (name, draft.is_right()) else {
        let names = queries::former_names(&mut tx, id).await?;
        return Err(Draft::refuse(former_page(&csrf, &draft, &o, &names)));
    };
    // Its address then leads here, unless somebody has it.
    let slug = text::slug(&name);
    let slug = Some(members::queries::free_slug(&mut tx, &slug).await?).filter(|free| *free == slug);
    let former = FormerName { id: FormerNameId::new(), name, slug, from_day: from, until_day: until };
    queries::insert_former_name(&mut tx, id, &former, now).await?;
    queries::reindex(&mut tx, id).await?;
    let record = ("organization", id.to_string());
    audit::record(&mut tx, &staff.actor(), "add a former name", (record.0, &record.1), None::<&()>, Some(&former), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("{}/former-names", href(id)), Mood::Good, "The former name is saved. A search finds it."))
}

async fn remove_former(
    State(app): State<App>,
    staff: Staff,
    Path((id, name)): Path<(OrganizationId, FormerNameId)>,
    _form: RawForm,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    find(&mut tx, id).await?;
    if let Some(former) = queries::remove_former_name(&mut tx, id, name).await? {
        queries::reindex(&mut tx, id).await?;
        let (record, now) = (id.to_string(), app.clock.now());
        let record = ("organization", record.as_str());
        audit::record(&mut tx, &staff.actor(), "remove a former name", record, Some(&former), None::<&()>, now).await?;
        tx.commit().await?;
    }
    Ok(redirect_saying(format!("{}/former-names", href(id)), Mood::Good, "The former name is removed."))
}

#[cfg(test)]
mod tests {
    use super::ein;

    #[test]
    fn an_ein_has_nine_digits() {
        assert_eq!(ein(" 123456789 ").as_deref(), Ok("12-3456789"));
        assert_eq!(ein("12-3456789").as_deref(), Ok("12-3456789"));
        for bad in ["12-345678", "12-34567890", "AB-1234567", "12.3456789"] {
            assert!(ein(bad).is_err(), "{bad}");
        }
    }
}
