//! One gift: where it stands, its amounts, its story, its entries in the books, its receipts and mails.
use super::{Back, timeline, way_back};
use crate::{
    app::App,
    audit::{self, AuditEvent},
    books::EntryRow,
    db::Tx,
    donors::{self, Donor},
    gifts::{
        self, FraudWarning, Fund, Gift, GiftDispute, GiftId, GiftRefund, GiftState, Method, RecurringGift,
        acknowledge::{Ack, Note},
        batch::{self, Batch},
        credit::Credit,
        matching::{Employer, Matching},
        offline::{self, OfflineGift},
        parts::{self, Part},
        queries::{self, acknowledgment_of, notes_of, offline::details, warnings_of},
        refund,
    },
    kernel::{Cents, Zone},
    mail::{self, Summary},
    receipts::{self, Receipt, ReceiptState},
    staff::Staff,
    web::{Csrf, Error, Page, badge, day, facts, moment, notice, with},
};
use axum::extract::{Path, Query, State};
use maud::{Markup, html};

const LIST: &str = "/staff/gifts";

struct Record {
    gift: Gift,
    parts: Vec<Part>,
    donor: Donor,
    funds: Vec<Fund>,
    campaign: Option<String>,
    plan: Option<RecurringGift>,
    by_hand: Option<OfflineGift>,
    batch: Option<Batch>,
    refunds: Vec<GiftRefund>,
    disputes: Vec<GiftDispute>,
    warnings: Vec<FraudWarning>,
    thanks: Option<Ack>,
    notes: Vec<Note>,
    credits: Vec<Credit>,
    matching: Option<Matching>,
    employers: Vec<Employer>,
    anonymous: bool,
    receipts: Vec<Receipt>,
    entries: Vec<EntryRow>,
    mails: Vec<Summary>,
    events: Vec<AuditEvent>,
}

pub(in crate::gifts) async fn known(tx: &mut Tx, id: &str) -> Result<Gift, Error> {
    let id: GiftId = id.parse().map_err(|_| Error::NotFound)?;
    gifts::by_id(tx, id).await?.ok_or(Error::NotFound)
}

impl Record {
    async fn read(tx: &mut Tx, id: &str) -> Result<Self, Error> {
        let gift = known(tx, id).await?;
        let id = gift.id.to_string();
        let campaigns = if gift.campaign_id.is_some() { gifts::campaigns(tx).await? } else { Vec::new() };
        let plan = match gift.recurring_id {
            Some(plan) => gifts::recurring_by_id(tx, plan).await?,
            None => None,
        };
        let (refunds, disputes) = (gifts::refunds_of(tx, gift.id).await?, gifts::disputes_of(tx, gift.id).await?);
        let by_hand = details(tx, gift.id).await?;
        Ok(Self {
            batch: batch::of_gift(tx, by_hand.as_ref()).await?,
            by_hand,
            donor: donors::by_id(tx, gift.donor_id).await?.ok_or(Error::NotFound)?,
            funds: gifts::funds(tx, false).await?,
            campaign: campaigns.into_iter().find(|c| Some(c.id) == gift.campaign_id).map(|c| c.name),
            plan,
            refunds,
            disputes,
            warnings: warnings_of(tx, gift.id).await?,
            thanks: acknowledgment_of(tx, gift.id).await?,
            notes: notes_of(tx, gift.id).await?,
            credits: queries::credits_of_gift(tx, gift.id).await?,
            matching: queries::match_of_gift(tx, gift.id).await?,
            employers: queries::employers(tx).await?,
            anonymous: queries::is_anonymous(tx, gift.id).await?,
            receipts: receipts::of_gift(tx, &id).await?,
            entries: parts::entries(tx, &gift).await?,
            parts: parts::of(tx, &gift).await?,
            mails: mail::of_record(tx, ("gift", &id)).await?,
            events: audit::of_record(tx, ("gift", &id)).await?,
            gift,
        })
    }

