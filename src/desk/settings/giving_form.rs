//! The form of the giving settings, read into numbers or given back as typed.
use crate::{
    gifts::{Giving, Limit},
    kernel::{Cents, Currency, text},
    web::Draft,
};

/// As typed.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    paused: String,
    paused_because: String,
    currency: String,
    suggested: String,
    least: String,
    most: String,
    fee_percent: String,
    fee_fixed: String,
    disclosures: String,
    per_address_most: String,
    per_address_seconds: String,
    per_email_most: String,
    per_email_seconds: String,
    overall_most: String,
    overall_seconds: String,
    fastest: String,
    burst_most: String,
    burst_seconds: String,
    pause_on_burst: String,
}

/// The form as it opens.
pub(super) fn draft_of(giving: &Giving) -> Draft {
    let plain = |amount: Cents| amount.plain(giving.currency);
    let suggested: Vec<_> = giving.suggested.iter().map(|a| plain(*a)).collect();
    let paused = if giving.paused { "yes" } else { "" };
    Draft::of([
        ("paused", paused.to_owned()),
        ("paused_because", giving.paused_because.clone()),
        ("currency", giving.currency.to_string()),
        ("suggested", suggested.join("; ")),
        ("least", plain(giving.least)),
        ("most", plain(giving.most)),
        ("fee_percent", percent(giving.fee_ppm)),
        ("fee_fixed", plain(giving.fee_fixed)),
        ("disclosures", giving.disclosures.join("\n\n")),
        ("per_address_most", giving.per_address.most.to_string()),
        ("per_address_seconds", giving.per_address.seconds.to_string()),
        ("per_email_most", giving.per_email.most.to_string()),
        ("per_email_seconds", giving.per_email.seconds.to_string()),
        ("overall_most", giving.overall.most.to_string()),
        ("overall_seconds", giving.overall.seconds.to_string()),
        ("fastest", giving.fastest.to_string()),
        ("burst_most", giving.burst.most.to_string()),
        ("burst_seconds", giving.burst.seconds.to_string()),
        ("pause_on_burst", if giving.pause_on_burst { "yes" } else { "" }.to_owned()),
    ])
}

impl Typed {
    /// The settings, or the form with what is wrong.
    pub(super) fn read(&self) -> Result<Giving, Draft> {
        let mut draft = Draft::default();
        draft.keep("paused", &self.paused);
        let paused_because = draft.optional_text("paused_because", &self.paused_because, 500);
        let currency = draft.read::<Currency>("currency", &self.currency);
        // Amounts need a currency to be read in; a wrong one is told by itself.
        let read_in = currency.unwrap_or(Currency::USD);
        let suggested = suggested(&mut draft, &self.suggested, read_in);
        let least = amount(&mut draft, "least", &self.least, read_in);
        let most = amount(&mut draft, "most", &self.most, read_in);
        if least.zip(most).is_some_and(|(least, most)| most < least) {
            draft.reject("most", "Enter an amount that is not below the smallest gift");
        }
        if let (Some(suggested), Some(least), Some(most)) = (&suggested, least, most)
            && suggested.iter().any(|a| *a < least || *a > most)
        {
            draft.reject("suggested", "Suggest only amounts between the smallest and the largest gift");
        }
        let fee_ppm = fee(&mut draft, &self.fee_percent);
        let fee_fixed = or_zero(&mut draft, "fee_fixed", &self.fee_fixed, read_in);
        let disclosures = draft
            .optional_text("disclosures", &self.disclosures, 5_000)
            .map(|all| all.split("\n\n").map(text::lines).filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>());
        let per_address = limit(&mut draft, "per_address", &self.per_address_most, &self.per_address_seconds);
        let per_email = limit(&mut draft, "per_email", &self.per_email_most, &self.per_email_seconds);
        let overall = limit(&mut draft, "overall", &self.overall_most, &self.overall_seconds);
        let fastest = seconds(&mut draft, "fastest", &self.fastest);
        let burst = limit(&mut draft, "burst", &self.burst_most, &self.burst_seconds);
        draft.keep("pause_on_burst", &self.pause_on_burst);
        let typed = (|| {
            Some(Giving {
                paused: !self.paused.is_empty(),
                paused_because: paused_because?,
                currency: currency?,
                suggested: suggested?,
                least: least?,
                most: most?,
                fee_ppm: fee_ppm?,
                fee_fixed: fee_fixed?,
                disclosures: disclosures?,
                per_address: per_address?,
                per_email: per_email?,
                overall: overall?,
                fastest: fastest?,
                burst: burst?,
                pause_on_burst: !self.pause_on_burst.is_empty(),
            })
        })();
        match typed {
            Some(giving) if draft.is_right() => Ok(giving),
            _ => Err(draft),
        }
    }
}

