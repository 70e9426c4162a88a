//! Whom a tribute is told to. The letter says who gave and for whom, and never how much. It refuses to tell of a gift
//! that has not been received, and to tell the same person twice by one notice.
use super::{Gift, GiftId, GiftState, NoticeId, TributeKind, acknowledge::Way, queries};
use crate::{
    app::App,
    audit, donors,
    kernel::{Email, Timestamp},
    mail::{self, Class, letter},
    staff::Staff,
    web::Error,
};

/// One row of `tribute_notice`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Notice {
    pub id: NoticeId,
    pub gift_id: GiftId,
    pub to_name: String,
    pub email: Option<Email>,
    pub address: Option<String>,
    /// What the donor wants said; may be empty.
    pub words: String,
    pub way: Option<Way>,
    pub sent_at: Option<Timestamp>,
    /// As it was sent.
    pub subject: Option<String>,
    pub body: Option<String>,
}

impl Notice {
    /// Subject and body: as sent, or as they would be.
    pub(super) fn letter(&self, gift: &Gift, donor: &str, coalition: &str) -> (String, String) {
        if let (Some(subject), Some(body)) = (&self.subject, &self.body) {
            return (subject.clone(), body.clone());
        }
        let name = gift.tribute_name.as_deref().unwrap_or_default();
        let kind = gift.tribute_kind.unwrap_or(TributeKind::Honor).label().to_lowercase();
        let own = if self.words.is_empty() { String::new() } else { format!("{}\n\n", self.words) };
        let body = format!(
            "Dear {},\n\n{donor} has made a gift to {coalition} {kind} {name}.\n\n{own}With kind regards,\n{coalition}",
            self.to_name
        );
        (format!("A gift {kind} {name}"), body)
    }
}

/// Writes down whom to tell.
pub(super) async fn add(app: &App, staff: &Staff, notice: &Notice) -> Result<(), Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    queries::insert_notice(&mut tx, notice, &staff.name, now).await?;
    let told =
        serde_json::json!({ "to": notice.to_name, "email": notice.email, "address": notice.address, "words": notice.words });
    let gift = notice.gift_id.to_string();
    audit::record(&mut tx, &staff.actor(), "add_tribute_notice", ("gift", &gift), None::<&()>, Some(&told), now).await?;
    tx.commit().await?;
    Ok(())
}

/// Mails the letter where there is an address for mail; else notes that it was printed.
pub(super) async fn send(app: &App, staff: &Staff, gift: &Gift, id: NoticeId) -> Result<Way, Error> {
    if gift.state != GiftState::Settled {
        return Err(Error::Conflict("This gift has not been received, so nobody is told of it yet.".to_owned()));
    }
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let mut tx = app.db.write().await?;
    let notice = queries::notice_by_id(&mut tx, id).await?.filter(|notice| notice.gift_id == gift.id).ok_or(Error::NotFound)?;
    let donor = giver(&mut tx, gift).await?;
    let (subject, body) = notice.letter(gift, &donor, &coalition.name);
    let way = if notice.email.is_some() { Way::Email } else { Way::Print };
    if !queries::send_notice(&mut tx, id, way, (&subject, &body), now).await? {
        return Err(Error::Conflict("This letter was sent already.".to_owned()));
    }
    let record = ("gift", &*gift.id.to_string());
    if let Some(email) = &notice.email {
        let words = body.split("\n\n").fold(letter(&subject), mail::Draft::line).sign("");
        mail::send(&mut tx, email, Class::Transactional, record, &words, now).await?;
    }
    audit::record(&mut tx, &staff.actor(), "send_tribute_notice", record, None::<&()>, Some(&notice.to_name), now).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(way)
}

/// Takes away a notice that was not sent.
pub(super) async fn remove(app: &App, staff: &Staff, gift: &Gift, id: NoticeId) -> Result<(), Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let notice = queries::notice_by_id(&mut tx, id).await?.filter(|notice| notice.gift_id == gift.id).ok_or(Error::NotFound)?;
    if !queries::delete_notice(&mut tx, id).await? {
        return Err(Error::Conflict("This letter was sent; it stays on record.".to_owned()));
    }
    let record = ("gift", &*gift.id.to_string());
    audit::record(&mut tx, &staff.actor(), "remove_tribute_notice", record, Some(&notice.to_name), None::<&()>, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The name that may be told.
pub(super) async fn giver(tx: &mut crate::db::Tx, gift: &Gift) -> Result<String, Error> {
    if queries::is_anonymous(tx, gift.id).await? {
        return Ok("Somebody who wishes to stay unnamed".to_owned());
    }
    Ok(donors::by_id(tx, gift.donor_id).await?.ok_or(Error::NotFound)?.name)
}
