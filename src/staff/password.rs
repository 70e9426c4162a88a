//! Passwords: which are good enough, how they are hashed and compared.
//!
//! The rules are those of NIST SP 800-63B, 5.1.1.2: length counts, common ones are refused, nothing is
//! said about digits and signs. Hashes are argon2id with the parameters OWASP gives as its minimum.
//! NOTICE: `common-passwords.txt.gz` is the list of Royce Williams as Django ships it
//! (django/contrib/auth, BSD-3-Clause, © Django Software Foundation and individual contributors).
use crate::{
    app::App,
    hashing::{Busy, Hashing},
    kernel::{Email, text},
};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use std::{collections::HashSet, fmt, io::Read, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;

/// The fewest characters of a password.
const SHORTEST: usize = 12;
/// The most characters of a password.
const LONGEST: usize = 200;

const MEMORY_KIB: u32 = 19_456;
const ROUNDS: u32 = 2;
const LANES: u32 = 1;

/// What a page says about choosing one.
pub(super) const HINT: &str =
    "At least 12 characters. Four words that do not belong together are easy to remember and hard to guess.";

/// Why a password is not good enough: the sentence under its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("Choose a password of at least 12 characters; a few words in a row will do")]
    Short,
    #[error("Choose a password of at most 200 characters")]
    Long,
    #[error("This is one of the first passwords that are tried; choose one that is yours alone")]
    Common,
    #[error("This repeats itself; choose a password with more different characters")]
    Repetitive,
    #[error("Leave your e-mail address out of your password")]
    Address,
}

/// A password that was judged good enough, in the form that is hashed.
#[derive(Clone)]
pub struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}

impl Password {
    /// Judges a password somebody chooses for the account of `email`.
    pub fn choose(typed: &str, email: &Email) -> Result<Self, WeakPassword> {
        let password = normal(typed);
        let length = password.chars().count();
        if length < SHORTEST {
            return Err(WeakPassword::Short);
        }
        if length > LONGEST {
            return Err(WeakPassword::Long);
        }
        let lower = text::fold(&password);
        if is_common(&lower) {
            return Err(WeakPassword::Common);
        }
        if is_repetitive(&lower) {
            return Err(WeakPassword::Repetitive);
        }
        let local = email.as_str().rsplit_once('@').map_or("", |(local, _)| local);
        if local.chars().count() > 2 && lower.contains(&text::fold(local)) {
            return Err(WeakPassword::Address);
        }
        Ok(Self(password))
    }
}

/// One text for one password, however the keyboard composed its letters.
fn normal(typed: &str) -> String {
    typed.nfkc().collect()
}

static COMMON_TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    flate2::read::GzDecoder::new(&include_bytes!("common-passwords.txt.gz")[..])
        .read_to_string(&mut text)
        .expect("the list is part of the program");
    text
});

static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| COMMON_TEXT.lines().map(str::trim).collect());

/// On the list, or made from a word of it by a few digits and signs around: `Password-2026`.
fn is_common(lower: &str) -> bool {
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let around = lower.chars().count() - core.chars().count();
    COMMON.contains(lower) || (around <= 8 && COMMON.contains(core))
}

/// Few different characters, a run such as `abcdefghijkl`, or a short or common piece over and over.
fn is_repetitive(lower: &str) -> bool {
    let letters: Vec<char> = lower.chars().collect();
    let different = letters.iter().collect::<HashSet<_>>().len();
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    let steady = letters.windows(2).filter(|pair| step(pair).abs() == 1).count();
    let piece = (1..=letters.len() / 2)
        .find(|n| letters.len().is_multiple_of(*n) && letters.chunks(*n).all(|chunk| chunk == &letters[..*n]));
    different < 5
        || steady + 2 >= letters.len()
        || piece.is_some_and(|n| n < 6 || COMMON.contains(letters[..n].iter().collect::<String>().as_str()))
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, ROUNDS, LANES, None).expect("the parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// A hash nobody's password has, so that an unknown account costs the same work as a known one.
fn nobodys() -> String {
    let (salt, output) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={MEMORY_KIB},t={ROUNDS},p={LANES}${salt}${output}")
}

/// What a comparison found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) right: bool,
    /// Hashed with other parameters than those of today.
    pub(super) outdated: bool,
}

