//! What staff keep in mind about a donor: how to reach them and how not to, tags, dated notes, tasks.
//!
//! A donor who is not to be written to, or who died, gets no updates and no appeals: the outbox is told, address by
//! address, in the same transaction. Receipts go on. It refuses an empty note and a task without a day.
use super::{DonorId, queries};
use crate::{
    db::Tx,
    kernel::{Day, Timestamp, id, words},
    mail::{self, Class},
    staff::StaffId,
};

pub use queries::care::{
    add_note, add_task, due_by, finish_task, more_of, notes_of, open_tasks, set_tags, tags, tags_of, tasks_of,
};

id!(
    /// Names one row of `donor_note`.
    NoteId
);
id!(
    /// Names one row of `donor_task`.
    TaskId
);

words! {
    /// A way to reach somebody.
    pub enum Channel {
        Mail = "mail", "by mail";
        Email = "email", "by e-mail";
        Phone = "phone", "by phone";
    }
}

/// What is known of a donor beside the contact details of [`super::Donor`].
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::FromRow)]
#[serde(default)]
pub struct More {
    pub phone: Option<String>,
    /// As a letter begins: `Dear Ada and Charles`.
    pub greeting: Option<String>,
    pub deceased_on: Option<Day>,
    /// Not to be reached in these ways.
    pub no_mail: bool,
    pub no_email: bool,
    pub no_phone: bool,
}

impl More {
    /// In which ways they are not to be reached.
    pub fn refused(&self) -> Vec<Channel> {
        [(self.no_mail, Channel::Mail), (self.no_email, Channel::Email), (self.no_phone, Channel::Phone)]
            .into_iter()
            .filter_map(|(no, channel)| no.then_some(channel))
            .collect()
    }

    /// Why neither updates nor appeals go to their addresses; `None` when they may.
    pub fn no_updates(&self) -> Option<&'static str> {
        if self.deceased_on.is_some() {
            Some("The donor has died.")
        } else if self.no_email {
            Some("The donor does not want to be written to by e-mail.")
        } else {
            None
        }
    }

    /// The stricter of two: what either refuses stays refused.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self {
            phone: self.phone.clone().or_else(|| other.phone.clone()),
            greeting: self.greeting.clone().or_else(|| other.greeting.clone()),
            deceased_on: self.deceased_on.or(other.deceased_on),
            no_mail: self.no_mail || other.no_mail,
            no_email: self.no_email || other.no_email,
            no_phone: self.no_phone || other.no_phone,
        }
    }
}

/// Writes it down, and tells the outbox.
pub async fn set_more(tx: &mut Tx, id: DonorId, more: &More) -> sqlx::Result<()> {
    queries::care::put_more(tx, id, more).await?;
    tell_outbox(tx, id).await
}

/// Tells the outbox which of a donor's addresses are not to be written to; after any of them changed, too.
pub async fn tell_outbox(tx: &mut Tx, id: DonorId) -> sqlx::Result<()> {
    let subject = id.to_string();
    mail::lift_refusals(tx, &subject).await?;
    let more = queries::care::more_of(tx, id).await?;
    let Some(why) = more.no_updates() else { return Ok(()) };
    let emails = queries::care::all_emails(tx, id).await?;
    mail::refuse(tx, &emails, &[Class::Updates, Class::Fundraising], &subject, why).await
}

/// One note about a donor.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Note {
    pub id: NoteId,
    pub day: Day,
    pub words: String,
    pub written_by: String,
}

/// Something to be done about a donor.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Task {
    pub id: TaskId,
    pub donor_id: DonorId,
    pub donor: String,
    pub what: String,
    pub due_day: Day,
    pub assignee_id: StaffId,
    pub done_at: Option<Timestamp>,
    pub done_by: Option<String>,
}

/// A tag as it is kept: lower case, one line, at most 40 letters; `None` when nothing is left.
pub fn tag(typed: &str) -> Option<String> {
    let tag: String = crate::kernel::text::line(typed).to_lowercase().chars().take(40).collect();
    Some(tag.trim().to_owned()).filter(|tag| !tag.is_empty())
}
