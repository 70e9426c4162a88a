//! What is compared of a name and of a web address: what stays when writing habits are taken away.
use crate::kernel::text;

/// How a legal form is written at the end of a name.
const FORMS: &[&str] =
    &["inc", "incorporated", "llc", "ltd", "limited", "corp", "corporation", "co", "company", "nfp", "npo", "pbc", "ngo"];
/// Where many organizations have their pages: the host says nothing about whose it is.
const SHARED: &[&str] = &[
    "facebook.com",
    "instagram.com",
    "linkedin.com",
    "x.com",
    "twitter.com",
    "youtube.com",
    "sites.google.com",
    "medium.com",
    "linktr.ee",
    "github.io",
    "wordpress.com",
    "blogspot.com",
    "wixsite.com",
    "weebly.com",
    "squarespace.com",
];

/// A name without accents, letters' case, punctuation, a leading article and a legal form.
pub(super) fn name_key(name: &str) -> String {
    let plain = text::fold(name).replace('&', " and ").replace(['\'', '’', '.'], "");
    let mut words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.len() > 1 && words[0] == "the" {
        words.remove(0);
    }
    while words.len() > 1 && words.last().is_some_and(|word| FORMS.contains(word)) {
        words.pop();
    }
    // A name in letters that this knows nothing of is compared as it is written.
    if words.is_empty() { plain } else { words.join(" ") }
}

/// The host of a web address; `None` when many share it.
pub(super) fn domain(website: &str) -> Option<String> {
    let url = url::Url::parse(website).ok()?;
    let host = url.host_str()?.trim_end_matches('.').to_lowercase();
    let host = ["www.", "m."].iter().find_map(|prefix| host.strip_prefix(prefix)).unwrap_or(&host);
    (!SHARED.contains(&host)).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        for name in [
            "The Women’s Bar Café, Inc.",
            "WOMENS BAR CAFE",
            "women's bar café",
            "Womens Bar-Cafe Incorporated",
            "Women’s Bar Café Co., Ltd.",
        ] {
            assert_eq!(name_key(name), "womens bar cafe", "{name}");
        }
        assert_eq!(name_key("Law & Justice"), name_key("Law and Justice"));
        assert_eq!(name_key("U.N. Association"), name_key("UN Association"));
        assert_ne!(name_key("Women’s Bar of Ohio"), name_key("Women’s Bar"));
        assert_eq!(name_key("The Inc."), "inc", "something stays");
        assert_ne!(name_key("正义"), name_key("和平"));
    }

    #[test]
    fn a_web_address_is_its_host_unless_many_share_it() {
        assert_eq!(domain("https://www.Example.org/about?x=1").as_deref(), Some("example.org"));
        assert_eq!(domain("http://example.org").as_deref(), Some("example.org"));
        assert_eq!(domain("https://www.facebook.com/watchers"), None);
        assert_eq!(domain("not an address"), None);
    }
}
