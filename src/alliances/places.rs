//! States, and which state a ZIP code belongs to: the first three digits tell it.
//!
//! Source: United States Postal Service, Publication 65 and Labeling List L002, "3-Digit ZIP Code Prefix
//! Matrix". Military prefixes and those not in use belong to no state.
use super::{Grain, Territory};

/// Two letters and the name, by name.
#[rustfmt::skip]
pub(super) const STATES: &[(&str, &str)] = &[
    ("AL", "Alabama"), ("AK", "Alaska"), ("AS", "American Samoa"), ("AZ", "Arizona"), ("AR", "Arkansas"), ("CA", "California"),
    ("CO", "Colorado"), ("CT", "Connecticut"), ("DE", "Delaware"), ("DC", "District of Columbia"), ("FL", "Florida"),
    ("GA", "Georgia"), ("GU", "Guam"), ("HI", "Hawaii"), ("ID", "Idaho"), ("IL", "Illinois"), ("IN", "Indiana"), ("IA", "Iowa"),
    ("KS", "Kansas"), ("KY", "Kentucky"), ("LA", "Louisiana"), ("ME", "Maine"), ("MD", "Maryland"), ("MA", "Massachusetts"),
    ("MI", "Michigan"), ("MN", "Minnesota"), ("MS", "Mississippi"), ("MO", "Missouri"), ("MT", "Montana"), ("NE", "Nebraska"),
    ("NV", "Nevada"), ("NH", "New Hampshire"), ("NJ", "New Jersey"), ("NM", "New Mexico"), ("NY", "New York"),
    ("NC", "North Carolina"), ("ND", "North Dakota"), ("MP", "Northern Mariana Islands"), ("OH", "Ohio"), ("OK", "Oklahoma"),
    ("OR", "Oregon"), ("PA", "Pennsylvania"), ("PR", "Puerto Rico"), ("RI", "Rhode Island"), ("SC", "South Carolina"),
    ("SD", "South Dakota"), ("TN", "Tennessee"), ("TX", "Texas"), ("UT", "Utah"), ("VT", "Vermont"), ("VA", "Virginia"),
    ("VI", "Virgin Islands"), ("WA", "Washington"), ("WV", "West Virginia"), ("WI", "Wisconsin"), ("WY", "Wyoming"),
];

/// First and last prefix of each stretch, in order.
#[rustfmt::skip]
const PREFIXES: &[(u16, u16, &str)] = &[
    (5, 5, "NY"), (6, 7, "PR"), (8, 8, "VI"), (9, 9, "PR"), (10, 27, "MA"), (28, 29, "RI"), (30, 38, "NH"), (39, 49, "ME"),
    (50, 54, "VT"), (55, 55, "MA"), (56, 59, "VT"), (60, 69, "CT"), (70, 89, "NJ"), (100, 149, "NY"), (150, 196, "PA"),
    (197, 199, "DE"), (200, 200, "DC"), (201, 201, "VA"), (202, 205, "DC"), (206, 219, "MD"), (220, 246, "VA"), (247, 268, "WV"),
    (270, 289, "NC"), (290, 299, "SC"), (300, 319, "GA"), (320, 339, "FL"), (341, 342, "FL"), (344, 344, "FL"), (346, 347, "FL"),
    (349, 349, "FL"), (350, 369, "AL"), (370, 385, "TN"), (386, 397, "MS"), (398, 399, "GA"), (400, 427, "KY"), (430, 459, "OH"),
    (460, 479, "IN"), (480, 499, "MI"), (500, 528, "IA"), (530, 549, "WI"), (550, 567, "MN"), (569, 569, "DC"), (570, 577, "SD"),
    (580, 588, "ND"), (590, 599, "MT"), (600, 629, "IL"), (630, 658, "MO"), (660, 679, "KS"), (680, 693, "NE"), (700, 714, "LA"),
    (716, 729, "AR"), (730, 732, "OK"), (733, 733, "TX"), (734, 749, "OK"), (750, 799, "TX"), (800, 816, "CO"), (820, 831, "WY"),
    (832, 838, "ID"), (840, 847, "UT"), (850, 865, "AZ"), (870, 884, "NM"), (885, 885, "TX"), (889, 898, "NV"), (900, 961, "CA"),
    (967, 968, "HI"), (969, 969, "GU"), (970, 979, "OR"), (980, 994, "WA"), (995, 999, "AK"),
];

/// The name of a state by its two letters.
pub(super) fn state_name(code: &str) -> Option<&'static str> {
    STATES.iter().find(|(c, _)| *c == code).map(|(_, name)| *name)
}

