//! The daily job that reminds donors of instalments: each at most once by each rule, or skipped for a reason
//! that is kept.
use super::{PledgeId, Rule};
use crate::{
    app::App,
    db::Tx,
    donors::{self, Donor},
    gifts::{
        Giving,
        queries::{
            self,
            pledge::{PledgeRow, end_reminder, instalments, row, to_remind},
        },
    },
    kernel::{Cents, Day},
    mail::{self, Class, letter},
    settings,
    work::{Job, JobError, Regular},
};
use futures_util::future::BoxFuture;

/// Reminds of what was pledged, once a day.
pub const REMIND: Regular = Regular { kind: "gifts.pledges", every: 86_400 };

/// So many days before an instalment is due, and after it.
const BEFORE: i64 = 7;
const LATE: i64 = 14;
/// What should have gone out so long ago would be out of place.
const TOO_LATE: i64 = 14;

pub(in crate::gifts) fn daily(app: App, _: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let now = app.clock.now();
        let today = app.coalition.get().zone().day(now);
        let mut tx = app.db.write().await?;
        for (rule, by) in [(Rule::Late, today.plus_days(-LATE)), (Rule::Before, today.plus_days(BEFORE))] {
            for (pledge, number) in to_remind(&mut tx, rule, by).await? {
                remind(&app, &mut tx, pledge, number, rule, today).await?;
            }
        }
        tx.commit().await?;
        app.bell.notify_one();
        Ok(())
    })
}

async fn remind(app: &App, tx: &mut Tx, pledge: PledgeId, number: i64, rule: Rule, today: Day) -> sqlx::Result<()> {
    let now = app.clock.now();
    let Some(row) = row(tx, pledge, today).await? else { return Ok(()) };
    let Some(one) = instalments(tx, pledge).await?.into_iter().find(|one| one.number == number) else { return Ok(()) };
    let Some(donor) = donors::by_id(tx, row.pledge.donor_id).await? else { return Ok(()) };
    let why = reason_to_skip(tx, &row, &donor, rule, one.due_on, today).await?;
    if end_reminder(tx, (pledge, number, rule), why, now).await? && why.is_none() {
        send(app, tx, &row, &donor, rule, (one.due_on, one.left(row.paid))).await?;
    }
    Ok(())
}

/// Why a reminder that is due is not sent; the words go on after "skipped".
async fn reason_to_skip(
    tx: &mut Tx,
    row: &PledgeRow,
    donor: &Donor,
    rule: Rule,
    due_on: Day,
    today: Day,
) -> sqlx::Result<Option<&'static str>> {
    let planned = if rule == Rule::Before { due_on.plus_days(-BEFORE) } else { due_on.plus_days(LATE) };
    let Some(email) = &donor.email else { return Ok(Some("because there is no e-mail address")) };
    Ok(if !row.pledge.reminders {
        Some("because this pledge has no reminders")
    } else if today.days_since(planned) > TOO_LATE || (rule == Rule::Before && due_on < today) {
        Some("because it was too late for it")
    } else if mail::to_address(tx, email, 1).await?.first().is_some_and(|last| last.state == mail::State::Dead) {
        Some("because the last mail to this address was given up")
    } else {
        None
    })
}

async fn send(
    app: &App,
    tx: &mut Tx,
    row: &PledgeRow,
    donor: &Donor,
    rule: Rule,
    (due_on, left): (Day, Cents),
) -> sqlx::Result<()> {
    let Some(email) = &donor.email else { return Ok(()) };
    let coalition = app.coalition.get();
    let currency = row.pledge.currency;
    let fund = queries::fund_by_id(tx, row.pledge.fund_id).await?;
    let amount = left.of(currency);
    let subject =
        if rule == Rule::Before { "Your pledge: the next instalment" } else { "Your pledge: an instalment that has not come" };
    let said = if rule == Rule::Before {
        format!("The next instalment of your pledge, {amount}, is due on {}.", due_on.words())
    } else {
        format!("An instalment of your pledge, {amount}, was due on {} and has not reached us.", due_on.words())
    };
    let slug = fund.as_ref().filter(|fund| fund.open).map_or("", |fund| fund.slug.as_str());
    let query = crate::web::with(
        "/donate",
        "",
        &[
            ("amount", Some(&left.plain(currency))),
            ("fund", Some(slug).filter(|slug| !slug.is_empty())),
            ("source", Some("pledge")),
        ],
    );
    let mut draft = letter(subject)
        .line(format!("Dear {},", donor.name))
        .line(said)
        .facts([
            ("Pledged", row.pledge.amount.of(currency).to_string()),
            ("Paid so far", row.paid.of(currency).to_string()),
            ("For", fund.map(|fund| fund.name).unwrap_or_default()),
        ])
        .link("Give it by card", app.url(&query))
        .line("A check is as welcome. If it is on its way, you need to do nothing. If you can’t give it any more, answer this letter.");
    for disclosure in settings::get::<Giving>(tx).await?.disclosures {
        draft = draft.small(disclosure);
    }
    let record = row.pledge.id.to_string();
    mail::send(tx, email, Class::Transactional, ("pledge", &record), &draft.sign(&coalition.name), app.clock.now()).await?;
    Ok(())
}
