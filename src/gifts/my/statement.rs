//! What one donor gave in one year: a page to print and a document, for the donor and for staff. It lists what was
//! received, less what went back; it takes the place of no receipt.
use super::Mine;
use crate::{
    app::App,
    donors::{self, Donor, DonorId},
    gifts::{Gift, parts, queries},
    kernel::{Cents, Coalition, Currency, Day},
    pdf::{Align, Column, Face, Format, Ink, Paper, Style},
    receipts::{self, LegalEntity},
    staff::Staff,
    web::{Error, Page, day, empty},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};
use std::collections::BTreeMap;

struct Line {
    on: Day,
    fund: String,
    receipt: Option<String>,
    amount: Cents,
    refunded: Cents,
    currency: Currency,
}

struct Statement {
    year: i16,
    donor: Donor,
    donee: Option<LegalEntity>,
    lines: Vec<Line>,
}

impl Statement {
    async fn read(app: &App, donor: Donor, year: &str) -> Result<Self, Error> {
        let year: i16 = year.parse().ok().filter(|year| (1900..=9999).contains(year)).ok_or(Error::NotFound)?;
        let (Some(first), Some(last)) = (Day::new(year, 1, 1), Day::new(year, 12, 31)) else { return Err(Error::NotFound) };
        let mut tx = app.db.read().await?;
        let gifts = queries::received_in(&mut tx, donor.id, (first, last)).await?;
        let funds = queries::funds(&mut tx, false).await?;
        let ids: Vec<_> = gifts.iter().map(|gift| gift.id.to_string()).collect();
        let labels = receipts::labels_of(&mut tx, &ids).await?;
        let split = parts::words_of(&mut tx, &gifts).await?;
        let donee = receipts::entity_on(&mut tx, last).await?;
        drop(tx);
        let line = |gift: &Gift| Line {
            on: gift.given_on.unwrap_or(first),
            fund: split
                .get(&gift.id)
                .or(funds.iter().find(|fund| fund.id == gift.fund_id).map(|fund| &fund.name))
                .cloned()
                .unwrap_or_default(),
            receipt: labels.get(&gift.id.to_string()).cloned(),
            amount: gift.charged,
            refunded: gift.refunded,
            currency: gift.currency,
        };
        Ok(Self { year, donor, donee, lines: gifts.iter().map(line).collect() })
    }

    /// What stays, by currency.
    fn totals(&self) -> BTreeMap<Currency, Cents> {
        let mut totals = BTreeMap::new();
        for line in &self.lines {
            *totals.entry(line.currency).or_default() += line.amount - line.refunded;
        }
        totals
    }

    fn total_words(&self) -> String {
        self.totals().iter().map(|(currency, amount)| amount.of(*currency).to_string()).collect::<Vec<_>>().join(" and ")
    }
}

const NO_RECEIPT: &str = "This statement lists what was received. It takes the place of no receipt: each receipt says what, if anything, was given in return.";

fn sheet(of: &Statement, pdf: &str) -> Markup {
    if of.lines.is_empty() {
        return empty("No gift was received in this year.", None);
    }
    html! {
        @if let Some(donee) = &of.donee {
            p { (donee.name) @if let Some(words) = &donee.sponsorship { ", " (words) } @if let Some(ein) = &donee.ein { br; "EIN " (ein) } @for line in donee.address.lines() { br; (line) } }
        }
        p { "For " (of.donor.name) @for line in of.donor.address.iter().flat_map(|address| address.lines()) { br; (line) } }
        table {
            caption { "Received in " (of.year) }
            thead { tr { th scope="col" { "Date" } th scope="col" { "For" } th scope="col" { "Receipt" } th.num scope="col" { "Charged" } th.num scope="col" { "Went back" } } }
            tbody {
                @for line in &of.lines {
                    tr {
                        th scope="row" { (day(line.on)) }
                        td data-label="For" { (line.fund) }
                        td data-label="Receipt" { (line.receipt.as_deref().unwrap_or("none")) }
                        td.num data-label="Charged" { (line.amount.of(line.currency)) }
                        td.num data-label="Went back" { (line.refunded.of(line.currency)) }
                    }
                }
            }
            tfoot { tr { th scope="row" colspan="4" { "Given in " (of.year) ", less what went back" } td.num data-label="Given" { (of.total_words()) } } }
        }
        p { (NO_RECEIPT) }
        div.actions { a.button.secondary href=(pdf) { "Download as PDF" } p.hint { "Or use your browser’s print command." } }
    }
}

