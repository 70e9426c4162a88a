//! The rows in which a gift is split over funds, on their way in: each a fund with an amount or a percentage. One row
//! may be left without and takes the rest. What does not add up is said beside its row.
use super::{Piece, divide};
use crate::{
    gifts::{Fund, FundId},
    kernel::{Cents, Currency, Money},
    web::{Draft, Field, field},
};
use maud::{Markup, html};

/// All of it, in hundredths of a percent.
const WHOLE: i64 = 10_000;

/// The rows as they were typed.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "they are named as in the form, where other fields stand beside them")]
pub(in crate::gifts) struct Rows {
    part_fund_1: String,
    part_share_1: String,
    part_fund_2: String,
    part_share_2: String,
    part_fund_3: String,
    part_share_3: String,
    part_fund_4: String,
    part_share_4: String,
}

/// Names of the fields of a row, and what they are called.
const ROWS: [[&str; 4]; 4] = [
    ["part_fund_1", "part_share_1", "First fund", "Amount or % for the first fund"],
    ["part_fund_2", "part_share_2", "Second fund", "Amount or % for the second fund"],
    ["part_fund_3", "part_share_3", "Third fund", "Amount or % for the third fund"],
    ["part_fund_4", "part_share_4", "Fourth fund", "Amount or % for the fourth fund"],
];

impl Rows {
    fn values(&self) -> [[&str; 2]; 4] {
        [
            [self.part_fund_1.trim(), self.part_share_1.trim()],
            [self.part_fund_2.trim(), self.part_share_2.trim()],
            [self.part_fund_3.trim(), self.part_share_3.trim()],
            [self.part_fund_4.trim(), self.part_share_4.trim()],
        ]
    }

    /// Keeps them as they were typed.
    pub(in crate::gifts) fn keep(&self, draft: &mut Draft) {
        for ([fund, share, ..], [slug, typed]) in ROWS.iter().zip(self.values()) {
            draft.keep(fund, slug);
            draft.keep(share, typed);
        }
    }

    /// Whether anything was typed: otherwise all of the gift goes to one fund.
    pub(in crate::gifts) fn any(&self) -> bool {
        self.values().iter().flatten().any(|value| !value.is_empty())
    }
}

/// The rows that stand for these pieces.
pub(in crate::gifts) fn filled(draft: &mut Draft, pieces: &[Piece], funds: &[Fund], currency: Currency) {
    for ([fund, share, ..], piece) in ROWS.iter().zip(pieces) {
        draft.keep(fund, funds.iter().find(|fund| fund.id == piece.fund).map_or("", |fund| &fund.slug));
        draft.keep(share, &piece.amount.plain(currency));
    }
}

/// The rows once more, unseen.
pub(in crate::gifts) fn hidden(draft: &Draft) -> Markup {
    html! {
        @for name in ROWS.iter().flat_map(|row| &row[..2]).filter(|name| !draft.value(name).is_empty()) {
            input type="hidden" name=(name) value=(draft.value(name));
        }
    }
}

/// The rows as a part of a form that can be opened.
pub(in crate::gifts) fn section(funds: &[Fund], draft: &Draft, summary: &str, hint: &str) -> Markup {
    let used = ROWS.iter().flat_map(|row| &row[..2]).any(|name| !draft.value(name).is_empty() || draft.error(name).is_some());
    let none = std::iter::once(("", "None"));
    let choices: Vec<_> = none.chain(funds.iter().map(|fund| (fund.slug.as_str(), fund.name.as_str()))).collect();
    html! {
        details open[used] {
            summary { (summary) }
            p.hint { (hint) " Write amounts, such as 60.00, or percentages, such as 60%. One row may be left without: it takes the rest." }
            @for [fund, share, fund_label, share_label] in ROWS {
                (Field { width: "medium", optional: true, ..field(fund, fund_label) }.select(draft, &choices))
                (Field { width: "short", optional: true, autocomplete: Some("off"), ..field(share, share_label) }.input(draft))
            }
        }
    }
}

/// What stands in one row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    Amount(Cents),
    /// In hundredths of a percent.
    Percent(i64),
    Rest,
}

