//! All SQL of the alliances: the alliance itself and the overview of one or all.
mod activity;
mod around;
pub(in crate::alliances) mod carried;
mod people;
mod requests;
mod way;

use super::{Alliance, AllianceId, AllianceState, Host, Overview, Term, Territory};
use crate::{
    db::{Tx, on},
    kernel::Day,
    members::{self, OrganizationId},
};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;

pub(super) use activity::{
    AllianceFile, Contact, SentMessage, activities, activity, add_file, change_activity, contacts, file, files, insert_message,
    messages, remove_activity, remove_file,
};
pub use activity::{add_activity, add_contact};
pub use around::{Around, around};
pub use people::{add_roster, add_term, set_host};
pub(super) use people::{
    change_roster, change_term, end_host, end_roster, end_term, entry, leads, mark_account, reopen_roster, roster, serving, term,
    terms_of_account,
};
pub use requests::requests_waiting;
pub(super) use requests::{Request, answer, count_request, insert_request, request, requests};
pub use way::{add_territory, take_step};
pub(super) use way::{remove_step, remove_territory, set_state, steps, territory};

const COLUMNS: &str = "a.id, a.slug, a.name, a.summary, a.state, a.fund_slug, a.created_at";

/// Adds an alliance. `false` when its address is taken.
pub async fn insert(tx: &mut Tx, alliance: &Alliance) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "insert into alliance (id, slug, name, summary, state, fund_slug, created_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (slug) do nothing")
        .bind(alliance.id).bind(&alliance.slug).bind(&alliance.name).bind(&alliance.summary).bind(alliance.state)
        .bind(alliance.fund_slug.as_deref()).bind(alliance.created_at)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub async fn by_id(tx: &mut Tx, id: AllianceId) -> sqlx::Result<Option<Alliance>> {
    let sql = format!("select {COLUMNS} from alliance a where a.id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// An alliance that visitors are told of: one that works, or is being made.
pub(super) async fn shown(tx: &mut Tx, slug: &str) -> sqlx::Result<Option<Alliance>> {
    let sql = format!("select {COLUMNS} from alliance a where a.slug = $1 and a.state in ('organizing', 'launched')");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(slug).fetch_optional(conn).await)
}

/// The public addresses of all that visitors are told of.
pub async fn addresses(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    let slugs: Vec<String> = on!(tx, conn => sqlx::query_scalar(
        "select slug from alliance where state in ('organizing', 'launched') order by slug")
        .fetch_all(conn).await)?;
    Ok(slugs.into_iter().map(|slug| format!("/alliances/{slug}")).collect())
}

pub(super) async fn describe(tx: &mut Tx, id: AllianceId, name: &str, summary: &str) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update alliance set name = $2, summary = $3 where id = $1")
        .bind(id).bind(name).bind(summary)
        .execute(conn).await.map(drop))
}

/// Says which fund gifts for it go to; `None` for none of its own.
pub async fn set_fund(tx: &mut Tx, id: AllianceId, slug: Option<&str>) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update alliance set fund_slug = $2 where id = $1").bind(id).bind(slug).execute(conn).await.map(drop))
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    alliance: Alliance,
    host_id: Option<OrganizationId>,
    host_from: Option<Day>,
    launched_on: Option<Day>,
    last_activity: Option<Day>,
    last_contact: Option<Day>,
    roster: i64,
    requests: i64,
}

/// Every alliance as it is on a day, by name; at most a thousand.
pub async fn overviews(tx: &mut Tx, today: Day) -> sqlx::Result<Vec<Overview>> {
    find(tx, None, today).await
}

/// One alliance as it is on a day.
pub async fn overview(tx: &mut Tx, id: AllianceId, today: Day) -> sqlx::Result<Option<Overview>> {
    Ok(find(tx, Some(id), today).await?.pop())
}

async fn find(tx: &mut Tx, only: Option<AllianceId>, today: Day) -> sqlx::Result<Vec<Overview>> {
    let only = only.map(|id| id.to_string());
    let sql = format!(
        "select {COLUMNS}, h.organization_id as host_id, h.from_day as host_from,
            (select max(s.on_day) from alliance_step s where s.alliance_id = a.id and s.kind = 'launch') as launched_on,
            (select max(v.on_day) from alliance_activity v where v.alliance_id = a.id and v.on_day <= $2) as last_activity,
            (select max(c.on_day) from alliance_contact c where c.alliance_id = a.id) as last_contact,
            (select cast(count(*) as bigint) from roster_entry r where r.alliance_id = a.id and r.from_day <= $2
                and (r.to_day is null or r.to_day > $2)) as roster,
            (select cast(count(*) as bigint) from alliance_request q where q.alliance_id = a.id and q.state = 'new') as requests
         from alliance a left join alliance_host h on h.alliance_id = a.id and h.to_day is null
         where ($1 is null or a.id = $1) order by lower(a.name), a.id limit 1000"
    );
    let rows: Vec<Row> =
        on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(only.as_deref()).bind(today).fetch_all(conn).await)?;
    let mut territories = grouped(way::territories(tx, only.as_deref()).await?, |t: &Territory| t.alliance_id);
    let mut terms = grouped(people::terms(tx, only.as_deref()).await?, |t: &Term| t.alliance_id);
    let mut hosts: Vec<_> = rows.iter().filter_map(|row| row.host_id).collect();
    hosts.sort();
    hosts.dedup();
    let hosts: HashMap<_, _> = members::briefly(tx, &hosts).await?.into_iter().map(|o| (o.id, o)).collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let mut terms = terms.remove(&row.alliance.id).unwrap_or_default();
            terms.sort_by_key(|term| (!term.runs(today), term.part, std::cmp::Reverse(term.from_day)));
            Overview {
                territories: territories.remove(&row.alliance.id).unwrap_or_default(),
                terms,
                host: row
                    .host_id
                    .and_then(|id| hosts.get(&id))
                    .zip(row.host_from)
                    .map(|(o, from_day)| Host { organization: o.clone(), from_day }),
                launched_on: row.launched_on,
                last_activity: row.last_activity,
                last_contact: row.last_contact,
                roster: row.roster,
                requests: row.requests,
                alliance: row.alliance,
            }
        })
        .collect())
}

fn grouped<T>(all: Vec<T>, key: impl Fn(&T) -> AllianceId) -> HashMap<AllianceId, Vec<T>> {
    let mut groups: HashMap<_, Vec<T>> = HashMap::new();
    for one in all {
        groups.entry(key(&one)).or_default().push(one);
    }
    groups
}

/// An address that no alliance has, and that is no word of ours.
pub(super) async fn free_slug(tx: &mut Tx, slug: &str) -> sqlx::Result<String> {
    let taken: Vec<String> = on!(tx, conn => sqlx::query_scalar("select slug from alliance where slug = $1 or slug like $2")
        .bind(slug).bind(format!("{slug}-%"))
        .fetch_all(conn).await)?;
    let free = |choice: &String| !taken.contains(choice) && !["start", "new", "find"].contains(&choice.as_str());
    let mut choices = std::iter::once(slug.to_owned()).chain((2..).map(|n| format!("{slug}-{n}")));
    Ok(choices.find(free).unwrap_or_else(|| slug.to_owned()))
}

/// Holds the alliance's row until the end of this work, so that two who write at the same moment follow
/// each other.
pub(super) async fn hold(tx: &mut Tx, id: AllianceId) -> sqlx::Result<Option<AllianceState>> {
    on!(tx, conn => sqlx::query_scalar("update alliance set name = name where id = $1 returning state").bind(id).fetch_optional(conn).await)
}