fn amount(draft: &mut Draft, field: &str, typed: &str, currency: Currency) -> Option<Cents> {
    draft.keep(field, typed);
    Cents::parse(typed, currency).map_err(|reason| draft.reject(field, reason.to_string())).ok()
}

/// An amount that may be nothing.
fn or_zero(draft: &mut Draft, field: &str, typed: &str, currency: Currency) -> Option<Cents> {
    let is_zero = typed.contains('0') && typed.trim().chars().all(|c| "0.".contains(c));
    if is_zero {
        draft.keep(field, typed);
        return Some(Cents::ZERO);
    }
    amount(draft, field, typed, currency)
}

fn suggested(draft: &mut Draft, typed: &str, currency: Currency) -> Option<Vec<Cents>> {
    draft.keep("suggested", typed);
    let mut all = Vec::new();
    for one in typed.split([';', '\n']).map(str::trim).filter(|one| !one.is_empty()) {
        match Cents::parse(one, currency) {
            Ok(amount) => all.push(amount),
            Err(reason) => {
                draft.reject("suggested", format!("“{one}”: {reason}"));
                return None;
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    if all.is_empty() || all.len() > 8 {
        draft.reject("suggested", "Suggest one to eight amounts, separated by semicolons");
        return None;
    }
    Some(all)
}

/// Percent with up to four decimals, as millionths.
fn fee(draft: &mut Draft, typed: &str) -> Option<i64> {
    draft.keep("fee_percent", typed);
    let bare = typed.trim().trim_end_matches('%').trim();
    let (whole, fraction) = bare.split_once('.').unwrap_or((bare, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let ppm = (digits(whole) && digits(fraction) && fraction.len() <= 4 && !whole.is_empty())
        .then(|| format!("{whole}{fraction:0<4}").parse::<i64>().ok())
        .flatten();
    if ppm.is_none_or(|ppm| ppm > 200_000) {
        draft.reject("fee_percent", "Enter a percentage such as 2.9, at most 20");
        return None;
    }
    ppm
}

fn percent(ppm: i64) -> String {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A short time, or none.
fn seconds(draft: &mut Draft, field: &str, typed: &str) -> Option<i64> {
    draft.keep(field, typed);
    let seconds = typed.trim().parse().ok().filter(|n| (0..=60).contains(n));
    if seconds.is_none() {
        draft.reject(field, "Enter a whole number from 0 to 60");
    }
    seconds
}

fn limit(draft: &mut Draft, name: &str, most: &str, seconds: &str) -> Option<Limit> {
    let mut whole = |part: &str, typed: &str, highest: i64| {
        let field = format!("{name}_{part}");
        draft.keep(&field, typed);
        let number = typed.trim().parse().ok().filter(|n| (1..=highest).contains(n));
        if number.is_none() {
            draft.reject(&field, format!("Enter a whole number from 1 to {}", text::number(highest)));
        }
        number
    };
    let (most, seconds) = (whole("most", most, 100_000), whole("seconds", seconds, 86_400));
    Some(Limit { most: most?, seconds: seconds? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_read_as_people_write_it() {
        let mut draft = Draft::default();
        assert_eq!(fee(&mut draft, "2.9 %"), Some(29_000));
        assert_eq!(fee(&mut draft, "0"), Some(0));
        assert_eq!(fee(&mut draft, "2.2525"), Some(22_525));
        for wrong in ["", "two", "2.90001", "-1", "21", "2,9"] {
            assert_eq!(fee(&mut Draft::default(), wrong), None, "{wrong}");
        }
        assert_eq!([29_000, 0, 22_525, 100_000].map(percent), ["2.9", "0", "2.2525", "10"]);
        assert_eq!(or_zero(&mut draft, "f", "0.00", Currency::USD), Some(Cents::ZERO));
        assert_eq!(or_zero(&mut draft, "f", "", Currency::USD), None);
    }
}
