use crate::{
    db::{Tx, on},
    gifts::{Campaign, CampaignId, Fund, FundId, FundUse},
    kernel::{Cents, Currency},
};

/// How many gifts and recurring gifts name each fund that has any.
pub(in crate::gifts) async fn fund_uses(tx: &mut Tx) -> sqlx::Result<Vec<FundUse>> {
    on!(tx, conn => sqlx::query_as(
        "select f.id, (select count(*) from gift g where g.fund_id = f.id)
                    + (select count(*) from gift_part p where p.fund_id = f.id and p.position > 1) as gifts,
                (select count(*) from recurring_gift r where r.fund_id = f.id and r.state in ('active', 'past_due')) as recurring
         from fund f")
        .fetch_all(conn).await)
}

/// Changes what donors read about a fund and whether they are offered it; its slug and place stay.
pub(in crate::gifts) async fn update_fund(tx: &mut Tx, fund: &Fund) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update fund set name = $2, description = $3, restriction = $4, open = $5 where id = $1")
        .bind(fund.id).bind(&fund.name).bind(&fund.description).bind(fund.restriction).bind(fund.open)
        .execute(conn).await.map(drop))
}

/// Numbers the places of funds from 0, in the order they stand.
pub(in crate::gifts) async fn number_fund_places(tx: &mut Tx) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "update fund set position = (select place - 1 from
             (select id, row_number() over (order by position, name) as place from fund) placed where placed.id = fund.id)")
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn set_fund_place(tx: &mut Tx, id: FundId, place: i64) -> sqlx::Result<()> {
    tx.site_changed();
    on!(tx, conn => sqlx::query("update fund set position = $2 where id = $1").bind(id).bind(place).execute(conn).await.map(drop))
}

/// Changes a campaign. `false` when another has its slug.
pub(in crate::gifts) async fn update_campaign(tx: &mut Tx, campaign: &Campaign) -> sqlx::Result<bool> {
    tx.site_changed();
    on!(tx, conn => sqlx::query(
        "update campaign set slug = $2, name = $3, goal = $4, starts_on = $5, ends_on = $6, story = $7
         where id = $1 and not exists (select 1 from campaign other where other.slug = $2 and other.id <> $1)")
        .bind(campaign.id).bind(&campaign.slug).bind(&campaign.name).bind(campaign.goal.map(Cents::get))
        .bind(campaign.starts_on).bind(campaign.ends_on).bind(&campaign.story)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// How many settled gifts in a currency came from a campaign, and what they come to: intended, less refunds.
pub(in crate::gifts) async fn raised(tx: &mut Tx, id: CampaignId, currency: Currency) -> sqlx::Result<(i64, Cents)> {
    on!(tx, conn => sqlx::query_as(
        "select count(*), cast(coalesce(sum(case when refunded > intended then 0 else intended - refunded end), 0) as bigint)
         from gift where campaign_id = $1 and currency = $2 and state = 'settled'")
        .bind(id).bind(currency)
        .fetch_one(conn).await)
}
