//! An application beside what it may be the same as, field by field.
use super::{Application, Known, Match};
use crate::{
    members::{Category, Track},
    web::{badge, notice},
};
use maud::{Markup, html};

/// Empty when nothing matches.
pub(in crate::members::application) fn side_by_side(a: &Application, matches: &[Match], categories: &[Category]) -> Markup {
    html! {
        @if !matches.is_empty() {
            section aria-labelledby="same" {
                h2 #same { "Is it known already?" }
                @for Match { known, why } in matches {
                    (notice("warn", &html! { p { (name_of(known)) ": " (why.join(", ")) "." } }))
                    details open { summary { "Side by side with " (known.name) } (compared(a, known, categories)) }
                }
            }
        }
    }
}

fn name_of(known: &Known) -> Markup {
    html! {
        @match (known.organization_id, known.application_id, known.state) {
            (Some(id), ..) => { a href={ "/staff/organizations/" (id) } { (known.name) } @if known.resigned { ", which belonged before; readmitted, it keeps its number" } @else { ", which is on the roll" } },
            (_, Some(id), Some(state)) => { a href={ "/staff/applications/" (id) } { (known.name) } ", another application (" (state.label().to_lowercase()) ")" },
            _ => (known.name),
        }
    }
}

fn compared(a: &Application, known: &Known, categories: &[Category]) -> Markup {
    let category = categories.iter().find(|c| Some(c.id) == a.category_id).map(|c| c.name.clone());
    let year = |year: Option<i64>| year.map(|year| year.to_string());
    let place =
        |city: &Option<String>, state: &Option<String>| city.as_ref().zip(state.as_ref()).map(|(c, s)| format!("{c}, {s}"));
    let rows = [
        ("Name", a.name.clone(), Some(known.name.clone())),
        ("Legal name", a.legal_name.clone(), known.legal_name.clone()),
        ("EIN", a.ein.clone(), known.ein.clone()),
        ("Website", a.website.clone(), known.website.clone()),
        ("Main office", place(&a.city, &a.state_code), place(&known.city, &known.state_code)),
        ("Founded", year(a.founded), year(known.founded)),
        ("Category", category, known.category.clone()),
        ("Track", a.track.map(Track::label), known.track.map(Track::label)),
        ("What it does", a.mission.clone(), known.mission.clone()),
    ];
    html! {
        table {
            caption { "This application and " (known.name) }
            thead { tr { th scope="col" { "Field" } th scope="col" { "This application" } th scope="col" { (known.name) } th scope="col" { "Difference" } } }
            tbody { @for (field, ours, theirs) in &rows { tr {
                th scope="row" { (field) }
                td data-label="This application" { (ours.as_deref().unwrap_or("—")) }
                td data-label=(known.name) { (theirs.as_deref().unwrap_or("—")) }
                td data-label="Difference" { (difference(ours.as_ref(), theirs.as_ref())) }
            } } }
        }
    }
}

fn difference(ours: Option<&String>, theirs: Option<&String>) -> Markup {
    html! {
        @match (ours, theirs) {
            (Some(ours), Some(theirs)) if ours == theirs => (badge("same", "Same")),
            (Some(_), Some(_)) => (badge("warn", "Differs")),
            (None, None) => "Not known of either",
            _ => "Known of one",
        }
    }
}
