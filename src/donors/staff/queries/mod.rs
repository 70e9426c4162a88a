mod find;

use crate::{
    db::{Conditions, Tx, Value, bound, on},
    donors::{Donor, DonorId, DonorKind, search_text},
    kernel::{Cents, Currency, Email, Timestamp},
};
use find::MOST_TO_ORDER;
use sqlx::AssertSqlSafe;

pub use find::{FIRST, Found, JOIN, Purpose, find, similar};

/// In which order donors are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollOrder {
    Name,
    /// By what they gave; those who did not give yet are left out.
    Given,
    /// By their last gift; those who did not give yet are left out.
    Last,
}

/// Which donors, in which order.
#[derive(Debug, Clone)]
pub struct Roll {
    pub words: String,
    pub kind: Option<DonorKind>,
    pub has_email: Option<bool>,
    /// What whoever keeps the gifts asks of them, about `d.id`.
    pub more: Vec<(String, Vec<Value>)>,
    /// The currency amounts are shown and ordered in.
    pub currency: Currency,
    pub order: RollOrder,
    pub falling: bool,
}

/// One donor in the roll; amounts in the roll's currency.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RollRow {
    pub id: DonorId,
    pub kind: DonorKind,
    pub name: String,
    pub email: Option<Email>,
    pub search: String,
    pub gifts: Option<i64>,
    /// Intended, less refunds.
    pub given: Option<Cents>,
    pub last_at: Option<Timestamp>,
}

/// What the donors of a roll gave in one currency.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RollSum {
    pub currency: Currency,
    pub donors: i64,
    pub gifts: i64,
    pub given: Cents,
}

async fn conditions(tx: &mut Tx, roll: &Roll, purpose: Purpose) -> sqlx::Result<Conditions> {
    Ok(narrowed(roll, &find(tx, &roll.words, purpose).await?))
}

fn narrowed(roll: &Roll, found: &Found) -> Conditions {
    let mut all = Conditions::default();
    found.narrow(&mut all);
    if let Some(kind) = roll.kind {
        all.and("d.kind = {}", [kind.as_str().into()]);
    }
    if let Some(has_email) = roll.has_email {
        all.and(if has_email { "d.email is not null" } else { "d.email is null" }, []);
    }
    for (piece, values) in &roll.more {
        all.and(piece, values.iter().cloned());
    }
    if roll.order != RollOrder::Name {
        // The plus keeps SQLite from reading by the number of gifts instead of in order.
        all.and("t.currency = {} and +t.gifts > 0", [roll.currency.code().into()]);
    }
    all
}

/// At most `most` donors after the row with this key, or before it when `backwards`; then they stand
/// in reverse. A key that can't be read begins at the beginning.
pub async fn rows(tx: &mut Tx, roll: &Roll, key: Option<&str>, backwards: bool, most: i64) -> sqlx::Result<Vec<RollRow>> {
    let found = find(tx, &roll.words, Purpose::Rows).await?;
    if roll.order != RollOrder::Name {
        return rows_within(tx, roll, key, backwards, most, &found, None).await;
    }
    let alone = roll.kind.is_none() && roll.has_email.is_none() && roll.more.is_empty();
    let phrases = found.phrases.as_deref().filter(|_| alone);
    if let Some((hits, donors)) = found.many {
        // Twice as far as hits spread evenly would need, then four times that: names that follow each other
        // stand on the same pages, hits do not.
        let even = most * donors / hits;
        let tries = if phrases.is_some() && hits <= MOST_TO_ORDER { 1 } else { 2 };
        for names in [2 * even, 8 * even].into_iter().take(tries) {
            let stretch = stretch(tx, roll, key, backwards, names).await?;
            let to_the_end = stretch.is_none();
            let near = rows_within(tx, roll, key, backwards, most, &found, stretch).await?;
            if to_the_end || i64::try_from(near.len()).is_ok_and(|found| found == most) {
                return Ok(near);
            }
        }
    }
    match phrases {
        Some(phrases) => rows_of_hits(tx, roll, phrases, key, backwards, most).await,
        None if found.many.is_some() => {
            let found = find(tx, &roll.words, Purpose::Sums).await?;
            rows_within(tx, roll, key, backwards, most, &found, None).await
        }
        None => rows_within(tx, roll, key, backwards, most, &found, None).await,
    }
}

