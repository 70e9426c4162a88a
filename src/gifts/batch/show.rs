//! One batch: what was entered, what is missing, and the next gift. The page prints as a deposit slip.
use super::{
    Batch, BatchState, Sum, known,
    list::{state, sum_of},
};
use crate::{
    app::App,
    audit::{self, AuditEvent},
    donors::Donor,
    gifts::{
        GiftId, Method,
        offline::{Deposit, Lists, Typed, enter, facts, read, refused, sentence, who},
        queries::{self, batch::BatchRow},
        staff::event_list,
    },
    kernel::text,
    staff::Staff,
    web::{Csrf, Draft, Error, Form, Mood, Page, day, error_summary, facts as fact_list, notice, redirect_saying, tick, with},
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use maud::{Markup, html};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Opening {
    method: String,
    fund: String,
    campaign: String,
    source: String,
    received_on: String,
}

struct Shown {
    batch: Batch,
    rows: Vec<BatchRow>,
    events: Vec<AuditEvent>,
    lists: Lists,
}

impl Shown {
    async fn read(app: &App, id: &str) -> Result<Self, Error> {
        let lists = Lists::read(app).await?;
        let mut tx = app.db.read().await?;
        let batch = known(&mut tx, id).await?;
        Ok(Self {
            rows: queries::batch::rows(&mut tx, batch.id).await?,
            events: audit::of_record(&mut tx, ("gift_batch", &batch.id.to_string())).await?,
            lists: Lists { currency: batch.currency, ..lists },
            batch,
        })
    }

    fn sum(&self) -> Sum {
        sum_of(&self.rows)
    }
}

pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    Query(opening): Query<Opening>,
    csrf: Csrf,
) -> Result<Page, Error> {
    let shown = Shown::read(&app, &id).await?;
    let or = |given: &str, otherwise: &str| if given.is_empty() { otherwise.to_owned() } else { given.to_owned() };
    let draft = Draft::of([
        ("id", GiftId::new().to_string()),
        ("method", or(&opening.method, Method::Check.as_str())),
        ("fund", or(&opening.fund, shown.lists.funds.first().map_or("", |fund| &fund.slug))),
        ("campaign", opening.campaign),
        ("source", opening.source),
        ("received_on", or(&opening.received_on, &shown.batch.day.min(shown.lists.today).to_string())),
    ]);
    let may = staff.may_keep_gifts().is_ok();
    let zone = app.coalition.get().zone();
    Ok(framed(&shown, &draft, &[], &csrf, may, staff.may_administer().is_ok(), Some(&event_list(&shown.events, &zone))))
}

pub(super) async fn add(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let shown = Shown::read(&app, &id).await?;
    let again = |draft: &Draft, choices: &[Donor]| Draft::refuse(framed(&shown, draft, choices, &csrf, true, false, None));
    let mut tx = app.db.write().await?;
    let batch = queries::batch::hold(&mut tx, shown.batch.id).await?.ok_or(Error::NotFound)?;
    if batch.state == BatchState::Closed {
        return Err(Error::Conflict("This batch was closed meanwhile. An administrator can open it again.".to_owned()));
    }
    let wish = read(&mut tx, &typed, &shown.lists.around()).await?.map_err(|(draft, choices)| again(&draft, &choices))?;
    if wish.method.lands(wish.at_the_bank) != Deposit::Undeposited {
        let mut draft = typed.kept();
        draft.reject("method", "Enter this one by itself: a batch holds what is taken to the bank together");
        return Err(again(&draft, &[]));
    }
    let entered = match enter(&app, &mut tx, &staff, &wish).await {
        Ok(entered) => entered,
        Err(reason) => return Err(again(&refused(typed.kept(), reason)?, &[])),
    };
    queries::batch::put_into(&mut tx, entered.gift.id, batch.id).await?;
    tx.commit().await?;
    app.bell.notify_one();
    let given = |value: &'static str, typed: &str| (value, Some(typed.to_owned()).filter(|typed| !typed.is_empty()));
    let kept = [
        given("method", &typed.method),
        given("fund", &typed.fund),
        given("campaign", &typed.campaign),
        given("source", &typed.source),
        given("received_on", &typed.received_on),
    ];
    let kept: Vec<_> = kept.iter().map(|(name, value)| (*name, value.as_deref())).collect();
    let to = format!("{}#who", with(&batch.path(), "", &kept));
    Ok(redirect_saying(to, if entered.receipt.is_ok() { Mood::Good } else { Mood::Warn }, sentence(&entered)))
}

