//! Thanks for what came by hand. What was given in kind is described and never valued, and a grant from a
//! donor-advised fund is thanked for without a receipt.
use crate::{
    app::App,
    db::Tx,
    donors::Donor,
    gifts::{Gift, Giving, Method, letters::receipt_words, parts, queries::offline::details},
    mail::{self, Class, letter},
    receipts::Receipt,
    settings,
};

/// Thanks, with the receipt when there is one. Without an address nothing is written.
pub(in crate::gifts) async fn thank(
    app: &App,
    tx: &mut Tx,
    gift: &Gift,
    donor: &Donor,
    receipt: Option<&Receipt>,
) -> sqlx::Result<()> {
    let Some(email) = &donor.email else { return Ok(()) };
    let coalition = app.coalition.get();
    let fund = parts::words(tx, gift).await?;
    let row = details(tx, gift.id).await?;
    let description = row.as_ref().and_then(|row| row.description.clone()).unwrap_or_default();
    let (what, subject) = if gift.method.is_described() {
        (description, "Thank you for your gift".to_owned())
    } else {
        (gift.charged().to_string(), format!("Thank you for your gift of {}", gift.charged().short()))
    };
    let mut facts = vec![("Your gift", what), ("It came as", gift.method.label())];
    facts.extend(row.as_ref().and_then(|row| row.reference.clone()).map(|reference| ("Reference", reference)));
    facts.extend(gift.given_on.map(|day| ("Date", day.words())));
    facts.push(("For", fund));
    facts.extend(row.and_then(|row| row.adviser).map(|adviser| ("Advised by", adviser)));
    let mut draft = letter(subject)
        .line(format!("Dear {},", donor.name))
        .line(format!("Thank you. Your gift to {} has arrived.", coalition.name))
        .facts(facts);
    draft = match receipt {
        Some(receipt) => receipt_words(draft, receipt),
        None if gift.method == Method::DonorAdvised => {
            draft.line("This letter is thanks and no tax receipt: the deduction was had when the money went into the fund.")
        }
        None => draft.line("Your official receipt follows separately. Keep this letter until then."),
    };
    for disclosure in settings::get::<Giving>(tx).await?.disclosures {
        draft = draft.small(disclosure);
    }
    let record = gift.id.to_string();
    mail::send(tx, email, Class::Transactional, ("gift", &record), &draft.sign(&coalition.name), app.clock.now()).await?;
    Ok(())
}

/// A receipt that says something else takes the place of the one before, or none does.
pub(super) async fn corrected(app: &App, tx: &mut Tx, gift: &Gift, donor: &Donor, receipt: Option<&Receipt>) -> sqlx::Result<()> {
    let Some(email) = &donor.email else { return Ok(()) };
    let coalition = app.coalition.get();
    let draft = letter("The receipt for your gift has changed").line(format!("Dear {},", donor.name));
    let draft = match receipt {
        Some(receipt) => receipt_words(draft.line("This receipt takes the place of the one we sent before."), receipt),
        None => draft.line("The receipt we sent for this gift is void; it must not be used for a tax return."),
    };
    let record = gift.id.to_string();
    mail::send(tx, email, Class::Transactional, ("gift", &record), &draft.sign(&coalition.name), app.clock.now()).await?;
    Ok(())
}
