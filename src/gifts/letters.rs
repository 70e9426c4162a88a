//! What donors are written: thanks with the receipt, a renewal that failed, money that went back.
//!
//! Each carries a signed link to the gift, where a recurring one is stopped or changed without an account.
use super::{Frequency, Gift, GiftId, Giving, RecurringGift, queries};
use crate::{
    app::App,
    db::Tx,
    donors::Donor,
    kernel::Timestamp,
    links,
    mail::{self, Class, letter},
    payments::Invoice,
    receipts::Receipt,
    settings,
};

/// What the link in a letter is for.
pub(super) const MANAGE: &str = "manage-gift";
/// Longer than a year, so that the link in the last yearly receipt still works.
const MANAGE_DAYS: i64 = 400;

async fn manage_url(app: &App, tx: &mut Tx, gift: GiftId, now: Timestamp) -> sqlx::Result<String> {
    let token = links::issue(tx, &app.keys, MANAGE, &gift.to_string(), now, now.plus_days(MANAGE_DAYS)).await?;
    Ok(app.url(&format!("/gifts/manage/{token}")))
}

/// Thanks, and the receipt when the rules let it be issued.
pub(super) async fn thank(app: &App, tx: &mut Tx, gift: &Gift, donor: &Donor, receipt: Option<&Receipt>) -> sqlx::Result<()> {
    let Some(email) = &donor.email else { return Ok(()) };
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let fund = queries::fund_by_id(tx, gift.fund_id).await?.map(|fund| fund.name).unwrap_or_default();
    let url = manage_url(app, tx, gift.id, now).await?;
    let mut draft = letter(format!("Thank you for your gift of {}", gift.charged().short()))
        .line(format!("Dear {},", donor.name))
        .line(format!("Thank you. Your gift of {} to {} has arrived.", gift.charged(), coalition.name));
    let mut facts = vec![("Amount charged", gift.charged().to_string())];
    if gift.covered_fee.is_positive() {
        facts.push(("Of this, your gift", gift.intended().to_string()));
        facts.push(("And the processing fee you covered", gift.covered_fee.of(gift.currency).to_string()));
    }
    facts.push(("Date", gift.given_on.unwrap_or_else(|| zone.day(now)).words()));
    facts.push(("For", fund));
    facts.extend(gift.tribute().map(|tribute| ("Tribute", tribute)));
    facts.extend(gift.card.clone().map(|card| ("Paid with", card)));
    draft = draft.facts(facts);
    draft = match receipt {
        Some(receipt) => receipt_words(draft, receipt),
        None => draft.line("Your official receipt follows separately. Keep this letter until then."),
    };
    if gift.frequency == Frequency::Once {
        draft = draft.link("See this gift", url);
    } else {
        let every = if gift.frequency == Frequency::Yearly { "year" } else { "month" };
        draft = draft
            .line(format!("This gift repeats every {every} until you stop it. You can stop it or change the card at any time:"))
            .link("Stop or change this gift", url);
    }
    for disclosure in settings::get::<Giving>(tx).await?.disclosures {
        draft = draft.small(disclosure);
    }
    mail::send(tx, email, Class::Transactional, ("gift", &gift.id.to_string()), &draft.sign(&coalition.name), now).await?;
    Ok(())
}

pub(super) fn receipt_words(draft: mail::Draft, receipt: &Receipt) -> mail::Draft {
    let frozen = &receipt.frozen;
    let donee = frozen.sponsorship.as_ref().map_or_else(|| frozen.donee.clone(), |words| format!("{}, {words}", frozen.donee));
    let mut facts = vec![("Receipt", receipt.label()), ("Donor", frozen.donor.clone()), ("Given to", donee)];
    facts.extend(frozen.donee_ein.clone().map(|ein| ("EIN", ein)));
    facts.push(("Address", frozen.donee_address.clone()));
    facts.push((if frozen.described.is_some() { "Given" } else { "Amount" }, receipt.what()));
    facts.push(("Date of the gift", frozen.given_on.words()));
    draft.heading("Your receipt").facts(facts).line(&frozen.statement).line(&frozen.signatory)
}

/// A renewal could not be charged.
pub(super) async fn missed(
    app: &App,
    tx: &mut Tx,
    gift: GiftId,
    plan: &RecurringGift,
    donor: &Donor,
    invoice: &Invoice,
) -> sqlx::Result<()> {
    let Some(email) = &donor.email else { return Ok(()) };
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let url = manage_url(app, tx, gift, now).await?;
    let amount = plan.charged.of(plan.currency);
    let next = invoice.next_attempt_at.map_or_else(
        || "It is not tried again.".to_owned(),
        |at| format!("It is tried again on {}.", coalition.zone().day(at).words()),
    );
    let mut draft = letter(format!("Your gift of {} could not be charged", amount.short()))
        .line(format!("Dear {},", donor.name))
        .line(format!("Your bank did not let us charge your recurring gift of {amount}. Often a card has run out. {next}"));
    if let Some(page) = &invoice.page {
        draft = draft.link("Pay with another card", page);
    }
    let letter =
        draft.link("Change the card or stop the gift", url).line("If you meant to stop, you need to do nothing more than that.");
    mail::send(tx, email, Class::Transactional, ("gift", &gift.to_string()), &letter.sign(&coalition.name), now).await?;
    Ok(())
}

/// Money went back, or came again; the old receipt is worth nothing.
pub(super) async fn returned(app: &App, tx: &mut Tx, gift: &Gift, donor: &Donor, receipt: Option<&Receipt>) -> sqlx::Result<()> {
    let Some(email) = &donor.email else { return Ok(()) };
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let subject = if gift.refunded.is_zero() {
        format!("Your refund of the gift of {} did not go through", gift.charged().short())
    } else {
        format!("{} of your gift went back to you", gift.refunded.of(gift.currency).short())
    };
    let mut draft = letter(subject).line(format!("Dear {},", donor.name));
    draft = if gift.refunded.is_zero() {
        draft.line("Your bank did not take the money back, so your gift stands as it was.")
    } else {
        draft.line(format!(
            "{} of your gift of {} is on its way back to your card. Banks take five to ten days to show it.",
            gift.refunded.of(gift.currency),
            gift.charged()
        ))
    };
    draft = match receipt {
        Some(receipt) => receipt_words(draft.line("This receipt takes the place of the one we sent before."), receipt),
        None => draft.line("The receipt we sent for this gift is void; it must not be used for a tax return."),
    };
    mail::send(tx, email, Class::Transactional, ("gift", &gift.id.to_string()), &draft.sign(&coalition.name), now).await?;
    Ok(())
}
