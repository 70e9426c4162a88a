//! A receipt on paper. The original went out by mail when it was issued, so whatever is printed here
//! says DUPLICATE. It prints what was frozen, never what the gift says now.
use super::gift::known;
use crate::{
    app::App,
    kernel::Zone,
    receipts::{self, Frozen, Receipt, ReceiptState},
    staff::Staff,
    web::{Error, Page, day_of, facts},
};
use axum::extract::{Path, State};
use maud::{Markup, html};

pub(super) async fn page(_staff: Staff, State(app): State<App>, Path(id): Path<String>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let gift = known(&mut tx, &id).await?;
    let all = receipts::of_gift(&mut tx, &gift.id.to_string()).await?;
    drop(tx);
    let receipt = all.iter().find(|r| r.state == ReceiptState::Issued).or(all.last()).ok_or(Error::NotFound)?;
    let zone = app.coalition.get().zone();
    Ok(Page::staff(format!("Receipt {}", receipt.label()), paper(receipt, &zone))
        .crumb("Gifts", "/staff/gifts")
        .crumb(format!("Gift of {}", gift.charged()), format!("/staff/gifts/{}", gift.id)))
}

pub(in crate::gifts) fn paper(receipt: &Receipt, zone: &Zone) -> Markup {
    let frozen = &receipt.frozen;
    html! {
        p.duplicate { strong { @if receipt.state == ReceiptState::Issued { "DUPLICATE" } @else { "DUPLICATE OF A RECEIPT THAT NO LONGER STANDS" } } }
        p { (frozen.donee) @if let Some(words) = &frozen.sponsorship { ", " (words) } }
        p { @for line in frozen.donee_address.lines() { (line) br; } @if let Some(ein) = &frozen.donee_ein { "EIN " (ein) } }
        (facts(&rows(receipt, frozen, zone)))
        p { (frozen.statement) }
        p { (frozen.signatory) }
        @if let (Some(at), Some(why)) = (receipt.ended_at, &receipt.ended_why) { p { "It ended on " (day_of(at, zone)) ". " (why) } }
        div.actions { p.hint { "Use your browser’s print command. The navigation is left out on paper." } }
    }
}

fn rows(receipt: &Receipt, frozen: &Frozen, zone: &Zone) -> Vec<(&'static str, Markup)> {
    let money = |amount: crate::kernel::Cents| html! { (amount.of(frozen.currency)) };
    let mut rows = vec![
        ("Receipt", html! { (receipt.label()) ", issued on " (day_of(receipt.issued_at, zone)) }),
        (
            "Donor",
            html! { (frozen.donor) @if let Some(address) = &frozen.donor_address { @for line in address.lines() { br; (line) } } },
        ),
        ("Date of the gift", crate::web::day(frozen.given_on)),
        ("Amount", money(frozen.amount)),
        ("Of this, the gift", money(frozen.intended)),
    ];
    if frozen.covered_fee.is_positive() {
        rows.push(("Processing fee covered", money(frozen.covered_fee)));
    }
    if frozen.refunded.is_positive() {
        rows.push(("Refunded", money(frozen.refunded)));
    }
    rows.push(("For", html! { (frozen.fund) }));
    if let Some(tribute) = &frozen.tribute {
        rows.push(("Tribute", html! { (tribute) }));
    }
    rows
}
