//! The page where a gift that came by hand is entered. Who gave is asked a second time only when several could be meant.
use super::{
    enter::{self, Entered, NotEntered},
    form::{self, Around, NEW, Typed},
};
use crate::{
    app::App,
    db::Tx,
    donors::{self, Donor, DonorKind},
    gifts::{
        self, Campaign, Fund, GiftId, Giving, Method, parts, pledge,
        queries::{self, pledge::PledgeRow},
    },
    kernel::{Currency, Day},
    settings,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying, tick, with},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use maud::{Markup, html};

const PATH: &str = "/staff/gifts/new";

/// What the form opens with, by the address.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Opening {
    donor: String,
    method: String,
    fund: String,
    campaign: String,
    source: String,
    received_on: String,
    pledge: String,
}

/// What stands in the lists of the form.
pub(in crate::gifts) struct Lists {
    pub(in crate::gifts) funds: Vec<Fund>,
    pub(in crate::gifts) campaigns: Vec<Campaign>,
    pub(in crate::gifts) currency: Currency,
    pub(in crate::gifts) today: Day,
}

impl Lists {
    pub(in crate::gifts) async fn read(app: &App) -> Result<Self, Error> {
        let mut tx = app.db.read().await?;
        Ok(Self {
            funds: gifts::funds(&mut tx, false).await?,
            campaigns: gifts::campaigns(&mut tx).await?,
            currency: settings::get::<Giving>(&mut tx).await?.currency,
            today: app.coalition.get().zone().day(app.clock.now()),
        })
    }

    pub(in crate::gifts) fn around(&self) -> Around<'_> {
        Around { funds: &self.funds, campaigns: &self.campaigns, currency: self.currency, today: self.today }
    }
}

pub(super) async fn ask(staff: Staff, State(app): State<App>, Query(opening): Query<Opening>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let lists = Lists::read(&app).await?;
    let mut tx = app.db.read().await?;
    let pledge = promised(&mut tx, &opening.pledge, lists.today).await?;
    let donor = pledge.as_ref().map(|row| row.pledge.donor_id).or_else(|| opening.donor.parse().ok());
    let known = match donor {
        Some(id) => donors::by_id(&mut tx, id).await?,
        None => None,
    };
    drop(tx);
    let fund = pledge.as_ref().and_then(|row| lists.funds.iter().find(|fund| fund.id == row.pledge.fund_id));
    let campaign = pledge.as_ref().and_then(|row| lists.campaigns.iter().find(|one| Some(one.id) == row.pledge.campaign_id));
    let or = |given: &str, otherwise: &str| if given.is_empty() { otherwise.to_owned() } else { given.to_owned() };
    let draft = Draft::of([
        ("id", GiftId::new().to_string()),
        ("donor", known.as_ref().map(|donor| donor.id.to_string()).unwrap_or_default()),
        ("method", or(&opening.method, Method::Check.as_str())),
        ("fund", or(&opening.fund, fund.or(lists.funds.first()).map_or("", |fund| &fund.slug))),
        ("campaign", or(&opening.campaign, campaign.map_or("", |campaign| &campaign.slug))),
        ("pledge", pledge.map(|row| row.pledge.id.to_string()).unwrap_or_default()),
        ("source", opening.source),
        ("received_on", or(&opening.received_on, &lists.today.to_string())),
    ]);
    Ok(page(&lists, &draft, known.as_ref(), &[], &csrf))
}

pub(super) async fn save(staff: Staff, State(app): State<App>, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let lists = Lists::read(&app).await?;
    let mut tx = app.db.write().await?;
    let known = match typed.donor.parse() {
        Ok(id) => donors::by_id(&mut tx, id).await?,
        Err(_) => None,
    };
    let wish = form::read(&mut tx, &typed, &lists.around())
        .await?
        .map_err(|(draft, choices)| Draft::refuse(page(&lists, &draft, known.as_ref(), &choices, &csrf)))?;
    let entered = match enter::enter(&app, &mut tx, &staff, &wish).await {
        Ok(entered) => entered,
        Err(reason) => {
            let draft = refused(typed.kept(), reason)?;
            return Err(Draft::refuse(page(&lists, &draft, known.as_ref(), &[], &csrf)));
        }
    };
    if let Some(pledge) = promised(&mut tx, &typed.pledge, lists.today).await? {
        pledge::apply(&mut tx, &staff, &pledge, entered.gift.id, app.clock.now()).await?;
    }
    tx.commit().await?;
    app.bell.notify_one();
    let to = if typed.then == "next" {
        with(
            PATH,
            "",
            &[
                ("method", Some(&typed.method)),
                ("fund", Some(&typed.fund)),
                ("campaign", Some(&typed.campaign).filter(|slug| !slug.is_empty()).map(String::as_str)),
                ("source", Some(&typed.source).filter(|code| !code.is_empty()).map(String::as_str)),
                ("received_on", Some(&typed.received_on)),
            ],
        )
    } else {
        format!("/staff/gifts/{}", entered.gift.id)
    };
    let mood = if entered.receipt.is_ok() { Mood::Good } else { Mood::Warn };
    Ok(redirect_saying(to, mood, sentence(&entered)))
}

