mod listed;

use super::{Admission, Brief, Category, Commitment, Contact, ContactId, Organization, OrganizationId, Track, Website};
use crate::{
    db::{Conditions, Tx, bound, on},
    kernel::{Day, Timestamp, text},
};
use sqlx::AssertSqlSafe;

pub(super) use listed::{Belonging, Narrowed, Order, counted, listed, retired, states};

const COLUMNS: &str = "o.id, o.slug, o.name, o.category_id, c.name as category, o.city, o.state_code, o.website, o.founded, o.mission, \
    m.track, m.admission_number, m.admitted_on, m.left_on, o.legal_name, o.ein, o.domain, o.postal_address, l.name as logo, \
    l.width as logo_width, l.height as logo_height, o.created_at";
const FROM: &str = "organization o join membership m on m.organization_id = o.id join category c on c.id = o.category_id \
    left join organization_logo l on l.organization_id = o.id";

/// How many belong now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Counts {
    pub members: i64,
    pub observers: i64,
}

pub async fn counts(tx: &mut Tx) -> sqlx::Result<Counts> {
    on!(tx, conn => sqlx::query_as(
        "select cast(coalesce(sum(case when track = 'member' then 1 else 0 end), 0) as bigint) as members,
                cast(coalesce(sum(case when track = 'observer' then 1 else 0 end), 0) as bigint) as observers
         from membership where left_on is null")
        .fetch_one(conn).await)
}

/// The member with the highest admission number among those who belong.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Newest {
    pub name: String,
    pub slug: String,
    pub admission_number: i64,
    pub admitted_on: Day,
}

impl Newest {
    pub fn path(&self) -> String {
        super::path(Some(self.admission_number), &self.slug)
    }
}

pub async fn newest(tx: &mut Tx) -> sqlx::Result<Option<Newest>> {
    on!(tx, conn => sqlx::query_as(
        "select o.name, o.slug, m.admission_number, m.admitted_on from membership m join organization o on o.id = m.organization_id
         where m.admission_number is not null and m.left_on is null order by m.admission_number desc limit 1")
        .fetch_optional(conn).await)
}

pub async fn categories(tx: &mut Tx) -> sqlx::Result<Vec<Category>> {
    on!(tx, conn => sqlx::query_as("select id, slug, name, position from category order by position, name").fetch_all(conn).await)
}

pub async fn insert_category(tx: &mut Tx, category: &Category) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("insert into category (id, slug, name, position) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(category.id).bind(&category.slug).bind(&category.name).bind(category.position)
        .execute(conn).await.map(drop))
}

/// The text in force on a day.
pub async fn commitment(tx: &mut Tx, on: Day) -> sqlx::Result<Option<Commitment>> {
    on!(tx, conn => sqlx::query_as(
        "select version, body, in_force from commitment_text where in_force <= $1 order by in_force desc, version desc limit 1")
        .bind(on)
        .fetch_optional(conn).await)
}

pub async fn insert_commitment(tx: &mut Tx, commitment: &Commitment) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into commitment_text (version, body, in_force) values ($1, $2, $3) on conflict do nothing")
        .bind(commitment.version).bind(&commitment.body).bind(commitment.in_force)
        .execute(conn).await.map(drop))
}

const BRIEF: &str = "o.id, o.slug, o.name, m.track, m.admission_number, m.left_on";

