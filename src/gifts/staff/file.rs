//! The gifts of a list as a file: exactly the rows it shows, in its order, however many they are.
use super::{
    filter::{Asked, Sort},
    met::Met,
    queries::{self, CELL, ROW, Stretch},
};
use crate::{
    app::App,
    donors::DonorId,
    gifts::{
        self, GiftId,
        parts::{self, Named},
    },
    kernel::{Cents, Currency, Timestamp, Zone},
    staff::Staff,
    web::{Error, Rows, download_stretches},
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use std::{collections::HashMap, sync::Arc};

const HEADER: [&str; 19] = [
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
    "reference",
    "parts",
];
/// Rows of one stretch.
const STRETCH: i64 = 1_000;

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
    let met = Arc::new(Met::default());
    download_stretches(&name, &HEADER, None::<String>, ends, move |from, to, rows| {
        let (app, filter, zone, names, met) = (app.clone(), filter.clone(), zone.clone(), names.clone(), met.clone());
        async move {
            let stretch = Stretch { from, to: to.flatten() };
            let mut tx = app.db.read().await?;
            let text = queries::stretch(&mut tx, &filter, &zone, sort, &stretch).await?;
            drop(tx);
            let lines = text.split(ROW).filter(|line| !line.is_empty()).map(cells).collect::<Result<Vec<_>, _>>()?;
            let donors = lines.iter().map(|[_, donor, ..]| donor.parse::<DonorId>()).collect::<Result<Vec<_>, _>>();
            let donors = donors.map_err(Error::internal)?;
            let who = met.of(&app, &donors).await?;
            let who = who.iter().map(|who| who.as_ref().map_or(("", ""), |who| (&who.0, &who.1)));
            let split = split_among(&app, &lines).await?;
            write(lines.iter().zip(who), &names, &split, &zone, rows)
        }
    })
}

/// Cells of a row as the stretch has them.
const CELLS: usize = 16;

fn cells(line: &str) -> Result<[&str; CELLS], Error> {
    let (mut all, mut count) = ([""; CELLS], 0);
    for cell in line.split(CELL) {
        *all.get_mut(count).ok_or_else(|| Error::internal("a row of the file has too many cells"))? = cell;
        count += 1;
    }
    if count == CELLS { Ok(all) } else { Err(Error::internal(format!("a row of the file has {count} cells"))) }
}

/// The parts of those of these gifts that are split, by the gift's id; most stretches have none.
async fn split_among(app: &App, lines: &[[&str; CELLS]]) -> Result<HashMap<String, Vec<Named>>, Error> {
    let split = lines.iter().filter(|[.., split]| !split.is_empty()).map(|[.., id, _, _, _]| id.parse::<GiftId>());
    let split = split.collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
    if split.is_empty() {
        return Ok(HashMap::new());
    }
    let named = parts::names_of(&mut app.db.read().await?, &split).await?;
    Ok(named.into_iter().map(|(id, parts)| (id.to_string(), parts)).collect())
}

/// The day that the last row was on: rows in their order share it.
struct LastDay<'a> {
    zone: &'a Zone,
    bounds: Option<(Timestamp, Timestamp)>,
    text: String,
}

impl<'a> LastDay<'a> {
    fn new(zone: &'a Zone) -> Self {
        Self { zone, bounds: None, text: String::new() }
    }

    fn of(&mut self, at: Timestamp) -> &str {
        if self.bounds.is_none_or(|(from, until)| at < from || at >= until) {
            let day = self.zone.day(at);
            self.bounds = Some((self.zone.start_of(day), self.zone.start_of(day.plus_days(1))));
            self.text = day.to_string();
        }
        &self.text
    }
}

/// The currency of the last row: nearly all share it.
#[derive(Default)]
struct LastCurrency {
    last: Option<Currency>,
    text: String,
}

impl LastCurrency {
    fn read(&mut self, code: &str) -> Result<Currency, Error> {
        match self.last {
            Some(last) if last.code() == code => Ok(last),
            _ => {
                let currency: Currency = code.parse().map_err(|_| Error::internal("a gift has no currency"))?;
                (self.last, self.text) = (Some(currency), currency.code().to_uppercase());
                Ok(currency)
            }
        }
    }
}

/// Writes rows as people read them, each with its donor's name and address.
fn write<'a>(
    lines: impl Iterator<Item = (&'a [&'a str; CELLS], (&'a str, &'a str))>,
    names: &Names,
    split: &HashMap<String, Vec<Named>>,
    zone: &Zone,
    mut out: Rows,
) -> Result<Rows, Error> {
    let (mut days, mut currencies, mut text) = (LastDay::new(zone), LastCurrency::default(), String::new());
    for (line, (donor, email)) in lines {
        let [
            shown_at,
            _,
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
            reference,
            is_split,
        ] = *line;
        let shown_at: Timestamp = shown_at.parse().map_err(|_| Error::internal("a gift has no time"))?;
        let currency = currencies.read(currency)?;
        let cents = |cell: &str| cell.parse().map(Cents::new).map_err(Error::internal);
        let (intended, covered, charged, refunded) = (cents(intended)?, cents(covered)?, cents(charged)?, cents(refunded)?);
        let returned = refunded.min(intended);
        let net = if state == gifts::GiftState::Settled.as_str() { intended - returned } else { Cents::ZERO };
        out.field(days.of(shown_at))?;
        out.field(donor)?;
        out.field(email)?;
        out.field(names.get(fund).map_or("", String::as_str))?;
        out.field(names.get(campaign).map_or("", String::as_str))?;
        out.field(state)?;
        out.field(frequency)?;
        for amount in [intended, covered, charged, returned, net, refunded] {
            text.clear();
            amount.put_plain(currency, &mut text);
            out.field(&text)?;
        }
        text.clear();
        if !fee.is_empty() {
            cents(fee)?.put_plain(currency, &mut text);
        }
        out.field(&text)?;
        out.field(&currencies.text)?;
        out.field(id)?;
        out.field(method)?;
        out.field(reference)?;
        let parts = if is_split.is_empty() { None } else { split.get(id) };
        out.field(&parts.map(|parts| parts::plain(parts, currency)).unwrap_or_default())?;
        out.end()?;
    }
    Ok(out)
}
