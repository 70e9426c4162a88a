//! The states as the Postal Service abbreviates them (USPS Publication 28, appendix B).

const CODES: &str = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK \
                     OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI";

/// Reads state codes from a line such as `MN, wi and IA`: each once, in the order of the alphabet.
///
/// # Errors
/// The first word that is no state, as a sentence.
pub(super) fn states(typed: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for word in typed.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty() && !w.eq_ignore_ascii_case("and")) {
        let code = word.to_uppercase();
        if !CODES.split_whitespace().any(|known| known == code) {
            return Err(format!("“{word}” is not a state’s two letters. Write them such as MN, WI, IA"));
        }
        found.push(code);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::states;

    #[test]
    fn states_are_read_as_people_write_them() {
        assert_eq!(states("wi, MN and ia; MN"), Ok(vec!["IA".into(), "MN".into(), "WI".into()]));
        assert_eq!(states(" "), Ok(vec![]));
        assert!(states("MN, Wisconsin").unwrap_err().contains("Wisconsin"));
    }
}
