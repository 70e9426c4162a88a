use super::{FormerName, FormerNameId, Mailbox, MailboxId, Note, NoteId};
use crate::{
    db::{Tx, on},
    kernel::{Timestamp, text},
    members::OrganizationId,
};

/// The latest first.
pub async fn former_names(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<FormerName>> {
    on!(tx, conn => sqlx::query_as(
        "select id, name, slug, from_day, until_day from former_name where organization_id = $1
         order by coalesce(until_day, from_day, '') desc, id desc")
        .bind(id)
        .fetch_all(conn).await)
}

/// Every former name, by organization.
pub(in crate::members) async fn all_former_names(tx: &mut Tx) -> sqlx::Result<Vec<(OrganizationId, String)>> {
    on!(tx, conn => sqlx::query_as("select organization_id, name from former_name order by organization_id, id desc")
        .fetch_all(conn).await)
}

pub(in crate::members) async fn insert_former_name(
    tx: &mut Tx,
    id: OrganizationId,
    name: &FormerName,
    now: Timestamp,
) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "insert into former_name (id, organization_id, name, slug, from_day, until_day, noted_at) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(name.id).bind(id).bind(&name.name).bind(name.slug.as_deref()).bind(name.from_day).bind(name.until_day).bind(now)
        .execute(conn).await.map(drop))
}

/// The name that was taken away; `None` when it was not there.
pub(super) async fn remove_former_name(tx: &mut Tx, id: OrganizationId, name: FormerNameId) -> sqlx::Result<Option<FormerName>> {
    tx.site_changed();
    on!(tx, conn => sqlx::query_as(
        "delete from former_name where organization_id = $1 and id = $2 returning id, name, slug, from_day, until_day")
        .bind(id).bind(name)
        .fetch_optional(conn).await)
}

pub(super) struct Names<'a> {
    pub(super) name: &'a str,
    pub(super) slug: &'a str,
    pub(super) legal_name: Option<&'a str>,
    pub(super) ein: Option<&'a str>,
}

pub(super) async fn rename(tx: &mut Tx, id: OrganizationId, names: &Names<'_>) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update organization set name = $2, slug = $3, legal_name = $4, ein = $5 where id = $1")
        .bind(id).bind(names.name).bind(names.slug).bind(names.legal_name).bind(names.ein)
        .execute(conn).await.map(drop))
}

pub(super) async fn identify(tx: &mut Tx, id: OrganizationId, legal_name: Option<&str>, ein: Option<&str>) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update organization set legal_name = $2, ein = $3 where id = $1")
        .bind(id).bind(legal_name).bind(ein)
        .execute(conn).await.map(drop))
}

/// Who else has this EIN.
pub(super) async fn holder_of_ein(
    tx: &mut Tx,
    ein: &str,
    except: OrganizationId,
) -> sqlx::Result<Option<(OrganizationId, String)>> {
    on!(tx, conn => sqlx::query_as("select id, name from organization where ein = $1 and id <> $2 order by id limit 1")
        .bind(ein).bind(except)
        .fetch_optional(conn).await)
}

/// Changes what an organization says of itself.
pub(super) async fn describe(tx: &mut Tx, id: OrganizationId, profile: &super::profile::Profile) -> sqlx::Result<()> {
    tx.site_changed();
    let site = profile.website.as_ref();
    on!(tx, conn => sqlx::query(
        "update organization set category_id = $2, city = $3, state_code = $4, website = $5, domain = $6, founded = $7, mission = $8
         where id = $1")
        .bind(id).bind(profile.category_id).bind(&profile.city).bind(&profile.state)
        .bind(site.map(ToString::to_string)).bind(site.map(crate::members::Website::domain)).bind(profile.founded).bind(&profile.mission)
        .execute(conn).await.map(drop))
}

/// Writes anew what an organization is found by. Called after each change of what it is made of.
pub(super) async fn reindex(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<()> {
    let Some(o) = crate::members::queries::organization(tx, id).await? else { return Ok(()) };
    let former = former_names(tx, id).await?;
    let names = former.iter().map(|f| f.name.as_str());
    let (public, staff) = search_texts((&o.name, &o.city), names, o.legal_name.as_deref(), o.ein.as_deref(), o.domain.as_deref());
    on!(tx, conn => sqlx::query("update organization set search = $2, search_more = $3 where id = $1")
        .bind(id).bind(public).bind(staff)
        .execute(conn).await.map(drop))
}

/// What visitors find an organization of this name and city by, and what staff find it by besides.
pub(in crate::members) fn search_texts<'a>(
    (name, city): (&str, &str),
    former: impl Iterator<Item = &'a str>,
    legal_name: Option<&str>,
    ein: Option<&str>,
    domain: Option<&str>,
) -> (String, String) {
    let mut public = format!("{name} {city}");
    for name in former {
        public.push(' ');
        public.push_str(name);
    }
    let ein = ein.unwrap_or_default();
    let more = [legal_name.unwrap_or_default(), ein, &ein.replace('-', ""), domain.unwrap_or_default()];
    (text::fold(&public), text::fold(&more.join(" ")))
}

/// Where it works, besides its main office.
pub async fn states(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar("select state_code from organization_state where organization_id = $1 order by state_code")
        .bind(id)
        .fetch_all(conn).await)
}