fn paper(of: &Statement, coalition: &Coalition, today: Day) -> Paper {
    let (body, quiet) = (Style::BODY, Style::BODY.size(9.0).ink(Ink::Quiet));
    let title = format!("Statement of gifts, {}", of.year);
    let columns = [
        Column { label: "Date", share: 1.4, align: Align::Start },
        Column { label: "For", share: 2.2, align: Align::Start },
        Column { label: "Receipt", share: 1.0, align: Align::Start },
        Column { label: "Charged", share: 1.1, align: Align::End },
        Column { label: "Went back", share: 1.1, align: Align::End },
    ];
    let rows = of.lines.iter().map(|line| {
        let receipt = line.receipt.clone().unwrap_or_else(|| "none".to_owned());
        vec![
            line.on.words(),
            line.fund.clone(),
            receipt,
            line.amount.of(line.currency).to_string(),
            line.refunded.of(line.currency).to_string(),
        ]
    });
    let mut sheet = Paper::new(format!("{title}: {}", of.donor.name), &coalition.name, today, Format::LETTER)
        .mark(36.0, format!("The mark of {}", coalition.short_name))
        .text(of.donee.as_ref().map_or(coalition.name.as_str(), |donee| donee.name.as_str()), body.face(Face::Bold));
    if let Some(donee) = &of.donee {
        for line in donee.sponsorship.iter().map(String::as_str).chain(donee.address.lines()) {
            sheet = sheet.text(line, body);
        }
        if let Some(ein) = &donee.ein {
            sheet = sheet.text(format!("EIN {ein}"), body);
        }
    }
    sheet = sheet
        .gap(16.0)
        .heading(1, &title, body.size(22.0).face(Face::Bold).ink(Ink::Blue))
        .gap(6.0)
        .text(format!("For {}", of.donor.name), body);
    for line in of.donor.address.iter().flat_map(|address| address.lines()) {
        sheet = sheet.text(line, body);
    }
    sheet
        .gap(12.0)
        .table(&columns, rows.collect(), None)
        .gap(8.0)
        .text(format!("Given in {}, less what went back: {}", of.year, of.total_words()), body.face(Face::Bold))
        .gap(12.0)
        .text(NO_RECEIPT, quiet)
        .footer(format!("{title}. Made on {}.", today.words()))
}

async fn give(app: &App, donor: Donor, year: &str) -> Result<Response, Error> {
    let of = Statement::read(app, donor, year).await?;
    if of.lines.is_empty() {
        return Err(Error::Conflict(format!("No gift was received in {}, so there is no statement.", of.year)));
    }
    let coalition = app.coalition.get();
    let today = coalition.zone().day(app.clock.now());
    app.document(paper(&of, &coalition, today), &format!("statement-{}.pdf", of.year)).await
}

pub(super) async fn page(Mine(donor): Mine, State(app): State<App>, Path(year): Path<String>) -> Result<Page, Error> {
    let of = Statement::read(&app, donor, &year).await?;
    Ok(super::page(format!("Statement of gifts, {}", of.year), sheet(&of, &format!("/my-giving/statements/{}/pdf", of.year))))
}

pub(super) async fn pdf(Mine(donor): Mine, State(app): State<App>, Path(year): Path<String>) -> Result<Response, Error> {
    give(&app, donor, &year).await
}

async fn known(app: &App, id: &str) -> Result<Donor, Error> {
    let id: DonorId = id.parse().map_err(|_| Error::NotFound)?;
    donors::by_id(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)
}

/// The same for staff.
pub(in crate::gifts) async fn staff_page(
    _staff: Staff,
    State(app): State<App>,
    Path((id, year)): Path<(String, String)>,
) -> Result<Page, Error> {
    let donor = known(&app, &id).await?;
    let (name, back) = (donor.name.clone(), format!("/staff/donors/{}", donor.id));
    let of = Statement::read(&app, donor, &year).await?;
    let content = sheet(&of, &format!("{back}/statements/{}/pdf", of.year));
    Ok(Page::staff(format!("Statement of gifts, {}", of.year), content).crumb("Donors", "/staff/donors").crumb(name, back))
}

pub(in crate::gifts) async fn pdf_for_staff(
    _staff: Staff,
    State(app): State<App>,
    Path((id, year)): Path<(String, String)>,
) -> Result<Response, Error> {
    give(&app, known(&app, &id).await?, &year).await
}
