//! The form for a gift that came by hand, on its way in: read kindly, judged in sentences, kept as typed.
use super::enter::{NewDonor, Payer, Wish};
use crate::{
    db::Tx,
    donors::{self, Donor, DonorKind},
    gifts::{
        Campaign, CampaignId, Fund, GiftId, Method,
        parts::{self, Piece, Rows},
    },
    kernel::{Cents, Currency, Day, Email, text},
    web::Draft,
};

/// More than any one gift.
pub(super) const MOST: Cents = Cents::new(10_000_000_000);
/// The value of the choice for somebody who is not among the donors yet.
pub(super) const NEW: &str = "new";

/// The form as it was sent; every field may be missing.
#[derive(Debug, Default, Clone, serde::Deserialize)]
#[serde(default)]
pub(in crate::gifts) struct Typed {
    pub(in crate::gifts) id: String,
    pub(in crate::gifts) who: String,
    pub(in crate::gifts) donor: String,
    pub(in crate::gifts) kind: String,
    pub(in crate::gifts) email: String,
    pub(in crate::gifts) address: String,
    pub(in crate::gifts) method: String,
    pub(in crate::gifts) amount: String,
    pub(in crate::gifts) received_on: String,
    pub(in crate::gifts) fund: String,
    pub(in crate::gifts) campaign: String,
    pub(in crate::gifts) source: String,
    pub(in crate::gifts) reference: String,
    pub(in crate::gifts) description: String,
    pub(in crate::gifts) adviser: String,
    pub(in crate::gifts) at_the_bank: String,
    pub(in crate::gifts) another: String,
    /// The pledge it fulfils.
    pub(in crate::gifts) pledge: String,
    /// Which button was pressed.
    pub(in crate::gifts) then: String,
    /// The funds it is split over.
    #[serde(flatten)]
    pub(in crate::gifts) rows: Rows,
}

/// What the form refers to.
pub(in crate::gifts) struct Around<'a> {
    pub(in crate::gifts) funds: &'a [Fund],
    pub(in crate::gifts) campaigns: &'a [Campaign],
    pub(in crate::gifts) currency: Currency,
    pub(in crate::gifts) today: Day,
}

impl Typed {
    /// Everything as it was typed, with nothing wrong in it.
    pub(in crate::gifts) fn kept(&self) -> Draft {
        let Self { id, who, donor, kind, email, address, method, amount, received_on, fund, campaign, source, .. } = self;
        let mut draft = Draft::of([
            ("id", id),
            ("who", who),
            ("donor", donor),
            ("kind", kind),
            ("email", email),
            ("address", address),
            ("method", method),
            ("amount", amount),
            ("received_on", received_on),
            ("fund", fund),
            ("campaign", campaign),
            ("source", source),
        ]);
        for (name, value) in [
            ("reference", &self.reference),
            ("description", &self.description),
            ("adviser", &self.adviser),
            ("at_the_bank", &self.at_the_bank),
            ("another", &self.another),
            ("pledge", &self.pledge),
        ] {
            draft.keep(name, value);
        }
        self.rows.keep(&mut draft);
        draft
    }
}

/// Reads the form: a gift, or the draft that says what is wrong and the donors among whom to choose.
pub(in crate::gifts) async fn read(
    tx: &mut Tx,
    typed: &Typed,
    around: &Around<'_>,
) -> sqlx::Result<Result<Wish, (Draft, Vec<Donor>)>> {
    let mut draft = typed.kept();
    let method = match draft.read::<Method>("method", &typed.method) {
        Some(Method::Card) => {
            draft.reject("method", "Choose how it came: cards are charged by the payment service");
            None
        }
        method => method,
    };
    let (payer, choices) = payer(tx, &mut draft, typed, method).await?;
    let facts = facts(&mut draft, typed, around, method);
    let id = typed.id.parse().unwrap_or_else(|_| GiftId::new());
    Ok(match (payer, method, facts) {
        (Some(payer), Some(method), Some(facts)) if draft.is_right() => Ok(Wish {
            id,
            payer,
            method,
            amount: facts.amount,
            currency: around.currency,
            received_on: facts.received_on,
            pieces: facts.pieces,
            campaign: facts.campaign,
            source: facts.source,
            reference: facts.reference,
            description: facts.description,
            adviser: facts.adviser,
            at_the_bank: typed.at_the_bank == "yes",
            another: typed.another == "yes",
        }),
        _ => Err((draft, choices)),
    })
}

/// What a gift by hand is, beside its donor and how it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) amount: Cents,
    pub(super) received_on: Day,
    /// For which funds, the first first.
    pub(super) pieces: Vec<Piece>,
    pub(super) campaign: Option<CampaignId>,
    pub(super) source: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) description: Option<String>,
    pub(super) adviser: Option<String>,
}

