//! Making two donors one, and two again. The merged donor keeps its row, address and customer, and leads to the
//! survivor; rows that name a donor change hands, and which did is remembered.
//!
//! Donors know no gifts: each room says in [`Held`]s which of its tables name donors, and whoever knows them all hands
//! them in. It refuses a donor that was merged already, two organizations for one donor, and to undo what something
//! since has made wrong.
use super::{
    DonorId, DonorKind,
    care::{self, More},
    queries,
};
use crate::{
    db::Tx,
    kernel::{Email, Timestamp, id},
    mail,
};

pub use queries::merge::{Merge, by_id as merge_by_id, of_donor as merges_of, survivor_of};

id!(
    /// Names one row of `donor_merge`.
    MergeId
);

/// A column of a table that names a donor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub table: &'static str,
    pub column: &'static str,
    /// Names a row among those of one donor.
    pub key: &'static str,
    pub(super) once: Once,
    /// The column that says when a row was made, where a row made after a merge forbids to undo it, and why.
    pub(super) since: Option<(&'static str, &'static str)>,
}

/// How many rows of a table one donor may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Once {
    /// Any number: all move.
    Any,
    /// One for each key: what the survivor has too stays behind.
    PerKey,
    /// One: it stays behind when the survivor has its own.
    PerDonor,
    /// They are about the row itself, or are made anew.
    Stays,
}

impl Held {
    /// `donor_id` of these rows changes hands.
    pub const fn moves(table: &'static str, key: &'static str) -> Self {
        Self { table, column: "donor_id", key, once: Once::Any, since: None }
    }

    /// A donor has at most one row for each key.
    #[must_use]
    pub const fn once_per_key(mut self) -> Self {
        self.once = Once::PerKey;
        self
    }

    /// A donor has at most one row.
    #[must_use]
    pub const fn once_per_donor(mut self) -> Self {
        self.once = Once::PerDonor;
        self
    }

    /// The rows stay with the merged donor: they are made anew, or tell of it as it was.
    pub const fn stays(table: &'static str) -> Self {
        Self { table, column: "donor_id", key: "donor_id", once: Once::Stays, since: None }
    }

    #[must_use]
    pub const fn by(mut self, column: &'static str) -> Self {
        self.column = column;
        self
    }

    /// A row made after a merge forbids to undo it, for this reason: `A gift was begun`.
    #[must_use]
    pub const fn forbids_undo(mut self, made: &'static str, why: &'static str) -> Self {
        self.since = Some((made, why));
        self
    }
}

/// The donors' own tables that name a donor.
pub const HELD: &[Held] = &[
    Held::moves("donor", "id").by("merged_into"),
    Held::moves("donor_organization", "organization_id").once_per_donor(),
    Held::moves("donor_postal", "id"),
    Held::moves("donor_other_email", "email").once_per_key(),
    Held::moves("household_member", "household_id").once_per_donor(),
    Held::moves("household_member", "donor_id").by("household_id"),
    Held::moves("donor_tag", "tag").once_per_key(),
    Held::moves("donor_note", "id"),
    Held::moves("donor_task", "id"),
    Held::stays("donor_total"),
    Held::stays("donor_year"),
    Held::stays("donor_match"),
    Held::stays("donor_distinct").by("one_id"),
    Held::stays("donor_distinct").by("other_id"),
    Held::stays("donor_merge").by("survivor_id"),
    Held::stays("donor_merge").by("merged_id"),
    Held::stays("donor_key"),
];

/// What is known about a donor, as a merge chooses it and its undoing puts it back.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::FromRow)]
pub struct Details {
    pub kind: DonorKind,
    pub name: String,
    pub email: Option<Email>,
    pub address: Option<String>,
    pub gateway_customer: Option<String>,
    pub consent_updates: bool,
    pub consent_at: Option<Timestamp>,
    #[serde(flatten)]
    #[sqlx(flatten)]
    pub more: More,
}

/// Why nothing was merged, or undone: the sentence is for staff.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("{0}")]
    Because(String),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

fn because(sentence: impl Into<String>) -> Refused {
    Refused::Because(sentence.into())
}

fn moving(held: &[Held]) -> Vec<Held> {
    held.iter().filter(|held| held.once != Once::Stays).copied().collect()
}