/// The same for a search and nothing else, on SQLite: hits are put in order before anything of them is read.
async fn rows_of_hits(
    tx: &mut Tx,
    roll: &Roll,
    phrases: &str,
    key: Option<&str>,
    backwards: bool,
    most: i64,
) -> sqlx::Result<Vec<RollRow>> {
    let down = roll.falling != backwards;
    let (way, than) = if down { ("desc", "<") } else { ("asc", ">") };
    let mut all = Conditions::default();
    all.and("donor_search match {}", [phrases.into()]);
    if let Some((value, last)) = key.and_then(|key| key.rsplit_once('~')) {
        all.and(&format!("(k.search, k.donor_id) {than} ({{}}, {{}})"), [value.into(), last.into()]);
    }
    let (limit, currency) = (all.place(most), all.place(roll.currency.code()));
    let sql = format!(
        "select d.id, d.kind, d.name, d.email, d.search, t.gifts, t.given, t.last_at
         from (select k.donor_id from donor_search join donor_key k on k.number = donor_search.rowid{}
               order by k.search {way}, k.donor_id {way} limit {limit}) hit
         join donor d on d.id = hit.donor_id left join donor_total t on t.donor_id = d.id and t.currency = {currency}
         order by d.search {way}, d.id {way}",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// Where the next so many names end; `None` when there are fewer.
async fn stretch(
    tx: &mut Tx,
    roll: &Roll,
    key: Option<&str>,
    backwards: bool,
    names: i64,
) -> sqlx::Result<Option<(bool, String)>> {
    let down = roll.falling != backwards;
    let from = key.and_then(|key| key.rsplit_once('~')).map(|(value, _)| value.to_owned());
    let mut all = Conditions::default();
    if let Some(from) = from {
        all.and(if down { "search <= {}" } else { "search >= {}" }, [from.into()]);
    }
    let way = if down { "desc" } else { "asc" };
    let far = all.place(names);
    let sql = format!("select search from donor{} order by search {way}, id {way} limit 1 offset {far}", all.sql());
    let end: Option<String> =
        on!(tx, conn => bound!(sqlx::query_scalar(AssertSqlSafe(sql)), all.values()).fetch_optional(conn).await)?;
    Ok(end.map(|end| (down, end)))
}

async fn rows_within(
    tx: &mut Tx,
    roll: &Roll,
    key: Option<&str>,
    backwards: bool,
    most: i64,
    found: &Found,
    stretch: Option<(bool, String)>,
) -> sqlx::Result<Vec<RollRow>> {
    let mut all = narrowed(roll, found);
    if let Some((down, end)) = stretch {
        all.and(if down { "d.search >= {}" } else { "d.search <= {}" }, [end.into()]);
    }
    let down = roll.falling != backwards;
    let (column, from) = match roll.order {
        RollOrder::Name => ("d.search", "donor d left join donor_total t on t.donor_id = d.id and t.currency = {}"),
        RollOrder::Given => ("t.given", "donor_total t join donor d on d.id = t.donor_id"),
        RollOrder::Last => ("t.last_at", "donor_total t join donor d on d.id = t.donor_id"),
    };
    let id = if roll.order == RollOrder::Name { "d.id" } else { "t.donor_id" };
    if let Some((value, last)) = key.and_then(|key| key.rsplit_once('~')) {
        let value = match roll.order {
            RollOrder::Given => value.parse::<i64>().ok().map(Value::from),
            _ => Some(Value::from(value)),
        };
        if let Some(value) = value {
            let than = if down { "<" } else { ">" };
            all.and(&format!("({column}, {id}) {than} ({{}}, {{}})"), [value, last.into()]);
        }
    }
    let from = if roll.order == RollOrder::Name {
        let place = all.place(roll.currency.code());
        from.replace("{}", &place)
    } else {
        from.to_owned()
    };
    let way = if down { "desc" } else { "asc" };
    let limit = all.place(most);
    let sql = format!(
        "select d.id, d.kind, d.name, d.email, d.search, t.gifts, t.given, t.last_at from {from}{} order by {column} {way}, {id} {way} limit {limit}",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// How many donors the whole roll holds.
pub async fn counted(tx: &mut Tx, roll: &Roll) -> sqlx::Result<i64> {
    let all = conditions(tx, roll, Purpose::Sums).await?;
    let from = if roll.order == RollOrder::Name { "donor d" } else { "donor_total t join donor d on d.id = t.donor_id" };
    let sql = format!("select cast(count(*) as bigint) from {from}{}", all.sql());
    on!(tx, conn => bound!(sqlx::query_scalar(AssertSqlSafe(sql)), all.values()).fetch_one(conn).await)
}

/// What the donors of the whole roll gave, by currency.
pub async fn sums(tx: &mut Tx, roll: &Roll) -> sqlx::Result<Vec<RollSum>> {
    let mut all = conditions(tx, roll, Purpose::Sums).await?;
    let from = if all.sql().is_empty() { "donor_total t" } else { "donor d join donor_total t on t.donor_id = d.id" };
    all.and("t.gifts > 0", []);
    let sql = format!(
        "select t.currency, cast(count(*) as bigint) as donors, cast(sum(t.gifts) as bigint) as gifts, cast(sum(t.given) as bigint) as given
         from {from}{} group by t.currency order by t.currency",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// Changes what is known about a donor. `false` when another donor has the address.
pub(super) async fn change(tx: &mut Tx, donor: &Donor) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update donor set kind = $2, name = $3, email = $4, address = $5, consent_updates = $6, consent_at = $7, search = $8
         where id = $1 and not exists (select 1 from donor o where o.email = $4 and o.id <> $1)")
        .bind(donor.id).bind(donor.kind).bind(&donor.name).bind(&donor.email).bind(&donor.address)
        .bind(donor.consent_updates).bind(donor.consent_at).bind(search_text(&donor.name, donor.email.as_ref()))
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
