//! The list of gifts: narrowed, sorted, summed over the whole filter, and as CSV of exactly that.
use super::{
    PAGE,
    filter::{Asked, Filter, Only, Sort},
    queries::{self, GiftRow, GiftSum},
    remembering,
};
use crate::{
    app::App,
    gifts::{self, Campaign, Frequency, Fund, GiftState, Method},
    kernel::{Cents, Coalition, Zone, text},
    staff::Staff,
    web::{Column, Draft, Error, Field, Page, Pager, active_filters, badge, day_of, empty, error_summary, field, with},
};
use axum::{
    extract::{Query, RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};

const PATH: &str = "/staff/gifts";

struct List<'a> {
    coalition: &'a Coalition,
    funds: &'a [Fund],
    campaigns: &'a [Campaign],
    draft: &'a Draft,
    query: &'a str,
    sort: Sort,
    zone: &'a Zone,
    may: bool,
}

pub(super) async fn page(
    staff: Staff,
    State(app): State<App>,
    Query(asked): Query<Asked>,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let coalition = app.coalition.get();
    let zone = coalition.zone();
    let query = query.unwrap_or_default();
    let mut tx = app.db.read().await?;
    let (funds, campaigns) = (gifts::funds(&mut tx, false).await?, gifts::campaigns(&mut tx).await?);
    let (draft, filter) = asked.read(&coalition, &funds, &campaigns);
    let sort = Sort::read(&asked.sort);
    let may = staff.may_keep_gifts().is_ok();
    let list = List {
        coalition: &coalition,
        funds: &funds,
        campaigns: &campaigns,
        draft: &draft,
        query: &query,
        sort,
        zone: &zone,
        may,
    };
    let Some(filter) = filter else {
        return Ok(framed(html! { (error_summary(&draft)) (list.form(true)) })
            .status(StatusCode::UNPROCESSABLE_ENTITY)
            .into_response());
    };
    let backwards = !asked.before.is_empty();
    let key = Some(if backwards { &asked.before } else { &asked.after }).filter(|key| !key.is_empty());
    let most = i64::try_from(PAGE + 1).expect("a page is small");
    let mut rows = queries::rows(&mut tx, &filter, &zone, sort, key.map(String::as_str), backwards, most).await?;
    drop(tx);
    let pager = Pager::cut(&mut rows, PAGE, key.is_some(), backwards, |row| row.key(sort));
    let sums = summed(&app, &filter, &zone).await?;
    Ok(framed(list.content(&filter, &rows, &sums, &pager)).into_response())
}

async fn summed(app: &App, filter: &Filter, zone: &Zone) -> Result<Vec<GiftSum>, Error> {
    let (filter, zone) = (filter.clone(), zone.clone());
    Ok(app.db.figures(format!("gifts {filter:?}"), async |tx| queries::sums(tx, &filter, &zone).await).await?)
}

fn framed(content: Markup) -> Page {
    Page::staff("Gifts", content).wide()
}

