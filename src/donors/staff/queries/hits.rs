//! The first donors a search finds, in the order of their names, on SQLite.
//!
//! The index of letters gives its hits in the order of their numbers, and a number begins with the first
//! letters of the name (`donor_place`): so it is read only as far as the page goes. Donors whose names begin
//! alike have numbers in one stretch and no order among them; a stretch is read to its end, then sorted.
use super::{Roll, RollRow, find::Found, narrowed};
use crate::db::{Conditions, Tx, bound, on};
use sqlx::AssertSqlSafe;
use std::cmp::Ordering;

/// So many donors may begin alike; the width of a stretch in `donor_place`.
const STRETCH: i64 = 1 << 21;

#[derive(Debug, Clone, sqlx::FromRow)]
struct Hit {
    number: i64,
    id: String,
    search: String,
}

/// Which hits are asked for: these words, with these conditions, in this direction.
struct Search<'a> {
    roll: &'a Roll,
    phrases: &'a str,
    found: &'a Found,
    down: bool,
}

/// At most `most` donors after the row with this key, in the direction that is read.
pub(super) async fn rows(
    tx: &mut Tx,
    roll: &Roll,
    (phrases, found): &(String, Found),
    key: Option<&str>,
    backwards: bool,
    most: i64,
) -> sqlx::Result<Vec<RollRow>> {
    let search = Search { roll, phrases, found, down: roll.falling != backwards };
    let after = key.and_then(|key| key.rsplit_once('~'));
    let mut from = match after {
        Some((name, _)) => match stretch_of(tx, name, search.down).await? {
            Some(from) => from,
            None => return Ok(Vec::new()),
        },
        None if search.down => i64::MAX,
        None => 0,
    };
    let enough = usize::try_from(most).unwrap_or(usize::MAX);
    let mut hits: Vec<Hit> = Vec::new();
    while hits.len() < enough {
        let mut next = search.hits(tx, from, None, most).await?;
        let (some, Some(last)) = (next.len(), next.last().map(|hit| hit.number)) else { break };
        let end = if search.down { last - last % STRETCH } else { last - last % STRETCH + STRETCH - 1 };
        let to_the_end = some < enough;
        if !to_the_end && last != end {
            next.extend(search.hits(tx, search.past(last), Some(end), i64::MAX).await?);
        }
        hits.extend(
            next.into_iter().filter(|hit| {
                after.is_none_or(|(name, id)| search.order((&hit.search, &hit.id), (name, id)) == Ordering::Greater)
            }),
        );
        if to_the_end {
            break;
        }
        from = search.past(end);
    }
    hits.sort_by(|a, b| search.order((&a.search, &a.id), (&b.search, &b.id)));
    hits.truncate(enough);
    donors(tx, &search, &hits).await
}

impl Search<'_> {
    fn past(&self, number: i64) -> i64 {
        if self.down { number.saturating_sub(1) } else { number.saturating_add(1) }
    }

    fn order(&self, a: (&str, &str), b: (&str, &str)) -> Ordering {
        if self.down { b.cmp(&a) } else { a.cmp(&b) }
    }

    /// At most `most` hits from this number on, up to and with that one, as their numbers follow each other.
    async fn hits(&self, tx: &mut Tx, from: i64, to: Option<i64>, most: i64) -> sqlx::Result<Vec<Hit>> {
        let mut all = narrowed(self.roll, self.found);
        let donor = if all.sql().is_empty() { "" } else { " cross join donor d on d.id = k.donor_id" };
        let (beyond, before, way) = if self.down { ("<=", ">=", "desc") } else { (">=", "<=", "asc") };
        all.and("donor_search match {}", [self.phrases.into()]);
        all.and(&format!("donor_search.rowid {beyond} {{}}"), [from.into()]);
        if let Some(to) = to {
            all.and(&format!("donor_search.rowid {before} {{}}"), [to.into()]);
        }
        let limit = all.place(most);
        let sql = format!(
            "select k.number, k.donor_id as id, k.search from donor_search cross join donor_key k on k.number = donor_search.rowid{donor}{}
             order by donor_search.rowid {way} limit {limit}",
            all.sql()
        );
        on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
    }
}

/// Where the stretch begins that a name stands in, or the next one with anybody in it; `None` when there is
/// none.
async fn stretch_of(tx: &mut Tx, name: &str, down: bool) -> sqlx::Result<Option<i64>> {
    let (than, way) = if down { ("<=", "desc") } else { (">=", "asc") };
    let sql = format!(
        "select k.number from donor d join donor_key k on k.donor_id = d.id where d.search {than} $1
         order by d.search {way}, d.id {way} limit 1"
    );
    let number: Option<i64> = on!(tx, conn => sqlx::query_scalar(AssertSqlSafe(sql)).bind(name).fetch_optional(conn).await)?;
    Ok(number.map(|number| if down { number - number % STRETCH + STRETCH - 1 } else { number - number % STRETCH }))
}

/// What the roll shows of these donors, in their order.
async fn donors(tx: &mut Tx, search: &Search<'_>, hits: &[Hit]) -> sqlx::Result<Vec<RollRow>> {
    let mut rows = Vec::with_capacity(hits.len());
    let way = if search.down { "desc" } else { "asc" };
    for some in hits.chunks(500) {
        let mut all = Conditions::default();
        let places = vec!["{}"; some.len()].join(", ");
        all.and(&format!("d.id in ({places})"), some.iter().map(|hit| hit.id.as_str().into()));
        let currency = all.place(search.roll.currency.code());
        let sql = format!(
            "select d.id, d.kind, d.name, d.email, d.search, t.gifts, t.given, t.last_at
             from donor d left join donor_total t on t.donor_id = d.id and t.currency = {currency}{}
             order by d.search {way}, d.id {way}",
            all.sql()
        );
        let read: Vec<RollRow> = on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
        rows.extend(read);
    }
    Ok(rows)
}
