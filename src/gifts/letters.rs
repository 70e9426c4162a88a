//! What donors are written: thanks with the receipt, a renewal that failed, money that went back.
//!
//! Each carries a signed link to the gift, where a recurring one is stopped or changed without an account.
use super::{Frequency, Gift, GiftId, Giving, RecurringGift, RecurringId, parts, queries};
use crate::{
    app::App,
    db::Tx,
    donors::Donor,
    kernel::{Email, Timestamp},
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

/// What a letter is about and its link opens: a gift, or a recurring gift that none has come of yet.
#[derive(Debug, Clone, Copy)]
pub(super) enum About {
    Gift(GiftId),
    Plan(RecurringId),
}

impl About {
    pub(super) async fn plan(tx: &mut Tx, id: RecurringId) -> sqlx::Result<Self> {
        Ok(queries::latest_gift_of(tx, id).await?.map_or(Self::Plan(id), Self::Gift))
    }

    fn record(self) -> (&'static str, String) {
        match self {
            Self::Gift(id) => ("gift", id.to_string()),
            Self::Plan(id) => ("recurring_gift", id.to_string()),
        }
    }
}

async fn manage_url(app: &App, tx: &mut Tx, about: About, now: Timestamp) -> sqlx::Result<String> {
    let (_, subject) = about.record();
    let token = links::issue(tx, &app.keys, MANAGE, &subject, now, now.plus_days(MANAGE_DAYS)).await?;
    Ok(app.url(&format!("/gifts/manage/{token}")))
}

/// Thanks, and the receipt when the rules let it be issued.
pub(super) async fn thank(app: &App, tx: &mut Tx, gift: &Gift, donor: &Donor, receipt: Option<&Receipt>) -> sqlx::Result<()> {
    let Some(email) = &donor.email else { return Ok(()) };
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let fund = parts::words(tx, gift).await?;
    let url = manage_url(app, tx, About::Gift(gift.id), now).await?;
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
    draft = draft.small(format!("All your gifts, receipts and statements: {}", app.url("/my-giving")));
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
    reason: &str,
) -> sqlx::Result<()> {
    let Some(email) = &donor.email else { return Ok(()) };
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let url = manage_url(app, tx, About::Gift(gift), now).await?;
    let amount = plan.charged.of(plan.currency);
    let next = invoice.next_attempt_at.map_or_else(
        || "It is not tried again.".to_owned(),
        |at| format!("It is tried again on {}.", coalition.zone().day(at).words()),
    );
    let mut draft = letter(format!("Your gift of {} could not be charged", amount.short()))
        .line(format!("Dear {},", donor.name))
        .line(format!(
            "This month’s payment of your recurring gift of {amount} did not go through. It happens: often a card has run out or was replaced. The bank’s words were: “{reason}”"
        ).replace("This month’s", if plan.frequency == Frequency::Yearly { "This year’s" } else { "This month’s" }))
        .line(format!("Nothing is lost. {next}"));
    if let Some(page) = &invoice.page {
        draft = draft.link("Pay with another card", page);
    }
    let letter =
        draft.link("Change the card or stop the gift", url).line("If you meant to stop, you need to do nothing more than that.");
    mail::send(tx, email, Class::Transactional, ("gift", &gift.to_string()), &letter.sign(&coalition.name), now).await?;
    Ok(())
}

/// The card runs out before the next payment.
pub(super) async fn card_runs_out(
    app: &App,
    tx: &mut Tx,
    about: About,
    plan: &RecurringGift,
    donor: &Donor,
) -> sqlx::Result<bool> {
    let (Some(email), Some(until)) = (&donor.email, plan.card_until) else { return Ok(false) };
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let url = manage_url(app, tx, about, now).await?;
    let card = plan.card.as_deref().unwrap_or("The card");
    let amount = plan.charged.of(plan.currency);
    let due = plan.next_at.map(|at| format!(" The next payment of {amount} is due on {}.", coalition.zone().day(at).words()));
    let letter = letter("The card of your recurring gift runs out")
        .line(format!("Dear {},", donor.name))
        .line(format!(
            "{card}, which pays your recurring gift, can be charged until {}.{} If your bank has sent you a new card, name it here and the gift goes on by itself:",
            until.words(),
            due.unwrap_or_default()
        ))
        .link("Change the card", url)
        .line("If your bank renews the card by itself, you need to do nothing.");
    let (kind, id) = about.record();
    mail::send(tx, email, Class::Transactional, (kind, &id), &letter.sign(&coalition.name), now).await?;
    Ok(true)
}

/// The way to a recurring gift, because staff were asked for it.
pub(super) async fn way(app: &App, tx: &mut Tx, about: About, plan: &RecurringGift, donor: &Donor) -> sqlx::Result<bool> {
    let Some(email) = &donor.email else { return Ok(false) };
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let url = manage_url(app, tx, about, now).await?;
    let letter = letter("The link to your recurring gift")
        .line(format!("Dear {},", donor.name))
        .line(format!(
            "Here you change the card or the amount of your recurring gift of {}, pause it or stop it, without an account:",
            plan.charged.of(plan.currency)
        ))
        .link("See or change this gift", url);
    let (kind, id) = about.record();
    mail::send(tx, email, Class::Transactional, (kind, &id), &letter.sign(&coalition.name), now).await?;
    Ok(true)
}

/// What has changed in a recurring gift, in sentences.
pub(super) async fn changed(app: &App, tx: &mut Tx, about: About, donor: &Donor, sentences: &[String]) -> sqlx::Result<()> {
    let Some(email) = &donor.email else { return Ok(()) };
    let now = app.clock.now();
    let coalition = app.coalition.get();
    let url = manage_url(app, tx, about, now).await?;
    let mut draft = letter("Your recurring gift was changed").line(format!("Dear {},", donor.name));
    for sentence in sentences {
        draft = draft.line(sentence);
    }
    let letter = draft.link("See or change this gift", url).line("If this is not what you wanted, answer this mail.");
    let (kind, id) = about.record();
    mail::send(tx, email, Class::Transactional, (kind, &id), &letter.sign(&coalition.name), now).await?;
    Ok(())
}

async fn send(app: &App, tx: &mut Tx, (donor, to): (&Donor, &Email), draft: mail::Draft) -> sqlx::Result<()> {
    let letter = draft.sign(&app.coalition.get().name);
    mail::send(tx, to, Class::Transactional, ("donor", &donor.id.to_string()), &letter, app.clock.now()).await?;
    Ok(())
}

/// The link that opens a donor's own pages.
pub(super) async fn way_in(app: &App, tx: &mut Tx, donor: &Donor, to: &Email, url: &str, minutes: i64) -> sqlx::Result<()> {
    let draft = letter("Your link to your gifts and receipts")
        .line(format!("Dear {},", donor.name))
        .line(format!("This opens your gifts, receipts and statements. It works for {minutes} minutes, in the browser that opens it first."))
        .link("Open my giving", url)
        .small("Whoever has the link sees what you gave, so pass it on to nobody. If you did not ask for it, do nothing: it runs out by itself.");
    send(app, tx, (donor, to), draft).await
}

/// To the new address: is it theirs?
pub(super) async fn confirm_email(app: &App, tx: &mut Tx, donor: &Donor, to: &Email, url: &str) -> sqlx::Result<()> {
    let draft = letter("Confirm your new e-mail address")
        .line(format!("Dear {},", donor.name))
        .line("You asked that receipts and links go to this address from now on. It counts after you use this link, which works for an hour:")
        .link("Use this address", url)
        .small("If you did not ask for it, do nothing: nothing changes.");
    send(app, tx, (donor, to), draft).await
}

/// To the old address: it does not count any more.
pub(super) async fn email_changed(app: &App, tx: &mut Tx, donor: &Donor, to: &Email) -> sqlx::Result<()> {
    let draft = letter("Your e-mail address was changed")
        .line(format!("Dear {},", donor.name))
        .line("Receipts and links for your gifts go to another address from now on, as was asked on your own pages.")
        .line("If it was not you, answer this mail.");
    send(app, tx, (donor, to), draft).await
}

/// Why a donor's data was not erased.
pub(super) async fn not_erased(app: &App, tx: &mut Tx, donor: &Donor, to: &Email, reason: &str) -> sqlx::Result<()> {
    let draft = letter("Your request to erase your data")
        .line(format!("Dear {},", donor.name))
        .line(format!("You asked us to erase your personal data. We could not do it: {reason}"))
        .line("Answer this mail if something is unclear.");
    send(app, tx, (donor, to), draft).await
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
