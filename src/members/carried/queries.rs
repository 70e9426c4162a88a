use super::{Kept, Known, Own};
use crate::{
    db::{Conditions, Tx, bound, on},
    kernel::Timestamp,
    members::{
        Contact, ContactId, OrganizationId, Website,
        queries::insert_membership,
        record::{FormerName, FormerNameId, queries::search_texts},
    },
};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

/// As many ids as stand in one statement.
const AT_ONCE: usize = 400;

pub(super) async fn everybody(tx: &mut Tx) -> sqlx::Result<Vec<Known>> {
    on!(tx, conn => sqlx::query_as(
        "select o.id, o.slug, o.name, o.legal_name, o.ein, o.website, m.track, m.admission_number
         from organization o join membership m on m.organization_id = o.id order by o.id")
        .fetch_all(conn).await)
}

/// Former names with the addresses that lead on.
pub(super) async fn former(tx: &mut Tx) -> sqlx::Result<Vec<(OrganizationId, String, Option<String>)>> {
    on!(tx, conn => sqlx::query_as("select organization_id, name, slug from former_name order by id").fetch_all(conn).await)
}

/// The whole records of these organizations; those that are gone are left out.
pub async fn kept(tx: &mut Tx, ids: &[OrganizationId]) -> sqlx::Result<HashMap<OrganizationId, Kept>> {
    let mut all = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        kept_some(tx, some, &mut all).await?;
    }
    Ok(all)
}

fn among(column: &str, ids: &[OrganizationId]) -> Conditions {
    let mut all = Conditions::default();
    let places = vec!["{}"; ids.len()].join(", ");
    all.and(&format!("{column} in ({places})"), ids.iter().map(|id| id.to_string().into()));
    all
}

async fn kept_some(tx: &mut Tx, ids: &[OrganizationId], all: &mut HashMap<OrganizationId, Kept>) -> sqlx::Result<()> {
    let of = among("o.id", ids);
    let sql = format!(
        "select o.id, o.slug, o.name, o.legal_name, o.ein, o.website, o.category_id, o.city, o.state_code, o.postal_address,
                o.founded, o.mission, m.track, m.admission_number, m.admitted_on, m.left_on, m.committed_on
         from organization o join membership m on m.organization_id = o.id{}",
        of.sql()
    );
    let rows: Vec<Own> = on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), of.values()).fetch_all(conn).await)?;
    all.extend(rows.into_iter().map(|own| {
        let kept = Kept { own, former_names: Vec::new(), states: Vec::new(), contacts: Vec::new(), around: Vec::new() };
        (kept.own.id, kept)
    }));
    let of = among("organization_id", ids);
    let sql = format!("select organization_id, id, name, slug, from_day, until_day from former_name{} order by id", of.sql());
    let names: Vec<Of<FormerName>> =
        on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), of.values()).fetch_all(conn).await)?;
    for Of { organization_id, row } in names {
        all.entry(organization_id).and_modify(|kept| kept.former_names.push(row));
    }
    let sql = format!("select organization_id, state_code from organization_state{} order by state_code", of.sql());
    let states: Vec<(OrganizationId, String)> =
        on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), of.values()).fetch_all(conn).await)?;
    for (id, state) in states {
        all.entry(id).and_modify(|kept| kept.states.push(state));
    }
    let sql = format!(
        "select id, organization_id, role, name, title, email, phone, from_day, to_day from contact{} order by id",
        of.sql()
    );
    let people: Vec<Contact> =
        on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), of.values()).fetch_all(conn).await)?;
    for person in people {
        all.entry(person.organization_id).and_modify(|kept| kept.contacts.push(person));
    }
    for (id, word) in around(tx, &of).await? {
        all.entry(id).and_modify(|kept| kept.around.push(word));
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Of<T> {
    organization_id: OrganizationId,
    #[sqlx(flatten)]
    row: T,
}

/// A word for each row that hangs on these organizations besides what an import writes.
async fn around(tx: &mut Tx, of: &Conditions) -> sqlx::Result<Vec<(OrganizationId, String)>> {
    let sql = format!(
        "select organization_id, word from (
             select organization_id, 'fact ' || id as word from standing_fact
             union all select successor_id, 'merger ' || id from standing_fact where successor_id is not null
             union all select organization_id, 'tag ' || tag from organization_tag
             union all select organization_id, 'mailbox ' || purpose || ' ' || email from role_mailbox
             union all select organization_id, 'note ' || id from organization_note
             union all select organization_id, 'document ' || id from organization_document
             union all select organization_id, 'logo ' || name from organization_logo
             union all select organization_id, 'application ' || id from application where organization_id is not null
         ) everything{} order by organization_id, word",
        of.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), of.values()).fetch_all(conn).await)
}

fn texts(kept: &Kept) -> (String, String) {
    let own = &kept.own;
    let former = kept.former_names.iter().map(|f| f.name.as_str());
    let domain = own.website.as_deref().and_then(Website::domain_of);
    search_texts((&own.name, &own.city), former, own.legal_name.as_deref(), own.ein.as_deref(), domain.as_deref())
}

