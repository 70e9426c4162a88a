use crate::{
    db::{Tx, on},
    donors::{DonorId, staff::JOIN},
    gifts::{
        CreditId, GiftId,
        credit::{Credit, Wanted},
    },
    kernel::{Cents, Currency, Timestamp},
};
use sqlx::AssertSqlSafe;

/// `false` when the gift has this credit already.
pub(in crate::gifts) async fn insert_credit(
    tx: &mut Tx,
    id: CreditId,
    gift: GiftId,
    wanted: &Wanted,
    by: &str,
    now: Timestamp,
) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into soft_credit (id, gift_id, donor_id, kind, amount, note, by_name, at) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict do nothing")
        .bind(id).bind(gift).bind(wanted.donor).bind(wanted.kind).bind(wanted.amount).bind(&wanted.note).bind(by).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(in crate::gifts) async fn delete_credit(tx: &mut Tx, id: CreditId) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("delete from soft_credit where id = $1").bind(id).execute(conn).await.map(drop))
}

/// A gift's credits with the names of those who have them.
pub(in crate::gifts) async fn credits_of_gift(tx: &mut Tx, gift: GiftId) -> sqlx::Result<Vec<Credit>> {
    let sql = format!(
        "select x.id, x.gift_id, x.donor_id, d.name, x.kind, x.amount, x.currency, x.given_on, x.note
         from (select c.id, c.gift_id, c.donor_id, c.kind, c.amount, c.note, g.currency, g.given_on
               from soft_credit c join gift g on g.id = c.gift_id where c.gift_id = $1) x {JOIN} order by d.name, x.id"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(gift).fetch_all(conn).await)
}

/// A donor's credits for received gifts of others, with the names of those who gave, the newest first.
pub(in crate::gifts) async fn credits_of_donor(tx: &mut Tx, donor: DonorId, most: i64) -> sqlx::Result<Vec<Credit>> {
    let sql = format!(
        "select x.id, x.gift_id, x.credited as donor_id, d.name, x.kind, x.amount, x.currency, x.given_on, x.note
         from (select c.id, c.gift_id, c.donor_id as credited, g.donor_id, c.kind, c.amount, c.note, g.currency, g.given_on, g.shown_at
               from soft_credit c join gift g on g.id = c.gift_id where c.donor_id = $1 and g.state = 'settled') x {JOIN}
         order by x.shown_at desc, x.id limit $2"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(donor).bind(most).fetch_all(conn).await)
}

/// What a donor's credits come to, apart from what they gave themselves: of received gifts, and never more than
/// what is left of one.
pub(in crate::gifts) async fn credit_sums(tx: &mut Tx, donor: DonorId) -> sqlx::Result<Vec<(Currency, i64, Cents)>> {
    on!(tx, conn => sqlx::query_as(
        "select g.currency, count(*), cast(sum(case when g.refunded >= g.intended then 0
                when g.intended - g.refunded < c.amount then g.intended - g.refunded else c.amount end) as bigint)
         from soft_credit c join gift g on g.id = c.gift_id where c.donor_id = $1 and g.state = 'settled' group by g.currency order by g.currency")
        .bind(donor)
        .fetch_all(conn).await)
}
