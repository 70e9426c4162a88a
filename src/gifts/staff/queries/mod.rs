mod file;
mod sums;

use super::filter::{Filter, GiftOrder, Only, Sort};
use crate::{
    db::{Conditions, Tx, Value, bound, on},
    donors::{
        DonorId,
        staff::{FIRST, JOIN, Purpose, find},
    },
    gifts::{Frequency, GiftId, GiftState, Method, RecurringId, parts, queries::WAITS},
    kernel::{Cents, Currency, Day, Timestamp, Zone},
    payments::SubscriptionState,
};
use sqlx::AssertSqlSafe;

pub(super) use file::{CELL, ROW, Stretch, end_of, stretch};
pub(super) use sums::{GiftSum, sums};

/// One gift in a list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct GiftRow {
    pub id: GiftId,
    pub donor_id: DonorId,
    pub donor: String,
    pub email: Option<String>,
    /// The donor's name and address as they are ordered.
    pub search: String,
    pub fund: String,
    pub campaign: Option<String>,
    pub state: GiftState,
    pub frequency: Frequency,
    pub intended: Cents,
    pub covered_fee: Cents,
    pub charged: Cents,
    pub refunded: Cents,
    pub processor_fee: Option<Cents>,
    pub currency: Currency,
    pub disputed: bool,
    pub shown_at: Timestamp,
    pub thanked_at: Option<Timestamp>,
    pub method: Method,
    pub split: bool,
}

impl GiftRow {
    /// Of the intended amount, gone back: the covered fee was never part of the gift.
    pub(super) fn returned(&self) -> Cents {
        self.refunded.min(self.intended)
    }

    /// What goals and totals count; nothing before the money came.
    pub(super) fn net(&self) -> Cents {
        if self.state == GiftState::Settled { self.intended - self.returned() } else { Cents::ZERO }
    }

    /// The key of this row in a list of this order: where the next page begins.
    pub(super) fn key(&self, sort: Sort) -> String {
        match sort.by {
            GiftOrder::Date => format!("{}~{}", self.shown_at, self.id),
            GiftOrder::Amount => format!("{}~{}", self.intended.get(), self.id),
            GiftOrder::Donor => format!("{}~{}~{}", self.search, self.donor_id, self.id),
        }
    }
}

async fn conditions(tx: &mut Tx, filter: &Filter, zone: &Zone, purpose: Purpose) -> sqlx::Result<Conditions> {
    let mut all = Conditions::default();
    find(tx, &filter.words, purpose).await?.narrow(&mut all);
    match filter.fund {
        // A split gift has a part there, or more of them.
        Some(fund) if parts::any_in(tx, fund).await? => {
            let value = Value::from(fund.to_string());
            let piece = "(g.fund_id = {} or g.id in (select p.gift_id from gift_part p where p.fund_id = {}))";
            all.and(piece, [value.clone(), value]);
        }
        Some(fund) => all.and("g.fund_id = {}", [fund.to_string().into()]),
        None => {}
    }
    let mut and = |piece: &str, value: Option<Value>| {
        if let Some(value) = value {
            all.and(piece, [value]);
        }
    };
    and("g.campaign_id = {}", filter.campaign.map(|id| id.to_string().into()));
    // What most gifts have is in no index of its own; SQLite takes the index of the others when that is said.
    let state = filter.state.map_or("", |state| if state == GiftState::Settled { "" } else { " and g.state <> 'settled'" });
    and(&format!("g.state = {{}}{state}"), filter.state.map(|state| state.as_str().into()));
    let often = filter.frequency.map_or("", |often| if often == Frequency::Once { "" } else { " and g.frequency <> 'once'" });
    and(&format!("g.frequency = {{}}{often}"), filter.frequency.map(|frequency| frequency.as_str().into()));
    and("g.method = {}", filter.method.map(|method| method.as_str().into()));
    and("g.source = {}", filter.source.as_deref().map(Into::into));
    and("g.shown_at >= {}", filter.from.map(|day| zone.start_of(day).to_string().into()));
    and("g.shown_at < {}", filter.to.map(|day| zone.start_of(day.plus_days(1)).to_string().into()));
    and("g.intended >= {}", filter.min.map(|min| min.get().into()));
    and("g.intended <= {}", filter.max.map(|max| max.get().into()));
    if filter.method.is_some_and(|method| method != Method::Card) {
        all.and("g.method <> 'card'", []);
    }
    match filter.only {
        None => {}
        Some(Only::Undeposited) => {
            all.and("g.id in (select o.gift_id from offline_gift o where o.deposit = 'undeposited') and g.state = 'settled'", []);
        }
        Some(Only::ToThank) => all.and(WAITS, []),
        Some(Only::Refunded) => all.and("g.refunded > 0", []),
        Some(Only::Disputed) => all.and("g.disputed", []),
        Some(Only::Recurring) => all.and("g.recurring_id is not null", []),
    }
    Ok(all)
}

