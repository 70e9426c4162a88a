//! What a row of donors or gifts says: who gives, and what.
use crate::{
    data::{Kind, cells::Cells, plan::Typed},
    db::Tx,
    donors::{Donor, DonorId, DonorKind},
    gifts::{self, CampaignId, FundId, Method, TributeKind, carried::ByHand},
    kernel::{Cents, Currency, Day, Email, Timestamp, text},
};
use std::collections::HashMap;

/// The most one gift may be: what a bank's statement has room for.
const MOST: Cents = Cents::new(99_999_999_999);

/// What rows are read against.
pub(super) struct Ground {
    pub(super) today: Day,
    pub(super) currency: Currency,
    /// By name and by the part of the address, folded.
    funds: HashMap<String, FundId>,
    campaigns: HashMap<String, CampaignId>,
    /// Of gifts that name none: the first that is open.
    general: Option<FundId>,
}

impl Ground {
    pub(super) async fn read(tx: &mut Tx, today: Day, currency: Currency) -> sqlx::Result<Self> {
        let (funds, campaigns) = (gifts::funds(tx, false).await?, gifts::campaigns(tx).await?);
        Ok(Self {
            today,
            currency,
            general: funds.iter().find(|fund| fund.open).map(|fund| fund.id),
            funds: funds.into_iter().flat_map(|fund| [(text::fold(&fund.name), fund.id), (fund.slug, fund.id)]).collect(),
            campaigns: campaigns.into_iter().flat_map(|c| [(text::fold(&c.name), c.id), (c.slug, c.id)]).collect(),
        })
    }
}

/// Who gives, as a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Who {
    pub(super) name: String,
    pub(super) kind: DonorKind,
    pub(super) email: Option<Email>,
    pub(super) address: Option<String>,
}

impl Who {
    pub(super) fn donor(&self, id: DonorId, now: Timestamp) -> Donor {
        Donor {
            id,
            kind: self.kind,
            name: self.name.clone(),
            email: self.email.clone(),
            address: self.address.clone(),
            gateway_customer: None,
            consent_updates: false,
            consent_at: None,
            created_at: now,
        }
    }
}

/// What was given, as a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) fund: FundId,
    pub(super) campaign: Option<CampaignId>,
    pub(super) source: Option<String>,
    pub(super) amount: Cents,
    pub(super) currency: Currency,
    pub(super) on: Day,
    pub(super) tribute: Option<(TributeKind, String)>,
    pub(super) called: Option<String>,
    pub(super) method: Option<Method>,
    pub(super) reference: Option<String>,
    pub(super) description: Option<String>,
}

impl Given {
    /// How it came, as far as the file says so; `who` brings the file.
    pub(super) fn by_hand(&self, who: &str) -> Option<ByHand> {
        if self.method.is_none() && self.reference.is_none() {
            return None;
        }
        Some(ByHand {
            method: self.method.unwrap_or(Method::Card),
            reference: self.reference.clone(),
            description: self.description.clone(),
            entered_by: who.to_owned(),
        })
    }
}

/// A row that is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Brought {
    pub(super) who: Who,
    pub(super) given: Option<Given>,
}

/// A row: what it is about, and what it brings or why it is refused.
pub(super) struct Sight {
    pub(super) name: String,
    pub(super) brought: Result<Brought, Vec<String>>,
}

pub(super) fn read(ground: &Ground, kind: Kind, typed: &Typed) -> Sight {
    let mut cells = Cells::new(typed, ground.today);
    let who = who(&mut cells);
    let given = if kind == Kind::Gifts { given(ground, &mut cells) } else { None };
    let mut name = who.as_ref().map_or_else(|| cells.line("email"), |who| who.name.clone());
    if let Some(given) = &given {
        let what = format!("{} on {}", given.amount.of(given.currency), given.on.words());
        name = if name.is_empty() { what } else { format!("{name}, {what}") };
    }
    let brought = match who {
        Some(who) if cells.wrong.is_empty() => Ok(Brought { who, given }),
        _ => Err(cells.wrong),
    };
    Sight { name, brought }
}

fn who(cells: &mut Cells<'_>) -> Option<Who> {
    let email = cells.email("email");
    let whole = cells.short("name", "Name", 200);
    let parts = [cells.line("first_name"), cells.line("last_name")].map(|part| text::shorten(&part, 100));
    let parts = parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    let name = whole.or_else(|| Some(parts).filter(|name| !name.is_empty()));
    let kind = cells.word("kind", "kind of donor", |word| match word {
        "person" | "individual" | "contact" => Some(DonorKind::Person),
        "organization" | "organisation" | "company" | "foundation" => Some(DonorKind::Organization),
        "household" | "family" => Some(DonorKind::Household),
        _ => None,
    });
    let street = cells.lines("address", "Postal address", 500);
    let town = [cells.line("city"), format!("{} {}", cells.line("state"), cells.line("zip")).trim().to_owned()];
    let town = town.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ");
    let lines: Vec<_> = [street.unwrap_or_default(), town, cells.line("country")].into_iter().filter(|l| !l.is_empty()).collect();
    let address = Some(lines.join("\n")).filter(|address| !address.is_empty());
    let Some(name) = name else {
        cells.wrong.push("It says not who gives: a name is missing.".to_owned());
        return None;
    };
    Some(Who { name, kind: kind.unwrap_or(DonorKind::Person), email, address })
}

fn given(ground: &Ground, cells: &mut Cells<'_>) -> Option<Given> {
    let currency = cells.word("currency", "currency", |word| word.parse().ok()).unwrap_or(ground.currency);
    let amount = cells.amount("amount", MOST, currency);
    let on = cells.past_day("date", "Date");
    if on.is_none() && cells.line("date").is_empty() {
        cells.wrong.push("It says not when it was given.".to_owned());
    }
    let fund = cells.known("fund", "fund", &ground.funds).or(ground.general);
    if fund.is_none() {
        cells.wrong.push("It names no fund, and none is open.".to_owned());
    }
    let campaign = cells.known("campaign", "campaign", &ground.campaigns);
    let (honor, memory) = (cells.short("in_honor_of", "In honor of", 120), cells.short("in_memory_of", "In memory of", 120));
    let tribute = match (honor, memory) {
        (Some(_), Some(_)) => {
            cells.wrong.push("It is in honor of somebody and in memory of somebody. Leave one of the two.".to_owned());
            None
        }
        (Some(name), None) => Some((TributeKind::Honor, name)),
        (None, Some(name)) => Some((TributeKind::Memory, name)),
        (None, None) => None,
    };
    let source = cells.short("source", "Source code", 60);
    let called = cells.short("called", "Its number in the system it comes from", 120);
    let method = cells.method("method");
    let reference = cells.short("reference", "Reference", 120);
    let described = method.is_some_and(Method::is_described);
    let description = cells.short("description", "What was given", 500);
    if described && description.is_none() {
        cells.wrong.push(
            "It is stock or in kind and says not what was given: a column for it is missing, or its cell is empty.".to_owned(),
        );
    }
    let description = description.filter(|_| described);
    Some(Given {
        fund: fund?,
        campaign,
        source,
        amount: amount?,
        currency,
        on: on?,
        tribute,
        called,
        method,
        reference,
        description,
    })
}