    fn fund(&self, id: &str) -> &str {
        self.funds.iter().find(|fund| fund.id.to_string() == id).map_or("", |fund| &fund.name)
    }

    fn standing(&self) -> Option<&Receipt> {
        self.receipts.iter().find(|receipt| receipt.state == ReceiptState::Issued)
    }
}

pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(back): Query<Back>,
    csrf: Csrf,
) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let record = Record::read(&mut tx, &id).await?;
    drop(tx);
    let zone = app.coalition.get().zone();
    let gift = &record.gift;
    let content = html! {
        p.lead { (timeline::standing(gift, record.thanks == Some(Ack::DoNot), &zone)) }
        @if !gift.livemode { (notice("info", &html! { p { "This gift was made in the payment service’s test mode. No card was charged." } })) }
        (warned(&record, staff.may_keep_gifts().is_ok()))
        @if staff.may_keep_gifts().is_ok() {
            (actions(&record, &csrf))
            @if let Some(row) = record.by_hand.as_ref().filter(|_| gift.state == GiftState::Settled) {
                (offline::actions(gift, row, record.batch.is_some(), zone.day(app.clock.now()), &csrf))
            }
        }
        div.split {
            div {
                section { h2 { "What happened" } (timeline::of(gift, &record.refunds, &record.disputes, &record.warnings, &record.receipts, &zone)) }
                @if gift.state == GiftState::Settled {
                    (super::thanks::notes(gift.id, &record.notes, staff.may_keep_gifts().is_ok(), zone.day(app.clock.now()), &csrf))
                }
                (ledger(&record))
                (letters(&record, &zone))
                (history(&record, &zone))
            }
            aside {
                (about(&record)) (amounts(gift)) (receipt(&record)) (credits(&record))
                (super::matching::section(gift, record.matching.as_ref(), &record.employers, staff.may_keep_gifts().is_ok(), &csrf))
            }
        }
    };
    Ok(Page::staff(format!("Gift of {} by {}", gift.charged(), record.donor.name), content)
        .crumb("Gifts", way_back(back.back.as_deref(), LIST))
        .wide())
}

/// What a bank warns of, while a refund still helps.
fn warned(record: &Record, may_refund: bool) -> Markup {
    let gift = &record.gift;
    let open = !gift.disputed && refund::left(gift).is_positive();
    html! {
        @if let Some(warning) = record.warnings.iter().find(|warning| warning.actionable && open) {
            (notice("bad", &html! {
                p { "The card’s bank warns of fraud (" (warning.kind.replace('_', " ")) "). A refund now prevents a dispute and its fee." }
                @if may_refund { p { a.button.danger href={ (LIST) "/" (gift.id) "/refund?reason=fraudulent" } { "Refund it" } } }
                @else { p { "Development staff take care of it." } }
            }))
        }
    }
}

fn actions(record: &Record, csrf: &Csrf) -> Markup {
    let gift = &record.gift;
    let path = format!("{LIST}/{}", gift.id);
    let settled = gift.state == GiftState::Settled;
    html! {
        @if settled {
            div.actions {
                form method="post" action={ (path) "/thanks" } {
                    (csrf.field())
                    @if record.thanks == Some(Ack::DoNot) {
                        input type="hidden" name="thanked" value="no";
                        button.secondary { "Thank after all" }
                    } @else if gift.thanked_at.is_none() {
                        input type="hidden" name="thanked" value="yes";
                        button { "Mark as thanked" }
                    } @else {
                        input type="hidden" name="thanked" value="no";
                        button.secondary { "Not thanked after all" }
                    }
                }
                @if record.donor.email.is_some() {
                    form method="post" action={ (path) "/receipt/mail" } {
                        (csrf.field())
                        button.secondary { @if record.standing().is_some() { "Send the receipt again" } @else { "Issue and send the receipt" } }
                    }
                }
                @if record.funds.len() > 1 { a.button.secondary href={ (path) "/fund" } { @if gift.split { "Move or split otherwise" } @else { "Move to another fund or split" } } }
                @if gift.refunded < gift.charged && gift.payment.is_some() { a.button.danger href={ (path) "/refund" } { "Refund" } }
            }
        }
    }
}

