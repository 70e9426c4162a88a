//! `/donate`: one page from the amount to the payment page.
use super::{
    Frequency, Fund, GiftId, Giving, TributeKind, again,
    form::{self, Known, OTHER, Typed},
    held::{self, Reason},
    held_page, queries,
    start::{self, Next, NotStarted, Sending},
};
use crate::{
    app::App,
    kernel::Cents,
    receipts::{self, LegalEntity},
    settings,
    web::{
        self, ClientIp, Draft, Error, Field, Page, Visit, VisitorCsrf, VisitorForm, asked_about, error_summary, field, notice,
        tick,
    },
};
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};

/// What the page shows besides the form's own values.
pub(super) struct Facts {
    pub giving: Giving,
    funds: Vec<Fund>,
    donee: Option<LegalEntity>,
    name: String,
}

impl Facts {
    pub(super) async fn of(app: &App) -> Result<Self, Error> {
        let coalition = app.coalition.get();
        let mut tx = app.db.read().await?;
        let giving: Giving = settings::get(&mut tx).await?;
        let funds = queries::funds(&mut tx, true).await?;
        let donee = receipts::entity_on(&mut tx, coalition.zone().day(app.clock.now())).await?;
        Ok(Self { giving, funds, donee, name: coalition.name.clone() })
    }
}

/// What a link to the page may bring along.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Prefill {
    again: String,
    amount: String,
    fund: String,
    campaign: String,
    source: String,
}

pub(super) async fn show(State(app): State<App>, csrf: VisitorCsrf, Query(link): Query<Prefill>) -> Result<Page, Error> {
    let facts = Facts::of(&app).await?;
    if facts.giving.paused {
        return Ok(paused(&facts));
    }
    Ok(page(&facts, &csrf, &opening(&facts, &link), None))
}

/// The values the form opens with. A gift that repeats is never chosen for somebody, by no link either.
fn opening(facts: &Facts, link: &Prefill) -> Draft {
    let giving = &facts.giving;
    let mut values = vec![("frequency", Frequency::Once.to_string())];
    values.extend(link.again.parse::<GiftId>().map(|gift| ("again", gift.to_string())));
    if let Ok(amount) = Cents::parse(&link.amount, giving.currency) {
        let plain = amount.plain(giving.currency);
        if giving.suggested.contains(&amount) {
            values.push(("amount", plain));
        } else {
            values.extend([("amount", OTHER.to_owned()), ("other_amount", plain)]);
        }
    }
    let fund = facts.funds.iter().find(|fund| fund.slug == link.fund).or(facts.funds.first());
    values.extend(fund.map(|fund| ("fund", fund.slug.clone())));
    values.extend([("campaign", link.campaign.clone()), ("source", link.source.clone())]);
    Draft::of(values)
}

pub(super) async fn give(
    State(app): State<App>,
    csrf: VisitorCsrf,
    ClientIp(address): ClientIp,
    visit: Visit,
    VisitorForm(typed): VisitorForm<Typed>,
) -> Result<Response, Error> {
    let facts = Facts::of(&app).await?;
    if facts.giving.paused {
        return Ok(paused(&facts).status(StatusCode::SERVICE_UNAVAILABLE).into_response());
    }
    let mut tx = app.db.read().await?;
    let known = Known {
        fund: queries::open_fund(&mut tx, &typed.fund).await?,
        campaign: queries::campaign_by_slug(&mut tx, &typed.campaign).await?,
    };
    drop(tx);
    let wish = form::read(&typed, known, &facts.giving).map_err(|draft| Draft::refuse(page(&facts, &csrf, &draft, None)))?;
    if let Some(reason) = held::suspicion(&typed, &facts.giving, visit.opened(), app.clock.now()) {
        held::hold(&app, &typed, &wish, reason).await?;
        return Ok(held_page::waits(&facts.name, &wish.giver.email).into_response());
    }
    let Visit(visit) = visit;
    let known_browser = visit.is_some();
    let sending = Sending::new(visit, address, typed.again.parse().ok());
    match start::start(&app, &facts.giving, &wish, &sending).await {
        Ok(Next::Pay(url)) => Ok(web::redirect(url)),
        Ok(Next::Given(gift)) => {
            // Only the browser that sent it is shown it: anybody may type somebody's name and address.
            let gift_page = known_browser.then(|| start::thanks_path(&app, gift.id));
            let page = again::question(&gift, &kept(&typed), &csrf, gift_page.as_deref(), app.clock.now());
            Ok(page.status(StatusCode::CONFLICT).into_response())
        }
        Err(NotStarted::Silent) => {
            let sentence = "The payment service does not answer at the moment. Nothing was charged and nothing you typed is lost. \
                            Try again with the button below; we keep one gift however often you press it.";
            let page = page(&facts, &csrf, &kept(&typed), Some(sentence));
            Ok(page.status(StatusCode::SERVICE_UNAVAILABLE).into_response())
        }
        Err(NotStarted::Refused(why)) => {
            let mut draft = kept(&typed);
            draft.reject("amount", format!("The payment service did not accept this gift: {why}"));
            Err(Draft::refuse(page(&facts, &csrf, &draft, None)))
        }
        Err(NotStarted::Error(error)) => {
            if matches!(error, Error::TooMany { .. }) {
                held::hold(&app, &typed, &wish, Reason::Limit).await?;
            }
            Err(error)
        }
    }
}

