mod find;
mod hits;
mod names;

use crate::{
    db::{Conditions, Tx, Value, bound, on},
    donors::{Donor, DonorId, DonorKind, queries::rematch_new, search_text},
    kernel::{Cents, Currency, Email, Timestamp},
};
use find::in_order;
use sqlx::AssertSqlSafe;

pub use find::{FIRST, Found, JOIN, Purpose, find, similar};
pub use names::names_of;

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
    /// Has this tag.
    pub tag: Option<String>,
    /// Is not to be reached in some way.
    pub refuses: bool,
    /// What they gave and when not.
    pub giving: Vec<Gave>,
    /// What whoever keeps the gifts asks of them, about `d.id`.
    pub more: Vec<(String, Vec<Value>)>,
    /// The currency amounts are shown and ordered in.
    pub currency: Currency,
    pub order: RollOrder,
    pub falling: bool,
}

/// What a roll asks of a donor's totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gave {
    /// In the year before this one, and not in this.
    LastNotThis(i64),
    /// In some year before this one, and not in this.
    SomeNotThis(i64),
    /// At least so much in all, in the roll's currency.
    AtLeast(Cents),
}

impl Gave {
    fn narrow(self, currency: Currency, all: &mut Conditions) {
        const NOT_THIS: &str = "not exists (select 1 from donor_year y where y.donor_id = d.id and y.year = {})";
        match self {
            Self::LastNotThis(year) => {
                all.and("exists (select 1 from donor_year y where y.donor_id = d.id and y.year = {})", [(year - 1).into()]);
                all.and(NOT_THIS, [year.into()]);
            }
            Self::SomeNotThis(year) => {
                all.and("exists (select 1 from donor_year y where y.donor_id = d.id and y.year < {})", [year.into()]);
                all.and(NOT_THIS, [year.into()]);
            }
            Self::AtLeast(least) => all.and(
                "exists (select 1 from donor_total a where a.donor_id = d.id and a.currency = {} and a.given >= {})",
                [currency.code().into(), least.get().into()],
            ),
        }
    }
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
    if let Some(tag) = &roll.tag {
        all.and("exists (select 1 from donor_tag g where g.donor_id = d.id and g.tag = {})", [tag.as_str().into()]);
    }
    if roll.refuses {
        all.and("(d.no_mail or d.no_email or d.no_phone)", []);
    }
    for gave in &roll.giving {
        gave.narrow(roll.currency, &mut all);
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

/// Who was merged into another is searched for under nothing, and has no totals.
fn hide_merged(roll: &Roll, all: &mut Conditions) {
    if roll.order == RollOrder::Name {
        all.and("d.search > ''", []);
    }
}

/// At most `most` donors after the row with this key, or before it when `backwards`; then they stand
/// in reverse. A key that can't be read begins at the beginning.
pub async fn rows(tx: &mut Tx, roll: &Roll, key: Option<&str>, backwards: bool, most: i64) -> sqlx::Result<Vec<RollRow>> {
    if roll.order == RollOrder::Name
        && let Some(found) = in_order(tx, &roll.words)
    {
        return hits::rows(tx, roll, &found, key, backwards, most).await;
    }
    let found = find(tx, &roll.words, Purpose::Rows).await?;
    rows_within(tx, roll, key, backwards, most, &found).await
}

async fn rows_within(
    tx: &mut Tx,
    roll: &Roll,
    key: Option<&str>,
    backwards: bool,
    most: i64,
    found: &Found,
) -> sqlx::Result<Vec<RollRow>> {
    let mut all = narrowed(roll, found);
    hide_merged(roll, &mut all);
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
    let mut all = conditions(tx, roll, Purpose::Sums).await?;
    hide_merged(roll, &mut all);
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
    // An address that came by a merge may become the donor's own again.
    on!(&mut *tx, conn => sqlx::query("update donor set email = null where merged_into = $1 and email = $2")
        .bind(donor.id).bind(&donor.email)
        .execute(conn).await.map(drop))?;
    let changed = on!(&mut *tx, conn => sqlx::query(
        "update donor set kind = $2, name = $3, email = $4, address = $5, consent_updates = $6, consent_at = $7, search = $8, matched = false
         where id = $1 and not exists (select 1 from donor o where o.email = $4 and o.id <> $1)")
        .bind(donor.id).bind(donor.kind).bind(&donor.name).bind(&donor.email).bind(&donor.address)
        .bind(donor.consent_updates).bind(donor.consent_at).bind(search_text(&donor.name, donor.email.as_ref()))
        .execute(conn).await.map(|done| done.rows_affected() == 1))?;
    rematch_new(tx, donor.id).await?;
    Ok(changed)
}
