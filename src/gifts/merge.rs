//! Letters with fields: `Dear {name},`. It refuses a field it does not know, and a brace that is not closed, when the
//! letter is saved and not when it is sent.
use crate::kernel::text;

/// Each field, and what stands in its place.
pub(super) const FIELDS: &[(&str, &str)] = &[
    ("name", "the donor’s name"),
    ("amount", "what was given, such as $250.00"),
    ("date", "the day of the gift"),
    ("fund", "where it goes"),
    ("tribute", "in honor or in memory of whom; nothing without a tribute"),
    ("sender", "who sends the letter"),
    ("coalition", "the coalition’s name"),
];

/// What one letter's fields stand for, in the order of [`FIELDS`].
pub(super) type Values = [String; FIELDS.len()];

/// A letter, cut into its words and its fields.
enum Piece<'a> {
    Words(&'a str),
    Field(&'a str),
}

fn pieces(letter: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = letter;
    while let Some(at) = rest.find(['{', '}']) {
        let (words, tail) = rest.split_at(at);
        found.push(Piece::Words(words));
        let field = tail.strip_prefix('{').and_then(|tail| tail.split_once('}')).filter(|(name, _)| !name.contains(['{', '\n']));
        let Some((name, after)) = field else {
            return Err(format!(
                "“{}”: a field begins with {{ and ends with }}",
                text::shorten(tail.lines().next().unwrap_or(tail), 20)
            ));
        };
        found.push(Piece::Field(name.trim()));
        rest = after;
    }
    found.push(Piece::Words(rest));
    Ok(found)
}

/// Refuses what could not be filled in; the sentence lists the fields there are.
pub(super) fn check(letter: &str) -> Result<(), String> {
    let unknown = |piece: &Piece<'_>| match piece {
        Piece::Field(name) if !FIELDS.iter().any(|(known, _)| known == name) => Some(format!("{{{name}}}")),
        _ => None,
    };
    let wrong: Vec<_> = pieces(letter)?.iter().filter_map(unknown).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let known: Vec<_> = FIELDS.iter().map(|(name, _)| format!("{{{name}}}")).collect();
    let (there, is) = if wrong.len() == 1 { ("There is no field", "") } else { ("There are no fields", "") };
    Err(format!("{there} {}{is}. The fields are {}", wrong.join(", "), known.join(", ")))
}

/// The letter with its fields filled in. A line that held nothing but fields that came out empty is left out, and
/// so is an empty line that would then follow another.
pub(super) fn fill(letter: &str, values: &Values) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in letter.lines() {
        // What is stored was checked; if not, it is shown as it stands.
        let Ok(pieces) = pieces(line) else {
            lines.push(line.to_owned());
            continue;
        };
        let filled: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Words(words) => words,
                Piece::Field(name) => {
                    FIELDS.iter().zip(values).find(|((known, _), _)| known == name).map_or("", |(_, value)| value)
                }
            })
            .collect();
        let emptied = filled.trim().is_empty() && !line.trim().is_empty();
        let doubled = filled.trim().is_empty() && lines.last().is_none_or(String::is_empty);
        if !emptied && !doubled {
            lines.push(filled.trim_end().to_owned());
        }
    }
    lines.join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(tribute: &str) -> Values {
        ["Ada", "$5.00", "3 March 2026", "Youth", tribute, "Isaac", "AMICC"].map(str::to_owned)
    }

    #[test]
    fn fields_are_filled_and_empty_lines_left_out() {
        let letter = "Dear {name},\n\nthank you for {amount}.\n\n{tribute}\n\n{ sender }";
        assert_eq!(fill(letter, &values("")), "Dear Ada,\n\nthank you for $5.00.\n\nIsaac");
        assert_eq!(fill(letter, &values("In honor of Bo")), "Dear Ada,\n\nthank you for $5.00.\n\nIn honor of Bo\n\nIsaac");
        assert_eq!(fill("{name} {{amount}}", &values("")), "{name} {{amount}}", "what was never checked is not half filled");
    }

    #[test]
    fn what_could_not_be_filled_is_refused_with_the_fields_there_are() {
        for good in ["", "Dear {name}", "{date}{fund}{tribute}{sender}{coalition}{amount}"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let told = check("Dear {nmae}, {name} {address}").unwrap_err();
        assert!(told.starts_with("There are no fields {nmae}, {address}. The fields are {name}, {amount}, {date}"), "{told}");
        for open in ["{name", "name}", "{{name}}", "{na\nme}"] {
            assert!(check(open).unwrap_err().contains("begins with {"), "{open}");
        }
    }
}