/// Those of these organizations that there are, in a line each.
pub async fn briefly(tx: &mut Tx, ids: &[OrganizationId]) -> sqlx::Result<Vec<Brief>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Conditions::default();
    let places = vec!["{}"; ids.len()].join(", ");
    all.and(&format!("o.id in ({places})"), ids.iter().map(|id| id.to_string().into()));
    let sql = format!("select {BRIEF} from organization o join membership m on m.organization_id = o.id{}", all.sql());
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// Organizations that belong and have this number, or whose name begins so; a few.
pub(super) async fn brief_like(tx: &mut Tx, number: Option<i64>, slug: &str) -> sqlx::Result<Vec<Brief>> {
    let sql = format!(
        "select {BRIEF} from organization o join membership m on m.organization_id = o.id
         where m.left_on is null and (m.admission_number = $1 or o.slug like $2) order by o.search, o.id limit 10"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(number).bind(format!("{slug}%")).fetch_all(conn).await)
}

pub async fn organization(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Option<Organization>> {
    let sql = format!("select {COLUMNS} from {FROM} where o.id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

pub(super) async fn by_number(tx: &mut Tx, number: i64) -> sqlx::Result<Option<Organization>> {
    let sql = format!("select {COLUMNS} from {FROM} where m.admission_number = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(number).fetch_optional(conn).await)
}

pub(super) async fn by_slug(tx: &mut Tx, slug: &str) -> sqlx::Result<Option<Organization>> {
    let sql = format!("select {COLUMNS} from {FROM} where o.slug = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(slug).fetch_optional(conn).await)
}

/// Whoever has a web site of this domain, besides `except`.
pub(super) async fn of_domain(tx: &mut Tx, domain: &str, except: Option<OrganizationId>) -> sqlx::Result<Option<Organization>> {
    let sql = format!("select {COLUMNS} from {FROM} where o.domain = $1 and ($2 is null or o.id <> $2) order by o.id limit 1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql))
        .bind(domain).bind(except.map(|id| id.to_string()))
        .fetch_optional(conn).await)
}

/// Who had this address under a former name.
pub(super) async fn by_former_slug(tx: &mut Tx, slug: &str) -> sqlx::Result<Option<Organization>> {
    let sql = format!("select {COLUMNS} from {FROM} join former_name f on f.organization_id = o.id where f.slug = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(slug).fetch_optional(conn).await)
}

/// The public addresses of all who belong.
pub async fn addresses(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    let rows: Vec<(Option<i64>, String)> = on!(tx, conn => sqlx::query_as(
        "select m.admission_number, o.slug from organization o join membership m on m.organization_id = o.id
         where m.left_on is null order by m.admitted_on, o.id")
        .fetch_all(conn).await)?;
    Ok(rows.into_iter().map(|(number, slug)| super::path(number, &slug)).collect())
}

/// An organization's contacts of today, the delegate first.
pub async fn contacts_of(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Vec<Contact>> {
    on!(tx, conn => sqlx::query_as(
        "select id, organization_id, role, name, title, email, phone, from_day, to_day from contact
         where organization_id = $1 and to_day is null
         order by case role when 'delegate' then 0 when 'alternate' then 1 when 'signatory' then 2 else 3 end, name")
        .bind(id)
        .fetch_all(conn).await)
}

/// Makes the organization, its membership and contacts. A member gets the next admission number here;
/// the counter's row stays locked until the commit, so that two at the same moment follow each other.
pub async fn admit(tx: &mut Tx, admission: &Admission, today: Day, now: Timestamp) -> sqlx::Result<Organization> {
    let number: Option<i64> = match admission.track {
        Track::Observer => None,
        Track::Member => Some(
            on!(tx, conn => sqlx::query_scalar("update admission_counter set number = number + 1 where id = 1 returning number")
            .fetch_one(conn).await)?,
        ),
    };
    let id = OrganizationId::new();
    let slug = free_slug(tx, &text::slug(&admission.name)).await?;
    insert_organization(tx, id, &slug, admission, now).await?;
    insert_membership(tx, id, admission.track, number, today).await?;
    insert_contacts(tx, id, admission, today).await?;
    tx.site_changed();
    organization(tx, id).await?.ok_or(sqlx::Error::RowNotFound)
}

/// Who holds the delegate's seat of each organization.
pub(super) async fn delegates(tx: &mut Tx) -> sqlx::Result<Vec<(OrganizationId, String)>> {
    on!(tx, conn => sqlx::query_as("select organization_id, name from contact where role = 'delegate' and to_day is null")
        .fetch_all(conn).await)
}

/// The number that the next member gets, unless somebody else is admitted first.
pub async fn next_number(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar("select number + 1 from admission_counter where id = 1").fetch_one(conn).await)
}

/// An address without a leading number, which would read as an admission number, that no organization has.
pub(super) async fn free_slug(tx: &mut Tx, slug: &str) -> sqlx::Result<String> {
    let slug = if slug.starts_with(|c: char| c.is_ascii_digit()) { format!("the-{slug}") } else { slug.to_owned() };
    let taken: Vec<String> = on!(tx, conn => sqlx::query_scalar(
        "select slug from organization where slug = $1 or slug like $2
         union select slug from former_name where slug = $1 or slug like $2")
        .bind(&slug).bind(format!("{slug}-%"))
        .fetch_all(conn).await)?;
    let choices = std::iter::once(slug.clone()).chain((2..).map(|n| format!("{slug}-{n}")));
    Ok(choices.into_iter().find(|choice| !taken.contains(choice)).unwrap_or(slug))
}

pub(super) fn search_text(name: &str, city: &str) -> String {
    text::fold(&format!("{name} {city}"))
}

pub(super) async fn insert_organization(
    tx: &mut Tx,
    id: OrganizationId,
    slug: &str,
    admission: &Admission,
    now: Timestamp,
) -> sqlx::Result<()> {
    let domain = admission.website.as_deref().and_then(Website::domain_of);
    on!(tx, conn => sqlx::query(
        "insert into organization
             (id, slug, name, category_id, city, state_code, website, founded, mission, search, created_at, domain, search_more)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, coalesce($12, ''))")
        .bind(id).bind(slug).bind(&admission.name).bind(admission.category_id).bind(&admission.city).bind(&admission.state_code)
        .bind(admission.website.as_deref()).bind(admission.founded).bind(&admission.mission)
        .bind(search_text(&admission.name, &admission.city)).bind(now).bind(domain.as_deref())
        .execute(conn).await.map(drop))
}

pub(super) async fn insert_membership(
    tx: &mut Tx,
    id: OrganizationId,
    track: Track,
    number: Option<i64>,
    on: Day,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into membership (organization_id, track, admission_number, admitted_on) values ($1, $2, $3, $4)")
        .bind(id).bind(track).bind(number).bind(on)
        .execute(conn).await.map(drop))
}

pub(super) async fn insert_contacts(tx: &mut Tx, id: OrganizationId, admission: &Admission, on: Day) -> sqlx::Result<()> {
    for contact in &admission.contacts {
        on!(tx, conn => sqlx::query(
            "insert into contact (id, organization_id, role, name, title, email, phone, from_day) values ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(ContactId::new()).bind(id).bind(contact.role).bind(&contact.name).bind(&contact.title).bind(&contact.email)
            .bind(contact.phone.as_deref()).bind(on)
            .execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// Lets the next number follow `number`.
pub(super) async fn set_counter(tx: &mut Tx, number: i64) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update admission_counter set number = $1 where id = 1 and number < $1")
        .bind(number)
        .execute(conn).await.map(drop))
}
