//! Donors that are perhaps one, pair by pair, each with the reason. What somebody found to be two stays away.
use crate::{
    app::App,
    audit,
    donors::{
        self, Donor, DonorId,
        alike::{self, Pair, Reason},
    },
    kernel::text,
    staff::Staff,
    web::{Csrf, Error, Form, Mood, Page, Pager, empty, redirect_saying},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::{Markup, html};
use std::collections::HashMap;

const PATH: &str = "/staff/donors/duplicates";
const PAGE: usize = 25;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
}

pub(super) async fn show(staff: Staff, State(app): State<App>, csrf: Csrf, Query(asked): Query<Asked>) -> Result<Page, Error> {
    let after = Some(asked.after.as_str()).filter(|key| !key.is_empty());
    let most = i64::try_from(PAGE + 1).expect("a page is small");
    let all = app.db.figures("donors alike".to_owned(), async |tx| alike::count_pairs(tx).await).await?;
    let mut tx = app.db.read().await?;
    let mut pairs = alike::pairs(&mut tx, after, most).await?;
    let mut pager = Pager::cut(&mut pairs, PAGE, after.is_some(), false, Pair::key);
    // The list is read in one direction: what was decided leaves it.
    pager.before = None;
    let ids: Vec<DonorId> = pairs.iter().flat_map(|pair| [pair.one_id, pair.other_id]).collect();
    let known: HashMap<_, _> = donors::by_ids(&mut tx, &ids).await?.into_iter().map(|donor| (donor.id, donor)).collect();
    drop(tx);
    let may = staff.may_keep_gifts().is_ok();
    let content = html! {
        @if pairs.is_empty() {
            (empty("Nobody seems to be here twice. Donors with the same name at one place, or with almost the same e-mail address, will stand here side by side.", Some(("Go to the donors", "/staff/donors"))))
        } @else {
            p.lead { (text::count(all, "pair of donors is", "pairs of donors are")) " perhaps the same. Nothing is merged until you say so." }
            table {
                caption { "Perhaps the same donor" }
                thead { tr { th scope="col" { "One" } th scope="col" { "The other" } th scope="col" { "Why" } @if may { th scope="col" { span.visually-hidden { "Action" } } } } }
                tbody { @for pair in &pairs { @if let (Some(one), Some(other)) = (known.get(&pair.one_id), known.get(&pair.other_id)) { tr {
                    th scope="row" { (person(one)) }
                    td data-label="The other" { (person(other)) }
                    td data-label="Why" { (because(&pair.reasons())) }
                    @if may { td {
                        a.button href={ "/staff/donors/" (one.id) "/merge?with=" (other.id) } { "Compare" span.visually-hidden { " " (one.name) " and " (other.name) } }
                        form method="post" action=(PATH) {
                            (csrf.field()) input type="hidden" name="one" value=(one.id); input type="hidden" name="other" value=(other.id);
                            button.secondary type="submit" { "Not the same" span.visually-hidden { ": " (one.name) " and " (other.name) } }
                        }
                    } }
                } } } }
            }
            (pager.links(PATH, ""))
        }
    };
    Ok(Page::staff("Possible duplicates", content).crumb("Donors", "/staff/donors").wide())
}

fn person(donor: &Donor) -> Markup {
    html! {
        a href={ "/staff/donors/" (donor.id) } { (donor.name) }
        @if let Some(email) = &donor.email { br; (email) }
        @if let Some(address) = &donor.address { @for line in address.lines() { br; (line) } }
    }
}

/// `The same name and ZIP code.`
pub(super) fn because(reasons: &[Reason]) -> String {
    let words: Vec<_> = reasons.iter().map(|reason| reason.label()).collect();
    let mut sentence = words.join("; ");
    if let Some(first) = sentence.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    sentence + "."
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Typed {
    one: DonorId,
    other: DonorId,
}

pub(super) async fn say_distinct(staff: Staff, State(app): State<App>, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let two = donors::by_ids(&mut tx, &[typed.one, typed.other]).await?;
    let [one, other] = two.as_slice() else { return Err(Error::NotFound) };
    if alike::say_distinct(&mut tx, one.id, other.id, &staff.name, now).await? {
        for (donor, but) in [(one, other), (other, one)] {
            let what = serde_json::json!({ "not_the_same_as": but.id });
            audit::record(&mut tx, &staff.actor(), "tell_apart", ("donor", &donor.id.to_string()), None::<&()>, Some(&what), now)
                .await?;
        }
    }
    tx.commit().await?;
    Ok(redirect_saying(PATH, Mood::Good, format!("{} and {} are two. They are not suggested again.", one.name, other.name)))
}
