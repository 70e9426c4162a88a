//! The donate form on its way in: read kindly, judged in sentences, kept as typed.
use super::{CampaignId, Frequency, Fund, Giving, TributeKind, start::Wish};
use crate::{
    donors::Giver,
    kernel::{Cents, Email, text},
    web::Draft,
};

/// The value of the radio button beside the free amount.
pub(super) const OTHER: &str = "other";

/// The form as it was sent; every field may be missing.
#[derive(Debug, Default, Clone, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The gift that this one deliberately comes after, by the donor's own answer.
    pub again: String,
    pub amount: String,
    pub other_amount: String,
    pub frequency: String,
    pub fund: String,
    pub tribute: String,
    pub tribute_name: String,
    pub cover: String,
    pub name: String,
    pub email: String,
    pub email_asked: String,
    pub address: String,
    pub updates: String,
    pub anonymous: String,
    pub campaign: String,
    pub source: String,
    /// People leave it empty; programs that fill in every field do not, and their gift is held back.
    pub website: String,
}

/// What the form refers to, as the database has it.
pub(super) struct Known {
    pub fund: Option<Fund>,
    pub campaign: Option<CampaignId>,
}

/// Reads the form: a wish, or the draft that says what is wrong.
pub(super) fn read(typed: &Typed, known: Known, giving: &Giving) -> Result<Wish, Draft> {
    let mut draft = Draft::default();
    for (field, value) in
        [("again", &typed.again), ("campaign", &typed.campaign), ("source", &typed.source), ("cover", &typed.cover)]
    {
        draft.keep(field, value);
    }
    draft.keep("updates", &typed.updates);
    draft.keep("anonymous", &typed.anonymous);
    let intended = amount(&mut draft, typed, giving);
    let frequency: Option<Frequency> = draft.read("frequency", &typed.frequency);
    draft.keep("fund", &typed.fund);
    if known.fund.is_none() {
        draft.reject("fund", "Choose where your gift goes");
    }
    let tribute = tribute(&mut draft, typed);
    let name = draft.text("name", &typed.name, 200, "Enter your name");
    let email: Option<Email> = draft.read_email("email", &typed.email, &typed.email_asked);
    let address = draft.optional_text("address", &typed.address, 500);
    draft.keep("website", &typed.website);
    let covered_fee = match intended {
        Some(intended) if typed.cover == "yes" => giving.cover(intended),
        _ => Cents::ZERO,
    };
    if let Some(intended) = intended
        && intended + covered_fee > Cents::MOST
    {
        draft.reject(
            "amount",
            format!("Enter a smaller amount: a card can be charged at most {}", Cents::MOST.of(giving.currency)),
        );
    }
    match (intended, frequency, known.fund, name, email, address) {
        (Some(intended), Some(frequency), Some(fund), Some(name), Some(email), Some(address)) if draft.is_right() => Ok(Wish {
            giver: Giver {
                name: text::line(&name),
                email,
                address: (!address.is_empty()).then_some(address),
                consent_updates: typed.updates == "yes",
            },
            fund,
            campaign: known.campaign,
            source: source(&typed.source),
            frequency,
            intended,
            covered_fee,
            currency: giving.currency,
            tribute,
            anonymous: typed.anonymous == "yes",
        }),
        _ => Err(draft),
    }
}

fn amount(draft: &mut Draft, typed: &Typed, giving: &Giving) -> Option<Cents> {
    draft.keep("amount", &typed.amount);
    draft.keep("other_amount", &typed.other_amount);
    let chosen = !typed.amount.is_empty() && typed.amount != OTHER;
    let wrote = !typed.other_amount.trim().is_empty();
    let (field, words) = match (chosen, wrote) {
        (true, true) => {
            let sentence =
                format!("You chose an amount and also wrote “{}”; keep one of them", text::shorten(&typed.other_amount, 30));
            draft.reject("other_amount", sentence);
            return None;
        }
        (true, false) => ("amount", &typed.amount),
        (false, true) => ("other_amount", &typed.other_amount),
        (false, false) if typed.amount == OTHER => {
            draft.reject("other_amount", "Write the amount you want to give");
            return None;
        }
        (false, false) => {
            draft.reject("amount", "Choose an amount, or write your own");
            return None;
        }
    };
    match Cents::parse(words, giving.currency) {
        Err(reason) => {
            draft.reject(field, reason.to_string());
            None
        }
        Ok(amount) if amount < giving.least => {
            draft.reject(field, format!("The smallest gift we can take by card is {}", giving.least.of(giving.currency).short()));
            None
        }
        Ok(amount) if amount > giving.most => {
            let most = giving.most.of(giving.currency).short();
            draft.reject(
                field,
                format!(
                    "The largest gift we take by card is {most}. Write to us for a larger one; we would like to help you with it"
                ),
            );
            None
        }
        Ok(amount) if giving.currency.decimals() == 3 && amount.get() % 10 != 0 => {
            draft.reject(field, "End the amount in 0: cards are not charged the smallest coin of this currency");
            None
        }
        Ok(amount) => Some(amount),
    }
}

/// `None` without a tribute, and when it is wrong; the draft knows which.
fn tribute(draft: &mut Draft, typed: &Typed) -> Option<(TributeKind, String)> {
    let kind: Option<TributeKind> = draft.read_optional("tribute", &typed.tribute)?;
    let name = text::line(&draft.optional_text("tribute_name", &typed.tribute_name, 200)?);
    match (kind, name.is_empty()) {
        (None, true) => None,
        (Some(kind), false) => Some((kind, name)),
        (Some(_), true) => {
            draft.reject("tribute_name", "Enter the name of the person, or choose that this gift is not for somebody");
            None
        }
        (None, false) => {
            draft.reject("tribute", "Choose whether the gift is in honor or in memory of this person");
            None
        }
    }
}

/// A source code is a short word; anything else was not made by us and is dropped.
fn source(typed: &str) -> Option<String> {
    let word = typed.trim();
    let ours = !word.is_empty() && word.len() <= 60 && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    ours.then(|| word.to_owned())
}
