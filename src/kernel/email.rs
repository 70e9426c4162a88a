//! E-mail addresses that mail can be sent to.
use std::{fmt, str::FromStr};

/// An e-mail address that looked deliverable when it was typed. Kept in lower case; at most 254
/// bytes (RFC 5321, 4.5.3.1.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    #[error("Enter an e-mail address")]
    Empty,
    #[error("Enter an e-mail address in the form name@example.org")]
    Malformed,
}

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, host)| host)
    }

    /// The address its writer may have meant, when the domain looks like a slip in one that many
    /// people have. A guess: never put in place of what was typed.
    pub fn likely_meant(&self) -> Option<Self> {
        let (user, host) = self.0.rsplit_once('@')?;
        let (name, ending) = host.split_once('.')?;
        if COMMON.contains(&(name, ending)) || LOOK_ALIKES.contains(&host) {
            return None;
        }
        let (name, ending) = COMMON.iter().find(|(common, right)| {
            (*common == name && is_slip_of(ending, right)) || (*right == ending && common.len() > 4 && is_one_slip(name, common))
        })?;
        Some(Self(format!("{user}@{name}.{ending}")))
    }
}

/// Providers that many people have their address with.
const COMMON: &[(&str, &str)] = &[
    ("gmail", "com"),
    ("yahoo", "com"),
    ("hotmail", "com"),
    ("outlook", "com"),
    ("icloud", "com"),
    ("aol", "com"),
    ("comcast", "net"),
    ("verizon", "net"),
    ("sbcglobal", "net"),
    ("protonmail", "com"),
];
/// Real domains one letter away from those.
const LOOK_ALIKES: &[&str] = &["ymail.com", "fmail.com", "email.com", "mail.com"];

/// Whether an ending is a slip in `right` and not one of the world's own.
fn is_slip_of(ending: &str, right: &str) -> bool {
    match right {
        "com" => ["con", "cm", "co", "om", "cmo", "vom", "xom", "comm", "cim", "ocm", "cpm", "coom", "c"].contains(&ending),
        _ => ["ne", "nt", "ent", "nte", "neet", "nett", "met", "bet", "ner"].contains(&ending),
    }
}

/// Whether one letter more, one less, another one, or two in the wrong order make one of the other.
fn is_one_slip(typed: &str, right: &str) -> bool {
    let (typed, right): (Vec<char>, Vec<char>) = (typed.chars().collect(), right.chars().collect());
    let same = typed.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let (rest, other) = (&typed[same..], &right[same..]);
    let swapped = rest.len() > 1 && other.len() > 1 && rest[0] == other[1] && rest[1] == other[0] && rest[2..] == other[2..];
    typed != right && (swapped || rest.get(1..) == Some(other) || Some(rest) == other.get(1..) || rest.get(1..) == other.get(1..))
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(s: &str) -> Result<Self, InvalidEmail> {
        let s = s.trim().to_lowercase();
        if s.is_empty() {
            return Err(InvalidEmail::Empty);
        }
        let bad = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c);
        let (user, host) = s.rsplit_once('@').ok_or(InvalidEmail::Malformed)?;
        let labels_fit = host.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
        if user.is_empty()
            || user.contains('@')
            || user.starts_with('.')
            || user.ends_with('.')
            || user.contains("..")
            || !host.contains('.')
            || !labels_fit
            || s.len() > 254
            || s.chars().any(bad)
        {
            return Err(InvalidEmail::Malformed);
        }
        Ok(Self(s))
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;
    fn try_from(s: String) -> Result<Self, InvalidEmail> {
        s.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

super::text_column!(Email);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_people_type_and_refuses_what_no_server_takes() {
        assert_eq!(" Ada@Example.ORG ".parse::<Email>().unwrap().as_str(), "ada@example.org");
        assert!("o'brien+icc@mail.example.co.uk".parse::<Email>().is_ok());
        for bad in [
            "nobody",
            "a@b",
            "a b@c.org",
            "a@@c.org",
            "a@c..org",
            "<a@c.org>",
            "a@c.org, b@c.org",
            "a@c.org\nbcc: x@y.org",
            ".a@c.org",
        ] {
            assert_eq!(bad.parse::<Email>(), Err(InvalidEmail::Malformed), "{bad}");
        }
        assert_eq!("".parse::<Email>(), Err(InvalidEmail::Empty));
    }

    #[test]
    fn a_slip_in_a_common_domain_is_guessed_and_a_real_one_is_left_alone() {
        let meant = |s: &str| s.parse::<Email>().unwrap().likely_meant().map(|e| e.to_string());
        for slip in ["gmial.com", "gmai.con", "gmal.com", "gmaill.com", "gnail.com", "gmail.co", "gmail.con", "gmail.cm"] {
            let expected = (slip != "gmai.con").then(|| "ana@gmail.com".to_owned());
            assert_eq!(meant(&format!("ana@{slip}")), expected, "{slip}");
        }
        assert_eq!(meant("a@yhaoo.com").as_deref(), Some("a@yahoo.com"));
        assert_eq!(meant("a@hotmial.com").as_deref(), Some("a@hotmail.com"));
        assert_eq!(meant("a@comcast.ent").as_deref(), Some("a@comcast.net"));
        for right in [
            "gmail.com",
            "ymail.com",
            "mail.com",
            "email.com",
            "aon.com",
            "gmx.com",
            "example.org",
            "yahoo.ca",
            "hotmail.fr",
            "yahoo.co.uk",
            "outlook.de",
            "amicc.org",
            "columbia.edu",
            "worldwithoutgenocide.org",
            "g.co",
            "aol.com",
        ] {
            assert_eq!(meant(&format!("ana@{right}")), None, "{right}");
        }
    }
}
