//! The list of batches, and what a batch is opened with: its day, how many gifts, what they come to.
use super::{Batch, BatchState, GiftBatchId, Sum, known};
use crate::{
    app::App,
    audit,
    db::Tx,
    gifts::{
        Giving,
        offline::{NotDone, impossible},
        queries,
    },
    kernel::{Cents, Currency, Day, text},
    settings,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, badge, day, empty, error_summary, field, redirect_saying},
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use maud::html;

const PATH: &str = "/staff/batches";
const PAGE: i64 = 50;
const MOST: Cents = Cents::new(100_000_000_000);

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    before: Option<i64>,
}

pub(super) async fn page(staff: Staff, State(app): State<App>, Query(asked): Query<Asked>) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let mut batches = queries::batch::listed(&mut tx, asked.before, PAGE + 1).await?;
    drop(tx);
    let more = batches.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    batches.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let may = staff.may_keep_gifts().is_ok();
    let content = html! {
        div.list-head {
            p { "Checks and cash that go to the bank together. A closed batch is one deposit." }
            @if may { p.actions { a.button href="/staff/batches/new" { "Open a batch" } } }
        }
        @if batches.is_empty() {
            (empty("Count the checks, add them up, open a batch with both figures, and enter one after the other. No batch was opened yet.", may.then_some(("Open a batch", "/staff/batches/new"))))
        } @else {
            table {
                caption { "Batches, the newest first" }
                thead { tr { th scope="col" { "Batch" } th scope="col" { "Day" } th scope="col" { "State" } th.num scope="col" { "Entered" } th.num scope="col" { "Total" } th.num scope="col" { "Control total" } } }
                tbody { @for (batch, sum) in &batches { tr {
                    th scope="row" { a href=(batch.path()) { (batch.name()) } }
                    td data-label="Day" { (day(batch.day)) }
                    td data-label="State" { (state(batch)) }
                    td.num data-label="Entered" { (text::number(sum.entered)) " of " (text::number(batch.control_count)) }
                    td.num data-label="Total" { (sum.total.of(batch.currency)) }
                    td.num data-label="Control total" { (batch.control_total.of(batch.currency)) }
                } } }
            }
            @if let (true, Some((last, _))) = (more, batches.last()) {
                nav.pager aria-label="Pages" { a rel="next" href={ (PATH) "?before=" (last.number) } { "More rows" } }
            }
        }
    };
    Ok(Page::staff("Batches", content).crumb("Gifts", "/staff/gifts").wide())
}

pub(super) fn state(batch: &Batch) -> maud::Markup {
    if batch.state == BatchState::Open { badge("open", "Open") } else { badge("good", "Closed") }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    day: String,
    control_count: String,
    control_total: String,
}

impl Typed {
    fn read(&self, draft: &mut Draft, currency: Currency) -> Option<(Day, i64, Cents)> {
        let day: Option<Day> = draft.read("day", &self.day);
        draft.keep("control_count", &self.control_count);
        let count = self.control_count.trim().parse::<i64>().ok().filter(|count| (1..=10_000).contains(count));
        if count.is_none() {
            draft.reject("control_count", "Enter how many gifts there are, from 1 to 10,000");
        }
        draft.keep("control_total", &self.control_total);
        let total = Cents::parse_up_to(MOST, &self.control_total, currency)
            .map_err(|reason| draft.reject("control_total", reason.to_string()))
            .ok();
        Some((day?, count?, total?))
    }
}

fn form(heading: &str, action: &str, back: &str, currency: Currency, draft: &Draft, csrf: &Csrf) -> Page {
    let short = |name, label| Field { width: "short", autocomplete: Some("off"), ..field(name, label) };
    let content = html! {
        (error_summary(draft))
        form method="post" action=(action) novalidate {
            (csrf.field())
            (Field { kind: "date", ..short("day", "Day of the deposit") }.input(draft))
            (Field { inputmode: Some("numeric"), hint: Some("Counted by hand, before anything is entered."), ..short("control_count", "How many gifts?") }.input(draft))
            (Field { inputmode: Some("decimal"), prefix: Some(currency.sign().trim()), hint: Some("Added up by hand, as on the deposit slip."), ..short("control_total", "What do they come to?") }.input(draft))
            div.actions { button { "Save" } a href=(back) { "Cancel" } }
        }
    };
    Page::staff(heading, content).crumb("Gifts", "/staff/gifts").crumb("Batches", PATH)
}