fn framed(
    shown: &Shown,
    draft: &Draft,
    choices: &[Donor],
    csrf: &Csrf,
    may: bool,
    administers: bool,
    events: Option<&Markup>,
) -> Page {
    let batch = &shown.batch;
    let open = batch.state == BatchState::Open;
    let content = html! {
        (error_summary(draft))
        (figures(shown))
        @if open { (closing(shown, may, csrf)) }
        @else if administers { p.actions { a.button.secondary href={ (batch.path()) "/reopening" } { "Open it again" } } }
        (table(shown, open && may))
        @if open && may {
            section {
                h2 { "The next gift" }
                form method="post" action=(batch.path()) novalidate {
                    (csrf.field())
                    input type="hidden" name="id" value=(draft.value("id"));
                    (who(draft, None, choices))
                    (facts(&shown.lists, draft, false))
                    @if draft.error("another").is_some() { (tick("another", "This is another gift, not the same one again", None, draft)) }
                    div.actions { button { "Save, receipt, next" } }
                }
            }
        }
        @if let Some(events) = events { section { h2 { "Who did what" } (events) } }
    };
    Page::staff(batch.name(), content).crumb("Gifts", "/staff/gifts").crumb("Batches", "/staff/batches").wide()
}

fn figures(shown: &Shown) -> Markup {
    let (batch, sum) = (&shown.batch, shown.sum());
    let mut rows = vec![
        ("State", html! { (state(batch)) @if let Some(by) = &batch.closed_by { " by " (by) } }),
        ("Day of the deposit", day(batch.day)),
        ("Entered", html! { (text::number(sum.entered)) " of " (text::number(batch.control_count)) }),
        ("Total", html! { (sum.total.of(batch.currency)) " of " (batch.control_total.of(batch.currency)) }),
    ];
    rows.push(("Opened by", html! { (batch.opened_by) }));
    fact_list(&rows)
}

fn closing(shown: &Shown, may: bool, csrf: &Csrf) -> Markup {
    let batch = &shown.batch;
    let controls = html! { a.button.secondary href={ (batch.path()) "/controls" } { "Change the control figures" } };
    let difference = batch.difference(shown.sum());
    html! {
        @if let Some(sentence) = &difference {
            (notice("warn", &html! { p { (sentence) } }))
            @if may { p.actions { (controls) } }
        } @else {
            (notice("good", &html! { p { "Count and total agree." } }))
            @if may {
                form method="post" action={ (batch.path()) "/closing" } {
                    (csrf.field())
                    div.actions { button { "Close and deposit " (batch.control_total.of(batch.currency)) } (controls) }
                }
            }
        }
    }
}

fn table(shown: &Shown, may_change: bool) -> Markup {
    let sum = shown.sum();
    html! {
        @if shown.rows.is_empty() { p { "Nothing is entered yet." } } @else {
            table {
                caption { "What was entered" }
                thead { tr { th scope="col" { "Donor" } th scope="col" { "How it came" } th scope="col" { "Reference" } th scope="col" { "Fund" } th.num scope="col" { "Amount" } @if may_change { th scope="col" { "Change" } } } }
                tbody { @for row in &shown.rows { tr {
                    th scope="row" { a href={ "/staff/gifts/" (row.id) } { (row.donor) } }
                    td data-label="How it came" { (row.method.label()) }
                    td data-label="Reference" { (row.reference.as_deref().unwrap_or("–")) }
                    td data-label="Fund" { (row.fund) }
                    td.num data-label="Amount" { (row.amount.of(row.currency)) }
                    @if may_change { td data-label="Change" { span {
                        a href={ "/staff/gifts/" (row.id) "/correct" } { "Correct" span.visually-hidden { " the gift of " (row.donor) } } " "
                        a href={ "/staff/gifts/" (row.id) "/taken-back" } { "Remove" span.visually-hidden { " the gift of " (row.donor) } }
                    } } }
                } } }
                tfoot { tr {
                    th scope="row" colspan="4" { (text::count(sum.entered, "gift", "gifts")) }
                    td.num data-label="Amount" { (sum.total.of(shown.batch.currency)) }
                    @if may_change { td {} }
                } }
            }
        }
    }
}