/// The form with what is wrong in it, for a gift that was let through and can't be taken as it is.
pub(super) fn refused(facts: &Facts, csrf: &VisitorCsrf, draft: &Draft) -> Error {
    Draft::refuse(page(facts, csrf, draft, None))
}

/// The form as it was sent, with nothing wrong in it.
fn kept(typed: &Typed) -> Draft {
    Draft::of([
        ("again", &typed.again),
        ("amount", &typed.amount),
        ("other_amount", &typed.other_amount),
        ("frequency", &typed.frequency),
        ("fund", &typed.fund),
        ("tribute", &typed.tribute),
        ("tribute_name", &typed.tribute_name),
        ("cover", &typed.cover),
        ("name", &typed.name),
        ("email", &typed.email),
        ("email_asked", &typed.email_asked),
        ("address", &typed.address),
        ("updates", &typed.updates),
        ("anonymous", &typed.anonymous),
        ("campaign", &typed.campaign),
        ("source", &typed.source),
    ])
}

pub(super) fn paused(facts: &Facts) -> Page {
    let content = html! {
        p.lead { "Giving by card is paused at the moment. Nothing was charged." }
        @if !facts.giving.paused_because.is_empty() { p { (facts.giving.paused_because) } }
        p { a href="/" { "Home page" } }
    };
    Page::public("Donate", content)
}

fn page(facts: &Facts, csrf: &VisitorCsrf, draft: &Draft, trouble: Option<&str>) -> Page {
    let giving = &facts.giving;
    let currency = giving.currency;
    let content = html! {
        (error_summary(draft))
        @if let Some(trouble) = trouble { (notice("bad", &html! { p role="alert" { (trouble) } })) }
        form.donate method="post" action="/donate" novalidate data-percent-ppm=(giving.fee_ppm) data-fixed=(giving.fee_fixed.get())
            data-currency=(currency) data-digits=(currency.decimals()) {
            (csrf.field())
            @for name in ["again", "campaign", "source"] { input type="hidden" name=(name) value=(draft.value(name)); }
            (amounts(giving, draft))
            div.frequency {
                (field("frequency", "How often?").radios(draft, &Frequency::ALL.iter().map(|f| (f.as_str(), f.label(), None)).collect::<Vec<_>>()))
            }
            @if facts.funds.len() > 1 {
                (field("fund", "Where should it go?").radios(draft, &facts.funds.iter().map(|f| (f.slug.as_str(), f.name.as_str(), Some(f.description.as_str()))).collect::<Vec<_>>()))
            } @else {
                input type="hidden" name="fund" value=(draft.value("fund"));
            }
            details.tribute open[!draft.value("tribute").is_empty() || draft.error("tribute").is_some()] {
                summary { "Give in honor or in memory of somebody" }
                (Field { optional: true, ..field("tribute", "This gift is") }.radios(draft, &tributes()))
                (Field { optional: true, ..field("tribute_name", "Name of the person") }.input(draft))
            }
            div.cover {
                (tick("cover", "Add the processing fee, so that all of my gift arrives", Some(&cover_words(giving, draft)), draft))
            }
            fieldset {
                legend { "About you" }
                (Field { autocomplete: Some("name"), ..field("name", "Your name") }.input(draft))
                (Field { kind: "email", autocomplete: Some("email"), inputmode: Some("email"), hint: Some("Your receipt goes there."), ..field("email", "E-mail address") }.input(draft))
                (asked_about("email", draft))
                (Field { autocomplete: Some("street-address"), optional: true, hint: Some("Shown on your receipt."), ..field("address", "Postal address") }.textarea(draft, 3))
                (tick("updates", "Send me updates by e-mail", Some("A few times a year. You can stop them with one click."), draft))
                (tick("anonymous", "Do not name me in public", Some("We know who gives; nobody else does."), draft))
                div.visually-hidden aria-hidden="true" {
                    label for="website" { "Leave this field empty" }
                    input id="website" name="website" type="text" value=[Some(draft.value("website")).filter(|v| !v.is_empty())] tabindex="-1" autocomplete="off";
                }
            }
            p.total { "You will be charged " output for="amount other_amount cover" { (total(giving, draft)) } }
            p { button.give type="submit" { @if trouble.is_some() { "Try again" } @else { "Continue to payment" } } }
            p.hint { "You pay on the page of our payment service. Your card number never reaches us." }
            (small_print(facts))
        }
    };
    Page::public("Donate", content)
        .describe(format!("Give once, every month or every year to {}.", facts.name))
        .script("donate.js")
}

