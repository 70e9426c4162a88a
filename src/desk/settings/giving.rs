//! How gifts are taken: the switch that stops them, amounts, the fee, what the law has us say, limits.
use super::giving_form::Typed;
use crate::{
    app::App,
    audit,
    gifts::Giving,
    kernel::{Coalition, Currency},
    settings::{self, Setting},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying, tick},
};
use axum::{extract::State, response::Response};
use maud::{Markup, html};

const PATH: &str = "/staff/settings/giving";

pub(super) async fn open(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    let mut tx = app.db.read().await?;
    let giving: Giving = settings::get(&mut tx).await?;
    Ok(page(&super::giving_form::draft_of(&giving), &csrf))
}

pub(super) async fn save(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let after = typed.read().map_err(|draft| Draft::refuse(page(&draft, &csrf)))?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before: Giving = settings::get(&mut tx).await?;
    let coalition = app.coalition.get();
    if after != before {
        settings::set(&mut tx, &after, now).await?;
        audit::record(&mut tx, &staff.actor(), "change", ("setting", Giving::KEY), Some(&before), Some(&after), now).await?;
    }
    // Figures are told in the currency that gifts are taken in.
    let told = Coalition { currency: after.currency, ..(*coalition).clone() };
    if told != *coalition {
        settings::set(&mut tx, &told, now).await?;
        audit::record(&mut tx, &staff.actor(), "change", ("setting", Coalition::KEY), Some(&*coalition), Some(&told), now)
            .await?;
        app.coalition.set(told);
    }
    tx.commit().await.inspect_err(|_| app.coalition.set((*coalition).clone()))?;
    let said = if after.paused {
        "Giving by card is paused. The donate page says so."
    } else {
        "The settings of giving are saved. Donors see them at once."
    };
    Ok(redirect_saying("/staff/settings", Mood::Good, said))
}

fn page(draft: &Draft, csrf: &Csrf) -> Page {
    let currencies: Vec<_> = Currency::all().into_iter().map(|c| (c.to_string(), c.code().to_uppercase())).collect();
    let short = |name, label, hint| Field { hint: Some(hint), width: "short", inputmode: Some("decimal"), ..field(name, label) };
    let content = html! {
        (error_summary(draft))
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            fieldset {
                legend { h2 { "The switch" } }
                (tick("paused", "Pause giving by card", Some("Stops every new gift at once, when stolen cards are being tried, say. Recurring gifts go on."), draft))
                (Field { hint: Some("What visitors read then, after the sentence that giving is paused."), optional: true, ..field("paused_because", "Why, and what to do instead") }.textarea(draft, 2))
            }
            fieldset {
                legend { h2 { "Amounts" } }
                (Field { hint: Some("What gifts are taken and figures are told in. Gifts already given keep theirs."), ..field("currency", "Currency") }.select(draft, &currencies))
                (Field { hint: Some("Offered as buttons, separated by semicolons: 25; 50; 100; 250."), width: "medium", ..field("suggested", "Suggested amounts") }.input(draft))
                (short("least", "Smallest gift", "Tiny gifts are how stolen cards are tried.").input(draft))
                (short("most", "Largest gift by card", "Who wants to give more is asked to write.").input(draft))
            }
            fieldset {
                legend { h2 { "The fee a donor may cover" } }
                (short("fee_percent", "Share of the payment service, in percent", "Such as 2.9, from your contract with Stripe.").input(draft))
                (short("fee_fixed", "And its fixed part", "Such as 0.30.").input(draft))
            }
            fieldset {
                legend { h2 { "Disclosures" } }
                (Field { hint: Some("What states require under a solicitation, such as New York’s. An empty line begins a new paragraph. Shown on the donate page and in receipts."), optional: true, ..field("disclosures", "Texts") }.textarea(draft, 8))
            }
            fieldset {
                legend { h2 { "Limits against card testing" } }
                p.hint { "How many payment pages may be asked for before the next ones are refused for a while." }
                (limit("per_address", "From one internet address", draft))
                (limit("per_email", "For one e-mail address", draft))
                (limit("overall", "By everybody together", draft))
                (short("fastest", "Hold back forms that come back within so many seconds", "People take longer to read the page. 0 holds none back for that.").input(draft))
                p.hint { "Gifts that a limit stops, or that look as if a program had sent them, wait under " a href="/staff/held" { "Held back" } "." }
            }
            fieldset {
                legend { h2 { "The alarm for declined cards" } }
                (limit("burst", "Raise it after so many", draft))
                (tick("pause_on_burst", "Pause giving by card then", Some("At once, without asking anybody. An administrator ends the pause here."), draft))
            }
            div.actions {
                button type="submit" { "Save" }
                a href="/staff/settings" { "Cancel" }
            }
        }
    };
    Page::staff("Giving", content).crumb("Settings", "/staff/settings")
}

fn limit(name: &str, label: &str, draft: &Draft) -> Markup {
    let (most, seconds) = (format!("{name}_most"), format!("{name}_seconds"));
    let (most_label, seconds_label) = (
        if name == "burst" { label.to_owned() } else { format!("{label}: at most") },
        if name == "burst" { "Within so many seconds".to_owned() } else { format!("{label}: within so many seconds") },
    );
    html! {
        (Field { width: "short", inputmode: Some("numeric"), ..field(&most, &most_label) }.input(draft))
        (Field { width: "short", inputmode: Some("numeric"), ..field(&seconds, &seconds_label) }.input(draft))
    }
}
