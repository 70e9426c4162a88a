//! Thanks by a person, beside the receipt that goes out by itself: what waits, letters by mail and on paper, and what
//! needs no thanks. Each act is a batch that can be taken back. It refuses to thank twice, and to touch a gift that
//! somebody else has dealt with meanwhile: that one is left as it is.
use super::{BatchId, Gift, GiftId, TemplateId, merge, queries};
use crate::{
    app::App,
    audit,
    kernel::{Cents, Currency, Day, Email, Timestamp, words},
    mail::{self, Class, letter},
    staff::Staff,
    web::Error,
};

words! {
    /// What became of the thanks for a gift.
    pub enum Ack {
        Thanked = "thanked", "Thanked";
        DoNot = "do_not", "Not to be thanked";
    }
}

words! {
    /// How somebody was thanked.
    pub enum Way {
        Email = "email", "By e-mail";
        Print = "print", "On paper";
        Call = "call", "By phone";
        Person = "person", "In person or otherwise";
    }
}

words! {
    /// What a batch did.
    pub enum BatchKind {
        Letters = "letters", "Letters of thanks";
        Thanked = "thanked", "Marked as thanked";
        DoNot = "do_not", "Marked as not to be thanked";
    }
}

/// One row of `thanks_batch`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Batch {
    pub id: BatchId,
    pub what: BatchKind,
    pub template_id: Option<TemplateId>,
    pub version: Option<i64>,
    pub gifts: i64,
    pub by_name: String,
    pub at: Timestamp,
    pub undone_at: Option<Timestamp>,
}

/// A letter as it stands now.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Template {
    pub id: TemplateId,
    pub name: String,
    pub version: i64,
    pub subject: String,
    pub body: String,
    pub by_name: String,
    pub at: Timestamp,
}

/// A gift in the queue of thanks, with what a letter needs.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct ThanksRow {
    pub id: GiftId,
    pub donor: String,
    pub email: Option<Email>,
    pub address: Option<String>,
    pub fund: String,
    pub intended: Cents,
    pub currency: Currency,
    pub given_on: Day,
    pub tribute_kind: Option<super::TributeKind>,
    pub tribute_name: Option<String>,
    pub shown_at: Timestamp,
    pub thanked_at: Option<Timestamp>,
    pub state: Option<Ack>,
    pub way: Option<Way>,
    pub by_name: Option<String>,
    /// How many notes of calls there are.
    pub notes: i64,
}

impl ThanksRow {
    /// By mail where there is an address, else on paper.
    pub(super) const fn way(&self) -> Way {
        if self.email.is_some() { Way::Email } else { Way::Print }
    }

    fn values(&self, sender: &str, coalition: &str) -> merge::Values {
        let tribute = self.tribute_kind.zip(self.tribute_name.as_ref()).map(|(kind, name)| format!("{} {name}", kind.label()));
        [
            self.donor.clone(),
            self.intended.of(self.currency).to_string(),
            self.given_on.words(),
            self.fund.clone(),
            tribute.unwrap_or_default(),
            sender.to_owned(),
            coalition.to_owned(),
        ]
    }

    /// Subject and body of this donor's letter.
    pub(super) fn letter(&self, template: &Template, sender: &str, coalition: &str) -> (String, String) {
        let values = self.values(sender, coalition);
        (merge::fill(&template.subject, &values), merge::fill(&template.body, &values))
    }
}

/// A letter as it went out.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Sent {
    pub gift_id: GiftId,
    pub way: Way,
    pub name: String,
    pub address: Option<String>,
    pub subject: String,
    pub body: String,
}

/// Somebody called, or wants something remembered.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Note {
    pub on_day: Day,
    pub words: String,
    pub by_name: String,
}

/// Marks those of these gifts that wait as dealt with; the batch, and how many they were.
pub(super) async fn mark(app: &App, staff: &Staff, gifts: &[GiftId], as_done: Option<Way>) -> Result<(BatchId, i64), Error> {
    let now = app.clock.now();
    let what = if as_done.is_some() { BatchKind::Thanked } else { BatchKind::DoNot };
    let batch = Batch {
        id: BatchId::new(),
        what,
        template_id: None,
        version: None,
        gifts: 0,
        by_name: staff.name.clone(),
        at: now,
        undone_at: None,
    };
    let mut tx = app.db.write().await?;
    queries::insert_batch(&mut tx, &batch).await?;
    queries::acknowledge(&mut tx, &batch, gifts, as_done).await?;
    let count = queries::settle_batch(&mut tx, batch.id).await?;
    if count == 0 {
        return Err(Error::Conflict("Somebody has dealt with these gifts already. Nothing was changed.".to_owned()));
    }
    let told = serde_json::json!({ "gifts": gifts, "way": as_done });
    let action = if as_done.is_some() { "thank" } else { "leave_unthanked" };
    audit::record(&mut tx, &staff.actor(), action, ("thanks_batch", &batch.id.to_string()), None::<&()>, Some(&told), now)
        .await?;
    tx.commit().await?;
    Ok((batch.id, count))
}

