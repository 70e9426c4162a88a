use crate::{
    db::{Conditions, Tx, bound, on},
    donors::staff::JOIN,
    gifts::{
        BatchId, GiftId, NoteId, TemplateId,
        acknowledge::{Ack, Batch, Note, Sent, Template, ThanksRow, Way},
        parts,
    },
    kernel::Timestamp,
};
use sqlx::AssertSqlSafe;

/// A gift `g` that nobody has dealt with.
pub(in crate::gifts) const WAITS: &str = "g.state = 'settled' and g.thanked_at is null
    and not exists (select 1 from acknowledgment a where a.gift_id = g.id)";

const ROW: &str =
    "select g.id, d.name as donor, d.email, d.address, f.name as fund, g.intended, g.currency, g.given_on, g.tribute_kind,
        g.tribute_name, g.shown_at, g.thanked_at, k.state, k.way, k.by_name,
        (select count(*) from thanks_note n where n.gift_id = g.id) as notes";
const FROM: &str = "join fund f on f.id = g.fund_id left join acknowledgment k on k.gift_id = g.id";

/// Gifts that wait for thanks, or with `done` those that were dealt with so; the newest first.
pub(in crate::gifts) async fn thanks_rows(
    tx: &mut Tx,
    done: Option<Ack>,
    key: Option<(&str, &str)>,
    backwards: bool,
    most: i64,
) -> sqlx::Result<Vec<ThanksRow>> {
    let mut all = Conditions::default();
    all.and(
        match done {
            None => WAITS,
            Some(Ack::Thanked) => "g.state = 'settled' and g.thanked_at is not null",
            Some(Ack::DoNot) => "g.state = 'settled' and k.state = 'do_not'",
        },
        [],
    );
    let (way, than) = if backwards { ("asc", ">") } else { ("desc", "<") };
    if let Some((at, id)) = key {
        all.and(&format!("(g.shown_at, g.id) {than} ({{}}, {{}})"), [at.into(), id.into()]);
    }
    let limit = all.place(most);
    let sql = format!("{ROW} from gift g {JOIN} {FROM}{} order by g.shown_at {way}, g.id {way} limit {limit}", all.sql());
    let rows = on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
    named(tx, rows).await
}

/// Those of these gifts that wait, for their letters.
pub(in crate::gifts) async fn to_write(tx: &mut Tx, gifts: &[GiftId]) -> sqlx::Result<Vec<ThanksRow>> {
    if gifts.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Conditions::default();
    let places: Vec<_> = gifts.iter().map(|id| all.place(id.to_string())).collect();
    let sql = format!("{ROW} from gift g {JOIN} {FROM} where g.id in ({}) and {WAITS} order by d.name, g.id", places.join(", "));
    let rows = on!(&mut *tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)?;
    named(tx, rows).await
}

/// Names all funds of split gifts.
async fn named(tx: &mut Tx, mut rows: Vec<ThanksRow>) -> sqlx::Result<Vec<ThanksRow>> {
    parts::name_rows(tx, &mut rows, |row| (row.id, row.currency, &mut row.fund)).await?;
    Ok(rows)
}

pub(in crate::gifts) async fn insert_batch(tx: &mut Tx, batch: &Batch) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into thanks_batch (id, what, template_id, version, gifts, by_name, at) values ($1, $2, $3, $4, 0, $5, $6)")
        .bind(batch.id).bind(batch.what).bind(batch.template_id).bind(batch.version).bind(&batch.by_name).bind(batch.at)
        .execute(conn).await.map(drop))
}

/// Takes those of these gifts that wait into a batch: thanked this way, or without one not to be thanked.
pub(in crate::gifts) async fn acknowledge(tx: &mut Tx, batch: &Batch, gifts: &[GiftId], way: Option<Way>) -> sqlx::Result<()> {
    if gifts.is_empty() {
        return Ok(());
    }
    let mut all = Conditions::default();
    let state = if way.is_some() { Ack::Thanked } else { Ack::DoNot };
    let (state, batch_id) = (all.place(state.as_str()), all.place(batch.id.to_string()));
    let (by, at) = (all.place(batch.by_name.as_str()), all.place(batch.at.to_string()));
    let way = way.map_or_else(|| "null".to_owned(), |way| all.place(way.as_str()));
    let places: Vec<_> = gifts.iter().map(|id| all.place(id.to_string())).collect();
    let sql = format!(
        "insert into acknowledgment (gift_id, state, way, batch_id, by_name, at)
         select g.id, cast({state} as text), cast({way} as text), cast({batch_id} as text), cast({by} as text), cast({at} as text)
         from gift g where g.id in ({}) and {WAITS} on conflict do nothing",
        places.join(", ")
    );
    on!(&mut *tx, conn => bound!(sqlx::query(AssertSqlSafe(sql)), all.values()).execute(conn).await.map(drop))
}

/// Carries a batch over to its gifts, and counts them.
pub(in crate::gifts) async fn settle_batch(tx: &mut Tx, id: BatchId) -> sqlx::Result<i64> {
    on!(&mut *tx, conn => sqlx::query(
        "update gift set thanked_at = (select a.at from acknowledgment a where a.gift_id = gift.id)
         where id in (select a.gift_id from acknowledgment a where a.batch_id = $1 and a.state = 'thanked')")
        .bind(id)
        .execute(conn).await.map(drop))?;
    on!(tx, conn => sqlx::query_scalar(
        "update thanks_batch set gifts = (select count(*) from acknowledgment a where a.batch_id = $1) where id = $1 returning gifts")
        .bind(id)
        .fetch_one(conn).await)
}

pub(in crate::gifts) async fn gifts_of_batch(tx: &mut Tx, id: BatchId) -> sqlx::Result<Vec<GiftId>> {
    on!(tx, conn => sqlx::query_scalar("select gift_id from acknowledgment where batch_id = $1").bind(id).fetch_all(conn).await)
}

pub(in crate::gifts) async fn insert_letter(tx: &mut Tx, batch: BatchId, sent: &Sent) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query(
        "insert into thanks_letter (batch_id, gift_id, way, name, address, subject, body) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind(batch).bind(sent.gift_id).bind(sent.way).bind(&sent.name).bind(&sent.address).bind(&sent.subject).bind(&sent.body)
        .execute(conn).await.map(drop))
}