/// Reads them; what must be there depends on how the gift came.
pub(super) fn facts(draft: &mut Draft, typed: &Typed, around: &Around<'_>, method: Option<Method>) -> Option<Facts> {
    let amount = Cents::parse_up_to(MOST, &typed.amount, around.currency)
        .map_err(|reason| draft.reject("amount", reason.to_string()))
        .ok();
    let received_on: Option<Day> = draft.read("received_on", &typed.received_on);
    if received_on.is_some_and(|day| day > around.today) {
        draft.reject("received_on", "Enter a day that is not in the future");
    } else if received_on.is_some_and(|day| day.year() < 1990) {
        draft.reject("received_on", "Enter a day after 1990");
    }
    let pieces = pieces(draft, typed, around, amount);
    let campaign = around.campaigns.iter().find(|campaign| campaign.slug == typed.campaign.trim()).map(|campaign| campaign.id);
    if campaign.is_none() && !typed.campaign.trim().is_empty() {
        draft.reject("campaign", "There is no such campaign. Choose one of the list");
    }
    let mut line = |field: &str, typed: &str, most: usize| {
        draft.optional_text(field, &text::line(typed), most).map(|words| Some(words).filter(|words| !words.is_empty()))
    };
    let source = line("source", &typed.source, 60);
    let reference = line("reference", &typed.reference, 60);
    let description = line("description", &typed.description, 300);
    let adviser = line("adviser", &typed.adviser, 200);
    match method {
        Some(Method::Check) if reference == Some(None) => draft.reject("reference", "Enter the number of the check"),
        Some(Method::Stock) if description == Some(None) => {
            draft.reject("description", "Enter what it is, such as 12 shares of ACME (ticker ACM)");
        }
        Some(Method::InKind) if description == Some(None) => {
            draft.reject("description", "Enter what was given, such as the printing of 500 leaflets");
        }
        Some(Method::DonorAdvised) if adviser == Some(None) => draft.reject("adviser", "Enter who advised the fund to give"),
        _ => {}
    }
    Some(Facts {
        amount: amount?,
        received_on: received_on?,
        pieces: pieces?,
        campaign,
        source: source?,
        reference: reference?,
        description: description?,
        adviser: adviser?,
    })
}

/// The fund it is for, or those it is split over.
fn pieces(draft: &mut Draft, typed: &Typed, around: &Around<'_>, amount: Option<Cents>) -> Option<Vec<Piece>> {
    if typed.rows.any() {
        return parts::read(draft, &typed.rows, around.funds, amount?.of(around.currency));
    }
    let fund = around.funds.iter().find(|fund| fund.slug == typed.fund.trim()).map(|fund| fund.id);
    if fund.is_none() {
        draft.reject("fund", "Choose the fund it is for");
    }
    Some(vec![Piece { fund: fund?, amount: amount? }])
}

/// Who gave: chosen, found by what was typed, or new. Where there is a choice, it is asked.
async fn payer(
    tx: &mut Tx,
    draft: &mut Draft,
    typed: &Typed,
    method: Option<Method>,
) -> sqlx::Result<(Option<Payer>, Vec<Donor>)> {
    if let Ok(id) = typed.donor.parse() {
        let found = donors::by_id(tx, id).await?;
        if found.is_none() {
            draft.reject("who", "There is no such donor any more. Enter a name or an e-mail address");
        }
        return Ok((found.map(|donor| Payer::Known(donor.id)), Vec::new()));
    }
    let Some(who) = draft.text("who", &text::line(&typed.who), 200, "Enter the donor’s name or e-mail address") else {
        return Ok((None, Vec::new()));
    };
    if let Ok(email) = who.parse::<Email>()
        && let Some(donor) = donors::by_email(tx, &email).await?
    {
        return Ok((Some(Payer::Known(donor.id)), Vec::new()));
    }
    let choices = donors::matching(tx, &who, 12).await?;
    if typed.donor != NEW {
        if choices.is_empty() {
            draft.keep("donor", NEW);
            draft.reject("donor", "Nobody of this name is among the donors. Choose “A new donor”, or correct the name");
        } else {
            draft.reject("donor", "Choose which donor it is");
        }
        return Ok((None, choices));
    }
    let email = draft.read_optional::<Email>("email", &typed.email);
    if let Some(Some(email)) = &email
        && let Some(other) = donors::by_email(tx, email).await?
    {
        draft.reject("email", format!("{} has this address. Enter it as the donor", other.name));
    }
    let address = draft.optional_text("address", &typed.address, 500);
    let kind = match method {
        Some(Method::DonorAdvised | Method::Grant) if typed.kind.is_empty() => Some(DonorKind::Organization),
        _ if typed.kind.is_empty() => Some(DonorKind::Person),
        _ => draft.read("kind", &typed.kind),
    };
    let new = kind.zip(email).zip(address).map(|((kind, email), address)| {
        Payer::New(NewDonor { kind, name: who, email, address: Some(address).filter(|address| !address.is_empty()) })
    });
    Ok((new, choices))
}

/// Somebody among the donors: chosen, or found by what was typed; where several could be meant, they are given.
pub(in crate::gifts) async fn choose(
    tx: &mut Tx,
    draft: &mut Draft,
    who: &str,
    donor: &str,
) -> sqlx::Result<(Option<Donor>, Vec<Donor>)> {
    draft.keep("who", who);
    draft.keep("donor", donor);
    if let Ok(id) = donor.parse()
        && let Some(donor) = donors::by_id(tx, id).await?
    {
        return Ok((Some(donor), Vec::new()));
    }
    let Some(who) = draft.text("who", &text::line(who), 200, "Enter the donor’s name or e-mail address") else {
        return Ok((None, Vec::new()));
    };
    if let Ok(email) = who.parse::<Email>()
        && let Some(donor) = donors::by_email(tx, &email).await?
    {
        return Ok((Some(donor), Vec::new()));
    }
    let choices = donors::matching(tx, &who, 12).await?;
    if choices.is_empty() {
        draft.reject("who", "Nobody of this name is among the donors. Enter another name or an e-mail address");
    } else {
        draft.reject("donor", "Choose which donor it is");
    }
    Ok((None, choices))
}