/// The pledge of an address or a form.
async fn promised(tx: &mut Tx, id: &str, today: Day) -> sqlx::Result<Option<PledgeRow>> {
    match id.parse() {
        Ok(id) => queries::pledge::row(tx, id, today).await,
        Err(_) => Ok(None),
    }
}

/// What a refusal says beside its field.
pub(in crate::gifts) fn refused(mut draft: Draft, reason: NotEntered) -> Result<Draft, Error> {
    match reason {
        NotEntered::Like(other) => draft.reject(
            "another",
            format!("A gift of {} of this donor is there already. Tick the box if this is another one", other.charged()),
        ),
        NotEntered::NotDone(super::NotDone::Impossible(sentence)) => draft.reject("who", sentence),
        NotEntered::NotDone(other) => return Err(other.into()),
    }
    Ok(draft)
}

/// `$50.00 of Ada Lovelace is entered. Receipt R-000012 is on its way to ada@example.org.`
pub(in crate::gifts) fn sentence(entered: &Entered) -> String {
    let Entered { gift, donor, funds, receipt } = entered;
    let after = match (receipt, &donor.email) {
        (Err(refusal), _) => format!("No receipt was issued. {refusal}"),
        (Ok(Some(receipt)), Some(email)) => format!("Receipt {} is on its way to {email}.", receipt.label()),
        (Ok(Some(receipt)), None) => format!("Receipt {} waits to be printed: there is no e-mail address.", receipt.label()),
        (Ok(None), _) => String::new(),
    };
    let funds = funds.as_ref().map(|funds| format!(": {funds}")).unwrap_or_default();
    format!("{} of {} is entered{funds}. {after}", gift.charged(), donor.name).trim_end().to_owned()
}

fn page(lists: &Lists, draft: &Draft, known: Option<&Donor>, choices: &[Donor], csrf: &Csrf) -> Page {
    let content = html! {
        (error_summary(draft))
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            input type="hidden" name="id" value=(draft.value("id"));
            @let pledge = draft.value("pledge");
            @if !pledge.is_empty() {
                input type="hidden" name="pledge" value=(pledge);
                p { "It fulfils a " a href={ "/staff/pledges/" (pledge) } { "pledge" } "." }
            }
            (who(draft, known, choices))
            (facts(lists, draft, true))
            @if draft.error("another").is_some() || draft.has("another", "yes") {
                (tick("another", "This is another gift, not the same one again", None, draft))
            }
            div.actions {
                button type="submit" { "Save and receipt" }
                button.secondary type="submit" name="then" value="next" { "Save, receipt, next" }
                a href="/staff/gifts" { "Cancel" }
            }
        }
    };
    Page::staff("Enter a gift", content).crumb("Gifts", "/staff/gifts")
}

/// The donor: known from the address, or asked for by name, then among those of that name.
pub(in crate::gifts) fn who(draft: &Draft, known: Option<&Donor>, choices: &[Donor]) -> Markup {
    if let Some(donor) = known {
        return html! {
            p { "From " a href={ "/staff/donors/" (donor.id) } { (donor.name) } ". " a href=(PATH) { "Somebody else" } }
            input type="hidden" name="donor" value=(donor.id);
        };
    }
    let asked = !choices.is_empty() || draft.error("donor").is_some() || draft.has("donor", NEW);
    let mut options: Vec<_> = choices.iter().map(|donor| (donor.id.to_string(), in_words(donor), None)).collect();
    options.push((NEW.to_owned(), format!("A new donor: {}", draft.value("who")), None));
    let kinds: Vec<_> = DonorKind::ALL.iter().map(|kind| (kind.as_str(), kind.label(), None)).collect();
    html! {
        (Field { autocomplete: Some("off"), hint: Some("A name or an e-mail address. If several could be meant, you are asked which."), ..field("who", "Donor") }.input(draft))
        @if asked {
            (field("donor", "Which donor is it?").radios(draft, &options))
            (Field { optional: true, hint: Some("Of a new donor."), ..field("kind", "What kind of donor?") }.radios(draft, &kinds))
            (Field { kind: "email", autocomplete: Some("off"), inputmode: Some("email"), optional: true, hint: Some("Of a new donor. The receipt goes there; without one it is printed."), ..field("email", "E-mail address") }.input(draft))
            (Field { optional: true, hint: Some("Of a new donor. As it stands on an envelope."), ..field("address", "Postal address") }.textarea(draft, 3))
        }
    }
}

