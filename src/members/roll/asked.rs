//! What the address of a roll asks for: words, filters, order, page. What can't be read narrows nothing.
use crate::{
    kernel::text,
    members::{
        queries::{Belonging, Narrowed, Order},
        standing::Standing,
    },
    web::Draft,
};
use serde::Deserialize;

/// Rows on one page, and on one that was asked to show all.
pub(in crate::members) const PAGE: i64 = 100;
pub(super) const LONG_PAGE: i64 = 10_000;

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::members) struct Asked {
    pub(in crate::members) q: String,
    pub(in crate::members) category: String,
    pub(in crate::members) state: String,
    pub(in crate::members) track: String,
    pub(in crate::members) sort: String,
    /// `all` for as many rows as a page can hold.
    pub(in crate::members) show: String,
    /// These only staff narrow by.
    pub(in crate::members) tag: String,
    /// Who belongs, who left, or a standing.
    pub(in crate::members) who: String,
    pub(in crate::members) delegate: String,
    #[serde(deserialize_with = "page")]
    pub(in crate::members) page: i64,
}

/// Anything that is not a page is the first one.
fn page<'de, D: serde::Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    String::deserialize(from).map(|s| s.parse().ok().filter(|page| (1..1_000_000).contains(page)).unwrap_or(1))
}

impl Asked {
    pub(in crate::members) fn narrowed(&self) -> Narrowed {
        let some = |s: &str| Some(said(s)).filter(|s| !s.is_empty());
        Narrowed {
            words: text::fold(&said(&self.q)),
            category: some(&self.category),
            state_code: some(&self.state).map(|s| s.to_uppercase()),
            track: self.track.parse().ok(),
            widely: false,
            tag: None,
            belonging: Belonging::Now,
            without_delegate: false,
            apart: true,
            order: match self.sort.as_str() {
                "-number" => Order::NumberFalling,
                "name" => Order::Name,
                "-name" => Order::NameFalling,
                "since" => Order::Since,
                "-since" => Order::SinceFalling,
                _ => Order::Number,
            },
        }
    }

    /// The same, and what only staff narrow by.
    pub(in crate::members) fn narrowed_for_staff(&self) -> Narrowed {
        Narrowed {
            widely: true,
            apart: false,
            tag: Some(said(&self.tag).to_lowercase()).filter(|tag| !tag.is_empty()),
            belonging: self.standing().map_or_else(|| self.who.parse().unwrap_or(Belonging::Now), Belonging::of),
            without_delegate: self.delegate == "none",
            ..self.narrowed()
        }
    }

    /// The standing that staff narrow to.
    pub(in crate::members) fn standing(&self) -> Option<Standing> {
        self.who.parse().ok()
    }

    pub(in crate::members) fn sort(&self) -> &str {
        if self.sort.is_empty() { "number" } else { &self.sort }
    }

    /// Rows on one page.
    pub(in crate::members) fn size(&self) -> i64 {
        if self.show == "all" { LONG_PAGE } else { PAGE }
    }

    pub(in crate::members) fn first(&self) -> i64 {
        (self.page.max(1) - 1).saturating_mul(self.size())
    }

    /// The same list on one long page, or on short ones.
    pub(super) fn showing(&self, show: &str) -> Self {
        Self { show: show.to_owned(), ..self.clone() }
    }

    /// The query string, with another page.
    pub(in crate::members) fn query(&self, page: i64) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", &self.q),
            ("category", &self.category),
            ("state", &self.state),
            ("track", &self.track),
            ("tag", &self.tag),
            ("who", &self.who),
            ("delegate", &self.delegate),
            ("sort", &self.sort),
            ("show", &self.show),
        ] {
            if !value.is_empty() {
                out.append_pair(name, value);
            }
        }
        if page > 1 {
            out.append_pair("page", &page.to_string());
        }
        out.finish()
    }

    pub(super) fn draft(&self) -> Draft {
        Draft::of([
            ("q", &self.q),
            ("category", &self.category),
            ("state", &self.state),
            ("track", &self.track),
            ("tag", &self.tag),
            ("who", &self.who),
            ("delegate", &self.delegate),
        ])
    }
}

/// What an address says of one thing: no longer than any name, and without the characters that
/// PostgreSQL does not take.
pub(in crate::members) fn said(words: &str) -> String {
    text::line(words).chars().take(200).collect()
}
