//! The certificate of an organization: one sheet that says who it is in the coalition, signed for by whom the
//! settings name, with the public page where it is verified.
//!
//! It is refused while the organization is suspended and after it left: a sentence says why.
use super::{
    Organization, OrganizationId, Track,
    record::find,
    standing::{self, Standing, State},
};
use crate::{
    app::App,
    kernel::{Coalition, Day, text},
    pdf::{Align, Face, Format, Ink, Paper, Style},
    settings::{self, Setting},
    staff::Staff,
    web::Error,
};
use axum::{
    Router,
    extract::{Path, State as Held},
    response::Response,
    routing::get,
};
use serde::{Deserialize, Serialize};

/// Who signs certificates; without a name there is no line for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signatory {
    pub name: String,
    pub title: String,
}

impl Setting for Signatory {
    const KEY: &'static str = "signatory";
}

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/organizations/{id}/certificate", get(for_staff))
}

async fn for_staff(Held(app): Held<App>, _: Staff, Path(id): Path<OrganizationId>) -> Result<Response, Error> {
    give(&app, id).await
}

/// Why there is no certificate now.
pub fn refusal(o: &Organization, state: &State) -> Option<String> {
    let why = match state.standing {
        Standing::Suspended => "its membership is suspended. A certificate is given again when it is reinstated",
        Standing::Resigned => "it resigned and no longer belongs",
        Standing::Merged => "it merged into another organization, which has a certificate of its own",
        Standing::Dissolved => "it was dissolved",
        _ if o.left_on.is_some() => "it no longer belongs",
        _ => return None,
    };
    Some(format!("{} gets no certificate: {why}.", o.name))
}

/// What stands on the sheet. `address` is the organization's public page.
pub fn paper(o: &Organization, coalition: &Coalition, signatory: &Signatory, address: &str, today: Day) -> Paper {
    let line = Style::BODY.size(14.0).align(Align::Center);
    let quiet = line.size(11.0).ink(Ink::Quiet);
    let heading = match o.track {
        Track::Member => "Certificate of membership",
        Track::Observer => "Certificate of observer status",
    };
    let place = match o.admission_number {
        Some(number) => format!("is the {} {}", text::ordinal_in_words(number), coalition.member_word),
        None => "is an observer".to_owned(),
    };
    let mut sheet = Paper::new(format!("{heading}: {}", o.name), &coalition.name, today, Format::LETTER.landscape())
        .framed()
        .mark(52.0, format!("The mark of {}", coalition.short_name))
        .gap(14.0)
        .heading(1, heading, line.size(26.0).face(Face::Bold).ink(Ink::Blue))
        .gap(16.0)
        .text("This certifies that", quiet)
        .gap(8.0)
        .heading(2, &o.name, line.size(30.0).face(Face::Bold))
        .gap(8.0)
        .text(format!("{place} of the"), line)
        .text(&coalition.name, line.size(16.0).face(Face::Bold))
        .gap(10.0)
        .text(format!("Admitted on {}", o.admitted_on.words()), line.face(Face::Italic));
    if !signatory.name.is_empty() {
        sheet = sheet
            .gap(48.0)
            .text(&signatory.name, line.face(Face::Bold))
            .text(&signatory.title, quiet)
            .text(format!("for {}", coalition.short_name), quiet);
    }
    let number = o.admission_number.map(|number| format!("Number {number}. ")).unwrap_or_default();
    sheet.footer(format!("{number}Issued on {}. Verify it at {address}", today.words()))
}

/// The certificate as a download, or why there is none.
pub(super) async fn give(app: &App, id: OrganizationId) -> Result<Response, Error> {
    let coalition = app.coalition.get();
    let today = coalition.zone().day(app.clock.now());
    let mut tx = app.db.read().await?;
    let o = find(&mut tx, id).await?;
    let state = standing::standing(&mut tx, id, today).await?;
    if let Some(why) = refusal(&o, &state) {
        return Err(Error::Conflict(why));
    }
    let signatory: Signatory = settings::get(&mut tx).await?;
    drop(tx);
    let sheet = paper(&o, &coalition, &signatory, &app.url(&o.path()), today);
    let whose: String = text::slug(&o.name).chars().filter(char::is_ascii).collect();
    app.document(sheet, &format!("certificate-{whose}.pdf")).await
}
