//! What did not come by card: a batch that is at the bank and one that is half entered, a wire for two funds, shares,
//! a gift in kind, and two pledges of which one is overdue.
use super::Problem;
use crate::{
    app::App,
    donors::{Donor, DonorKind},
    gifts::{self, ByHand, FundId, Method, Promise, Rhythm},
    kernel::{Cents, Currency, Day},
    staff,
};

/// Who keeps the gifts of the demonstration.
const KEEPS: &str = "daniel@demo.example";

pub(super) async fn add(app: &App, donors: &[Donor]) -> Result<(), Problem> {
    let today = app.coalition.get().zone().day(app.clock.now());
    let of = |kind| donors.iter().filter(move |donor| donor.kind == kind);
    // The first ones are kept for other things.
    let people: Vec<_> = of(DonorKind::Person).skip(10).take(9).collect();
    let [paying @ .., late, cash, shares, printer, promiser] = people.as_slice() else { return Ok(()) };
    let Some(foundation) = of(DonorKind::Organization).nth(2) else { return Ok(()) };
    let mut tx = app.db.write().await?;
    let funds: Vec<FundId> = gifts::funds(&mut tx, true).await?.iter().map(|fund| fund.id).collect();
    let (&[general, second, ..], Some(daniel)) = (funds.as_slice(), staff::by_email(&mut tx, &KEEPS.parse()?).await?) else {
        return Ok(());
    };
    let dollars = |dollars: i64| Cents::new(dollars * 100);
    let gift =
        |donor: &Donor, method, funds: &[(FundId, Cents)], on: Day, reference: Option<&str>, description: Option<&str>| ByHand {
            donor: donor.id,
            method,
            funds: funds.to_vec(),
            currency: Currency::USD,
            on,
            reference: reference.map(str::to_owned),
            description: description.map(str::to_owned),
        };
    let (deposited, waits) = (today.plus_days(-9), today);
    let checks: Vec<_> = paying.iter().zip([(250, "1184"), (100, "2207"), (75, "0931"), (500, "4410")]).collect();
    let mut first = Vec::new();
    for (donor, (sum, number)) in &checks {
        let funds = [(general, dollars(*sum))];
        let check = gift(donor, Method::Check, &funds, deposited.plus_days(-1), Some(number), None);
        first.push(gifts::enter_by_hand(app, &mut tx, &daniel, &check).await?);
    }
    let total = dollars(checks.iter().map(|(_, (sum, _))| sum).sum());
    let batch = gifts::open_batch(app, &mut tx, &daniel, (deposited, 4, total, Currency::USD), &first).await?;
    gifts::close_batch(app, &mut tx, &daniel, batch).await?;
    let mut half = Vec::new();
    for (donor, method, sum, number) in [(late, Method::Check, 150, Some("3056")), (cash, Method::Cash, 40, None)] {
        let funds = [(general, dollars(sum))];
        half.push(gifts::enter_by_hand(app, &mut tx, &daniel, &gift(donor, method, &funds, waits, number, None)).await?);
    }
    gifts::open_batch(app, &mut tx, &daniel, (waits, 5, dollars(640), Currency::USD), &half).await?;
    let (both, stock, kind) =
        ([(general, dollars(6_000)), (second, dollars(4_000))], [(general, dollars(3_150))], [(general, dollars(1_200))]);
    for other in [
        gift(foundation, Method::Wire, &both, today.plus_days(-30), Some("Wire of our annual grant"), None),
        gift(shares, Method::Stock, &stock, today.plus_days(-45), None, Some("40 shares of a fund of the whole market")),
        gift(printer, Method::InKind, &kind, today.plus_days(-20), None, Some("Printing of 2,000 leaflets")),
    ] {
        gifts::enter_by_hand(app, &mut tx, &daniel, &other).await?;
    }
    let begun = today.plus_days(-75);
    let funds = [(general, dollars(100))];
    let paid =
        gifts::enter_by_hand(app, &mut tx, &daniel, &gift(promiser, Method::Check, &funds, begun, Some("1502"), None)).await?;
    let promise = |donor: &Donor, amount, rhythm, instalments, first_on: Day| Promise {
        donor: donor.id,
        fund: general,
        amount: dollars(amount),
        currency: Currency::USD,
        rhythm,
        instalments,
        first_on,
        made_on: begun,
    };
    let monthly = promise(promiser, 1_200, Rhythm::Monthly, 12, begun);
    gifts::promise(app, &mut tx, &daniel, (&monthly, &promiser.name), &[paid]).await?;
    let yearly = promise(foundation, 30_000, Rhythm::Yearly, 3, today.plus_days(40));
    gifts::promise(app, &mut tx, &daniel, (&yearly, &foundation.name), &[]).await?;
    tx.commit().await?;
    Ok(())
}