fn about(record: &Record) -> Markup {
    let gift = &record.gift;
    let mut rows = vec![
        (
            "Donor",
            html! {
                @if record.donor.id == donors::carried_back::TAKEN_BACK { (record.donor.name) }
                @else { a href={ "/staff/donors/" (record.donor.id) } { (record.donor.name) } }
            },
        ),
        (if gift.split { "Funds" } else { "Fund" }, funds(record)),
        ("How often", html! { (gift.frequency.label()) }),
    ];
    if let Some(plan) = &record.plan {
        rows.push(("Recurring gift", html! { (badge(plan.state, plan.state.label())) " " a href={ "/staff/donors/" (record.donor.id) "#recurring" } { "See it" } }));
    }
    if let Some(campaign) = &record.campaign {
        rows.push(("Campaign", html! { (campaign) }));
    }
    if let Some(code) = &gift.source {
        rows.push(("Source code", html! { a href=(with("/staff/gifts", "", &[("source", Some(code))])) { (code) } }));
    }
    if let Some(tribute) = gift.tribute() {
        rows.push(("Tribute", html! { (tribute) " " a href={ (LIST) "/" (gift.id) "/tribute" } { "Whom to tell" } }));
    }
    if record.anonymous {
        rows.push(("In public", html! { "Asked not to be named" }));
    }
    if let Some(row) = &record.by_hand {
        rows.extend(offline::rows(gift, row));
        rows.extend(record.batch.as_ref().map(|batch| ("Batch", html! { a href=(batch.path()) { (batch.name()) } })));
    } else if let Some(on) = gift.given_on {
        rows.push(("Given on", day(on)));
    }
    if let Some(dispute) = record.disputes.last() {
        rows.push((
            "Dispute",
            html! { (badge(dispute.state, dispute.state.label())) " " a href={ "/staff/disputes/" (dispute.id) } { "See it" } },
        ));
    }
    if let Some(payment) = &gift.payment {
        rows.push(("Payment", html! { code { (payment) } }));
    }
    html! { section { h2 { "About it" } (facts(&rows)) } }
}

/// Its fund; or each of its funds with its part and what went back of that.
fn funds(record: &Record) -> Markup {
    let (gift, name) = (&record.gift, |part: &Part| record.fund(&part.fund_id.to_string()).to_owned());
    html! {
        @for (place, part) in record.parts.iter().enumerate() {
            @if place > 0 { br; }
            (name(part))
            @if gift.split { " " (part.amount.of(gift.currency)) }
            @if gift.split && part.refunded.is_positive() { ", of which " (part.refunded.of(gift.currency)) " went back" }
        }
    }
}

fn amounts(gift: &Gift) -> Markup {
    let money = |amount: Cents| html! { (amount.of(gift.currency)) };
    if gift.method != Method::Card {
        let label = if gift.method.is_described() { "Value for our books" } else { "Amount" };
        let mut rows = vec![(label, money(gift.charged))];
        if gift.refunded.is_positive() {
            rows.extend([("Refunded", money(gift.refunded)), ("Left for us", money(gift.charged - gift.refunded))]);
        }
        return html! { section { h2 { "Amounts" } (facts(&rows)) } };
    }
    let mut rows =
        vec![("Intended", money(gift.intended)), ("Covered fee", money(gift.covered_fee)), ("Charged", money(gift.charged))];
    if gift.state == GiftState::Settled {
        let fee = gift.processor_fee;
        rows.push(("Processor fee", html! { @if let Some(fee) = fee { (fee.of(gift.currency)) } @else { "Not known yet" } }));
        rows.push(("Refunded", money(gift.refunded)));
        rows.push(("Left for us", money(gift.charged - fee.unwrap_or(Cents::ZERO) - gift.refunded)));
    }
    html! { section { h2 { "Amounts" } (facts(&rows)) } }
}