/// Hashes a password as a PHC string, when it is its turn.
pub(super) async fn hash(hashing: &Hashing, password: &Password) -> Result<String, Busy> {
    hash_text(hashing, password.0.clone()).await
}

async fn hash_text(hashing: &Hashing, text: String) -> Result<String, Busy> {
    hashing
        .run(move || argon2().hash_password(text.as_bytes()).expect("a fresh salt and fixed parameters hash").to_string())
        .await
}

/// Hashes a password without judging it, for accounts a program makes.
pub(super) async fn hash_unjudged(app: &App, typed: &str) -> Result<String, Busy> {
    hash_text(&app.hashing, normal(typed)).await
}

/// Compares what was typed with the hash of an account, or with nobody's when there is none: the same
/// work either way.
pub(super) async fn verify(hashing: &Hashing, typed: &str, stored: Option<&str>) -> Result<Verdict, Busy> {
    let (typed, known) = (normal(typed), stored.is_some());
    let stored = stored.map_or_else(nobodys, str::to_owned);
    hashing
        .run(move || {
            let Ok(hash) = PasswordHash::new(&stored) else { return Verdict { right: false, outdated: false } };
            let right = argon2().verify_password(typed.as_bytes(), &hash).is_ok() && known;
            let today = [("m", MEMORY_KIB), ("t", ROUNDS), ("p", LANES)];
            let current = hash.algorithm.as_str() == "argon2id"
                && today.iter().all(|(name, value)| hash.params.get_decimal(*name) == Some(*value));
            Verdict { right, outdated: !current }
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(typed: &str) -> Result<(), WeakPassword> {
        Password::choose(typed, &"ada.lovelace@amicc.example".parse().unwrap()).map(drop)
    }

    #[test]
    fn length_counts_and_what_everybody_tries_is_refused() {
        assert_eq!(judged("elevenchars"), Err(WeakPassword::Short));
        assert_eq!(judged(&"x9".repeat(101)), Err(WeakPassword::Long));
        for common in
            ["passwordpassword", "Password-2026!", "123456789012", "1q2w3e4r5t6y", "iloveyou12345", "ＰＡＳＳＷＯＲＤ１２３４"]
        {
            assert!(judged(common).is_err(), "{common}");
        }
        for again in ["aaaaaaaaaaaaaa", "abcabcabcabcabc", "abcdefghijklmn", "zyxwvutsrqpon"] {
            assert_eq!(judged(again), Err(WeakPassword::Repetitive), "{again}");
        }
        assert_eq!(judged("my-ADA.Lovelace-secret"), Err(WeakPassword::Address));
        for good in ["four lamps under water", "Ünïcode straße 12", "kT9#mQ2$vL5@xR8", "purple walrus 2026"] {
            assert_eq!(judged(good), Ok(()), "{good}");
        }
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_however_it_was_composed_and_tells_when_it_is_old() {
        let hashing = Hashing::new(2, 8);
        let password = Password::choose("caf\u{e9} on the old bridge", &"a@b.org".parse().unwrap()).unwrap();
        let stored = hash(&hashing, &password).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let right = verify(&hashing, "cafe\u{301} on the old bridge", Some(&stored)).await.unwrap();
        assert_eq!(right, Verdict { right: true, outdated: false });
        assert!(!verify(&hashing, "cafe on the old bridge", Some(&stored)).await.unwrap().right);
        assert!(!verify(&hashing, "anything", None).await.unwrap().right);

        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let old = weak.hash_password(b"four lamps under water").unwrap().to_string();
        let verdict = verify(&hashing, "four lamps under water", Some(&old)).await.unwrap();
        assert_eq!(verdict, Verdict { right: true, outdated: true });
        assert_eq!(hashing.begun(), 5, "each comparison is one hash, whoever is asked for");
        assert!(PasswordHash::new(&nobodys()).is_ok());
    }
}
