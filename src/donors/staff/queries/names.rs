//! Who donors are, many at once, for files.
use crate::{
    db::{Conditions, Tx, bound, on},
    donors::DonorId,
};
use sqlx::AssertSqlSafe;

/// Asked for with one statement, which is always the same.
const AT_ONCE: usize = 500;
/// Ends a cell and a row. No text on record holds a control character.
const CELL: char = '\u{1f}';
const ROW: char = '\u{1e}';

/// Name and e-mail address, empty without one, of each of these donors who is on record, in any order.
pub async fn names_of(tx: &mut Tx, ids: &[DonorId]) -> sqlx::Result<Vec<(DonorId, String, String)>> {
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let last = some.last().copied();
        let places = vec!["{}"; AT_ONCE].join(", ");
        let mut which = Conditions::default();
        which.and(
            &format!("id in ({places})"),
            some.iter().copied().chain(last.into_iter().cycle()).take(AT_ONCE).map(|id| id.to_string().into()),
        );
        let (cell, row) = (which.place(CELL.to_string()), which.place(ROW.to_string()));
        let sql = format!(
            "select coalesce(string_agg(id || {cell} || name || {cell} || coalesce(email, ''), {row}), '') from donor{}",
            which.sql()
        );
        let text: String =
            on!(&mut *tx, conn => bound!(sqlx::query_scalar(AssertSqlSafe(sql)), which.values()).fetch_one(conn).await)?;
        all.extend(text.split(ROW).filter_map(|line| {
            let mut cells = line.splitn(3, CELL);
            Some((cells.next()?.parse().ok()?, cells.next()?.to_owned(), cells.next()?.to_owned()))
        }));
    }
    Ok(all)
}
