//! The gifts of a list as a file: exactly the rows it shows, in its order, however many they are.
use super::{
    filter::{Asked, Sort},
    queries::{self, CELL, ROW, Stretch},
};
use crate::{
    app::App,
    gifts,
    kernel::{Cents, Currency, Timestamp, Zone},
    staff::Staff,
    web::{Error, Rows, download_stretches},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use std::{collections::HashMap, sync::Arc};

const HEADER: [&str; 17] = [
    "date",
    "donor",
    "email",
    "fund",
    "campaign",
    "state",
    "frequency",
    "intended",
    "covered_fee",
    "charged",
    "refunded",
    "net",
    "sent_back",
    "processor_fee",
    "currency",
    "id",
    "method",
];
/// Rows of one stretch.
const STRETCH: i64 = 4_000;

/// Funds and campaigns by their ids.
type Names = HashMap<String, String>;

pub(super) async fn csv(_staff: Staff, State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let mut tx = app.db.read().await?;
    let (funds, campaigns) = (gifts::funds(&mut tx, false).await?, gifts::campaigns(&mut tx).await?);
    drop(tx);
    let (_, Some(filter)) = asked.read(&coalition, &funds, &campaigns) else {
        return Err(Error::bad_form("A part of the filter can’t be read"));
    };
    let sort = Sort::read(&asked.sort);
    let funds = funds.into_iter().map(|fund| (fund.id.to_string(), fund.name));
    let names: Arc<Names> =
        Arc::new(funds.chain(campaigns.into_iter().map(|campaign| (campaign.id.to_string(), campaign.name))).collect());
    let filter = Arc::new(filter);
    let name = format!("gifts-{}.csv", zone.day(app.clock.now()));
    let ends = {
        let (app, filter, zone) = (app.clone(), filter.clone(), zone.clone());
        move |from: Option<String>| {
            let (app, filter, zone) = (app.clone(), filter.clone(), zone.clone());
            async move {
                let mut tx = app.db.read().await?;
                Ok(queries::end_of(&mut tx, &filter, &zone, sort, from, STRETCH).await?.map(Some))
            }
        }
    };
    download_stretches(&name, &HEADER, None::<String>, ends, move |from, to, rows| {
        let (app, filter, zone, names) = (app.clone(), filter.clone(), zone.clone(), names.clone());
        async move {
            let stretch = Stretch { from, to: to.flatten() };
            let mut tx = app.db.read().await?;
            let text = queries::stretch(&mut tx, &filter, &zone, sort, &stretch).await?;
            drop(tx);
            write(&text, &names, &zone, rows)
        }
    })
}

/// Writes the rows of a stretch as people read them.
fn write(text: &str, names: &Names, zone: &Zone, mut out: Rows) -> Result<Rows, Error> {
    for line in text.split(ROW).filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split(CELL).collect();
        let [
            shown_at,
            donor,
            email,
            fund,
            campaign,
            state,
            frequency,
            intended,
            covered,
            charged,
            refunded,
            fee,
            currency,
            id,
            method,
        ] = cells[..]
        else {
            return Err(Error::internal(format!("a row of the file has {} cells", cells.len())));
        };
        let shown_at: Timestamp = shown_at.parse().map_err(|_| Error::internal("a gift has no time"))?;
        let currency: Currency = currency.parse().map_err(|_| Error::internal("a gift has no currency"))?;
        let cents = |cell: &str| cell.parse().map(Cents::new).map_err(Error::internal);
        let (intended, covered, charged, refunded) = (cents(intended)?, cents(covered)?, cents(charged)?, cents(refunded)?);
        let returned = refunded.min(intended);
        let net = if state == gifts::GiftState::Settled.as_str() { intended - returned } else { Cents::ZERO };
        out.field(&zone.day(shown_at).to_string())?;
        out.field(donor)?;
        out.field(email)?;
        out.field(names.get(fund).map_or("", String::as_str))?;
        out.field(names.get(campaign).map_or("", String::as_str))?;
        out.field(state)?;
        out.field(frequency)?;
        for amount in [intended, covered, charged, returned, net, refunded] {
            out.field(&amount.plain(currency))?;
        }
        out.field(&if fee.is_empty() { String::new() } else { cents(fee)?.plain(currency) })?;
        out.field(&currency.code().to_uppercase())?;
        out.field(id)?;
        out.field(method)?;
        out.end()?;
    }
    Ok(out)
}
