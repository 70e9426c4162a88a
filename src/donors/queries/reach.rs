use crate::{
    db::{Tx, on},
    donors::{
        DonorId,
        reach::{Belongs, EmailId, OtherEmail, Place, PlaceId, Relative},
    },
    kernel::{Day, Email, Timestamp},
};

/// A donor's postal addresses: those that hold first, then the former ones.
pub async fn places_of(tx: &mut Tx, donor: DonorId) -> sqlx::Result<Vec<Place>> {
    on!(tx, conn => sqlx::query_as(
        "select id, lines, city, state, zip, country, from_day, to_day from donor_postal where donor_id = $1
         order by (case when to_day is null then 0 else 1 end), id limit 100")
        .bind(donor)
        .fetch_all(conn).await)
}

pub async fn add_place(tx: &mut Tx, donor: DonorId, place: &Place) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into donor_postal (id, donor_id, lines, city, state, zip, country, from_day, to_day)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(place.id).bind(donor).bind(&place.lines).bind(&place.city).bind(&place.state).bind(&place.zip).bind(&place.country)
        .bind(place.from_day).bind(place.to_day)
        .execute(conn).await.map(drop))
}

pub(in crate::donors) async fn put_address(tx: &mut Tx, donor: DonorId, address: &str) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update donor set address = $2 where id = $1").bind(donor).bind(address).execute(conn).await.map(drop))
}

/// Says until when an address held. `false` when it ended before or began later.
pub async fn end_place(tx: &mut Tx, donor: DonorId, id: PlaceId, day: Day) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update donor_postal set to_day = $3 where id = $1 and donor_id = $2 and to_day is null and coalesce(from_day, $3) <= $3")
        .bind(id).bind(donor).bind(day)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// A donor's further e-mail addresses: those that hold first.
pub async fn emails_at(tx: &mut Tx, donor: DonorId) -> sqlx::Result<Vec<OtherEmail>> {
    on!(tx, conn => sqlx::query_as(
        "select id, email, from_day, to_day from donor_other_email where donor_id = $1
         order by (case when to_day is null then 0 else 1 end), email limit 100")
        .bind(donor)
        .fetch_all(conn).await)
}

/// `false` when the donor has it.
pub async fn add_email(tx: &mut Tx, donor: DonorId, email: &Email, from: Option<Day>) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into donor_other_email (id, donor_id, email, from_day) values ($1, $2, $3, $4) on conflict do nothing")
        .bind(EmailId::new()).bind(donor).bind(email).bind(from)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Says until when an address held. `false` when it ended before or began later.
pub async fn end_email(tx: &mut Tx, donor: DonorId, id: EmailId, day: Day) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update donor_other_email set to_day = $3 where id = $1 and donor_id = $2 and to_day is null and coalesce(from_day, $3) <= $3")
        .bind(id).bind(donor).bind(day)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Takes a further address off the list, because it becomes the donor's own; the former one, if any, takes its place.
pub async fn prefer_email(tx: &mut Tx, donor: DonorId, id: EmailId, former: Option<&Email>) -> sqlx::Result<()> {
    on!(&mut *tx, conn => sqlx::query("delete from donor_other_email where donor_id = $1 and (id = $2 or email = $3)")
        .bind(donor).bind(id).bind(former)
        .execute(conn).await.map(drop))?;
    match former {
        Some(former) => add_email(tx, donor, former, None).await.map(drop),
        None => Ok(()),
    }
}

/// How many further addresses a donor has, of both kinds.
pub async fn count_addresses(tx: &mut Tx, donor: DonorId) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar(
        "select cast((select count(*) from donor_postal where donor_id = $1) + (select count(*) from donor_other_email where donor_id = $1) as bigint)")
        .bind(donor)
        .fetch_one(conn).await)
}

pub async fn belongs(tx: &mut Tx, donor: DonorId) -> sqlx::Result<Belongs> {
    let members: Vec<Relative> = on!(&mut *tx, conn => sqlx::query_as(
        "select d.id, d.name from household_member m join donor d on d.id = m.donor_id where m.household_id = $1 order by d.search, d.id")
        .bind(donor)
        .fetch_all(conn).await)?;
    let of = on!(tx, conn => sqlx::query_as(
        "select d.id, d.name from household_member m join donor d on d.id = m.household_id where m.donor_id = $1")
        .bind(donor)
        .fetch_optional(conn).await)?;
    Ok(Belongs { members, of })
}

/// `false` when they belong to one already.
pub async fn join_household(tx: &mut Tx, household: DonorId, member: DonorId, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into household_member (donor_id, household_id, since) values ($1, $2, $3) on conflict do nothing")
        .bind(member).bind(household).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when they do not belong to it.
pub async fn leave_household(tx: &mut Tx, household: DonorId, member: DonorId) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("delete from household_member where donor_id = $1 and household_id = $2")
        .bind(member).bind(household)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
