//! Amounts of money: whole smallest units, and the same with their currency. No float comes near them.
use super::Currency;
use std::{
    fmt::{self, Write},
    iter::Sum,
    ops::{Add, AddAssign, Neg, Sub},
};

/// An amount in the smallest unit of its currency. Never a float.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct Cents(i64);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("Enter an amount")]
    Empty,
    #[error("Enter an amount such as 25 or 25.50")]
    NotAnAmount,
    #[error("Enter a whole amount: this currency has no smaller unit")]
    NoSmallerUnit,
    #[error("Enter an amount with at most {0} decimal places")]
    TooPrecise(usize),
    #[error("Enter an amount more than zero")]
    NotPositive,
    #[error("Enter a smaller amount: a card can be charged at most {0}")]
    TooLarge(Money),
    #[error("Enter {0} or less")]
    Beyond(Money),
}

impl Cents {
    pub const ZERO: Self = Self(0);
    /// The most a card can be charged: eight digits (<https://docs.stripe.com/currencies>).
    pub const MOST: Self = Self(99_999_999);

    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    pub const fn get(self) -> i64 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    pub const fn of(self, currency: Currency) -> Money {
        Money { amount: self, currency }
    }

    /// Reads what people type: `25`, `$1,250`, `1250.00`, `USD 25.5`. Always more than zero and at
    /// most what a card can be charged.
    pub fn parse(typed: &str, currency: Currency) -> Result<Self, AmountError> {
        Self::parse_up_to(Self::MOST, typed, currency)
    }

    /// The same for a sum of many payments, such as a goal: at most `most`.
    pub fn parse_up_to(most: Self, typed: &str, currency: Currency) -> Result<Self, AmountError> {
        let lower = typed.trim().to_lowercase();
        let bare = lower
            .trim_start_matches(currency.code())
            .trim_end_matches(currency.code())
            .trim_matches(|c: char| c.is_whitespace() || "$€£¥+".contains(c));
        if bare.is_empty() {
            return Err(AmountError::Empty);
        }
        if bare.strip_prefix(['-', '−']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '$')) {
            return Err(AmountError::NotPositive);
        }
        let (whole, fraction) = bare.split_once('.').unwrap_or((bare, ""));
        let whole = ungroup(whole).ok_or(AmountError::NotAnAmount)?;
        if !fraction.bytes().all(|b| b.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
            return Err(AmountError::NotAnAmount);
        }
        let decimals = currency.decimals();
        let fraction = if decimals == 0 { fraction.trim_end_matches('0') } else { fraction };
        if fraction.len() > decimals {
            return Err(if decimals == 0 { AmountError::NoSmallerUnit } else { AmountError::TooPrecise(decimals) });
        }
        let digits = format!("{whole}{fraction:0<decimals$}");
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Err(AmountError::NotPositive);
        }
        match digits.parse() {
            Ok(cents) if cents <= most.0 => Ok(Self(cents)),
            _ if most == Self::MOST => Err(AmountError::TooLarge(most.of(currency))),
            _ => Err(AmountError::Beyond(most.of(currency))),
        }
    }

    /// The amount as it is typed into a field: digits and a point, nothing else.
    pub fn plain(self, currency: Currency) -> String {
        let mut text = String::with_capacity(16);
        self.put_plain(currency, &mut text);
        text
    }

    /// As [`Cents::plain`], at the end of a text.
    pub fn put_plain(self, currency: Currency, text: &mut String) {
        let (sign, decimals) = (if self.0 < 0 { "-" } else { "" }, currency.decimals());
        let unit = if decimals == 0 {
            1
        } else if decimals == 2 {
            100
        } else {
            1_000
        };
        let (whole, fraction) = (self.0.unsigned_abs() / unit, self.0.unsigned_abs() % unit);
        let written =
            if decimals == 0 { write!(text, "{sign}{whole}") } else { write!(text, "{sign}{whole}.{fraction:0decimals$}") };
        written.expect("a string takes what is written");
    }
}

/// Takes group commas out of `1,250`; refuses `12,50`, whose meaning is not sure.
fn ungroup(whole: &str) -> Option<String> {
    let whole = whole.replace([' ', '\u{a0}', '\u{202f}'], ",");
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let mut plain = first.to_owned();
    let mut grouped = false;
    for group in groups {
        if group.len() != 3 || !digits(group) {
            return None;
        }
        plain.push_str(group);
        grouped = true;
    }
    (digits(first) && (!grouped || (1..=3).contains(&first.len()))).then_some(plain)
}

impl Add for Cents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Cents {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Cents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Cents {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// An amount and its currency, as a person reads it: `$1,250.00`, `¥1,250`, `CHF 10.00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Money {
    pub amount: Cents,
    pub currency: Currency,
}

impl Money {
    pub const fn new(amount: Cents, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Without the cents when they are zero: `$25`, `$25.50`. For buttons and headlines.
    pub fn short(self) -> String {
        let full = self.to_string();
        match full.split_once('.') {
            Some((whole, cents)) if cents.bytes().all(|b| b == b'0') => whole.to_owned(),
            _ => full,
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.amount.plain(self.currency);
        let (minus, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("−", rest));
        let (whole, fraction) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
        write!(f, "{minus}{}{}{fraction}", self.currency.sign(), super::text::group_digits(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usd(s: &str) -> Result<i64, AmountError> {
        Cents::parse(s, Currency::USD).map(Cents::get)
    }

    #[test]
    fn reads_what_donors_type() {
        for (typed, cents) in [
            ("25", 2_500),
            (" $25 ", 2_500),
            ("25.50", 2_550),
            ("25.5", 2_550),
            (".50", 50),
            ("$1,250", 125_000),
            ("1250.00", 125_000),
            ("1 250", 125_000),
            ("USD 25", 2_500),
            ("25 usd", 2_500),
            ("0.01", 1),
            ("999,999.99", 99_999_999),
        ] {
            assert_eq!(usd(typed), Ok(cents), "{typed}");
        }
        for nonsense in ["-", "12,50", "1e3", "ten", "1.2.3", "1,,000", "١٢", "$", "0x10"] {
            assert!(usd(nonsense).is_err(), "{nonsense}");
        }
        assert_eq!(usd("0.00"), Err(AmountError::NotPositive));
        assert_eq!(usd("-5"), Err(AmountError::NotPositive));
        assert_eq!(usd("5.005"), Err(AmountError::TooPrecise(2)));
        assert!(matches!(usd("1000000"), Err(AmountError::TooLarge(_))));
        assert!(matches!(usd("99999999999999999999999"), Err(AmountError::TooLarge(_))));
    }

    #[test]
    fn a_yen_has_no_cents() {
        let jpy = "JPY".parse().unwrap();
        assert_eq!(Cents::parse("1,250", jpy), Ok(Cents::new(1_250)));
        assert_eq!(Cents::parse("1250.00", jpy), Ok(Cents::new(1_250)));
        assert_eq!(Cents::parse("12.5", jpy), Err(AmountError::NoSmallerUnit));
        assert_eq!(Cents::new(1_250).of(jpy).to_string(), "¥1,250");
        assert_eq!(Cents::new(1_500).of("kwd".parse().unwrap()).to_string(), "KWD 1.500");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(cents in 1_i64..=99_999_999, which in 0_usize..135) {
            let all = Currency::all();
            let currency = all[which % all.len()];
            let money = Cents::new(cents).of(currency);
            prop_assert_eq!(Cents::parse(&money.to_string(), currency), Ok(Cents::new(cents)));
            prop_assert_eq!(Cents::parse(&Cents::new(cents).plain(currency), currency), Ok(Cents::new(cents)));
        }
    }
}