impl List<'_> {
    fn content(&self, filter: &Filter, rows: &[GiftRow], sums: &[GiftSum], pager: &Pager) -> Markup {
        let active = filter.in_words(self.coalition, self.funds, self.campaigns);
        html! {
            p.actions { @if self.may { a.button href="/staff/gifts/new" { "Enter a gift" } } a.button.secondary href="/staff/batches" { "Batches" } a.button.secondary href="/staff/pledges" { "Pledges" } }
            p.hint { a href="/staff/thanks" { "Thank for gifts" } ", " a href="/staff/tributes" { "tributes" } ", " a href="/staff/matching" { "matching gifts" } ". Where they go: " a href="/staff/funds" { "funds" } ". Why they come: " a href="/staff/campaigns" { "campaigns" } " and " a href="/staff/appeals" { "appeals" } ". What banks ask about: " a href="/staff/disputes" { "disputes" } ". What looked like a program’s: " a href="/staff/held" { "held back" } "." }
            (self.form(!active.is_empty()))
            (active_filters(PATH, self.query, &active))
            @if rows.is_empty() && active.is_empty() && !pager_moves(pager) {
                (empty("Every gift will stand here from the moment its form is sent: who gives, for which fund, and how far the payment is.",
                    Some(("Open the donate page", "/donate"))))
            } @else if rows.is_empty() {
                (empty("No gift is like that. Remove a part of the filter, or show all gifts.", Some(("Show all gifts", PATH))))
            } @else {
                div.list-head {
                    p { (count_words(sums)) @if filter.fund.is_some() && rows.iter().any(|row| row.split) { " Of gifts that are split, the sums count the part for this fund." } }
                    a.button.secondary href=(with("/staff/gifts.csv", self.query, &[("after", None), ("before", None)])) { "Download as CSV" }
                }
                (self.table(rows, sums))
                (pager.links(PATH, self.query))
            }
        }
    }

    fn form(&self, open: bool) -> Markup {
        let any = |label: &str| vec![(String::new(), label.to_owned())];
        let mut funds = any("Any fund");
        funds.extend(self.funds.iter().map(|fund| (fund.slug.clone(), fund.name.clone())));
        let mut campaigns = any("Any campaign");
        campaigns.extend(self.campaigns.iter().map(|campaign| (campaign.slug.clone(), campaign.name.clone())));
        let mut states = any("Any state");
        states.extend(GiftState::ALL.iter().map(|state| (state.to_string(), state.label())));
        let mut frequencies = any("Once or recurring");
        frequencies.extend(Frequency::ALL.iter().map(|frequency| (frequency.to_string(), frequency.label())));
        let mut methods = any("Any way");
        methods.extend(Method::ALL.iter().map(|method| (method.to_string(), method.label())));
        let mut only = any("All gifts");
        only.extend(Only::ALL.iter().map(|only| (only.to_string(), only.label())));
        let small = |name, label, kind| Field { kind, optional: true, width: "short", ..plain(name, label) };
        html! {
            details.filters open[open] {
                summary { "Filter" }
                form method="get" action=(PATH) {
                    (Field { kind: "search", autocomplete: Some("off"), ..plain("q", "Donor") }.input(self.draft))
                    (plain("fund", "Fund").select(self.draft, &funds))
                    @if !self.campaigns.is_empty() { (plain("campaign", "Campaign").select(self.draft, &campaigns)) }
                    (plain("state", "State").select(self.draft, &states))
                    (plain("frequency", "Frequency").select(self.draft, &frequencies))
                    (plain("method", "How it came").select(self.draft, &methods))
                    (Field { optional: true, autocomplete: Some("off"), ..plain("source", "Source code") }.input(self.draft))
                    (small("from", "From", "date").input(self.draft))
                    (small("to", "Until", "date").input(self.draft))
                    (Field { inputmode: Some("decimal"), ..small("min", "At least", "text") }.input(self.draft))
                    (Field { inputmode: Some("decimal"), ..small("max", "At most", "text") }.input(self.draft))
                    (plain("only", "Show").select(self.draft, &only))
                    @if self.sort != Sort::read("") { input type="hidden" name="sort" value=(self.sort); }
                    button { "Show" }
                }
            }
        }
    }

    fn table(&self, rows: &[GiftRow], sums: &[GiftSum]) -> Markup {
        const COLUMNS: [Column<'static>; 8] = [
            Column::text("Date").sorted_by("date"),
            Column::text("Donor").sorted_by("donor"),
            Column::text("Fund"),
            Column::text("State"),
            Column::number("Intended").sorted_by("amount"),
            Column::number("Covered fee"),
            Column::number("Refunded"),
            Column::number("Net"),
        ];
        let sort = self.sort.to_string();
        html! {
            table {
                caption { "Gifts" }
                thead { tr { @for column in COLUMNS { (column.heading(PATH, self.query, &sort)) } } }
                tbody { @for row in rows { (self.row(row)) } }
                tfoot {
                    @for sum in sums {
                        tr {
                            th scope="row" colspan="4" { "All " (text::count(sum.gifts, "gift", "gifts")) (in_currency(sum, sums)) }
                            td.num data-label="Intended" { (sum.intended.of(sum.currency)) }
                            td.num data-label="Covered fee" { (sum.covered_fee.of(sum.currency)) }
                            td.num data-label="Refunded" { (sum.returned.of(sum.currency)) }
                            td.num data-label="Net" { (sum.net().of(sum.currency)) }
                        }
                    }
                }
            }
        }
    }

    fn row(&self, row: &GiftRow) -> Markup {
        let money = |amount: Cents| if amount.is_zero() { "–".to_owned() } else { amount.of(row.currency).to_string() };
        html! {
            tr {
                th scope="row" { a href=(remembering(&format!("{PATH}/{}", row.id), PATH, self.query)) { (day_of(row.shown_at, self.zone)) } }
                td data-label="Donor" { a href={ "/staff/donors/" (row.donor_id) } { (row.donor) } }
                td data-label="Fund" { (row.fund) }
                td data-label="State" { (state_badges(row)) }
                td.num data-label="Intended" { (row.intended.of(row.currency)) }
                td.num data-label="Covered fee" { (money(row.covered_fee)) }
                td.num data-label="Refunded" { (money(row.returned())) }
                td.num data-label="Net" { (row.net().of(row.currency)) }
            }
        }
    }
}

fn plain<'a>(name: &'a str, label: &'a str) -> Field<'a> {
    Field { width: "medium", ..field(name, label) }
}

fn pager_moves(pager: &Pager) -> bool {
    pager.before.is_some() || pager.after.is_some()
}

fn in_currency(sum: &GiftSum, sums: &[GiftSum]) -> String {
    if sums.len() > 1 { format!(" in {}", sum.currency.code().to_uppercase()) } else { String::new() }
}

/// `1,250 gifts, 12 of them not received; amounts count received gifts only.`
fn count_words(sums: &[GiftSum]) -> String {
    let (all, received) = (sums.iter().map(|s| s.gifts).sum::<i64>(), sums.iter().map(|s| s.received).sum::<i64>());
    let gifts = text::count(all, "gift", "gifts");
    if all == received {
        format!("{gifts}. Net is the intended amount less refunds.")
    } else {
        format!(
            "{gifts}, {} of them not received. The sums count received gifts; net is the intended amount less refunds.",
            text::number(all - received)
        )
    }
}

/// How far the gift is, and what happened to it since.
pub(super) fn state_badges(row: &GiftRow) -> Markup {
    html! {
        @if row.method != Method::Card && row.state != GiftState::Settled { (badge("void", "Taken back")) }
        @else { (badge(row.state, row.state.label())) }
        @if row.method != Method::Card { " " (badge("by_hand", row.method.label())) }
        @if row.refunded.is_positive() { " " (badge("refunded", if row.refunded == row.charged { "Refunded" } else { "Partly refunded" })) }
        @if row.disputed { " " (badge("disputed", "Disputed")) }
        @if row.state == GiftState::Settled && row.thanked_at.is_none() { " " (badge("to_thank", "To thank")) }
    }
}
