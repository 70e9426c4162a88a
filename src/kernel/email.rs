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
}