/// At most `most` gifts after the row with this key, or before it when `backwards`; then they stand
/// in reverse. A key that can't be read begins at the beginning.
pub(super) async fn rows(
    tx: &mut Tx,
    filter: &Filter,
    zone: &Zone,
    sort: Sort,
    key: Option<&str>,
    backwards: bool,
    most: i64,
) -> sqlx::Result<Vec<GiftRow>> {
    let mut all = conditions(tx, filter, zone, Purpose::Rows).await?;
    let down = sort.falling != backwards;
    let (way, than) = if down { ("desc", "<") } else { ("asc", ">") };
    let (columns, from) = match sort.by {
        GiftOrder::Date => ("g.shown_at, g.id", format!("gift g {JOIN}")),
        GiftOrder::Amount => ("g.intended, g.id", format!("gift g {JOIN}")),
        GiftOrder::Donor => ("d.search, d.id, g.id", format!("{FIRST} gift g")),
    };
    if sort.by == GiftOrder::Donor {
        all.and("g.donor_id = d.id", []);
    }
    if let Some(values) = key.and_then(|key| after(key, sort.by)) {
        if sort.by == GiftOrder::Donor {
            // Says where to begin in the donors' order, which the comparison across tables does not.
            all.and(&format!("d.search {than}= {{}}"), values.first().cloned());
        }
        let places = vec!["{}"; values.len()].join(", ");
        all.and(&format!("({columns}) {than} ({places})"), values);
    }
    let limit = all.place(most);
    let sql = format!(
        "select g.id, g.donor_id, d.name as donor, d.email, d.search, f.name as fund, c.name as campaign, g.state, g.frequency, g.intended,
                g.covered_fee, g.charged, g.refunded, g.processor_fee, g.currency, g.disputed, g.shown_at, g.thanked_at, g.method, g.split
         from {from} join fund f on f.id = g.fund_id left join campaign c on c.id = g.campaign_id
         {} order by {} {way} limit {limit}",
        all.sql(),
        columns.replace(", ", &format!(" {way}, "))
    );
    let rows = on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
    named(tx, rows).await
}

/// Names all funds of split gifts.
async fn named(tx: &mut Tx, mut rows: Vec<GiftRow>) -> sqlx::Result<Vec<GiftRow>> {
    if rows.iter().any(|row| row.split) {
        parts::name_rows(tx, &mut rows, |row| (row.id, row.currency, &mut row.fund)).await?;
    }
    Ok(rows)
}

/// The values of a key, as they are compared.
fn after(key: &str, by: GiftOrder) -> Option<Vec<Value>> {
    let (rest, gift) = key.rsplit_once('~')?;
    match by {
        GiftOrder::Date => Some(vec![rest.into(), gift.into()]),
        GiftOrder::Amount => Some(vec![rest.parse::<i64>().ok()?.into(), gift.into()]),
        GiftOrder::Donor => {
            let (name, giver) = rest.rsplit_once('~')?;
            Some(vec![name.into(), giver.into(), gift.into()])
        }
    }
}

/// At most `most` gifts of one donor, newest first, after the row with this key; or before it when `backwards`, in
/// reverse.
pub(super) async fn of_donor(
    tx: &mut Tx,
    donor: DonorId,
    key: Option<&str>,
    backwards: bool,
    most: i64,
) -> sqlx::Result<Vec<GiftRow>> {
    let mut all = Conditions::default();
    all.and("g.donor_id = {}", [donor.to_string().into()]);
    if let Some((at, id)) = key.and_then(|key| key.rsplit_once('~')) {
        let than = if backwards { ">" } else { "<" };
        all.and(&format!("(g.shown_at, g.id) {than} ({{}}, {{}})"), [at.into(), id.into()]);
    }
    let way = if backwards { "asc" } else { "desc" };
    let limit = all.place(most);
    let sql = format!(
        "select g.id, g.donor_id, d.name as donor, d.email, d.search, f.name as fund, c.name as campaign, g.state, g.frequency, g.intended,
                g.covered_fee, g.charged, g.refunded, g.processor_fee, g.currency, g.disputed, g.shown_at, g.thanked_at, g.method, g.split
         from gift g {JOIN} join fund f on f.id = g.fund_id left join campaign c on c.id = g.campaign_id{}
         order by g.shown_at {way}, g.id {way} limit {limit}",
        all.sql()
    );
    let rows = on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
    named(tx, rows).await
}