pub(super) async fn ask(staff: Staff, State(app): State<App>, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let currency = settings::get::<Giving>(&mut app.db.read().await?).await?.currency;
    let today = app.coalition.get().zone().day(app.clock.now());
    Ok(form("Open a batch", "/staff/batches/new", PATH, currency, &Draft::of([("day", today.to_string())]), &csrf))
}

pub(super) async fn open(staff: Staff, State(app): State<App>, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.write().await?;
    let currency = settings::get::<Giving>(&mut tx).await?.currency;
    let mut draft = Draft::default();
    let Some((day, control_count, control_total)) = typed.read(&mut draft, currency) else {
        return Err(Draft::refuse(form("Open a batch", "/staff/batches/new", PATH, currency, &draft, &csrf)));
    };
    let batch = open_for(&app, &mut tx, &staff, (day, control_count, control_total, currency)).await?;
    tx.commit().await?;
    Ok(redirect_saying(batch.path(), Mood::Good, "The batch is open. Enter the first gift."))
}

/// Opens a batch with its day, how many gifts there should be and what they should come to.
pub(in crate::gifts) async fn open_for(
    app: &App,
    tx: &mut Tx,
    staff: &Staff,
    (day, control_count, control_total, currency): (Day, i64, Cents, Currency),
) -> Result<Batch, NotDone> {
    let now = app.clock.now();
    let batch = Batch {
        id: GiftBatchId::new(),
        number: 0,
        day,
        currency,
        control_count,
        control_total,
        state: BatchState::Open,
        opened_at: now,
        opened_by: staff.name.clone(),
        closed_at: None,
        closed_by: None,
        closings: 0,
    };
    if !queries::batch::insert(tx, &batch).await? {
        return impossible("Somebody else opened a batch at the same moment. Open yours again.");
    }
    let record = batch.id.to_string();
    audit::record(tx, &staff.actor(), "open", ("gift_batch", &record), None::<&()>, Some(&told(&batch)), now).await?;
    Ok(batch)
}

/// What the audit keeps of a batch.
fn told(batch: &Batch) -> serde_json::Value {
    let total = batch.control_total.of(batch.currency).to_string();
    serde_json::json!({ "day": batch.day, "control_count": batch.control_count, "control_total": total })
}

pub(super) async fn ask_controls(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let batch = known(&mut app.db.read().await?, &id).await?;
    let draft = Draft::of([
        ("day", batch.day.to_string()),
        ("control_count", batch.control_count.to_string()),
        ("control_total", batch.control_total.plain(batch.currency)),
    ]);
    Ok(controls(&batch, &draft, &csrf))
}

fn controls(batch: &Batch, draft: &Draft, csrf: &Csrf) -> Page {
    let action = format!("{}/controls", batch.path());
    form("What the batch should come to", &action, &batch.path(), batch.currency, draft, csrf).crumb(batch.name(), batch.path())
}

pub(super) async fn change_controls(
    staff: Staff,
    State(app): State<App>,
    Path(id): Path<String>,
    csrf: Csrf,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let mut tx = app.db.write().await?;
    let before = known(&mut tx, &id).await?;
    let mut draft = Draft::default();
    let Some((day, control_count, control_total)) = typed.read(&mut draft, before.currency) else {
        return Err(Draft::refuse(controls(&before, &draft, &csrf)));
    };
    let after = Batch { day, control_count, control_total, ..before.clone() };
    if after != before {
        if !queries::batch::set_controls(&mut tx, &after).await? {
            return Err(Error::Conflict("This batch is closed. An administrator can open it again.".to_owned()));
        }
        let (record, told) = (after.id.to_string(), [told(&before), told(&after)]);
        let now = app.clock.now();
        audit::record(&mut tx, &staff.actor(), "change", ("gift_batch", &record), Some(&told[0]), Some(&told[1]), now).await?;
        tx.commit().await?;
    }
    Ok(redirect_saying(after.path(), Mood::Good, "The batch is saved."))
}

/// What the rows of a batch come to.
pub(super) fn sum_of(rows: &[queries::batch::BatchRow]) -> Sum {
    Sum { entered: i64::try_from(rows.len()).unwrap_or(i64::MAX), total: rows.iter().map(|row| row.amount).sum() }
}
