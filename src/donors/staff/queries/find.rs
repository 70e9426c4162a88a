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

/// From so many hits on, reading rows in their order and comparing each is quicker than sorting hits.
const MANY: i64 = 600;
/// Hits are not counted further.
const MOST_COUNTED: i64 = 20_000;

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
    /// So many are found that rows are read in their order and compared: how many, of how many donors.
    pub(super) many: Option<(i64, i64)>,
    /// What SQLite's index of letters is asked, when nothing else is.
    pub(super) phrases: Option<String>,
}

/// So many hits are put in order if they do not stand where they were looked for first.
pub(super) const MOST_TO_ORDER: i64 = 4_000;

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
    let (long, short): (Vec<&str>, Vec<&str>) = folded.split(' ').filter(|w| !w.is_empty()).partition(|w| w.chars().count() >= 3);
    let mut found = Vec::new();
    let (mut many, mut alone) = (None, None);
    if let (true, [only]) = (long.is_empty(), short.as_slice()) {
        found.push(match tx {
            // SQLite compares bytes, so what begins so is a stretch of the index.
            Tx::Sqlite(..) => {
                ("d.search >= {} and d.search < {}".to_owned(), vec![Value::from(*only), format!("{only}\u{10ffff}").into()])
            }
            Tx::Postgres(..) => (r"d.search like {} escape '\'".to_owned(), vec![format!("{}%", plain(only)).into()]),
        });
        return Ok(Found { conditions: found, many, phrases: None });
    }
    for word in short {
        found.push((
            r"(d.search like {} escape '\' or d.search like {} escape '\')".to_owned(),
            vec![format!("{}%", plain(word)).into(), format!("% {}%", plain(word)).into()],
        ));
    }
    if long.is_empty() {
        return Ok(Found { conditions: found, many, phrases: None });
    }
    let anywhere = |word: &&str| (r"d.search like {} escape '\'".to_owned(), vec![Value::from(format!("%{}%", plain(word)))]);
    match tx {
        Tx::Postgres(..) => found.extend(long.iter().map(anywhere)),
        Tx::Sqlite(..) => {
            let phrases: Vec<_> = long.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
            let phrases = phrases.join(" and ").replace("\" and \"", "\" AND \"");
            if purpose == Purpose::Rows {
                many = hits(tx, &phrases).await?;
            }
            alone = found.is_empty().then(|| phrases.clone());
            if many.is_some() {
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
    Ok(Found { conditions: found, many, phrases: alone })
}

/// For `like … escape '\'`: what stands for itself.
fn plain(word: &str) -> String {
    word.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

/// How many donors SQLite's index of letters finds, of how many, when they are many.
async fn hits(tx: &mut Tx, phrases: &str) -> sqlx::Result<Option<(i64, i64)>> {
    let counted: (i64, i64) = on!(tx, conn => sqlx::query_as(
        "select (select count(*) from (select rowid from donor_search where donor_search match $1 limit $2) some),
                (select coalesce(max(number), 0) from donor_key)")
        .bind(phrases).bind(MOST_COUNTED)
        .fetch_one(conn).await)?;
    Ok(Some(counted).filter(|(hits, _)| *hits >= MANY))
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