/// The newest gifts of one plan.
pub(super) async fn of_plan(tx: &mut Tx, plan: RecurringId, most: i64) -> sqlx::Result<Vec<GiftRow>> {
    let sql = format!(
        "select g.id, g.donor_id, d.name as donor, d.email, d.search, f.name as fund, c.name as campaign, g.state, g.frequency, g.intended,
                g.covered_fee, g.charged, g.refunded, g.processor_fee, g.currency, g.disputed, g.shown_at, g.thanked_at, g.method, g.split
         from gift g {JOIN} join fund f on f.id = g.fund_id left join campaign c on c.id = g.campaign_id
         where g.recurring_id = $1 order by g.shown_at desc, g.id desc limit $2"
    );
    let rows = on!(&mut *tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(plan).bind(most).fetch_all(conn).await)?;
    named(tx, rows).await
}

/// One recurring gift in the list.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct RecurringRow {
    pub id: RecurringId,
    pub donor_id: DonorId,
    pub donor: String,
    pub fund: String,
    pub state: SubscriptionState,
    pub frequency: Frequency,
    pub intended: Cents,
    pub charged: Cents,
    pub currency: Currency,
    pub started_at: Timestamp,
    pub next_at: Option<Timestamp>,
    pub cancels_at: Option<Timestamp>,
    pub resumes_at: Option<Timestamp>,
    pub card_until: Option<Day>,
    /// Why the newest payment is missing.
    pub failure: Option<String>,
}

/// Which recurring gifts are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Which {
    pub state: Option<SubscriptionState>,
    /// Active, and the card runs out before the next payment.
    pub at_risk: bool,
}

/// As a condition on `r`.
const AT_RISK: &str = "r.state = 'active' and r.cancels_at is null and r.card_until < substr(r.next_at, 1, 10)";

/// Recurring gifts, the newest first, after the row with this key or before it.
pub(super) async fn recurring_rows(
    tx: &mut Tx,
    Which { state, at_risk }: Which,
    key: Option<&str>,
    backwards: bool,
    most: i64,
) -> sqlx::Result<Vec<RecurringRow>> {
    let mut all = Conditions::default();
    if let Some(state) = state {
        all.and("r.state = {}", [state.as_str().into()]);
    }
    if at_risk {
        all.and(AT_RISK, []);
    }
    if let Some((at, id)) = key.and_then(|key| key.rsplit_once('~')) {
        all.and(
            if backwards { "(r.started_at, r.id) > ({}, {})" } else { "(r.started_at, r.id) < ({}, {})" },
            [at.into(), id.into()],
        );
    }
    let way = if backwards { "asc" } else { "desc" };
    let limit = all.place(most);
    let sql = format!(
        "select r.id, r.donor_id, d.name as donor, f.name as fund, r.state, r.frequency, r.intended, r.charged, r.currency,
                r.started_at, r.next_at, r.cancels_at, r.resumes_at, r.card_until,
                (select l.reason from recurring_failure l where l.recurring_id = r.id and l.mended_at is null
                  order by l.failed_at desc, l.gift_id desc limit 1) as failure
         from recurring_gift r {JOIN} join fund f on f.id = r.fund_id
         {} order by r.started_at {way}, r.id {way} limit {limit}",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// How many recurring gifts there are and what they charge, by state, frequency and currency.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct RecurringSum {
    pub state: SubscriptionState,
    pub frequency: Frequency,
    pub currency: Currency,
    pub gifts: i64,
    pub intended: Cents,
}

pub(super) async fn recurring_sums(tx: &mut Tx, Which { state, at_risk }: Which) -> sqlx::Result<Vec<RecurringSum>> {
    let risk = if at_risk { AT_RISK } else { "1 = 1" };
    let sql = format!(
        "select state, frequency, currency, cast(count(*) as bigint) as gifts, cast(sum(intended) as bigint) as intended
         from recurring_gift r where (cast($1 as text) is null or state = $1) and {risk}
         group by state, frequency, currency order by state, frequency, currency"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql))
        .bind(state.map(SubscriptionState::as_str))
        .fetch_all(conn).await)
}

/// What the list of donors asks of their gifts, as conditions on `d`, the donor: gave within these
/// bounds, has a recurring gift that runs.
pub(super) fn of_givers(from: Option<Timestamp>, until: Option<Timestamp>, recurring: bool) -> Vec<(String, Vec<Value>)> {
    let mut all = Vec::new();
    if from.is_some() || until.is_some() {
        let mut piece = "exists (select 1 from gift g where g.donor_id = d.id and g.state = 'settled'".to_owned();
        let mut values = Vec::new();
        for (way, bound) in [(">=", from), ("<", until)] {
            if let Some(bound) = bound {
                piece.push_str(" and g.shown_at ");
                piece.push_str(way);
                piece.push_str(" {}");
                values.push(Value::from(bound.to_string()));
            }
        }
        piece.push(')');
        all.push((piece, values));
    }
    if recurring {
        all.push((
            "exists (select 1 from recurring_gift r where r.donor_id = d.id and r.state in ('active', 'past_due'))".to_owned(),
            Vec::new(),
        ));
    }
    all
}
