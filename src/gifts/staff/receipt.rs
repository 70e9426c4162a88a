//! A receipt on paper. The original goes out by mail, or is printed once here where there is no address;
//! whatever is printed else says DUPLICATE. It prints what was frozen, never what the gift says now.
use super::gift::known;
use crate::{
    app::App,
    audit,
    db::Tx,
    gifts::{Gift, Method},
    kernel::{Timestamp, Zone},
    mail,
    receipts::{self, Frozen, Receipt, ReceiptState},
    staff::Staff,
    web::{Csrf, Error, Page, RawForm, day_of, facts, redirect},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};

/// So long after its printing was asked for, the original is shown to be printed.
const PRINTING: i64 = 900;

/// What stands above the receipt.
enum Copy {
    /// Nobody has it yet; it can be printed.
    Waiting,
    Original,
    Duplicate,
}

struct Shown {
    gift: Gift,
    receipt: Receipt,
    copy: Copy,
}

impl Shown {
    async fn read(tx: &mut Tx, id: &str, now: Timestamp) -> Result<Self, Error> {
        let gift = known(tx, id).await?;
        let all = receipts::of_gift(tx, &gift.id.to_string()).await?;
        let receipt = all.iter().find(|r| r.state == ReceiptState::Issued).or(all.last()).ok_or(Error::NotFound)?.clone();
        let mailed = !mail::of_record(tx, ("gift", &gift.id.to_string())).await?.is_empty();
        let copy = match receipts::printed_at(tx, receipt.id).await? {
            Some(at) if now.seconds_since(at) < PRINTING => Copy::Original,
            None if gift.method != Method::Card && !mailed && receipt.state == ReceiptState::Issued => Copy::Waiting,
            _ => Copy::Duplicate,
        };
        Ok(Self { gift, receipt, copy })
    }
}

pub(super) async fn page(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let shown = Shown::read(&mut app.db.read().await?, &id, app.clock.now()).await?;
    let (gift, receipt) = (&shown.gift, &shown.receipt);
    let path = format!("/staff/gifts/{}", gift.id);
    let zone = app.coalition.get().zone();
    let content = html! {
        @match shown.copy {
            Copy::Waiting => {
                @if staff.may_keep_gifts().is_ok() {
                    form method="post" action={ (path) "/receipt/printed" } {
                        (csrf.field())
                        div.actions { button { "Print the original" } }
                        p.hint { "There is one original. It is shown for a quarter of an hour; whatever is printed later says DUPLICATE." }
                    }
                }
                (paper(receipt, &zone, Some("NOT PRINTED YET")))
            }
            Copy::Original => (paper(receipt, &zone, None)),
            Copy::Duplicate => (duplicate(receipt, &zone)),
        }
    };
    Ok(Page::staff(format!("Receipt {}", receipt.label()), content)
        .crumb("Gifts", "/staff/gifts")
        .crumb(format!("Gift of {}", gift.charged()), path))
}

/// A receipt printed once more.
pub(in crate::gifts) fn duplicate(receipt: &Receipt, zone: &Zone) -> Markup {
    let stands = receipt.state == ReceiptState::Issued;
    paper(receipt, zone, Some(if stands { "DUPLICATE" } else { "DUPLICATE OF A RECEIPT THAT NO LONGER STANDS" }))
}

/// Notes that the original is printed now.
pub(super) async fn print(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    RawForm(_): RawForm,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let shown = Shown::read(&mut tx, &id, now).await?;
    let record = shown.gift.id.to_string();
    if matches!(shown.copy, Copy::Waiting) && receipts::mark_printed(&mut tx, shown.receipt.id, now).await? {
        let number = shown.receipt.label();
        audit::record(&mut tx, &staff.actor(), "print_receipt", ("gift", &record), None::<&()>, Some(&number), now).await?;
        tx.commit().await?;
    }
    Ok(redirect(format!("/staff/gifts/{record}/receipt")))
}

/// A receipt with what stands above it.
fn paper(receipt: &Receipt, zone: &Zone, mark: Option<&str>) -> Markup {
    let frozen = &receipt.frozen;
    html! {
        @if let Some(mark) = mark { p.duplicate { strong { (mark) } } }
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
    ];
    match &frozen.described {
        Some(words) => rows.push(("Given", html! { (words) })),
        None => rows.extend([("Amount", money(frozen.amount)), ("Of this, the gift", money(frozen.intended))]),
    }
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