/// `Ada Lovelace, ada@example.org, London`.
fn in_words(donor: &Donor) -> String {
    let email = donor.email.as_ref().map(|email| format!(", {email}")).unwrap_or_default();
    let place =
        donor.address.as_ref().and_then(|address| address.lines().last()).map(|line| format!(", {line}")).unwrap_or_default();
    format!("{}{email}{place}", donor.name)
}

/// Everything but the donor. A gift of a batch is never at the bank already, and never in kind.
pub(in crate::gifts) fn facts(lists: &Lists, draft: &Draft, alone: bool) -> Markup {
    let wanted = |method: &Method| alone || method.lands(false) == super::Deposit::Undeposited;
    let methods: Vec<_> = Method::by_hand().filter(wanted).map(|method| (method.as_str(), method.label())).collect();
    let small = |name, label| Field { width: "short", autocomplete: Some("off"), ..field(name, label) };
    html! {
        (Field { width: "medium", ..field("method", "How it came") }.select(draft, &methods))
        (Field { inputmode: Some("decimal"), prefix: Some(lists.currency.sign().trim()), hint: alone.then_some("Of stock and of what was given in kind: the value for our books. It stands on no receipt."), ..small("amount", "Amount") }.input(draft))
        (Field { kind: "date", ..small("received_on", "Date received") }.input(draft))
        (Field { optional: true, width: "medium", autocomplete: Some("off"), hint: Some("The number of a check; else what the bank’s statement says."), ..field("reference", "Reference") }.input(draft))
        (purpose(lists, draft))
        @if alone { (more(draft)) }
        @else { (Field { optional: true, autocomplete: Some("off"), hint: Some("Of a donor-advised fund, which is the donor itself."), ..field("adviser", "Adviser") }.input(draft)) }
    }
}

fn more(draft: &Draft) -> Markup {
    html! {
        details open[!draft.value("description").is_empty() || !draft.value("adviser").is_empty() || ["description", "adviser"].iter().any(|name| draft.error(name).is_some())] {
            summary { "Stock, in kind, donor-advised fund" }
            (Field { optional: true, autocomplete: Some("off"), hint: Some("Of stock: how many shares of what, with the ticker. It stands on the receipt instead of an amount."), ..field("description", "What was given") }.input(draft))
            (Field { optional: true, autocomplete: Some("off"), hint: Some("Of a donor-advised fund, which is the donor itself."), ..field("adviser", "Adviser") }.input(draft))
        }
        (tick("at_the_bank", "It is at the bank already", Some("A wire always is. Anything else waits to be deposited."), draft))
    }
}

/// Where it goes and what brought it.
pub(super) fn purpose(lists: &Lists, draft: &Draft) -> Markup {
    let funds: Vec<_> = lists.funds.iter().map(|fund| (fund.slug.as_str(), fund.name.as_str())).collect();
    let none = std::iter::once(("", "None"));
    let campaigns: Vec<_> = none.chain(lists.campaigns.iter().map(|c| (c.slug.as_str(), c.name.as_str()))).collect();
    html! {
        (Field { width: "medium", ..field("fund", "Fund") }.select(draft, &funds))
        @if funds.len() > 1 { (parts::section(&lists.funds, draft, "Split over funds", "When rows are filled, they count instead of the fund above.")) }
        @if !lists.campaigns.is_empty() { (Field { optional: true, width: "medium", ..field("campaign", "Campaign") }.select(draft, &campaigns)) }
        (Field { optional: true, width: "medium", autocomplete: Some("off"), hint: Some("The code of the appeal that brought it."), ..field("source", "Source code") }.input(draft))
    }
}
