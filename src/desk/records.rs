//! Where the page of a record is, for lists that hold records of every kind.
use crate::kernel::text;
use maud::{Markup, html};

/// The address of a record's page; `None` when its kind has none.
pub(super) fn href(kind: &str, id: &str) -> Option<String> {
    let folder = match kind {
        "application" => "applications",
        "organization" => "organizations",
        "gift" => "gifts",
        "donor" => "donors",
        "news_item" => "news",
        "message" => "mail",
        "gateway_event" => "events",
        "alliance" => "alliances",
        "alliance_request" => "alliances/requests",
        "fund" => "funds",
        "campaign" => "campaigns",
        "appeal" => "appeals",
        "pledge" => "pledges",
        "gift_batch" => "batches",
        "staff_user" => return Some("/staff/people".to_owned()),
        "import" => "imports",
        "subscription_import" => "imports/stripe",
        "recurring_gift" => "recurring",
        "review_round" => "review-rounds",
        "category" => return Some("/staff/settings/categories".to_owned()),
        "commitment_text" => return Some("/staff/settings/commitment".to_owned()),
        "application_form" => {
            let (track, version) = id.split_once(' ')?;
            return Some(format!("/staff/settings/forms/{track}/versions/{version}"));
        }
        "legal_entity" => return Some("/staff/settings/legal-entity".to_owned()),
        "setting" if id == "review_rounds" => return Some("/staff/settings/review-rounds".to_owned()),
        "setting" => return Some(format!("/staff/settings/{id}")),
        _ => return None,
    };
    Some(format!("/staff/{folder}/{id}"))
}

/// The kind in words, a link where there is a page.
pub(super) fn link(kind: &str, id: &str) -> Markup {
    let words = words(kind);
    html! { @if let Some(href) = href(kind, id) { a href=(href) { (words) } } @else { (words) } }
}

/// `news_item` as `News item`.
pub(super) fn words(kind: &str) -> String {
    let words = kind.replace(['_', '.'], " ");
    let mut letters = text::line(&words).chars().collect::<Vec<_>>();
    if let Some(first) = letters.first_mut() {
        *first = first.to_ascii_uppercase();
    }
    letters.into_iter().collect()
}