fn tributes() -> Vec<(&'static str, String, Option<&'static str>)> {
    std::iter::once(("", "Not for somebody".to_owned(), None))
        .chain(TributeKind::ALL.iter().map(|kind| (kind.as_str(), kind.label(), None)))
        .collect()
}

fn amounts(giving: &Giving, draft: &Draft) -> Markup {
    let currency = giving.currency;
    let suggested = giving.suggested.iter().map(|amount| (amount.plain(currency), amount.of(currency).short(), None));
    let choices: Vec<_> = suggested.chain([(OTHER.to_owned(), "Another amount".to_owned(), None)]).collect();
    let hint = format!("From {} up. Write it as you like, such as 1,250.", giving.least.of(currency).short());
    html! {
        div.amounts {
            (field("amount", "How much do you want to give?").radios(draft, &choices))
            (Field {
                hint: Some(&hint), inputmode: Some("decimal"), optional: true, width: "short", prefix: Some(currency.sign().trim()),
                ..field("other_amount", "Another amount")
            }.input(draft))
        }
    }
}

/// The amount the form holds at the moment, if it holds one.
fn intended(giving: &Giving, draft: &Draft) -> Option<Cents> {
    let chosen = draft.value("amount");
    let words = if chosen.is_empty() || chosen == OTHER { draft.value("other_amount") } else { chosen };
    Cents::parse(words, giving.currency).ok()
}

fn cover_words(giving: &Giving, draft: &Draft) -> String {
    let rate = rate(giving.fee_ppm);
    let fixed = giving.fee_fixed.of(giving.currency);
    let own = intended(giving, draft).map(|amount| format!(", {} for this gift", giving.cover(amount).of(giving.currency)));
    format!("The payment service keeps {rate} and {fixed} of each payment{}.", own.unwrap_or_default())
}

/// `2.9 %` from millionths.
fn rate(ppm: i64) -> String {
    let fraction = format!("{:04}", ppm % 10_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction}%", ppm / 10_000)
}

fn total(giving: &Giving, draft: &Draft) -> String {
    let Some(amount) = intended(giving, draft) else { return "the amount you choose".to_owned() };
    let fee = if draft.has("cover", "yes") { giving.cover(amount) } else { Cents::ZERO };
    (amount + fee).of(giving.currency).to_string()
}

fn small_print(facts: &Facts) -> Markup {
    html! {
        div.prose {
            @if let Some(donee) = &facts.donee {
                p {
                    "Your gift goes to " (donee.name)
                    @if let Some(words) = &donee.sponsorship { ", " (words) }
                    @if let Some(ein) = &donee.ein { " (EIN " (ein) ")" }
                    ". "
                    @if donee.deductible { "It is deductible for United States federal income tax as far as the law allows." }
                    @else { "Gifts to it are not deductible as charitable contributions for federal income tax purposes." }
                }
            }
            @for disclosure in &facts.giving.disclosures { p.hint { (disclosure) } }
        }
    }
}
