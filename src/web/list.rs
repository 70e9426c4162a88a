//! Lists of rows: keyset paging, sortable headers, and what narrows them.
use maud::{Markup, html};

/// The heading of a column that can be sorted.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    pub label: &'a str,
    /// Its name in `?sort=`; `None` when the column can't be sorted.
    pub sort: Option<&'a str>,
    pub numeric: bool,
}

impl<'a> Column<'a> {
    pub const fn text(label: &'a str) -> Self {
        Self { label, sort: None, numeric: false }
    }

    pub const fn number(label: &'a str) -> Self {
        Self { label, sort: None, numeric: true }
    }

    #[must_use]
    pub const fn sorted_by(mut self, name: &'a str) -> Self {
        self.sort = Some(name);
        self
    }

    /// The `th`. `query` is the current query string; `current` the sort in force, `-name` when falling.
    pub fn heading(&self, path: &str, query: &str, current: &str) -> Markup {
        let rising = self.sort.is_some_and(|name| name == current);
        let falling = self.sort.is_some_and(|name| current.strip_prefix('-') == Some(name));
        let order = if rising {
            Some("ascending")
        } else if falling {
            Some("descending")
        } else {
            None
        };
        html! {
            th scope="col" class=[self.numeric.then_some("num")] aria-sort=[order] {
                @if let Some(name) = self.sort {
                    @let next = if rising { format!("-{name}") } else { name.to_owned() };
                    a.sort href=(with(path, query, &[("sort", Some(&next)), ("after", None), ("before", None)])) data-order=[order] { (self.label) }
                } @else { (self.label) }
            }
        }
    }
}

/// An address with some of its query changed: `None` takes a part away.
pub fn with(path: &str, query: &str, changes: &[(&str, Option<&str>)]) -> String {
    let kept = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, value)| !value.is_empty() && !changes.iter().any(|(changed, _)| name == changed));
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(kept);
    for (name, value) in changes {
        if let Some(value) = value {
            out.append_pair(name, value);
        }
    }
    let query = out.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The way to the rows before and after these. Keys are opaque to the reader: they name the last row
/// shown, so a page stays right while rows are added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pager {
    /// Key of the first row shown, when rows stand before it.
    pub before: Option<String>,
    /// Key of the last row shown, when rows stand after it.
    pub after: Option<String>,
}

impl Pager {
    /// From rows fetched with one more than the page holds; drops the extra row.
    /// `backwards` says that they were fetched towards the beginning and stand in reverse.
    pub fn cut<T>(rows: &mut Vec<T>, page: usize, from_a_key: bool, backwards: bool, key: impl Fn(&T) -> String) -> Self {
        let more = rows.len() > page;
        rows.truncate(page);
        if backwards {
            rows.reverse();
        }
        let first = rows.first().map(&key);
        let last = rows.last().map(&key);
        if backwards {
            Self { before: first.filter(|_| more), after: last.filter(|_| from_a_key) }
        } else {
            Self { before: first.filter(|_| from_a_key), after: last.filter(|_| more) }
        }
    }

    pub fn links(&self, path: &str, query: &str) -> Markup {
        html! {
            @if self.before.is_some() || self.after.is_some() {
                nav.pager aria-label="Pages" {
                    @if let Some(key) = &self.before {
                        a rel="prev" href=(with(path, query, &[("before", Some(key)), ("after", None)])) { "Earlier rows" }
                    }
                    @if let Some(key) = &self.after {
                        a rel="next" href=(with(path, query, &[("after", Some(key)), ("before", None)])) { "More rows" }
                    }
                }
            }
        }
    }
}

/// What narrows a list, in words, each with a link that takes it away again. `active` holds
/// (name in the query, sentence).
pub fn active_filters(path: &str, query: &str, active: &[(&str, String)]) -> Markup {
    html! {
        @if !active.is_empty() {
            div.active-filters {
                p { "Shown:" }
                ul {
                    @for (name, words) in active {
                        li {
                            (words) " "
                            a href=(with(path, query, &[(name, None), ("after", None), ("before", None)])) {
                                "Remove" span.visually-hidden { ": " (words) }
                            }
                        }
                    }
                }
                @if active.len() > 1 { p { a href=(path) { "Remove all" } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_changes_only_where_it_is_told_to() {
        assert_eq!(
            with("/m", "q=a%20b&state=MN&after=9", &[("after", None), ("sort", Some("-name"))]),
            "/m?q=a+b&state=MN&sort=-name"
        );
        assert_eq!(with("/m", "q=", &[]), "/m");
    }

    #[test]
    fn a_page_knows_what_stands_before_and_after_it() {
        let mut rows = vec![1, 2, 3];
        assert_eq!(Pager::cut(&mut rows, 2, false, false, i32::to_string), Pager { before: None, after: Some("2".into()) });
        assert_eq!(rows, [1, 2]);
        let mut rows = vec![4, 3, 2];
        assert_eq!(
            Pager::cut(&mut rows, 2, true, true, i32::to_string),
            Pager { before: Some("3".into()), after: Some("4".into()) }
        );
        assert_eq!(rows, [3, 4]);
    }
}
