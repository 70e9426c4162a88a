//! The invoice of a contribution, as a PDF.
use super::{Contribution, Contributions, Standing, State};
use crate::{
    app::App,
    kernel::{Coalition, Day},
    members::Organization,
    pdf::{Align, Column, Face, Format, Ink, Paper, Style},
    web::Error,
};
use axum::response::Response;

/// What stands on the sheet.
pub fn paper(of: &Standing, o: &Organization, coalition: &Coalition, setup: &Contributions, portal: &str, today: Day) -> Paper {
    let Contribution { number, period, due_day, note, .. } = &of.of;
    let (body, quiet) = (Style::BODY, Style::BODY.size(9.0).ink(Ink::Quiet));
    let title = format!("Invoice {number}");
    let columns =
        [Column { label: "For", share: 3.0, align: Align::Start }, Column { label: "Amount", share: 1.0, align: Align::End }];
    let amount = of.of.money().to_string();
    let rows = vec![vec![format!("Contribution of {} for {period}", o.name), amount.clone()]];
    let mut sheet = Paper::new(format!("{title}: {}", o.name), &coalition.name, today, Format::LETTER)
        .mark(36.0, format!("The mark of {}", coalition.short_name))
        .text(&coalition.name, body.face(Face::Bold))
        .gap(18.0)
        .heading(1, title, body.size(22.0).face(Face::Bold).ink(Ink::Blue))
        .gap(6.0)
        .text(format!("To {}", o.legal_name.as_deref().unwrap_or(&o.name)), body);
    for line in o.postal_address.iter().flat_map(|address| address.lines()) {
        sheet = sheet.text(line, body);
    }
    sheet = sheet.gap(6.0).text(format!("Due on {}", due_day.words()), body).gap(12.0).table(
        &columns,
        rows,
        Some(vec!["Total".to_owned(), amount]),
    );
    if !note.is_empty() {
        sheet = sheet.gap(10.0).text(note, body);
    }
    sheet = sheet.gap(14.0);
    sheet = match (of.state, of.paid_on) {
        (State::Paid, Some(day)) => sheet.text(format!("Paid on {}. Thank you.", day.words()), body.face(Face::Bold)),
        (State::Open, _) => {
            let how = format!("By card: {portal}");
            let sheet = sheet.text("How to pay", body.face(Face::Bold)).text(how, body);
            if setup.by_check.is_empty() { sheet } else { sheet.text(&setup.by_check, body) }
        }
        (state, _) => sheet.text(format!("{}. Nothing is to be paid.", state.label()), body.face(Face::Bold)),
    };
    sheet
        .gap(14.0)
        .text("This contribution is voluntary. Membership and standing do not depend on it.", quiet)
        .footer(format!("Invoice {number}. Made on {}.", today.words()))
}

/// The invoice as a download, made on the bounded pool.
pub(super) async fn give(app: &App, of: &Standing, o: &Organization, setup: &Contributions) -> Result<Response, Error> {
    let coalition = app.coalition.get();
    let today = coalition.zone().day(app.clock.now());
    let sheet = paper(of, o, &coalition, setup, &app.url("/portal/contributions"), today);
    app.document(sheet, &format!("invoice-{}.pdf", of.of.number)).await
}
