//! What a receipt must say in the United States, and when it may not be issued.
//!
//! Sources: IRS Publication 1771 (written acknowledgments from $250, disclosure above $75) and
//! Internal Revenue Code 170(f)(8) and 6115.
use super::{Benefit, Frozen, queries::LegalEntity};
use crate::kernel::{Cents, Currency, Day};

/// From here on a deduction needs a written acknowledgment (170(f)(8)), in the dollars' cents.
const ACKNOWLEDGED_FROM: Cents = Cents::new(25_000);
/// Above this a payment with a benefit in return needs the disclosure (6115).
const DISCLOSED_ABOVE: Cents = Cents::new(7_500);

/// Which rule is not met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("No legal entity is named as the donee on {0}; add one in the settings.")]
    NoDonee(String),
    #[error("The donee has no Employer Identification Number, and a deductible gift needs one.")]
    NoEin,
    #[error("A gift of {0} or more needs the donor's name on its receipt.")]
    NoDonor(String),
    #[error("Nothing is left of this gift after its refunds.")]
    NothingGiven,
    #[error("A payment of more than {0} with a benefit in return needs the benefit's description and value.")]
    NoBenefitValue(String),
    #[error("The benefit is worth as much as the payment; nothing of it is a gift.")]
    NotAGift,
    #[error("What was given in kind is described on its receipt and never valued, and the description is missing.")]
    NoDescription,
    #[error(
        "A grant from a donor-advised fund gets no tax receipt: the fund is the donor, and its adviser had the deduction when the money went into the fund."
    )]
    DonorAdvised,
}

/// What came, as far as the rules tell things apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    Money,
    /// Goods, services or shares, in words: described and never valued (Publication 1771).
    Described(String),
    /// From a donor-advised fund.
    DonorAdvised,
    /// A qualified charitable distribution from an individual retirement account (408(d)(8)).
    Ira,
}

/// What is to be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    pub donor: String,
    pub donor_address: Option<String>,
    pub given_on: Day,
    pub intended: Cents,
    pub covered_fee: Cents,
    /// Of the charged amount.
    pub refunded: Cents,
    pub currency: Currency,
    pub fund: String,
    pub tribute: Option<String>,
    pub benefit: Benefit,
    pub given: Given,
}

/// Freezes what the receipt will say, or names the rule that forbids it.
pub fn compile(gift: &Acknowledged, donee: Option<&LegalEntity>) -> Result<Frozen, Refusal> {
    let donee = donee.filter(|d| !d.name.trim().is_empty()).ok_or_else(|| Refusal::NoDonee(gift.given_on.words()))?;
    let amount = gift.intended + gift.covered_fee - gift.refunded;
    if !amount.is_positive() {
        return Err(Refusal::NothingGiven);
    }
    let described = match &gift.given {
        Given::DonorAdvised => return Err(Refusal::DonorAdvised),
        Given::Described(words) if words.trim().is_empty() => return Err(Refusal::NoDescription),
        Given::Described(words) => Some(words.clone()),
        Given::Money | Given::Ira => None,
    };
    if donee.deductible && donee.ein.as_deref().is_none_or(|ein| ein.trim().is_empty()) {
        return Err(Refusal::NoEin);
    }
    if gift.currency == Currency::USD && amount >= ACKNOWLEDGED_FROM && gift.donor.trim().is_empty() {
        return Err(Refusal::NoDonor(ACKNOWLEDGED_FROM.of(Currency::USD).short()));
    }
    let statement = statement(gift, donee, amount)?;
    let said = |amount: Cents| if described.is_some() { Cents::ZERO } else { amount };
    Ok(Frozen {
        donor: gift.donor.clone(),
        donor_address: gift.donor_address.clone(),
        donee: donee.name.clone(),
        donee_ein: donee.ein.clone(),
        donee_address: donee.address.clone(),
        sponsorship: donee.sponsorship.clone(),
        signatory: donee.signatory.clone(),
        deductible: donee.deductible,
        given_on: gift.given_on,
        amount: said(amount),
        intended: said(gift.intended),
        covered_fee: said(gift.covered_fee),
        refunded: said(gift.refunded),
        currency: gift.currency,
        fund: gift.fund.clone(),
        tribute: gift.tribute.clone(),
        described,
        benefit: gift.benefit.clone(),
        statement,
    })
}

fn statement(gift: &Acknowledged, donee: &LegalEntity, amount: Cents) -> Result<String, Refusal> {
    if !donee.deductible {
        return Ok(format!(
            "Gifts to {} are not deductible as charitable contributions for federal income tax purposes.",
            donee.name
        ));
    }
    match (&gift.given, &gift.benefit) {
        (Given::Ira, Benefit::Nothing) => {
            return Ok(format!(
                "This gift came as a qualified charitable distribution from an individual retirement account. The amount of it that is deductible as a charitable contribution is {}. {} provided no goods or services in return for it.",
                Cents::ZERO.of(gift.currency),
                donee.name
            ));
        }
        (Given::Ira, _) => return Err(Refusal::NotAGift),
        (Given::Described(_), Benefit::Nothing) => {
            return Ok(format!(
                "{} provided no goods or services in return for this gift. Its value is for the donor to determine.",
                donee.name
            ));
        }
        _ => {}
    }
    Ok(match &gift.benefit {
        Benefit::Nothing => format!("{} provided no goods or services in return for this gift.", donee.name),
        Benefit::IntangibleReligious => {
            format!("{} provided only intangible religious benefits in return for this gift.", donee.name)
        }
        Benefit::Goods { description, value } => {
            let undescribed = description.trim().is_empty() || !value.is_positive();
            if undescribed && amount > DISCLOSED_ABOVE {
                return Err(Refusal::NoBenefitValue(DISCLOSED_ABOVE.of(gift.currency).short()));
            }
            if *value >= amount {
                return Err(Refusal::NotAGift);
            }
            format!(
                "In return {} provided: {description}, with a good-faith value of {}. Only the amount above that value, {}, is deductible for federal income tax purposes.",
                donee.name,
                value.of(gift.currency),
                (amount - *value).of(gift.currency)
            )
        }
    })
}
