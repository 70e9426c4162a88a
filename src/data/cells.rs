//! The cells of a row, read one by one; each that can't be read leaves a sentence.
use crate::{
    alliances,
    gifts::Method,
    kernel::{Cents, Currency, Day, Email, text},
    members::{ContactRole, Website, carried, standing::FactKind},
};
use std::collections::{BTreeMap, HashMap};

/// What a row holds, by field, and what is wrong with it.
#[derive(Debug)]
pub(super) struct Cells<'a> {
    typed: &'a BTreeMap<String, String>,
    pub(super) today: Day,
    pub(super) wrong: Vec<String>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(typed: &'a BTreeMap<String, String>, today: Day) -> Self {
        Self { typed, today, wrong: Vec::new() }
    }

    /// As it was typed, in one line; empty when it is not there. A formula is text like any other.
    pub(super) fn line(&self, field: &str) -> String {
        self.typed.get(field).map_or_else(String::new, |typed| text::line(typed))
    }

    /// One line that is not longer than its column.
    pub(super) fn short(&mut self, field: &str, label: &str, most: usize) -> Option<String> {
        let line = self.line(field);
        if line.chars().count() > most {
            self.wrong.push(format!("{label} has more than {most} characters."));
        }
        Some(line).filter(|line| !line.is_empty())
    }

    /// Several lines.
    pub(super) fn lines(&mut self, field: &str, label: &str, most: usize) -> Option<String> {
        let lines = self.typed.get(field).map_or_else(String::new, |typed| text::lines(typed));
        if lines.chars().count() > most {
            self.wrong.push(format!("{label} has more than {most} characters."));
        }
        Some(lines).filter(|lines| !lines.is_empty())
    }

    /// Several words with semicolons between.
    pub(super) fn several(&mut self, field: &str, label: &str, most: usize) -> Vec<String> {
        let cell = self.typed.get(field).map_or("", String::as_str);
        let all: Vec<String> = cell.split([';', '\n', '|']).map(text::line).filter(|part| !part.is_empty()).collect();
        if all.iter().any(|part| part.chars().count() > most) {
            self.wrong.push(format!("{label} has more than {most} characters."));
        }
        all
    }

    fn read<T>(&mut self, field: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let line = self.line(field);
        if line.is_empty() {
            return None;
        }
        read(&line).map_err(|reason| self.wrong.push(reason)).ok()
    }

    pub(super) fn number(&mut self, field: &str) -> Option<i64> {
        self.read(field, number)
    }

    /// A day that has come already: `2012-05-31`, or `5/31/2012` as people in the United States write it.
    pub(super) fn past_day(&mut self, field: &str, label: &str) -> Option<Day> {
        let today = self.today;
        self.read(field, |line| {
            let day = day(line).ok_or_else(|| format!("{label}: “{line}” is no date such as 2012-05-31 or 5/31/2012."))?;
            if day > today { Err(format!("{label}: {} lies ahead.", day.words())) } else { Ok(day) }
        })
    }

    /// A word of a few, folded.
    pub(super) fn word<T>(&mut self, field: &str, what: &str, known: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.read(field, |line| known(&text::fold(line)).ok_or_else(|| format!("“{line}” is no {what}.")))
    }

    /// The id of what is called so, or has this as the part of its address.
    pub(super) fn known<T: Copy>(&mut self, field: &str, what: &str, all: &HashMap<String, T>) -> Option<T> {
        self.read(field, |line| {
            let found = all.get(&text::fold(line)).copied();
            found.ok_or_else(|| format!("There is no {what} “{line}”. Set it up first, or leave the cell empty."))
        })
    }

    /// An amount, more than zero and at most `most`.
    pub(super) fn amount(&mut self, field: &str, most: Cents, currency: Currency) -> Option<Cents> {
        if self.line(field).is_empty() {
            self.wrong.push("It says not how much was given.".to_owned());
        }
        self.read(field, |line| Cents::parse_up_to(most, line, currency).map_err(|reason| format!("Amount “{line}”: {reason}.")))
    }

    pub(super) fn email(&mut self, field: &str) -> Option<Email> {
        self.read(field, |line| line.parse().map_err(|_| format!("“{line}” is no e-mail address.")))
    }

    /// How a gift came, in the words of the systems that people come from.
    pub(super) fn method(&mut self, field: &str) -> Option<Method> {
        self.read(field, |line| {
            method(line).ok_or_else(|| {
                format!(
                    "“{line}” is no way in which gifts come. Write one of: card, check, cash, wire, stock, in kind, donor-advised fund, IRA, grant."
                )
            })
        })
    }

    pub(super) fn website(&mut self, field: &str) -> Option<String> {
        self.read(field, |line| {
            line.parse::<Website>().map(|site| site.to_string()).map_err(|_| format!("“{line}” is no web address."))
        })
    }

    pub(super) fn ein(&mut self, field: &str) -> Option<String> {
        self.read(field, |line| carried::ein(line).map_err(|_| format!("“{line}” is no EIN such as 12-3456789.")))
    }

    pub(super) fn state(&mut self, field: &str) -> Option<String> {
        self.read(field, state)
    }

    /// Where it works: codes or names with commas or semicolons between.
    pub(super) fn states(&mut self, field: &str) -> Vec<String> {
        let cell = self.line(field);
        let mut all = Vec::new();
        for word in cell.split([',', ';', '/', '|']).map(str::trim).filter(|word| !word.is_empty()) {
            match state(word) {
                Ok(code) => all.push(code),
                Err(reason) => self.wrong.push(reason),
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(super) fn role(&mut self, field: &str) -> Option<ContactRole> {
        self.read(field, |line| {
            let folded = text::fold(line);
            let found = ContactRole::ALL.iter().find(|r| folded == r.as_str() || folded == text::fold(&r.label()));
            found.copied().ok_or_else(|| {
                let roles: Vec<_> = ContactRole::ALL.iter().map(|r| r.as_str()).collect();
                format!("“{line}” is no role of a contact. Write one of: {}.", roles.join(", "))
            })
        })
    }

    /// When and how an organization left.
    pub(super) fn left(&mut self) -> Option<(Day, FactKind)> {
        let on = self.past_day("left_on", "Left on");
        let how = self.read("left_how", |line| {
            let folded = text::fold(line);
            match folded.as_str() {
                "resigned" | "resignation" | "withdrew" | "left" => Ok(FactKind::Resigned),
                "dissolved" | "dissolution" | "closed" => Ok(FactKind::Dissolved),
                _ if folded.starts_with("merge") => {
                    Err("A merger names its successor: note it on the record after the import, and leave both columns empty."
                        .to_owned())
                }
                _ => Err(format!("“{line}” says not how it left. Write resigned or dissolved.")),
            }
        });
        if on.is_none() && how.is_some() && self.line("left_on").is_empty() {
            self.wrong.push("It says how it left and not when.".to_owned());
        }
        on.map(|on| (on, how.unwrap_or(FactKind::Resigned)))
    }
}

/// The admission number among the stored cells of a row.
pub(super) fn number_of(cells: &str) -> Option<i64> {
    let typed: BTreeMap<String, String> = serde_json::from_str(cells).ok()?;
    number(&text::line(typed.get("number")?)).ok()
}

/// `38`, `#1,038`, and `38.0` as spreadsheets write it.
fn number(line: &str) -> Result<i64, String> {
    let digits = line.trim_start_matches('#').trim();
    let whole = digits.strip_suffix(".0").unwrap_or(digits).replace(',', "");
    let number = whole.parse::<i64>().ok().filter(|n| (1..1_000_000).contains(n));
    number.ok_or_else(|| format!("“{line}” is no admission number."))
}

fn state(line: &str) -> Result<String, String> {
    let code = alliances::state_of(line).filter(|_| !line.starts_with(|c: char| c.is_ascii_digit()));
    code.map(str::to_owned).ok_or_else(|| format!("“{line}” is no state’s name or two letters."))
}

/// As CiviCRM, Salesforce, GiveWP, Bloomerang and people write it.
fn method(line: &str) -> Option<Method> {
    let folded = text::fold(line);
    let plain = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    Some(match plain.as_str() {
        "card" | "credit card" | "debit card" | "credit" | "debit" | "creditcard" | "stripe" | "stripe credit card"
        | "stripe checkout" | "paypal" | "paypal standard" | "paypal donations" | "paypal commerce" | "authorize net"
        | "square" | "venmo" | "apple pay" | "google pay" | "visa" | "mastercard" | "american express" | "amex" | "discover" => {
            Method::Card
        }
        "check" | "cheque" | "checks" | "personal check" | "cashier s check" | "cashiers check" | "money order"
        | "check money order" => Method::Check,
        "cash" | "cash gift" | "coins" => Method::Cash,
        "wire"
        | "wire transfer"
        | "bank transfer"
        | "bank draft"
        | "eft"
        | "ach"
        | "ach eft"
        | "ach direct debit"
        | "direct debit"
        | "direct deposit"
        | "bank account"
        | "e check"
        | "echeck"
        | "electronic funds transfer"
        | "sepa" => Method::Wire,
        "stock" | "stocks" | "stock property" | "securities" | "shares" | "stock securities" => Method::Stock,
        "in kind" | "inkind" | "in kind gift" | "gift in kind" | "gift in kind other" | "goods" => Method::InKind,
        "donor advised" | "donor advised fund" | "daf" | "donor advised gift" => Method::DonorAdvised,
        "ira" | "qcd" | "ira distribution" | "qualified charitable distribution" | "ira qcd" => Method::Ira,
        "grant" | "foundation grant" => Method::Grant,
        _ => return None,
    })
}

fn day(line: &str) -> Option<Day> {
    if let Ok(day) = line.parse() {
        return Some(day);
    }
    let mut parts = line.split('/').map(str::trim);
    let (month, date, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Day::new(year.parse().ok()?, month.parse().ok()?, date.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_a_gift_came_is_read_in_the_words_of_other_systems() {
        for (words, way) in [
            ("Credit Card", Method::Card),
            ("ACH/EFT", Method::Wire),
            ("Check", Method::Check),
            ("Cheque ", Method::Check),
            ("In-Kind", Method::InKind),
            ("Donor-Advised Fund", Method::DonorAdvised),
            ("in_kind", Method::InKind),
        ] {
            assert_eq!(method(words), Some(way), "{words}");
        }
        assert_eq!(method("Pigeon"), None);
        for known in Method::ALL {
            assert_eq!((method(known.as_str()), method(&known.label())), (Some(*known), Some(*known)), "{known:?}");
        }
    }

    #[test]
    fn dates_states_and_numbers_are_read_kindly_and_nothing_is_guessed() {
        assert_eq!(day("5/31/2012"), "2012-05-31".parse().ok());
        assert_eq!(day("2012-05-31"), day("05/31/2012"));
        for bad in ["31/5/2012", "5/31/12", "2012", "5/31/2012/1", "May 2012"] {
            assert_eq!(day(bad), None, "{bad}");
        }
        let typed = [("n", "#1,038"), ("bad", "12a"), ("s", "Minnesota; wi, IA"), ("zip", "55105"), ("how", "=1+1")];
        let typed = typed.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let mut cells = Cells::new(&typed, "2026-01-01".parse().unwrap());
        assert_eq!((cells.number("n"), cells.number("bad"), cells.number("none")), (Some(1038), None, None));
        assert_eq!(cells.states("s"), ["IA", "MN", "WI"]);
        assert_eq!((cells.state("zip"), cells.line("how").as_str()), (None, "=1+1"));
        assert_eq!(cells.wrong.len(), 2, "{:?}", cells.wrong);
    }
}
