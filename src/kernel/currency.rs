//! The currencies a card can be charged in, with their smallest units.
use std::{fmt, str::FromStr};

/// A currency Stripe lists, by its ISO 4217 code in lower case (<https://docs.stripe.com/currencies>), and how many digits
/// stand behind its decimal point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static str, u8);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a currency that cards are charged in")]
pub struct UnknownCurrency(String);

const ZERO_DECIMAL: &[&str] =
    &["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"];
const THREE_DECIMAL: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];
const TWO_DECIMAL: &[&str] = &[
    "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt", "bgn", "bmd", "bnd", "bob", "brl",
    "bsd", "bwp", "byn", "bzd", "cad", "cdf", "chf", "cny", "cop", "crc", "cve", "czk", "dkk", "dop", "dzd", "egp", "etb", "eur",
    "fjd", "fkp", "gbp", "gel", "ghs", "gip", "gmd", "gtq", "gyd", "hkd", "hnl", "hrk", "htg", "huf", "idr", "ils", "inr", "isk",
    "jmd", "kes", "kgs", "khr", "kyd", "kzt", "lak", "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mkd", "mmk", "mnt", "mop", "mur",
    "mvr", "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio", "nok", "npr", "nzd", "pab", "pen", "pgk", "php", "pkr", "pln", "qar",
    "ron", "rsd", "rub", "sar", "sbd", "scr", "sek", "sgd", "shp", "sle", "sos", "srd", "std", "szl", "thb", "tjs", "top", "try",
    "ttd", "twd", "tzs", "uah", "usd", "uyu", "uzs", "wst", "xcd", "xcg", "yer", "zar", "zmw",
];

impl Currency {
    pub const USD: Self = Self("usd", 2);

    /// Lower case, as Stripe writes it.
    pub const fn code(self) -> &'static str {
        self.0
    }

    /// How many digits stand behind the decimal point: 0, 2 or 3.
    pub const fn decimals(self) -> usize {
        self.1 as usize
    }

    /// The one of exactly this code. The lists are in order.
    fn find(code: &str) -> Option<Self> {
        let found = |(list, decimals): (&[&'static str], u8)| {
            let place = list.binary_search(&code).ok()?;
            Some(Self(list[place], decimals))
        };
        [(TWO_DECIMAL, 2), (ZERO_DECIMAL, 0), (THREE_DECIMAL, 3)].into_iter().find_map(found)
    }

    /// What stands before an amount: a sign that is read without doubt, or the code.
    pub fn sign(self) -> String {
        match self.0 {
            "usd" => "$".to_owned(),
            "eur" => "€".to_owned(),
            "gbp" => "£".to_owned(),
            "jpy" => "¥".to_owned(),
            other => format!("{} ", other.to_uppercase()),
        }
    }

    /// Every currency, by code.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<_> = [ZERO_DECIMAL, TWO_DECIMAL, THREE_DECIMAL].concat().into_iter().filter_map(Self::find).collect();
        all.sort_unstable();
        all
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;
    fn from_str(s: &str) -> Result<Self, UnknownCurrency> {
        Self::find(s).map_or_else(
            || {
                let code = s.trim().to_lowercase();
                Self::find(&code).ok_or(UnknownCurrency(code))
            },
            Ok,
        )
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

super::text_column!(Currency);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_lists_is_found_with_its_decimals() {
        for (list, decimals) in [(TWO_DECIMAL, 2), (ZERO_DECIMAL, 0), (THREE_DECIMAL, 3)] {
            for code in list {
                let found: Option<Currency> = code.to_uppercase().parse().ok();
                assert_eq!(found.map(|found| (found.code(), found.decimals())), Some((*code, decimals)));
            }
        }
        assert_eq!(Currency::all().len(), TWO_DECIMAL.len() + ZERO_DECIMAL.len() + THREE_DECIMAL.len());
    }
}
