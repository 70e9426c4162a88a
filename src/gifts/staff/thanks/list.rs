//! `/staff/thanks`: gifts that wait for a word from a person, those that were thanked, and those that need none.
use super::{MOST, PATH, named};
use crate::{
    app::App,
    gifts::{
        acknowledge::{self, Ack, Batch, BatchKind, ThanksRow, Way},
        queries,
    },
    kernel::{Zone, text},
    staff::Staff,
    web::{Csrf, Error, Form, Mood, Page, Pager, day, empty, moment, redirect, redirect_saying, with},
};
use axum::{
    extract::{Query, RawQuery, State},
    response::Response,
};
use maud::{Markup, html};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    show: Option<Ack>,
    after: Option<String>,
    before: Option<String>,
}

pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
    csrf: Csrf,
) -> Result<Page, Error> {
    let zone = app.coalition.get().zone();
    let (key, backwards) = match (&asked.after, &asked.before) {
        (_, Some(key)) => (Some(key), true),
        (key, None) => (key.as_ref(), false),
    };
    let key = key.and_then(|key| key.split_once('~'));
    let mut tx = app.db.read().await?;
    let most = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let mut rows = queries::thanks_rows(&mut tx, asked.show, key, backwards, most).await?;
    let batches = queries::batches(&mut tx, 10).await?;
    let waiting = queries::to_thank(&mut tx).await?;
    drop(tx);
    let pager = Pager::cut(&mut rows, MOST, key.is_some(), backwards, |row| format!("{}~{}", row.shown_at, row.id));
    let acts = staff.may_keep_gifts().is_ok() && asked.show.is_none();
    let content = html! {
        p.lead {
            @match waiting {
                0 => "Every gift is thanked for.",
                1 => "1 gift waits for a word from a person. Its receipt went out by itself.",
                n => { (text::number(n)) " gifts wait for a word from a person. Their receipts went out by themselves." }
            }
        }
        p.hint { "Letters are written from " a href="/staff/thanks/templates" { "templates" } "." }
        (tabs(asked.show))
        @if rows.is_empty() {
            (empty(match asked.show {
                None => "Nothing waits here. A gift stands here from the moment it is received until somebody thanks for it.",
                Some(Ack::Thanked) => "Nobody was thanked yet.",
                Some(Ack::DoNot) => "No gift was marked as not to be thanked.",
            }, None))
        } @else if acts {
            form method="post" action=(PATH) {
                (csrf.field())
                (table(&rows, true))
                (actions())
            }
        } @else { (table(&rows, false)) }
        (pager.links(PATH, query.as_deref().unwrap_or_default()))
        @if !batches.is_empty() { (done(&batches, &zone)) }
    };
    Ok(Page::staff("Thanks", content).crumb("Gifts", "/staff/gifts").wide())
}

fn tabs(show: Option<Ack>) -> Markup {
    let tab = |of: Option<Ack>, label: &str| {
        let href = of.map_or_else(|| PATH.to_owned(), |of| format!("{PATH}?show={of}"));
        html! { li { a href=(href) aria-current=[(of == show).then_some("page")] { (label) } } }
    };
    html! {
        nav.tabs aria-label="Which gifts" { ul { (tab(None, "To thank")) (tab(Some(Ack::Thanked), "Thanked")) (tab(Some(Ack::DoNot), "Not to be thanked")) } }
    }
}

fn table(rows: &[ThanksRow], ticks: bool) -> Markup {
    html! {
        table {
            caption { "The newest gifts first" }
            thead { tr { @if ticks { th scope="col" { "Tick" } } th scope="col" { "Donor" } th scope="col" { "Given on" } th scope="col" { "For" } th scope="col" { "Reached" } th scope="col" { "Thanks" } th.num scope="col" { "Gift" } } }
            tbody {
                @for row in rows {
                    tr {
                        @if ticks { td data-label="Tick" { input type="checkbox" name="gift" value=(row.id) aria-label={ "The gift of " (row.donor) ", " (row.intended.of(row.currency)) }; } }
                        th scope="row" { a href={ "/staff/gifts/" (row.id) } { (row.donor) } }
                        td data-label="Given on" { (day(row.given_on)) }
                        td data-label="For" { (row.fund) @if let Some(name) = &row.tribute_name { ", tribute to " (name) } }
                        td data-label="Reached" { (row.way().label()) @if row.email.is_none() && row.address.is_none() { ", no address" } }
                        td data-label="Thanks" {
                            @match (row.state, row.way, row.thanked_at) {
                                (Some(Ack::DoNot), ..) => (Ack::DoNot.label()),
                                (_, Some(way), _) => (way.label()),
                                (_, None, Some(_)) => "Thanked",
                                _ => { a href={ "/staff/thanks/letters?gift=" (row.id) } { "See the letter" span.visually-hidden { " to " (row.donor) } } }
                            }
                            @if let Some(by) = &row.by_name { ", " (by) }
                            @if row.notes > 0 { ", " (text::count(row.notes, "call noted", "calls noted")) }
                        }
                        td.num data-label="Gift" { (row.intended.of(row.currency)) }
                    }
                }
            }
        }
    }
}

fn actions() -> Markup {
    html! {
        div.choice { input #everything type="checkbox" name="all" value="yes"; label for="everything" { "All gifts on this page" } }
        div.actions {
            button name="then" value="letters" { "Write letters" }
            button.secondary name="then" value="call" { "Thanked by phone" }
            button.secondary name="then" value="person" { "Thanked in another way" }
            button.secondary name="then" value="do_not" { "Do not thank" }
        }
        p.hint { "A letter is shown before it goes. Each of the others can be taken back afterwards." }
    }
}

fn done(batches: &[Batch], zone: &Zone) -> Markup {
    html! {
        section {
            h2 { "Done lately" }
            ul {
                @for batch in batches {
                    li {
                        a href={ (PATH) "/batches/" (batch.id) } { (batch.what.label()) } ", " (text::count(batch.gifts, "gift", "gifts")) ", "
                        (batch.by_name) ", " (moment(batch.at, zone)) @if batch.undone_at.is_some() { ", taken back" }
                    }
                }
            }
        }
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    gift: Vec<String>,
    all: String,
    then: String,
}

pub(super) async fn act(
    staff: Staff,
    State(app): State<App>,
    Query(asked): Query<Asked>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let mut gifts = named(&typed.gift);
    if typed.all == "yes" {
        let key = asked.after.as_deref().and_then(|key| key.split_once('~'));
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        gifts = queries::thanks_rows(&mut app.db.read().await?, None, key, false, most).await?.iter().map(|row| row.id).collect();
    }
    if gifts.is_empty() {
        return Ok(redirect_saying(PATH, Mood::Warn, "Tick the gifts first. Nothing was changed."));
    }
    let way = match typed.then.as_str() {
        "letters" => {
            let ids: Vec<_> = gifts.iter().map(ToString::to_string).collect();
            let query: Vec<_> = ids.iter().map(|id| format!("gift={id}")).collect();
            return Ok(redirect(format!("{PATH}/letters?{}", query.join("&"))));
        }
        "do_not" => None,
        way => Some(way.parse::<Way>().map_err(Error::bad_form)?),
    };
    let (batch, count) = acknowledge::mark(&app, &staff, &gifts, way).await?;
    let what = if way.is_some() { BatchKind::Thanked } else { BatchKind::DoNot };
    let said = format!("{}: {}. You can take it back here.", what.label(), text::count(count, "gift", "gifts"));
    Ok(redirect_saying(with(&format!("{PATH}/batches/{batch}"), "", &[]), Mood::Good, said))
}
