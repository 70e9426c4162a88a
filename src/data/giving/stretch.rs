//! A stretch of a checked file: its rows read again, what comes of each, and the statements that enter them.
use super::{
    hand::Hand,
    rows::{self, Brought, Ground, Who},
};
use crate::{
    app::App,
    books::BooksError,
    data::{
        Fate, ImportId, Kind, Outcome,
        plan::Typed,
        queries::{self, PlannedRow},
    },
    db::Batch,
    donors::{DonorId, carried::Known},
    gifts::{GiftId, carried::Sums},
    kernel::Month,
};
use std::collections::HashMap;

/// Rows that are read, and written, together: this long somebody waits who wants to write to SQLite too.
const AT_ONCE: i64 = 5_000;

/// Rows that are read and understood, not yet applied.
pub(super) struct Stretch {
    /// The row behind which it begins.
    pub(super) after: i64,
    pub(super) rows: Vec<(PlannedRow, Result<Brought, String>)>,
}

impl Stretch {
    /// Reads the rows behind one.
    pub(super) async fn read(app: App, id: ImportId, kind: Kind, after: i64) -> sqlx::Result<Self> {
        let coalition = app.coalition.get();
        let mut tx = app.db.read().await?;
        let ground = Ground::read(&mut tx, coalition.zone().day(app.clock.now()), coalition.currency).await?;
        let mut rows = queries::stretch(&mut tx, id, after, AT_ONCE).await?;
        drop(tx);
        // A refused last row counts: it says how far the stretch goes.
        let last = rows.last().map(|row| row.row_number);
        rows.retain(|row| row.fate != Fate::Refused || Some(row.row_number) == last);
        let rows = rows.into_iter().map(|row| {
            let brought = sight(&ground, kind, &row);
            (row, brought)
        });
        Ok(Self { after, rows: rows.collect() })
    }

    pub(super) fn last(&self) -> Option<i64> {
        self.rows.last().map(|(row, _)| row.row_number)
    }

    pub(super) fn brought(&self) -> impl Iterator<Item = &Brought> {
        self.rows.iter().filter_map(|(_, brought)| brought.as_ref().ok())
    }

    /// What other systems call its gifts.
    pub(super) fn called(&self) -> Vec<&str> {
        self.brought().filter_map(|brought| brought.given.as_ref()?.called.as_deref()).collect()
    }

    /// Says what comes of its rows, and builds the statements of what enters, with what it adds to the sums. `on_record`
    /// has the gifts of its names that came since the dry run.
    pub(super) fn judge(
        self,
        hand: &mut Hand,
        sums: &mut Sums,
        on_record: &HashMap<String, GiftId>,
        mut batch: Batch,
    ) -> Result<Judged, BooksError> {
        let (mut outcomes, mut refused, mut changes) = (Vec::with_capacity(self.rows.len()), Vec::new(), Vec::new());
        for (row, brought) in self.rows.into_iter().filter(|(row, _)| row.fate != Fate::Refused) {
            let came = |brought: &Brought| {
                let called = brought.given.as_ref().and_then(|given| given.called.as_ref());
                called.is_some_and(|name| on_record.contains_key(name))
            };
            let done = match (brought, row.fate) {
                (Err(reason), _) => Err(reason),
                (Ok(brought), Fate::New) if came(&brought) => Err("A gift of its number came on record.".to_owned()),
                (Ok(brought), Fate::New) => hand.enter(&row, &brought).map(|()| outcomes.push(Outcome::Made)),
                (Ok(brought), _) if hand.run.kind == Kind::Donors => {
                    let meant = hand.meant(&row, &brought.who);
                    meant.map(|known| changes.push(Change { row: row.row_number, known, who: brought.who }))
                }
                (Ok(_), _) => {
                    outcomes.push(Outcome::Left);
                    Ok(())
                }
            };
            if let Err(reason) = done {
                outcomes.push(Outcome::Refused);
                refused.push((row.row_number, reason));
            }
        }
        let taken = hand.take();
        let asked = sums.meet(&taken.gifts, taken.donors.iter().map(|donor| donor.id));
        hand.build(&mut batch, &taken, sums)?;
        Ok(Judged { outcomes, refused, changes, asked, donors: taken.donors.len(), batch })
    }
}

/// What a stored row brings, read again.
fn sight(ground: &Ground, kind: Kind, row: &PlannedRow) -> Result<Brought, String> {
    let typed: Typed = serde_json::from_str(&row.cells).unwrap_or_default();
    rows::read(ground, kind, &typed).brought.map_err(|reasons| reasons.join(" "))
}

/// A donor on record whom a row changes.
pub(super) struct Change {
    pub(super) row: i64,
    pub(super) known: Known,
    pub(super) who: Who,
}

/// What comes of a stretch.
pub(super) struct Judged {
    /// Of its rows, those of `changes` not yet.
    pub(super) outcomes: Vec<Outcome>,
    /// Rows that can't be applied any more, and why.
    pub(super) refused: Vec<(i64, String)>,
    pub(super) changes: Vec<Change>,
    /// Of whom it must be asked whether they gave in the month before.
    pub(super) asked: Vec<(DonorId, Month)>,
    /// How many donors come on record.
    pub(super) donors: usize,
    pub(super) batch: Batch,
}
