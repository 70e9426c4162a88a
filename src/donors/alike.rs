//! Which donors are perhaps one: keys that are equal when an address or a name with its place is, kept with each donor.
//!
//! It suggests and never decides: what somebody found to be two is not suggested again.
use super::{DonorId, queries};
use crate::{
    app::App,
    kernel::{Email, text, words},
    work::{Handlers, Job, JobError, Regular},
};
use futures_util::future::BoxFuture;

pub use queries::{Pair, count_pairs, like, pairs, say_distinct};

words! {
    /// Why two donors are perhaps one.
    pub enum Reason {
        Email = "email", "their e-mail addresses are equal but for dots and what stands after a plus";
        Zip = "zip", "the same name and ZIP code";
        Home = "home", "the same name and first line of the postal address";
    }
}

/// The keys of a donor. Two donors with a key in common are suggested.
pub fn keys(name: &str, email: Option<&Email>, address: Option<&str>) -> Vec<(Reason, String)> {
    let mut keys = Vec::new();
    keys.extend(email.map(|email| (Reason::Email, bare(email))));
    let (name, address) = (plain(name), address.unwrap_or_default());
    if name.is_empty() {
        return keys;
    }
    keys.extend(zip(address).map(|zip| (Reason::Zip, format!("{name}|{zip}"))));
    let home = address.lines().map(plain).find(|line| !line.is_empty());
    keys.extend(home.map(|home| (Reason::Home, format!("{name}|{home}"))));
    keys
}

/// An address without what many servers do not look at.
fn bare(email: &Email) -> String {
    let (local, domain) = email.as_str().rsplit_once('@').unwrap_or_default();
    let domain = if domain == "googlemail.com" { "gmail.com" } else { domain };
    let local = local.split('+').next().filter(|part| !part.is_empty()).unwrap_or(local);
    format!("{}@{domain}", local.replace('.', ""))
}

/// Letters and digits alone, the words in one order: `Lovelace, Ada` is `Ada Lovelace`.
fn plain(words: &str) -> String {
    let folded = text::fold(words);
    let mut words: Vec<_> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.join(" ")
}

/// The last five digits that stand alone, or before a hyphen and four more.
fn zip(address: &str) -> Option<&str> {
    address
        .split(|c: char| !c.is_ascii_digit() && c != '-')
        .rev()
        .map(|word| word.split('-').next().unwrap_or_default())
        .find(|word| word.len() == 5)
}

/// Gives keys to the donors who have none yet: those of before there were any.
pub const MATCH: Regular = Regular { kind: "donors.match", every: 86_400 };
const STEP: i64 = 1_000;

pub fn jobs(handlers: Handlers) -> Handlers {
    handlers.with(MATCH.kind, match_all)
}

fn match_all(app: App, _job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        loop {
            let mut tx = app.db.write().await?;
            let some: Vec<DonorId> = queries::unmatched(&mut tx, STEP).await?;
            if some.is_empty() {
                return Ok(());
            }
            queries::rematch(&mut tx, &some).await?;
            tx.commit().await?;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(name: &str, email: &str, address: &str) -> Vec<(Reason, String)> {
        let email: Option<Email> = (!email.is_empty()).then(|| email.parse().expect("an address"));
        keys(name, email.as_ref(), Some(address))
    }

    #[test]
    fn keys_are_equal_where_a_person_would_say_so() {
        for (one, other, reason) in [
            (("A", "ada.love+news@example.org", ""), ("B", "adalove@example.org", ""), Some(Reason::Email)),
            (("A", "ada@gmail.com", ""), ("B", "a.d.a@googlemail.com", ""), Some(Reason::Email)),
            (("A", "ada@example.org", ""), ("B", "ada@example.com", ""), None),
            (("Renée O’Brien", "", "1 Elm St\nDuluth, MN 55802"), ("O’BRIEN, Renee", "", "55802-1234"), Some(Reason::Zip)),
            (("Ada", "", "12345 Elm St\nDuluth, MN 55802"), ("Ada", "", "MN 55803"), None),
            (("Ada", "", "12 Elm St.\nDuluth"), ("ada", "", "12 elm st"), Some(Reason::Home)),
            (("Ada", "", ""), ("Ada", "", ""), None),
            (("", "", "1 Elm St 55802"), ("", "", "1 Elm St 55802"), None),
        ] {
            let (a, b) = (keyed(one.0, one.1, one.2), keyed(other.0, other.1, other.2));
            let shared = a.iter().find(|key| b.contains(key)).map(|(reason, _)| *reason);
            assert_eq!(shared, reason, "{a:?} {b:?}");
        }
    }
}
