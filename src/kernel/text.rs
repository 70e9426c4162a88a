//! Words made readable: ordinals, slugs, plurals, grouped numbers.
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// `1st`, `2nd`, `3rd`, `11th`, `40th`.
pub fn ordinal(n: i64) -> String {
    let suffix = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{}{suffix}", number(n))
}

/// `first`, `thirty-ninth`, `two thousand five hundred twelfth`: how a certificate writes a number. From a
/// million on, and below one, it is [`ordinal`].
pub fn ordinal_in_words(n: i64) -> String {
    const ONES: [&str; 20] = [
        "",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    fn below_thousand(n: usize) -> String {
        let (hundreds, rest) = (n / 100, n % 100);
        let rest = match (rest / 10, rest % 10) {
            (0 | 1, _) => ONES[rest].to_owned(),
            (ten, 0) => TENS[ten].to_owned(),
            (ten, one) => format!("{}-{}", TENS[ten], ONES[one]),
        };
        match (hundreds, rest.is_empty()) {
            (0, _) => rest,
            (_, true) => format!("{} hundred", ONES[hundreds]),
            (_, false) => format!("{} hundred {rest}", ONES[hundreds]),
        }
    }
    let Some(n @ 1..1_000_000) = usize::try_from(n).ok() else { return ordinal(n) };
    let cardinal = match (n / 1_000, n % 1_000) {
        (0, rest) => below_thousand(rest),
        (thousands, 0) => format!("{} thousand", below_thousand(thousands)),
        (thousands, rest) => format!("{} thousand {}", below_thousand(thousands), below_thousand(rest)),
    };
    let (before, last) = cardinal.rfind([' ', '-']).map_or(("", cardinal.as_str()), |at| cardinal.split_at(at + 1));
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        other => other.strip_suffix('y').map_or_else(|| format!("{other}th"), |ten| format!("{ten}ieth")),
    };
    format!("{before}{last}")
}

/// `1 gift`, `2 gifts`, `1,250 gifts`.
pub fn count(n: i64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// `1,250`.
pub fn number(n: i64) -> String {
    let sign = if n < 0 { "−" } else { "" };
    format!("{sign}{}", group_digits(&n.unsigned_abs().to_string()))
}

/// Puts commas between groups of three digits.
pub fn group_digits(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(c);
    }
    grouped
}

/// Lower case, accents off: what a search compares.
pub fn fold(s: &str) -> String {
    let folded: String = caseless::default_case_fold_str(s).nfkd().filter(|c| !is_combining_mark(*c)).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part of an address that names a thing: `international-justice-project`. Never empty.
pub fn slug(s: &str) -> String {
    let words: Vec<String> = fold(s)
        .replace(['\'', '’'], "")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect();
    let mut slug = String::new();
    for word in words {
        if !slug.is_empty() && slug.len() + word.len() > 80 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word);
    }
    if slug.is_empty() { "record".to_owned() } else { slug }
}

/// At most `most` characters, cut at a word, with an ellipsis when something was cut.
pub fn shorten(s: &str, most: usize) -> String {
    if s.chars().count() <= most {
        return s.to_owned();
    }
    let cut: String = s.chars().take(most).collect();
    let end = cut.rfind(char::is_whitespace).filter(|end| *end > 0).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}

/// One line typed by a person: trimmed, inner white space single, control characters gone.
pub fn line(s: &str) -> String {
    let clean: String = s.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Several lines typed by a person: line ends `\n`, other control characters gone, trimmed.
pub fn lines(s: &str) -> String {
    s.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_writes_numbers_out() {
        for (n, words) in [
            (1, "first"),
            (12, "twelfth"),
            (20, "twentieth"),
            (39, "thirty-ninth"),
            (40, "fortieth"),
            (100, "one hundredth"),
            (111, "one hundred eleventh"),
            (2_512, "two thousand five hundred twelfth"),
            (30_000, "thirty thousandth"),
            (0, "0th"),
            (1_000_000, "1,000,000th"),
        ] {
            assert_eq!(ordinal_in_words(n), words);
        }
    }

    #[test]
    fn words_read_as_people_write_them() {
        assert_eq!(
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "40th", "111th", "1,002nd"].map(str::to_owned),
            [1, 2, 3, 4, 11, 12, 13, 21, 40, 111, 1002].map(ordinal)
        );
        assert_eq!(count(1, "gift", "gifts"), "1 gift");
        assert_eq!(count(1250, "gift", "gifts"), "1,250 gifts");
        assert_eq!(slug("Women’s Initiatives — Café Société, Inc."), "womens-initiatives-cafe-societe-inc");
        assert_eq!(slug("***"), "record");
        assert_eq!(fold("  STRASSE  Ünited "), fold("straße united"));
        assert_eq!(shorten("a long sentence here", 10), "a long…");
        assert_eq!(line(" a\t b\u{0}c\r\n"), "a b c");
    }
}
