//! `/give/{slug}`: the public page of a campaign, with what was given so far. It refuses to count what is not
//! received, and counts what was intended, less refunds.
use super::{Campaign, queries};
use crate::{
    app::App,
    kernel::{Cents, Day, text},
    web::{Error, Page, with},
};
use axum::extract::{Path, Query, State};
use maud::{Markup, html};

/// What the link brings along.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Link {
    source: String,
    amount: String,
    fund: String,
}

pub(super) async fn show(State(app): State<App>, Path(slug): Path<String>, Query(link): Query<Link>) -> Result<Page, Error> {
    let coalition = app.coalition.get();
    let mut tx = app.db.read().await?;
    let campaign =
        queries::campaigns(&mut tx).await?.into_iter().find(|campaign| campaign.slug == slug).ok_or(Error::NotFound)?;
    let (gifts, raised) = queries::raised(&mut tx, campaign.id, campaign.currency).await?;
    drop(tx);
    let today = coalition.zone().day(app.clock.now());
    let parts = [("campaign", &campaign.slug), ("source", &link.source), ("amount", &link.amount), ("fund", &link.fund)];
    let parts: Vec<_> =
        parts.iter().map(|(name, value)| (*name, Some(value.as_str()).filter(|value| !value.is_empty()))).collect();
    let donate = with("/donate", "", &parts);
    let content = html! {
        @for paragraph in campaign.story.split("\n\n").filter(|words| !words.trim().is_empty()) { p { (paragraph) } }
        (progress(&campaign, gifts, raised))
        p { (when(&campaign, today)) }
        p { a.button.give href=(donate) { "Give" } }
        p.hint { "What donors meant to give, less what went back. It grows with each gift that is received." }
    };
    let description = format!("{}: give to {}.", campaign.name, coalition.name);
    Ok(Page::public(campaign.name, content).describe(description))
}

/// The bar, and the same in words.
fn progress(campaign: &Campaign, gifts: i64, raised: Cents) -> Markup {
    let money = |amount: Cents| amount.of(campaign.currency);
    let count = text::count(gifts, "gift", "gifts");
    html! {
        @match campaign.goal {
            Some(goal) => {
                @let share = raised.get().saturating_mul(100) / goal.get();
                p.lead #progress { (money(raised)) " of " (money(goal)) " given by " (count) ", " (text::number(share)) "% of the goal." }
                progress max=(goal.get()) value=(raised.get().clamp(0, goal.get())) aria-labelledby="progress" { (text::number(share)) "%" }
            }
            None => p.lead { (money(raised)) " given by " (count) "." }
        }
    }
}

fn when(campaign: &Campaign, today: Day) -> String {
    match (campaign.starts_on, campaign.ends_on) {
        (Some(from), _) if today < from => format!("It begins on {}. You can give to it already.", from.words()),
        (_, Some(to)) if to < today => format!("It ended on {}. You can still give.", to.words()),
        (_, Some(to)) => format!("It ends on {}.", to.words()),
        _ => "It goes on.".to_owned(),
    }
}