/// Writes the letter to each of these donors: by mail where there is an address, else to be printed.
pub(super) async fn write(app: &App, staff: &Staff, template: &Template, gifts: &[GiftId]) -> Result<BatchId, Error> {
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let batch = Batch {
        id: BatchId::new(),
        what: BatchKind::Letters,
        template_id: Some(template.id),
        version: Some(template.version),
        gifts: 0,
        by_name: staff.name.clone(),
        at: now,
        undone_at: None,
    };
    let mut tx = app.db.write().await?;
    let rows = queries::to_write(&mut tx, gifts).await?;
    queries::insert_batch(&mut tx, &batch).await?;
    for way in [Way::Email, Way::Print] {
        let some: Vec<_> = rows.iter().filter(|row| row.way() == way).map(|row| row.id).collect();
        queries::acknowledge(&mut tx, &batch, &some, Some(way)).await?;
    }
    let count = queries::settle_batch(&mut tx, batch.id).await?;
    if count == 0 {
        return Err(Error::Conflict("Somebody has dealt with these gifts already. No letter was written.".to_owned()));
    }
    let mine = queries::gifts_of_batch(&mut tx, batch.id).await?;
    for row in rows.iter().filter(|row| mine.contains(&row.id)) {
        let (subject, body) = row.letter(template, &staff.name, &coalition.name);
        let sent = Sent { gift_id: row.id, way: row.way(), name: row.donor.clone(), address: row.address.clone(), subject, body };
        queries::insert_letter(&mut tx, batch.id, &sent).await?;
        if let Some(email) = &row.email {
            let paragraphs = sent.body.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
            let words = paragraphs.fold(letter(&sent.subject), mail::Draft::line).sign("");
            mail::send(&mut tx, email, Class::Transactional, ("gift", &row.id.to_string()), &words, now).await?;
        }
    }
    let told = serde_json::json!({ "template": template.name, "version": template.version, "gifts": mine });
    audit::record(
        &mut tx,
        &staff.actor(),
        "write_letters",
        ("thanks_batch", &batch.id.to_string()),
        None::<&()>,
        Some(&told),
        now,
    )
    .await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(batch.id)
}

/// Takes a batch back: its gifts wait again. Mails that left stay where they are.
pub(super) async fn undo(app: &App, staff: &Staff, id: BatchId) -> Result<i64, Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if !queries::undo_batch(&mut tx, id, now).await? {
        return Err(Error::Conflict("This was taken back already.".to_owned()));
    }
    let count = queries::release(&mut tx, id).await?;
    audit::record(&mut tx, &staff.actor(), "take_back_thanks", ("thanks_batch", &id.to_string()), None::<&()>, Some(&count), now)
        .await?;
    tx.commit().await?;
    Ok(count)
}

/// Lets one gift wait again, whatever was done about it.
pub(super) async fn wait_again(app: &App, staff: &Staff, gift: &Gift) -> Result<(), Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    if queries::release_gift(&mut tx, gift.id).await? {
        let id = gift.id.to_string();
        audit::record(&mut tx, &staff.actor(), "take_back_thanks", ("gift", &id), Some(&gift.thanked_at), None::<&()>, now)
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Notes a call.
pub(super) async fn note(app: &App, staff: &Staff, gift: GiftId, on_day: Day, words: &str) -> Result<(), Error> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let note = Note { on_day, words: words.to_owned(), by_name: staff.name.clone() };
    queries::insert_note(&mut tx, gift, &note, now).await?;
    let told = serde_json::json!({ "on": on_day, "words": words });
    audit::record(&mut tx, &staff.actor(), "note_call", ("gift", &gift.to_string()), None::<&()>, Some(&told), now).await?;
    tx.commit().await?;
    Ok(())
}