/// Writes a whole new record.
pub(super) async fn insert(tx: &mut Tx, kept: &Kept, now: Timestamp) -> sqlx::Result<()> {
    let (own, (public, staff)) = (&kept.own, texts(kept));
    on!(&mut *tx, conn => sqlx::query(
        "insert into organization
             (id, slug, name, legal_name, ein, category_id, city, state_code, postal_address, website, domain, mission, search,
              search_more, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)")
        .bind(own.id).bind(&own.slug).bind(&own.name).bind(own.legal_name.as_deref()).bind(own.ein.as_deref())
        .bind(own.category_id).bind(&own.city).bind(&own.state_code).bind(own.postal_address.as_deref())
        .bind(own.website.as_deref()).bind(own.website.as_deref().and_then(Website::domain_of)).bind(&own.mission)
        .bind(public).bind(staff).bind(now)
        .execute(conn).await.map(drop))?;
    insert_membership(tx, own.id, own.track, own.admission_number, own.admitted_on).await?;
    if own.committed_on.is_some() {
        on!(&mut *tx, conn => sqlx::query("update membership set committed_on = $2 where organization_id = $1")
            .bind(own.id).bind(own.committed_on)
            .execute(conn).await.map(drop))?;
    }
    if !kept.states.is_empty() {
        set_states(tx, own.id, &kept.states).await?;
    }
    for name in &kept.former_names {
        insert_former_name(tx, own.id, name, now).await?;
    }
    for person in &kept.contacts {
        put_contact(tx, person).await?;
    }
    Ok(())
}

/// Writes the columns anew.
pub(super) async fn update(tx: &mut Tx, kept: &Kept) -> sqlx::Result<()> {
    let (own, (public, staff)) = (&kept.own, texts(kept));
    on!(&mut *tx, conn => sqlx::query(
        "update organization set slug = $2, name = $3, legal_name = $4, ein = $5, category_id = $6, city = $7, state_code = $8,
             postal_address = $9, website = $10, domain = $11, search = $12, search_more = $13
         where id = $1")
        .bind(own.id).bind(&own.slug).bind(&own.name).bind(own.legal_name.as_deref()).bind(own.ein.as_deref())
        .bind(own.category_id).bind(&own.city).bind(&own.state_code).bind(own.postal_address.as_deref())
        .bind(own.website.as_deref()).bind(own.website.as_deref().and_then(Website::domain_of)).bind(public).bind(staff)
        .execute(conn).await.map(drop))?;
    on!(tx, conn => sqlx::query("update membership set admitted_on = $2, committed_on = $3 where organization_id = $1")
        .bind(own.id).bind(own.admitted_on).bind(own.committed_on)
        .execute(conn).await.map(drop))
}

pub(super) async fn set_states(tx: &mut Tx, id: OrganizationId, states: &[String]) -> sqlx::Result<()> {
    crate::members::record::queries::set_states(tx, id, states).await
}

pub(super) async fn insert_former_name(tx: &mut Tx, id: OrganizationId, name: &FormerName, now: Timestamp) -> sqlx::Result<()> {
    crate::members::record::queries::insert_former_name(tx, id, name, now).await
}

pub(super) async fn remove_former_name(tx: &mut Tx, id: FormerNameId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from former_name where id = $1").bind(id).execute(conn).await.map(drop))
}

/// Writes a contact, or writes it anew.
pub(super) async fn put_contact(tx: &mut Tx, c: &Contact) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into contact (id, organization_id, role, name, title, email, phone, from_day, to_day)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (id) do update set role = excluded.role, name = excluded.name, title = excluded.title, email = excluded.email,
             phone = excluded.phone, from_day = excluded.from_day, to_day = excluded.to_day")
        .bind(c.id).bind(c.organization_id).bind(c.role).bind(&c.name).bind(&c.title).bind(&c.email).bind(c.phone.as_deref())
        .bind(c.from_day).bind(c.to_day)
        .execute(conn).await.map(drop))
}

pub(super) async fn remove_contact(tx: &mut Tx, id: ContactId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from contact where id = $1").bind(id).execute(conn).await.map(drop))
}

/// Takes away a record and what an import wrote with it.
pub(super) async fn remove(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<()> {
    for sql in [
        "delete from standing_fact where organization_id = $1",
        "delete from contact where organization_id = $1",
        "delete from former_name where organization_id = $1",
        "delete from organization_state where organization_id = $1",
        "delete from membership where organization_id = $1",
        "delete from organization where id = $1",
    ] {
        on!(&mut *tx, conn => sqlx::query(sql).bind(id).execute(conn).await.map(drop))?;
    }
    Ok(())
}

/// How many admission numbers have a holder or are noted as not issued.
pub async fn accounted_for(tx: &mut Tx) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar(
        "select cast((select count(*) from membership where admission_number is not null)
                   + (select count(*) from unissued_number) as bigint)")
        .fetch_one(conn).await)
}

/// The highest number that somebody holds.
pub(super) async fn highest(tx: &mut Tx) -> sqlx::Result<Option<i64>> {
    on!(tx, conn => sqlx::query_scalar("select max(admission_number) from membership").fetch_one(conn).await)
}

pub(super) async fn return_counter(tx: &mut Tx, number: i64) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update admission_counter set number = $1 where id = 1").bind(number).execute(conn).await.map(drop))
}
