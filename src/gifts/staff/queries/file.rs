//! The rows of the file of gifts, by the million: a stretch is one text, so that the database hands over a few large
//! values and not a value for each cell.
use super::{GiftOrder, Sort, after, conditions};
use crate::{
    db::{Conditions, Tx, bound, on},
    donors::staff::{FIRST, JOIN, Purpose},
    gifts::staff::filter::Filter,
    kernel::Zone,
};
use sqlx::AssertSqlSafe;

/// Ends a cell and a row in the text of a stretch. No text on record holds a control character.
pub(in crate::gifts::staff) const CELL: char = '\u{1f}';
pub(in crate::gifts::staff) const ROW: char = '\u{1e}';

/// Where a stretch begins and ends: behind a key, up to another, both in the form of `GiftRow::key`.
#[derive(Debug, Clone, Default)]
pub(in crate::gifts::staff) struct Stretch {
    pub from: Option<String>,
    pub to: Option<String>,
}

impl Sort {
    const fn way(self) -> &'static str {
        if self.falling { "desc" } else { "asc" }
    }

    /// The columns it orders by, the last of them the gift's own.
    const fn columns(self) -> &'static str {
        match self.by {
            GiftOrder::Date => "g.shown_at, g.id",
            GiftOrder::Amount => "g.intended, g.id",
            GiftOrder::Donor => "d.search, d.id, g.id",
        }
    }
}

/// The conditions of a stretch.
async fn within(tx: &mut Tx, filter: &Filter, zone: &Zone, sort: Sort, stretch: &Stretch) -> sqlx::Result<Conditions> {
    let mut all = conditions(tx, filter, zone, Purpose::Rows).await?;
    if sort.by == GiftOrder::Donor {
        all.and("g.donor_id = d.id", []);
    }
    let (behind, up_to) = if sort.falling { ("<", ">=") } else { (">", "<=") };
    for (key, than) in [(&stretch.from, behind), (&stretch.to, up_to)] {
        let Some(values) = key.as_deref().and_then(|key| after(key, sort.by)) else { continue };
        if sort.by == GiftOrder::Donor {
            // Says where to begin in the donors' order, which the comparison across tables does not.
            let or_there = if than.ends_with('=') { "" } else { "=" };
            all.and(&format!("d.search {than}{or_there} {{}}"), values.first().cloned());
        }
        let places = vec!["{}"; values.len()].join(", ");
        all.and(&format!("({}) {than} ({places})", sort.columns()), values);
    }
    Ok(all)
}

/// The key of the last of the next `most` rows; nothing when fewer are left.
pub(in crate::gifts::staff) async fn end_of(
    tx: &mut Tx,
    filter: &Filter,
    zone: &Zone,
    sort: Sort,
    from: Option<String>,
    most: i64,
) -> sqlx::Result<Option<String>> {
    let mut all = within(tx, filter, zone, sort, &Stretch { from, to: None }).await?;
    let (from, key) = match sort.by {
        GiftOrder::Date | GiftOrder::Amount if filter.words.is_empty() => ("gift g".to_owned(), ""),
        GiftOrder::Date | GiftOrder::Amount => (format!("gift g {JOIN}"), ""),
        GiftOrder::Donor => (format!("{FIRST} gift g"), "d.search || '~' || "),
    };
    let key = match sort.by {
        GiftOrder::Date => "g.shown_at || '~' || g.id".to_owned(),
        GiftOrder::Amount => "cast(g.intended as text) || '~' || g.id".to_owned(),
        GiftOrder::Donor => format!("{key}d.id || '~' || g.id"),
    };
    let skip = all.place(most - 1);
    let way = sort.way();
    let order = sort.columns().replace(", ", &format!(" {way}, "));
    let sql = format!("select {key} from {from}{} order by {order} {way} limit 1 offset {skip}", all.sql());
    on!(tx, conn => bound!(sqlx::query_scalar(AssertSqlSafe(sql)), all.values()).fetch_optional(conn).await)
}

/// The rows of a stretch as one text: cells in the order shown_at, donor, fund, campaign, state, frequency, intended,
/// covered fee, charged, refunded, processor fee, currency, gift, method, reference, and something when it is split.
/// Donor, fund and campaign are their ids.
pub(in crate::gifts::staff) async fn stretch(
    tx: &mut Tx,
    filter: &Filter,
    zone: &Zone,
    sort: Sort,
    stretch: &Stretch,
) -> sqlx::Result<String> {
    let mut all = within(tx, filter, zone, sort, stretch).await?;
    let from = match sort.by {
        GiftOrder::Donor => format!("{FIRST} gift g"),
        GiftOrder::Date | GiftOrder::Amount if filter.words.is_empty() => "gift g".to_owned(),
        GiftOrder::Date | GiftOrder::Amount => format!("gift g {JOIN}"),
    };
    let (cell, row) = (all.place(CELL.to_string()), all.place(ROW.to_string()));
    let cells = [
        "g.shown_at",
        "g.donor_id",
        "g.fund_id",
        "coalesce(g.campaign_id, '')",
        "g.state",
        "g.frequency",
        "g.intended",
        "g.covered_fee",
        "g.charged",
        "g.refunded",
        "coalesce(cast(g.processor_fee as text), '')",
        "g.currency",
        "g.id",
        "g.method",
        "case when g.method = 'card' then '' else coalesce((select o.reference from offline_gift o where o.gift_id = g.id), '') end",
        "case when g.split then '1' else '' end",
    ];
    let way = sort.way();
    let order = sort.columns().replace(", ", &format!(" {way}, "));
    let cells = cells.join(", ");
    let sql = format!(
        "select coalesce(string_agg(line, {row}), '') from (select concat_ws({cell}, {cells}) as line from {from}{} order by {order} {way}) lines",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_scalar(AssertSqlSafe(sql)), all.values()).fetch_one(conn).await)
}
