//! Letters without the links that act for their reader.

/// The shortest part of an address that may be a signed link.
const LONG: usize = 40;

/// The text with every long part of our own addresses replaced: who may not act does not get another's
/// signed link.
pub(super) fn without_links(body: &str, base_url: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find(base_url) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from.find(|c: char| c.is_whitespace() || "\"'<>".contains(c)).unwrap_or(from.len());
        let (address, after) = from.split_at(end);
        let mut first = true;
        for part in address.split_inclusive(['/', '?', '&', '=', '#']) {
            out.push_str(if !first && part.len() > LONG { "hidden" } else { part });
            first = false;
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_taken_out_and_the_rest_stays() {
        let token = "A".repeat(90);
        let base = "https://members.example.org";
        let body = format!(
            "See {base}/members/39-international-justice-project and\n{base}/gift/{token}\n<a href=\"{base}/a?t={token}\">x</a>"
        );
        let shown = without_links(&body, base);
        assert!(!shown.contains(&token));
        assert!(shown.contains("/members/39-international-justice-project and"));
        assert!(shown.contains("/gift/hidden\n") && shown.contains("?t=hidden\">x</a>"), "{shown}");
        assert_eq!(without_links("nothing here", base), "nothing here");
    }
}