/// The state of a ZIP code, or of its first three digits or more; of two letters; of a name.
pub fn state_of(typed: &str) -> Option<&'static str> {
    let typed = typed.trim();
    let digits: String = typed.chars().take_while(char::is_ascii_digit).collect();
    if (3..=5).contains(&digits.len()) && typed[digits.len()..].chars().all(|c| c == '-' || c.is_ascii_digit()) {
        let prefix: u16 = digits[..3].parse().ok()?;
        return PREFIXES.iter().find(|(first, last, _)| (*first..=*last).contains(&prefix)).map(|(.., code)| *code);
    }
    STATES.iter().find(|(code, name)| code.eq_ignore_ascii_case(typed) || name.eq_ignore_ascii_case(typed)).map(|(code, _)| *code)
}

/// For a list to choose from, the first entry choosing none.
pub(super) fn choices(none: &str) -> Vec<(String, String)> {
    std::iter::once((String::new(), none.to_owned()))
        .chain(STATES.iter().map(|(code, name)| ((*code).to_owned(), (*name).to_owned())))
        .collect()
}

/// `Minneapolis and Saint Paul, Minnesota; Pierce County, Wisconsin`.
pub(super) fn in_words(territories: &[Territory]) -> String {
    let mut groups: Vec<(Option<&str>, Vec<&str>)> = Vec::new();
    for place in territories {
        let state = place.state_code.as_deref().filter(|_| place.grain != Grain::State);
        match groups.iter_mut().find(|(of, _)| *of == state) {
            Some((_, names)) => names.push(&place.name),
            None => groups.push((state, vec![&place.name])),
        }
    }
    let words: Vec<String> = groups
        .iter()
        .map(|(state, names)| {
            let names = match names.as_slice() {
                [one] => (*one).to_owned(),
                [first @ .., last] => format!("{} and {last}", first.join(", ")),
                [] => String::new(),
            };
            state.map_or(names.clone(), |code| format!("{names}, {}", state_name(code).unwrap_or(code)))
        })
        .collect();
    words.join("; ")
}

/// Whether a territory lies in a state, or covers it.
pub(super) fn reaches(territories: &[Territory], code: &str) -> bool {
    territories.iter().any(|t| t.grain == Grain::Country || t.state_code.as_deref() == Some(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_code_tells_the_state() {
        for (typed, code) in [
            ("55105", "MN"),
            ("55105-1234", "MN"),
            ("551", "MN"),
            ("10027", "NY"),
            ("00501", "NY"),
            ("02138", "MA"),
            ("05501", "MA"),
            ("05602", "VT"),
            ("20001", "DC"),
            ("20101", "VA"),
            ("39901", "GA"),
            ("39530", "MS"),
            ("73301", "TX"),
            ("73102", "OK"),
            ("79901", "TX"),
            ("88510", "TX"),
            ("96813", "HI"),
            ("99501", "AK"),
            ("00901", "PR"),
            ("00802", "VI"),
            ("mn", "MN"),
            ("Minnesota", "MN"),
            (" new york ", "NY"),
        ] {
            assert_eq!(state_of(typed), Some(code), "{typed}");
        }
        for typed in ["", "55", "09001", "34001", "96201", "00101", "551051", "55105x", "Minnesot", "é"] {
            assert_eq!(state_of(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_stretches_are_in_order_and_name_known_states() {
        assert!(PREFIXES.windows(2).all(|pair| pair[0].1 < pair[1].0) && PREFIXES.iter().all(|(first, last, _)| first <= last));
        assert!(PREFIXES.iter().all(|(.., code)| state_name(code).is_some()));
    }

    #[test]
    fn a_territory_reads_as_people_say_it() {
        let place = |grain, name: &str, state: Option<&str>| Territory {
            id: super::super::TerritoryId::new(),
            alliance_id: super::super::AllianceId::new(),
            grain,
            name: name.into(),
            state_code: state.map(Into::into),
        };
        let places = [
            place(Grain::City, "Minneapolis", Some("MN")),
            place(Grain::City, "Saint Paul", Some("MN")),
            place(Grain::State, "Iowa", Some("IA")),
            place(Grain::Region, "The Great Lakes", None),
        ];
        assert_eq!(in_words(&places), "Minneapolis and Saint Paul, Minnesota; Iowa and The Great Lakes");
        assert!(reaches(&places, "IA") && !reaches(&places, "WI"));
    }
}
