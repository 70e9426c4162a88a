//! What staff decide about giving, and the arithmetic of the covered fee.
use crate::{
    kernel::{Cents, Currency},
    settings::Setting,
};

/// How many checkouts may be asked for in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limit {
    pub most: i64,
    pub seconds: i64,
}

/// The donate page, as staff set it up.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Giving {
    /// The kill switch: no gift is begun while it is on.
    pub paused: bool,
    /// What visitors read then, after the sentence that giving is paused.
    pub paused_because: String,
    pub currency: Currency,
    pub suggested: Vec<Cents>,
    /// The least a gift may be. Tiny gifts are how stolen cards are tried.
    pub least: Cents,
    pub most: Cents,
    /// The payment service's share, in millionths of what is charged.
    pub fee_ppm: i64,
    /// And its fixed part.
    pub fee_fixed: Cents,
    /// What the states require under a solicitation, a paragraph each.
    pub disclosures: Vec<String>,
    /// Against card testing, by visitor's address.
    pub per_address: Limit,
    /// By donor's e-mail address.
    pub per_email: Limit,
    /// By everybody together.
    pub overall: Limit,
    /// A form that comes back sooner after its page was opened, in seconds, is held back; 0 holds none.
    pub fastest: i64,
    /// So many declined cards raise an alarm.
    pub burst: Limit,
    /// And pause giving at once.
    pub pause_on_burst: bool,
}

impl Default for Giving {
    fn default() -> Self {
        Self {
            paused: false,
            paused_because: String::new(),
            currency: Currency::USD,
            suggested: [2_500, 5_000, 10_000, 25_000].map(Cents::new).to_vec(),
            least: Cents::new(500),
            most: Cents::new(2_500_000),
            fee_ppm: 29_000,
            fee_fixed: Cents::new(30),
            disclosures: Vec::new(),
            per_address: Limit { most: 10, seconds: 600 },
            per_email: Limit { most: 6, seconds: 600 },
            overall: Limit { most: 60, seconds: 60 },
            fastest: 2,
            burst: Limit { most: 15, seconds: 600 },
            pause_on_burst: false,
        }
    }
}

impl Setting for Giving {
    const KEY: &'static str = "giving";
}

impl Giving {
    /// What the donor adds so that `intended` is left after the fee: the least amount for which
    /// charged − fee ≥ intended, that is charged = ⌈(intended + fixed) / (1 − rate)⌉.
    pub fn cover(&self, intended: Cents) -> Cents {
        let whole = 1_000_000_i128;
        let kept = (whole - i128::from(self.fee_ppm)).max(1);
        let wanted = i128::from(intended.get()) + i128::from(self.fee_fixed.get());
        let mut charged = (wanted * whole + kept - 1) / kept;
        if self.currency.decimals() == 3 {
            // The last digit of a currency of three decimals is zero (<https://docs.stripe.com/currencies>).
            charged = (charged + 9) / 10 * 10;
        }
        let charged = i64::try_from(charged).unwrap_or(i64::MAX);
        Cents::new(charged - intended.get())
    }

    /// What the payment service keeps of a charge, by its published rate, rounded up.
    pub fn expected_fee(&self, charged: Cents) -> Cents {
        let share = i128::from(charged.get()) * i128::from(self.fee_ppm);
        let share = (share + 999_999) / 1_000_000;
        Cents::new(i64::try_from(share).unwrap_or(i64::MAX) + self.fee_fixed.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_hundred_dollars_stay_one_hundred_dollars() {
        let giving = Giving::default();
        assert_eq!(giving.cover(Cents::new(10_000)), Cents::new(330));
        assert_eq!(giving.expected_fee(Cents::new(10_330)), Cents::new(330));
    }

    proptest! {
        #[test]
        fn the_covered_fee_is_enough_and_not_a_cent_more(intended in 1_i64..=90_000_000, ppm in 0_i64..200_000, fixed in 0_i64..200) {
            let giving = Giving { fee_ppm: ppm, fee_fixed: Cents::new(fixed), ..Giving::default() };
            let left = |charged: i64| i128::from(charged - fixed) * 1_000_000 - i128::from(charged) * i128::from(ppm);
            let charged = intended + giving.cover(Cents::new(intended)).get();
            prop_assert!(left(charged) >= i128::from(intended) * 1_000_000);
            prop_assert!(left(charged - 1) < i128::from(intended) * 1_000_000);
        }

        /// However the service rounds its share, up, down or to the nearest.
        #[test]
        fn whatever_is_left_after_the_fee_is_the_gift_to_the_coin(
            steps in 1_i64..=9_000_000,
            ppm in 0_i64..100_000,
            fixed in 0_i64..200,
            currency in prop::sample::select(vec!["usd", "eur", "jpy", "krw", "kwd", "bhd"]),
        ) {
            let currency: Currency = currency.parse().unwrap();
            let coin = if currency.decimals() == 3 { 10 } else { 1 };
            let giving = Giving { currency, fee_ppm: ppm, fee_fixed: Cents::new(fixed), ..Giving::default() };
            let intended = steps * coin;
            let charged = intended + giving.cover(Cents::new(intended)).get();
            prop_assert!(charged % coin == 0);
            let share = i128::from(charged) * i128::from(ppm);
            for rounded in [share / 1_000_000, (share + 500_000) / 1_000_000, (share + 999_999) / 1_000_000] {
                let left = charged - fixed - i64::try_from(rounded).unwrap();
                prop_assert!(left > intended - coin, "{left} is left of {intended}");
                prop_assert!(left <= intended + coin, "{left} is left of {intended}");
            }
        }
    }
}