fn share(typed: &str, currency: Currency) -> Result<Share, String> {
    if typed.is_empty() {
        return Ok(Share::Rest);
    }
    let Some(number) = typed.strip_suffix('%').or_else(|| typed.strip_suffix("percent")) else {
        return Cents::parse_up_to(Cents::new(i64::MAX / 4), typed, currency)
            .map(Share::Amount)
            .map_err(|reason| reason.to_string());
    };
    let wrong = || "Enter a percentage such as 60% or 33.33%, with at most two decimal places".to_owned();
    let number = number.trim().replace(',', ".");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let digits = |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole, 3) || !digits(fraction, 2) || whole.len() + fraction.len() == 0 {
        return Err(wrong());
    }
    let hundredths: i64 = format!("{whole}{fraction:0<2}").parse().map_err(|_| wrong())?;
    if hundredths == 0 { Err("Enter more than 0%, or leave the row empty".to_owned()) } else { Ok(Share::Percent(hundredths)) }
}

/// `33.33%`.
fn percent(hundredths: i64) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The pieces that the rows make of a gift; or nothing, and what does not add up is said in the draft.
pub(in crate::gifts) fn read(draft: &mut Draft, rows: &Rows, funds: &[Fund], gift: Money) -> Option<Vec<Piece>> {
    let mut typed: Vec<(FundId, Share, &str)> = Vec::new();
    let mut right = true;
    let mut refuse = |draft: &mut Draft, field: &str, reason: String| {
        draft.reject(field, reason);
        right = false;
    };
    for ([fund_field, share_field, ..], [slug, text]) in ROWS.into_iter().zip(rows.values()) {
        if slug.is_empty() && text.is_empty() {
            continue;
        }
        let fund = funds.iter().find(|fund| fund.slug == slug).map(|fund| fund.id);
        match fund {
            None => refuse(draft, fund_field, "Choose the fund this share is for".to_owned()),
            Some(fund) if typed.iter().any(|(other, ..)| *other == fund) => {
                refuse(draft, fund_field, "This fund has a row already. Choose another, or put both into one row".to_owned());
            }
            Some(_) => {}
        }
        match share(text, gift.currency) {
            Ok(Share::Rest) if typed.iter().any(|(_, share, _)| *share == Share::Rest) => {
                refuse(draft, share_field, "Only one row can take the rest. Enter an amount or a percentage here".to_owned());
            }
            Ok(share) => typed.extend(fund.map(|fund| (fund, share, share_field))),
            Err(reason) => refuse(draft, share_field, reason),
        }
    }
    let (_, _, last) = *typed.last()?;
    if !right {
        return None;
    }
    let amounts: Vec<_> =
        typed.iter().filter_map(|(_, share, _)| if let Share::Amount(amount) = *share { Some(amount) } else { None }).collect();
    let percents: Vec<_> =
        typed.iter().filter_map(|(_, share, _)| if let Share::Percent(part) = *share { Some(part) } else { None }).collect();
    let rest = typed.iter().find(|(_, share, _)| *share == Share::Rest).map(|(_, _, field)| *field);
    if !amounts.is_empty() && !percents.is_empty() {
        draft.reject(last, "Enter amounts in all rows, or percentages in all rows");
        return None;
    }
    let (sum, whole) = if percents.is_empty() {
        (amounts.iter().map(|amount| i128::from(amount.get())).sum(), i128::from(gift.amount.get()))
    } else {
        (percents.iter().map(|part| i128::from(*part)).sum(), i128::from(WHOLE))
    };
    let said = |number: i128| {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        if percents.is_empty() { Cents::new(number).of(gift.currency).to_string() } else { percent(number) }
    };
    let all = if percents.is_empty() { format!("the gift is {gift}") } else { "a gift is 100%".to_owned() };
    let wrong = match (rest, whole - sum) {
        (None, left) if left > 0 => Some((last, format!("The rows come to {} and {all}: {} is missing", said(sum), said(left)))),
        (_, left) if left < 0 => {
            Some((last, format!("The rows come to {} and {all}: that is {} too much", said(sum), said(-left))))
        }
        (Some(field), 0) => {
            Some((field, "The other rows come to the whole gift already, so nothing is left for this one".to_owned()))
        }
        _ => None,
    };
    if let Some((field, reason)) = wrong {
        draft.reject(field, reason);
        return None;
    }
    let weight = |share: Share| match share {
        Share::Amount(amount) => amount,
        Share::Percent(part) => Cents::new(part),
        Share::Rest => Cents::new(i64::try_from(whole - sum).unwrap_or_default()),
    };
    let weights: Vec<_> = typed.iter().map(|(_, share, _)| weight(*share)).collect();
    let shares = divide(gift.amount, &weights);
    if let Some(((_, _, field), _)) = typed.iter().zip(&shares).find(|(_, share)| share.is_zero()) {
        draft.reject(field, "So small a share of this gift is less than its smallest coin. Leave the row empty");
        return None;
    }
    Some(typed.iter().zip(shares).map(|((fund, ..), amount)| Piece { fund: *fund, amount }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gifts::Restriction;
    use proptest::prelude::*;

    fn funds() -> Vec<Fund> {
        let fund = |slug: &str| Fund {
            id: FundId::new(),
            slug: slug.to_owned(),
            name: slug.to_uppercase(),
            description: String::new(),
            restriction: Restriction::None,
            open: true,
            position: 0,
        };
        ["a", "b", "c", "d"].into_iter().map(fund).collect()
    }

    fn rows(shares: &[&str]) -> Rows {
        let one = |place: usize| (["a", "b", "c", "d"][place].to_owned(), shares.get(place).map(|share| (*share).to_owned()));
        let [first, second, third, fourth] = [0, 1, 2, 3].map(|place| {
            let (slug, share) = one(place);
            share.map_or_else(Default::default, |share| (slug, share))
        });
        Rows {
            part_fund_1: first.0,
            part_share_1: first.1,
            part_fund_2: second.0,
            part_share_2: second.1,
            part_fund_3: third.0,
            part_share_3: third.1,
            part_fund_4: fourth.0,
            part_share_4: fourth.1,
        }
    }

    fn split(cents: i64, shares: &[&str]) -> Result<Vec<i64>, String> {
        let mut draft = Draft::default();
        let pieces = read(&mut draft, &rows(shares), &funds(), Cents::new(cents).of(Currency::USD));
        pieces.map(|pieces| pieces.iter().map(|piece| piece.amount.get()).collect()).ok_or_else(|| draft.errors()[0].1.clone())
    }

    #[test]
    fn rows_come_to_the_gift_by_amount_by_percent_and_by_the_rest() {
        assert_eq!(split(10_000, &["60.00", "$40"]), Ok(vec![6_000, 4_000]));
        assert_eq!(split(10_001, &["60%", "40 %"]), Ok(vec![6_001, 4_000]));
        assert_eq!(split(10_000, &["33.33%", "33,33%", ""]), Ok(vec![3_333, 3_333, 3_334]));
        assert_eq!(split(10_000, &["", "25"]), Ok(vec![7_500, 2_500]));
        assert_eq!(split(10_000, &["100%"]), Ok(vec![10_000]));
    }

    #[test]
    fn what_does_not_add_up_is_said() {
        for (shares, words) in [
            (&["60", "30"][..], "The rows come to $90.00 and the gift is $100.00: $10.00 is missing"),
            (&["60", "50"], "that is $10.00 too much"),
            (&["60%", "30.5%"], "The rows come to 90.5% and a gift is 100%: 9.5% is missing"),
            (&["60%", "50%"], "that is 10% too much"),
            (&["60%", "40"], "amounts in all rows, or percentages in all rows"),
            (&["60", "40", ""], "nothing is left for this one"),
            (&["60", "", ""], "Only one row can take the rest"),
            (&["60", "-40"], "more than zero"),
            (&["60%", "forty%"], "such as 60% or 33.33%"),
            (&["60%", "0%"], "more than 0%"),
        ] {
            let said = split(10_000, shares).unwrap_err();
            assert!(said.contains(words), "{shares:?}: {said}");
        }
        assert!(split(1, &["50%", "50%"]).unwrap_err().contains("smallest coin"));
    }

    proptest! {
        #[test]
        fn a_split_by_percent_always_comes_to_the_gift(cents in 10_000_i64..10_000_000_000, cuts in prop::collection::vec(1_i64..3_333, 1..4)) {
            let mut shares: Vec<String> = cuts.iter().map(|cut| percent(*cut)).collect();
            shares.push(percent(WHOLE - cuts.iter().sum::<i64>()));
            let shares: Vec<&str> = shares.iter().map(String::as_str).collect();
            let pieces = split(cents, &shares).unwrap();
            prop_assert_eq!(pieces.iter().sum::<i64>(), cents);
            prop_assert!(pieces.iter().all(|piece| *piece > 0));
        }
    }
}