pub(in crate::members) async fn set_states(tx: &mut Tx, id: OrganizationId, states: &[String]) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("delete from organization_state where organization_id = $1").bind(id).execute(conn).await.map(drop))?;
    for state in states {
        on!(tx, conn => sqlx::query("insert into organization_state (organization_id, state_code) values ($1, $2)")
            .bind(id).bind(state)
            .execute(conn).await.map(drop))?;
    }
    Ok(())
}

pub(super) async fn set_postal_address(tx: &mut Tx, id: OrganizationId, address: Option<&str>) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update organization set postal_address = $2 where id = $1")
        .bind(id).bind(address)
        .execute(conn).await.map(drop))
}

pub async fn mailboxes(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Mailbox>> {
    on!(tx, conn => sqlx::query_as("select purpose, email from role_mailbox where organization_id = $1 order by id")
        .bind(id)
        .fetch_all(conn).await)
}

pub(super) async fn set_mailboxes(tx: &mut Tx, id: OrganizationId, mailboxes: &[Mailbox]) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from role_mailbox where organization_id = $1").bind(id).execute(conn).await.map(drop))?;
    for mailbox in mailboxes {
        on!(tx, conn => sqlx::query("insert into role_mailbox (id, organization_id, purpose, email) values ($1, $2, $3, $4)")
            .bind(MailboxId::new()).bind(id).bind(mailbox.purpose).bind(&mailbox.email)
            .execute(conn).await.map(drop))?;
    }
    Ok(())
}

pub async fn tags(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar("select tag from organization_tag where organization_id = $1 order by tag")
        .bind(id)
        .fetch_all(conn).await)
}

/// Every tag in use.
pub(in crate::members) async fn all_tags(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar("select distinct tag from organization_tag order by tag").fetch_all(conn).await)
}

pub(super) async fn set_tags(tx: &mut Tx, id: OrganizationId, tags: &[String]) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from organization_tag where organization_id = $1").bind(id).execute(conn).await.map(drop))?;
    for tag in tags {
        on!(tx, conn => sqlx::query("insert into organization_tag (organization_id, tag) values ($1, $2)")
            .bind(id).bind(tag)
            .execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// The newest first.
pub async fn notes(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Note>> {
    on!(tx, conn => sqlx::query_as("select id, at, who, body from organization_note where organization_id = $1 order by id desc limit 200")
        .bind(id)
        .fetch_all(conn).await)
}

pub(in crate::members) async fn insert_note(
    tx: &mut Tx,
    id: OrganizationId,
    who: &str,
    body: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into organization_note (id, organization_id, at, who, body) values ($1, $2, $3, $4, $5)")
        .bind(NoteId::new()).bind(id).bind(now).bind(who).bind(body)
        .execute(conn).await.map(drop))
}

/// A logo as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct StoredLogo {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) original: String,
    pub(super) width: i64,
    pub(super) height: i64,
}

pub(super) async fn logo_named(tx: &mut Tx, name: &str) -> sqlx::Result<Option<StoredLogo>> {
    on!(tx, conn => sqlx::query_as("select name, file, original, width, height from organization_logo where name = $1")
        .bind(name)
        .fetch_optional(conn).await)
}

pub(super) async fn set_logo(tx: &mut Tx, id: OrganizationId, logo: &StoredLogo, now: Timestamp) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "insert into organization_logo (organization_id, name, file, original, width, height, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (organization_id) do update set name = excluded.name, file = excluded.file, original = excluded.original,
             width = excluded.width, height = excluded.height, changed_at = excluded.changed_at")
        .bind(id).bind(&logo.name).bind(&logo.file).bind(&logo.original).bind(logo.width).bind(logo.height).bind(now)
        .execute(conn).await.map(drop))
}

pub(super) async fn remove_logo(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("delete from organization_logo where organization_id = $1").bind(id).execute(conn).await.map(drop))
}