fn receipt(record: &Record) -> Markup {
    html! {
        section {
            h2 { "Receipt" }
            @if let Some(receipt) = record.standing() {
                p { "Receipt " (receipt.label()) " stands, for " (receipt.what()) "." }
                p { a href={ (LIST) "/" (record.gift.id) "/receipt" } { @if record.by_hand.is_some() { "View or print it" } @else { "View or print a duplicate" } } }
            } @else if record.gift.state == GiftState::Settled {
                p { "No receipt stands for this gift." }
                @if let Some(why) = refusal(&record.events) { p { (why) } }
            } @else {
                p { "A receipt is issued when the money arrives." }
            }
        }
    }
}

fn credits(record: &Record) -> Markup {
    html! {
        section {
            h2 { "Soft credits" }
            @if record.credits.is_empty() { p { "Nobody else is credited." } } @else { ul { @for credit in &record.credits { li { (super::credits::line(credit)) } } } }
            p { a href={ (LIST) "/" (record.gift.id) "/credits" } { "Change soft credits" } }
        }
    }
}

/// Which rule forbade the receipt, as the audit has it.
fn refusal(events: &[AuditEvent]) -> Option<String> {
    let event = events.iter().find(|event| event.action == "refuse_receipt")?;
    let told: serde_json::Value = serde_json::from_str(event.after.as_deref()?).ok()?;
    told.get("rule")?.as_str().map(ToOwned::to_owned)
}

fn ledger(record: &Record) -> Markup {
    html! {
        section {
            h2 { "In the books" }
            @if record.entries.is_empty() {
                p { "Nothing yet. An entry is posted when money moves." }
            } @else {
                table {
                    caption { "Ledger entries of this gift" }
                    thead { tr { th scope="col" { "Day" } th scope="col" { "Entry" } th scope="col" { "Account" } th.num scope="col" { "Debit" } th.num scope="col" { "Credit" } } }
                    tbody {
                        @for row in &record.entries {
                            tr {
                                td data-label="Day" { (day(row.day)) }
                                td data-label="Entry" { (row.description) }
                                th scope="row" { (row.account.label()) @if let Some(fund) = &row.fund_id { " · " (record.fund(fund)) } }
                                td.num data-label="Debit" { @if row.amount.is_positive() { (row.amount.of(row.currency)) } }
                                td.num data-label="Credit" { @if !row.amount.is_positive() { ((-row.amount).of(row.currency)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn letters(record: &Record, zone: &Zone) -> Markup {
    html! { section { h2 { "Mails" } (mail_list(&record.mails, zone, "No mail was written about this gift.")) } }
}

/// Mails as links, or the sentence that says there are none.
pub(super) fn mail_list(mails: &[Summary], zone: &Zone, none: &str) -> Markup {
    html! {
        @if mails.is_empty() { p { (none) } } @else {
            ul { @for mail in mails { li { a href={ "/staff/mail/" (mail.id) } { (mail.subject) } " to " (mail.addressee) ", " (moment(mail.queued_at, zone)) " " (badge(mail.state, mail.state.label())) } } }
        }
    }
}

fn history(record: &Record, zone: &Zone) -> Markup {
    html! { section { h2 { "Who did what" } (event_list(&record.events, zone)) } }
}

/// Audit events in sentences.
pub(in crate::gifts) fn event_list(events: &[AuditEvent], zone: &Zone) -> Markup {
    html! {
        @if events.is_empty() { p { "Nobody has changed anything here." } } @else {
            ul { @for event in events { li { (event.actor_name) ": " (event.action.replace('_', " ")) ", " (moment(event.at, zone)) } } }
        }
    }
}
