//! One pledge: its instalments, the gifts that fulfil it, its reminders, and the end of waiting for it.
use super::{Instalment, PledgeId, PledgeState, Reminded, Rule, list};
use crate::{
    app::App,
    audit::{self, AuditEvent},
    db::Tx,
    gifts::{
        Gift, GiftId, GiftState,
        offline::{NotDone, impossible},
        queries::{
            self,
            pledge::{PledgeRow, Wanted},
        },
        staff::event_list,
    },
    kernel::{Cents, Day, Timestamp, Zone, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, badge, day, day_of, error_summary, facts, field, redirect_saying},
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::{Markup, html};

struct Shown {
    row: PledgeRow,
    instalments: Vec<Instalment>,
    payments: Vec<Gift>,
    free: Vec<Gift>,
    reminders: Vec<Reminded>,
    events: Vec<AuditEvent>,
}

async fn known(tx: &mut Tx, id: &str, today: Day) -> Result<PledgeRow, Error> {
    let id: PledgeId = id.parse().map_err(|_| Error::NotFound)?;
    queries::pledge::row(tx, id, today).await?.ok_or(Error::NotFound)
}

fn today(app: &App) -> Day {
    app.coalition.get().zone().day(app.clock.now())
}

pub(super) async fn page(staff: Staff, State(app): State<App>, Path(id): Path<String>, csrf: Csrf) -> Result<Page, Error> {
    let today = today(&app);
    let mut tx = app.db.read().await?;
    let row = known(&mut tx, &id, today).await?;
    let pledge = row.pledge.id;
    let shown = Shown {
        instalments: queries::pledge::instalments(&mut tx, pledge).await?,
        payments: queries::pledge::payments(&mut tx, pledge).await?,
        free: queries::pledge::free_gifts(&mut tx, row.pledge.donor_id).await?,
        reminders: queries::pledge::reminders(&mut tx, pledge).await?,
        events: audit::of_record(&mut tx, ("pledge", &pledge.to_string())).await?,
        row,
    };
    drop(tx);
    let zone = app.coalition.get().zone();
    let may = staff.may_keep_gifts().is_ok();
    let (row, currency) = (&shown.row, shown.row.pledge.currency);
    let path = format!("/staff/pledges/{pledge}");
    let open = row.pledge.state == PledgeState::Open;
    let content = html! {
        p.lead { (sentence(row, today)) }
        @if may && open {
            div.actions {
                a.button href={ "/staff/gifts/new?pledge=" (pledge) } { "Enter a payment" }
                @if row.paid < row.pledge.amount { a.button.danger href={ (path) "/write-off" } { "Write off" } }
            }
        }
        (facts(&[
            ("Donor", html! { a href={ "/staff/donors/" (row.pledge.donor_id) } { (row.donor) } }),
            ("State", list::state(row, today)),
            ("Pledged", html! { (row.pledge.amount.of(currency)) }),
            ("Paid", html! { (row.paid.of(currency)) }),
            ("Fund", html! { (row.fund) }),
            ("How it comes", html! { (row.pledge.rhythm.label()) }),
            ("Made on", day(row.pledge.made_on)),
            ("Reminders", html! { @if row.pledge.reminders { "By mail" } @else { "None" } }),
            ("Note", html! { @if row.pledge.note.is_empty() { "None" } @else { (row.pledge.note) } }),
        ]))
        (instalments(&shown, today, &zone))
        (payments(&shown, may && open, &path, &csrf, &zone))
        section { h2 { "Who did what" } (event_list(&shown.events, &zone)) }
    };
    Ok(Page::staff(format!("Pledge of {} by {}", row.pledge.amount.of(currency), row.donor), content)
        .crumb("Gifts", "/staff/gifts")
        .crumb("Pledges", "/staff/pledges"))
}

fn sentence(row: &PledgeRow, today: Day) -> String {
    let money = |amount: Cents| amount.of(row.pledge.currency);
    if let Some(why) = &row.pledge.why {
        return format!("It was written off with {} unpaid. {why}", money(row.pledge.amount - row.paid));
    }
    if row.paid >= row.pledge.amount {
        return "It is paid in full.".to_owned();
    }
    let left = money(row.pledge.amount - row.paid);
    match row.next_on {
        Some(on) if on < today => {
            format!("{} is overdue since {}. {left} is left in all.", money(row.due - row.paid), on.words())
        }
        Some(on) => format!("The next instalment is due on {}. {left} is left in all.", on.words()),
        None => format!("{left} is left in all."),
    }
}

fn instalments(shown: &Shown, today: Day, zone: &Zone) -> Markup {
    let currency = shown.row.pledge.currency;
    html! {
        section {
            h2 { "Instalments" }
            table {
                caption { "When how much is due" }
                thead { tr { th.num scope="col" { "No." } th scope="col" { "Due on" } th.num scope="col" { "Amount" } th.num scope="col" { "Left" } th scope="col" { "State" } th scope="col" { "Reminders" } } }
                tbody { @for one in &shown.instalments {
                    @let left = one.left(shown.row.paid);
                    tr {
                        th.num scope="row" { (one.number) }
                        td data-label="Due on" { (day(one.due_on)) }
                        td.num data-label="Amount" { (one.amount.of(currency)) }
                        td.num data-label="Left" { (left.of(currency)) }
                        td data-label="State" { @if left.is_zero() { (badge("paid", "Paid")) } @else if one.due_on < today { (badge("past_due", "Overdue")) } @else { (badge("draft", "To come")) } }
                        td data-label="Reminders" { span { (reminded(shown, one.number, zone)) } }
                    }
                } }
            }
        }
    }
}

fn reminded(shown: &Shown, number: i64, zone: &Zone) -> Markup {
    let words = |rule: Rule| if rule == Rule::Before { "Before" } else { "Late" };
    html! {
        @for one in shown.reminders.iter().filter(|one| one.number == number) {
            (words(one.rule)) ": " @match &one.why { None => "sent", Some(why) => { "skipped " (why) } } ", " (day_of(one.at, zone)) ". "
        }
    }
}

fn payments(shown: &Shown, may: bool, path: &str, csrf: &Csrf, zone: &Zone) -> Markup {
    let words = |gift: &Gift| {
        format!("{} of {} ({})", gift.intended(), zone.day(gift.shown_at).words(), gift.method.label().to_lowercase())
    };
    let options: Vec<_> = shown.free.iter().map(|gift| (gift.id.to_string(), words(gift))).collect();
    html! {
        section {
            h2 { "Gifts that fulfil it" }
            @if shown.payments.is_empty() { p { "None yet." } } @else {
                ul { @for gift in &shown.payments { li {
                    a href={ "/staff/gifts/" (gift.id) } { (words(gift)) }
                    @if gift.state != GiftState::Settled { ", taken back" } @else if gift.refunded.is_positive() { ", " (gift.refunded.of(gift.currency)) " of it refunded" }
                    @if may {
                        form method="post" action={ (path) "/freed" } {
                            (csrf.field())
                            input type="hidden" name="gift" value=(gift.id);
                            button.secondary { "Not for this pledge" span.visually-hidden { ": " (words(gift)) } }
                        }
                    }
                } } }
            }
            @if may && !options.is_empty() {
                form method="post" action={ (path) "/payments" } {
                    (csrf.field())
                    (Field { width: "medium", hint: Some("Received gifts of this donor, by card or by hand, that fulfil no pledge yet."), ..field("gift", "A gift that came for it") }.select(&Draft::default(), &options))
                    div.actions { button { "Apply it" } }
                }
            }
        }
    }
}

/// Lets a received gift fulfil a pledge.
pub(in crate::gifts) async fn apply(
    tx: &mut Tx,
    staff: &Staff,
    pledge: &PledgeRow,
    gift: GiftId,
    now: Timestamp,
) -> Result<(), NotDone> {
    let found = queries::by_id(tx, gift).await?;
    let Some(found) = found.filter(|gift| gift.state == GiftState::Settled) else {
        return impossible("Only a gift that was received fulfils a pledge.");
    };
    if found.donor_id != pledge.pledge.donor_id || found.currency != pledge.pledge.currency {
        return impossible("Only a gift of the same donor, in the same currency, fulfils a pledge.");
    }
    if pledge.pledge.state != PledgeState::Open {
        return impossible("This pledge was written off.");
    }
    if !queries::pledge::apply(tx, pledge.pledge.id, gift, now).await? {
        return impossible("This gift fulfils a pledge already.");
    }
    let record = pledge.pledge.id.to_string();
    audit::record(tx, &staff.actor(), "apply_gift", ("pledge", &record), None::<&()>, Some(&gift), now).await?;
    Ok(())
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    gift: String,
}

pub(super) async fn add(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let gift = chosen.gift.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.write().await?;
    let row = known(&mut tx, &id, today(&app)).await?;
    apply(&mut tx, &staff, &row, gift, app.clock.now()).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/pledges/{}", row.pledge.id), Mood::Good, "The gift counts for this pledge."))
}

pub(super) async fn remove(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let gift: GiftId = chosen.gift.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.write().await?;
    let row = known(&mut tx, &id, today(&app)).await?;
    if queries::pledge::free(&mut tx, row.pledge.id, gift).await? {
        let record = row.pledge.id.to_string();
        audit::record(&mut tx, &staff.actor(), "free_gift", ("pledge", &record), Some(&gift), None::<&()>, app.clock.now())
            .await?;
        tx.commit().await?;
    }
    Ok(redirect_saying(
        format!("/staff/pledges/{}", row.pledge.id),
        Mood::Good,
        "The gift does not count for this pledge any more.",
    ))
}

fn question(row: &PledgeRow, draft: &Draft, csrf: &Csrf) -> Page {
    let path = format!("/staff/pledges/{}", row.pledge.id);
    let left = (row.pledge.amount - row.paid).of(row.pledge.currency);
    let content = html! {
        (error_summary(draft))
        h2 { "What will happen" }
        ul {
            li { (left) " is not waited for any more, and no reminder goes out." }
            li { "What was paid stays as it is. The books do not change: a pledge stands beside them." }
            li { "It can’t be opened again; a new pledge would be written down." }
        }
        form method="post" action={ (path) "/write-off" } novalidate {
            (csrf.field())
            (Field { hint: Some("Such as: the donor can’t give any more, by mail on 3 March."), ..field("reason", "Why?") }.input(draft))
            div.actions { button.danger { "Write off " (left) } a href=(path) { "Go on waiting" } }
        }
    };
    Page::staff("Write off the pledge", content)
        .crumb("Gifts", "/staff/gifts")
        .crumb("Pledges", "/staff/pledges")
        .crumb(row.donor.clone(), path)
}

async fn to_write_off(tx: &mut Tx, app: &App, id: &str) -> Result<PledgeRow, Error> {
    let row = known(tx, id, today(app)).await?;
    if row.pledge.state != PledgeState::Open || row.paid >= row.pledge.amount {
        return Err(Error::Conflict("Nothing of this pledge is waited for.".to_owned()));
    }
    Ok(row)
}

pub(super) async fn ask_write_off(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let row = to_write_off(&mut app.db.read().await?, &app, &id).await?;
    Ok(question(&row, &Draft::default(), &csrf))
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Reason {
    reason: String,
}

pub(super) async fn write_off(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Reason>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let row = to_write_off(&mut tx, &app, &id).await?;
    let mut draft = Draft::default();
    let Some(reason) = draft.text("reason", &text::line(&typed.reason), 300, "Say why it is written off") else {
        return Err(Draft::refuse(question(&row, &draft, &csrf)));
    };
    queries::pledge::write_off(&mut tx, row.pledge.id, &reason, now).await?;
    let record = row.pledge.id.to_string();
    let told =
        serde_json::json!({ "reason": reason, "unpaid": (row.pledge.amount - row.paid).of(row.pledge.currency).to_string() });
    audit::record(&mut tx, &staff.actor(), "write_off", ("pledge", &record), None::<&()>, Some(&told), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/pledges/{record}"), Mood::Good, "The pledge is written off."))
}

/// The pledges of one donor, for the donor's page.
pub(in crate::gifts) async fn of_donor(tx: &mut Tx, donor: crate::donors::DonorId, today: Day) -> sqlx::Result<Vec<PledgeRow>> {
    queries::pledge::rows(tx, Wanted::Of(donor), today, None, 50).await
}