/// What is known of both, held until the transaction ends.
pub async fn hold_both(tx: &mut Tx, survivor: DonorId, merged: DonorId) -> Result<(Details, Details), Refused> {
    if survivor == merged {
        return Err(because("A donor can’t be merged into itself."));
    }
    for id in [survivor.min(merged), survivor.max(merged)] {
        queries::hold(tx, id).await?;
        match survivor_of(tx, id).await? {
            Some(standing) if standing == id => {}
            Some(_) => return Err(because("One of the two was merged meanwhile. Look at the other one.")),
            None => return Err(because("One of the two donors is not there.")),
        }
    }
    let ties = (queries::organization_of(tx, survivor).await?, queries::organization_of(tx, merged).await?);
    if let (Some(one), Some(other)) = ties
        && one != other
    {
        return Err(because("The two are tied to different organizations of the roll. Untie one of them first."));
    }
    for (one, other) in [(survivor, merged), (merged, survivor)] {
        if queries::reach::belongs(tx, one).await?.of.is_some_and(|household| household.id == other) {
            return Err(because("One of the two is the household that the other belongs to. Take the member out first."));
        }
    }
    Ok((queries::merge::details(tx, survivor).await?, queries::merge::details(tx, merged).await?))
}

/// Moves every row, and makes the survivor what was chosen. Both are held; totals are the caller's to make anew.
pub async fn merge(
    tx: &mut Tx,
    (survivor, merged): (DonorId, DonorId),
    (before, merged_before): (&Details, &Details),
    chosen: &Details,
    held: &[Held],
    (who, now): (&str, Timestamp),
) -> Result<MergeId, Refused> {
    let id = MergeId::new();
    queries::merge::insert(tx, id, (survivor, merged), (before, chosen, merged_before), (who, now)).await?;
    for held in moving(held) {
        queries::merge::move_rows(tx, id, &held, merged, survivor).await?;
    }
    let swapped = merged_before.email.is_some() && chosen.email == merged_before.email;
    let left =
        Details { email: if swapped { before.email.clone() } else { merged_before.email.clone() }, ..merged_before.clone() };
    queries::merge::put_both(tx, (survivor, chosen), (merged, &left, Some(survivor))).await?;
    queries::rematch(tx, &[survivor, merged]).await?;
    mail::lift_refusals(tx, &merged.to_string()).await?;
    care::tell_outbox(tx, survivor).await?;
    Ok(id)
}

/// Puts everything back as it was. Both are held then; totals are the caller's to make anew.
pub async fn undo(tx: &mut Tx, merge: &Merge, held: &[Held], (who, now): (&str, Timestamp)) -> Result<(), Refused> {
    let (survivor, merged) = (merge.survivor_id, merge.merged_id);
    for id in [survivor.min(merged), survivor.max(merged)] {
        queries::hold(tx, id).await?;
    }
    let (before, after) = (merge.details(&merge.survivor_before)?, merge.details(&merge.survivor_after)?);
    let merged_before = merge.details(&merge.merged_before)?;
    if survivor_of(tx, survivor).await? != Some(survivor) {
        return Err(because(format!("{} was itself merged into another donor since. Undo that merge first.", after.name)));
    }
    if !queries::merge::mark_undone(tx, merge.id, who, now).await? {
        return Err(because("This merge was undone already."));
    }
    for held in held {
        if let Some((made, why)) = held.since
            && queries::merge::was_made_since(tx, held, made, survivor, merge.merged_at).await?
        {
            return Err(because(format!("{why} since the merge, and nothing says whose it is. The merge stands.")));
        }
    }
    if queries::merge::details(tx, survivor).await? != after {
        return Err(because(format!("The details of {} were changed since the merge. The merge stands.", after.name)));
    }
    for held in moving(held) {
        if !queries::merge::take_rows_back(tx, merge.id, &held, merged, survivor).await? {
            return Err(because(format!(
                "Something that came from {} was removed or given to another donor since. The merge stands.",
                merged_before.name
            )));
        }
    }
    queries::merge::put_both(tx, (survivor, &before), (merged, &merged_before, None)).await?;
    queries::rematch(tx, &[survivor, merged]).await?;
    care::tell_outbox(tx, survivor).await?;
    care::tell_outbox(tx, merged).await?;
    Ok(())
}
