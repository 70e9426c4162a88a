//! How donors are found by what somebody types.
use crate::{
    db::{Conditions, Tx, Value, on},
    donors::DonorId,
    kernel::text,
};

/// Adds the donor, as `d`, to rows that have a `donor_id`.
pub const JOIN: &str = " join donor d on d.id = donor_id ";
/// Stands before the rows that have a `donor_id`, so that they are read donor by donor, in order of
/// `d.search, d.id`; the condition that joins the two is the reader's.
pub const FIRST: &str = " donor d cross join ";

const MANY: i64 = 600;

/// What a search is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The first rows in some order.
    Rows,
    /// Everything that is found.
    Sums,
}

/// How to find the donors that words name: a condition on `d`, the joined donor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    conditions: Vec<(String, Vec<Value>)>,
}

impl Found {
    pub fn narrow(&self, conditions: &mut Conditions) {
        for (piece, values) in &self.conditions {
            conditions.and(piece, values.iter().cloned());
        }
    }
}

/// Every word must be in the name or the address: words of three letters and more anywhere, shorter
/// ones at the beginning of a word. Nothing that is typed has a meaning of its own.
pub async fn find(tx: &mut Tx, typed: &str, purpose: Purpose) -> sqlx::Result<Found> {
    let folded = text::fold(&text::line(typed));
    let (long, short) = words(&folded);
    let mut found = Vec::new();
    if let (true, [only]) = (long.is_empty(), short.as_slice()) {
        found.push(match tx {
            // SQLite compares bytes, so what begins so is a stretch of the index.
            Tx::Sqlite(..) => {
                ("d.search >= {} and d.search < {}".to_owned(), vec![Value::from(*only), format!("{only}\u{10ffff}").into()])
            }
            Tx::Postgres(..) => (r"d.search like {} escape '\'".to_owned(), vec![format!("{}%", plain(only)).into()]),
        });
        return Ok(Found { conditions: found });
    }
    found.extend(short.into_iter().map(begins_a_word));
    if long.is_empty() {
        return Ok(Found { conditions: found });
    }
    let anywhere = |word: &&str| (r"d.search like {} escape '\'".to_owned(), vec![Value::from(format!("%{}%", plain(word)))]);
    match tx {
        Tx::Postgres(..) => found.extend(long.iter().map(anywhere)),
        Tx::Sqlite(..) => {
            let phrases = phrases(&long);
            if purpose == Purpose::Rows && are_many(tx, &phrases).await? {
                found.extend(long.iter().map(anywhere));
            } else {
                found.push((
                    "d.id in (select k.donor_id from donor_search join donor_key k on k.number = donor_search.rowid
                              where donor_search match {})"
                        .to_owned(),
                    vec![phrases.into()],
                ));
            }
        }
    }
    Ok(Found { conditions: found })
}

/// What SQLite's index of letters is asked for hits in the order of the names, and what else must hold;
/// `None` when it can't be asked.
pub(super) fn in_order(tx: &Tx, typed: &str) -> Option<(String, Found)> {
    let folded = text::fold(&text::line(typed));
    let (long, short) = words(&folded);
    let asked = matches!(tx, Tx::Sqlite(..)) && !long.is_empty();
    asked.then(|| (phrases(&long), Found { conditions: short.into_iter().map(begins_a_word).collect() }))
}

/// Those the index of letters can find, and those that are shorter.
fn words(folded: &str) -> (Vec<&str>, Vec<&str>) {
    folded.split(' ').filter(|w| !w.is_empty()).partition(|w| w.chars().count() >= 3)
}

fn phrases(long: &[&str]) -> String {
    let each: Vec<_> = long.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
    each.join(" AND ")
}

fn begins_a_word(word: &str) -> (String, Vec<Value>) {
    (
        r"(d.search like {} escape '\' or d.search like {} escape '\')".to_owned(),
        vec![format!("{}%", plain(word)).into(), format!("% {}%", plain(word)).into()],
    )
}

/// For `like … escape '\'`: what stands for itself.
fn plain(word: &str) -> String {
    word.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

/// Whether SQLite's index of letters finds so many that reading rows in their order and comparing each is
/// quicker than sorting the hits.
async fn are_many(tx: &mut Tx, phrases: &str) -> sqlx::Result<bool> {
    let counted: i64 = on!(tx, conn => sqlx::query_scalar(
        "select count(*) from (select rowid from donor_search where donor_search match $1 limit $2) some")
        .bind(phrases).bind(MANY)
        .fetch_one(conn).await)?;
    Ok(counted == MANY)
}

/// Some donors whose names share three letters in a row with what was typed, those that share most
/// first: what a slip of the pen meant.
pub async fn similar(tx: &mut Tx, typed: &str, most: usize) -> sqlx::Result<Vec<(DonorId, String)>> {
    let folded = text::fold(&text::line(typed));
    let letters: Vec<char> = folded.chars().take(40).collect();
    let threes: Vec<String> = letters.windows(3).filter(|w| !w.contains(&' ')).map(|w| w.iter().collect()).collect();
    if threes.is_empty() {
        return Ok(Vec::new());
    }
    let (sql, asked) = match tx {
        Tx::Sqlite(..) => (
            "select d.id, d.name from (select rowid as number from donor_search where donor_search match $1 order by rank limit 40) hit
             join donor_key k on k.number = hit.number join donor d on d.id = k.donor_id",
            threes.iter().map(|t| format!("\"{}\"", t.replace('"', "\"\""))).collect::<Vec<_>>().join(" OR "),
        ),
        Tx::Postgres(..) => ("select id, name from donor where $1 <% search order by word_similarity($1, search) desc, id limit 40", folded.clone()),
    };
    let mut near: Vec<(DonorId, String)> = on!(tx, conn => sqlx::query_as(sql).bind(asked).fetch_all(conn).await)?;
    let shared = |name: &str| {
        let name = text::fold(name);
        threes.iter().filter(|three| name.contains(three.as_str())).count()
    };
    near.retain(|(_, name)| shared(name) * 3 >= threes.len());
    near.sort_by_cached_key(|(_, name)| std::cmp::Reverse(shared(name)));
    near.truncate(most);
    Ok(near)
}