pub(in crate::gifts) async fn letters_of(tx: &mut Tx, batch: BatchId) -> sqlx::Result<Vec<Sent>> {
    on!(tx, conn => sqlx::query_as(
        "select gift_id, way, name, address, subject, body from thanks_letter where batch_id = $1 order by way desc, name, gift_id")
        .bind(batch)
        .fetch_all(conn).await)
}

const BATCH: &str = "select id, what, template_id, version, gifts, by_name, at, undone_at from thanks_batch";

pub(in crate::gifts) async fn batch_by_id(tx: &mut Tx, id: BatchId) -> sqlx::Result<Option<Batch>> {
    let sql = format!("{BATCH} where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// The newest first.
pub(in crate::gifts) async fn batches(tx: &mut Tx, most: i64) -> sqlx::Result<Vec<Batch>> {
    let sql = format!("{BATCH} order by at desc, id desc limit $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(most).fetch_all(conn).await)
}

/// `false` when it was taken back already.
pub(in crate::gifts) async fn undo_batch(tx: &mut Tx, id: BatchId, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update thanks_batch set undone_at = $2 where id = $1 and undone_at is null").bind(id).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Lets the gifts that are still in a batch wait again; how many.
pub(in crate::gifts) async fn release(tx: &mut Tx, id: BatchId) -> sqlx::Result<i64> {
    on!(&mut *tx, conn => sqlx::query(
        "update gift set thanked_at = null where id in (select a.gift_id from acknowledgment a where a.batch_id = $1)")
        .bind(id)
        .execute(conn).await.map(drop))?;
    let gone = on!(tx, conn => sqlx::query("delete from acknowledgment where batch_id = $1").bind(id)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(i64::try_from(gone).unwrap_or(i64::MAX))
}

/// `false` when the gift waits already.
pub(in crate::gifts) async fn release_gift(tx: &mut Tx, id: GiftId) -> sqlx::Result<bool> {
    let kept = on!(&mut *tx, conn => sqlx::query("delete from acknowledgment where gift_id = $1").bind(id)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    let marked = on!(tx, conn => sqlx::query("update gift set thanked_at = null where id = $1 and thanked_at is not null").bind(id)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(kept + marked > 0)
}

/// What was done about a gift, when a row was kept of it.
pub(in crate::gifts) async fn acknowledgment_of(tx: &mut Tx, id: GiftId) -> sqlx::Result<Option<Ack>> {
    on!(tx, conn => sqlx::query_scalar("select state from acknowledgment where gift_id = $1").bind(id).fetch_optional(conn).await)
}

pub(in crate::gifts) async fn insert_note(tx: &mut Tx, gift: GiftId, note: &Note, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into thanks_note (id, gift_id, on_day, words, by_name, at) values ($1, $2, $3, $4, $5, $6)")
        .bind(NoteId::new()).bind(gift).bind(note.on_day).bind(&note.words).bind(&note.by_name).bind(now)
        .execute(conn).await.map(drop))
}

/// The newest first.
pub(in crate::gifts) async fn notes_of(tx: &mut Tx, gift: GiftId) -> sqlx::Result<Vec<Note>> {
    on!(tx, conn => sqlx::query_as("select on_day, words, by_name from thanks_note where gift_id = $1 order by on_day desc, id desc")
        .bind(gift)
        .fetch_all(conn).await)
}

const TEMPLATE: &str = "select t.id, t.name, v.version, v.subject, v.body, v.by_name, v.at
    from letter_template t join letter_version v on v.template_id = t.id";

/// Every template as it stands now, by name.
pub(in crate::gifts) async fn templates(tx: &mut Tx) -> sqlx::Result<Vec<Template>> {
    let sql = format!(
        "{TEMPLATE} where v.version = (select max(version) from letter_version m where m.template_id = t.id) order by t.name"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await)
}

/// Every version of one, the newest first.
pub(in crate::gifts) async fn versions(tx: &mut Tx, id: TemplateId) -> sqlx::Result<Vec<Template>> {
    let sql = format!("{TEMPLATE} where t.id = $1 order by v.version desc");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(conn).await)
}

/// Adds a template, or gives one another name. `false` when another has the name.
pub(in crate::gifts) async fn put_template(tx: &mut Tx, template: &Template) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into letter_template (id, name, created_at) select $1, $2, $3
         where not exists (select 1 from letter_template o where o.name = $2 and o.id <> $1)
         on conflict (id) do update set name = excluded.name")
        .bind(template.id.to_string()).bind(template.name.as_str()).bind(template.at.to_string())
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when somebody saved this version first.
pub(in crate::gifts) async fn insert_version(tx: &mut Tx, template: &Template) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "insert into letter_version (template_id, version, subject, body, by_name, at) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing")
        .bind(template.id).bind(template.version).bind(&template.subject).bind(&template.body).bind(&template.by_name).bind(template.at)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}
