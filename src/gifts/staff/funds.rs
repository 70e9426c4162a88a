//! Where money is meant to go. A fund is added, described, put in order, opened and closed; it is never
//! deleted, because gifts name it for ever.
use crate::{
    app::App,
    audit,
    books::{self, FundBalance},
    db::Tx,
    gifts::{self, Fund, FundId, FundUse, Restriction, queries},
    kernel::{Cents, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, badge, empty, error_summary, field, redirect_saying, tick},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};

const PATH: &str = "/staff/funds";

pub(super) fn router() -> Router<App> {
    Router::new()
        .route(PATH, get(list))
        .route("/staff/funds/new", get(ask_new).post(add))
        .route("/staff/funds/{id}", get(ask).post(change))
        .route("/staff/funds/{id}/place", post(place))
}

async fn list(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    let mut tx = app.db.read().await?;
    let (funds, uses) = (gifts::funds(&mut tx, false).await?, queries::fund_uses(&mut tx).await?);
    drop(tx);
    let balances = app.db.figures("fund balances".to_owned(), async |tx| books::fund_balances(tx).await).await?;
    let may = staff.may_keep_gifts().is_ok();
    let content = html! {
        div.list-head {
            p { "Donors see the open ones on the donate page, in this order. The first is chosen for them." }
            @if may { p.actions { a.button href="/staff/funds/new" { "Add a fund" } } }
        }
        @if funds.is_empty() { (empty("A fund says where money is meant to go. Gifts need at least one.", None)) }
        @else { (table(&csrf, &funds, &uses, may)) (held(&funds, &balances)) }
    };
    Ok(Page::staff("Funds", content).crumb("Gifts", "/staff/gifts").wide())
}

/// What each fund has, by the books.
fn held(funds: &[Fund], balances: &[FundBalance]) -> Markup {
    let of = |fund: &Fund| balances.iter().filter(|balance| balance.fund_id == fund.id.to_string()).collect::<Vec<_>>();
    html! {
        @if !balances.is_empty() {
            section {
                h2 { "What each fund holds" }
                table {
                    caption { "By the books" }
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Restriction" } th.num scope="col" { "Received" } th.num scope="col" { "Refunded" } th.num scope="col" { "Fees and losses" } th.num scope="col" { "Balance" } } }
                    tbody { @for (fund, balance) in funds.iter().flat_map(|fund| of(fund).into_iter().map(move |balance| (fund, balance))) {
                        @let money = |amount: Cents| amount.of(balance.currency);
                        tr {
                            th scope="row" { (fund.name) }
                            td data-label="Restriction" { (fund.restriction.label()) }
                            td.num data-label="Received" { (money(balance.received)) }
                            td.num data-label="Refunded" { (money(balance.refunded)) }
                            td.num data-label="Fees and losses" { (money(balance.costs)) }
                            td.num data-label="Balance" { (money(balance.left())) }
                        }
                    } }
                }
                p.hint { "Received counts gifts with the fees that donors covered, in kind at the value for our books; of a gift that is split, each fund counts its part. What the coalition spends is not kept here." }
            }
        }
    }
}

fn table(csrf: &Csrf, funds: &[Fund], uses: &[FundUse], may: bool) -> Markup {
    html! {
        table {
            caption { "Funds in their order" }
            thead { tr {
                th scope="col" { "Name" } th scope="col" { "What it is for" } th scope="col" { "Restriction" } th scope="col" { "State" } th.num scope="col" { "Gifts" }
                th.num scope="col" { "Recurring" } th scope="col" { "Link to give to it" } @if may { th scope="col" { "Place" } }
            } }
            tbody {
                @for (n, fund) in funds.iter().enumerate() {
                    @let named_by = uses.iter().find(|by| by.id == fund.id);
                    tr {
                        th scope="row" {
                            @if may { a href={ (PATH) "/" (fund.id) } { (fund.name) } } @else { (fund.name) }
                        }
                        td data-label="What it is for" { (fund.description) }
                        td data-label="Restriction" { (fund.restriction.label()) }
                        td data-label="State" { @if fund.open { (badge("active", "Open")) } @else { (badge("closed", "Closed")) } }
                        td.num data-label="Gifts" { a href={ "/staff/gifts?fund=" (fund.slug) } { (text::number(named_by.map_or(0, |by| by.gifts))) } }
                        td.num data-label="Recurring" { (text::number(named_by.map_or(0, |by| by.recurring))) }
                        td data-label="Link to give to it" { @if fund.open { a href={ "/donate?fund=" (fund.slug) } { "/donate?fund=" (fund.slug) } } @else { "—" } }
                        @if may { td data-label="Place" {
                            form method="post" action={ (PATH) "/" (fund.id) "/place" } {
                                (csrf.field())
                                @if n > 0 { button type="submit" name="to" value="up" { "Up" span.visually-hidden { ": " (fund.name) } } " " }
                                @if n + 1 < funds.len() { button type="submit" name="to" value="down" { "Down" span.visually-hidden { ": " (fund.name) } } }
                            }
                        } }
                    }
                }
            }
        }
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Typed {
    name: String,
    description: String,
    restriction: String,
    open: String,
}

impl Typed {
    /// The fund as typed: `before` changed, or a new one after `others`.
    fn read(&self, before: Option<&Fund>, others: &[Fund]) -> Result<Fund, Draft> {
        let mut draft = Draft::of([("open", self.open.as_str())]);
        let name = draft.text("name", &text::line(&self.name), 120, "Enter a name, such as Student fellows");
        let id = before.map(|fund| fund.id);
        let same =
            |other: &&Fund| Some(other.id) != id && name.as_ref().is_some_and(|n| text::fold(n) == text::fold(&other.name));
        if let Some(other) = others.iter().find(same) {
            draft.reject("name", format!("Enter another name: there is a fund {} already", other.name));
        }
        let description = draft.optional_text("description", &text::line(&self.description), 300);
        let restriction: Option<Restriction> = draft.read("restriction", &self.restriction);
        let open = self.open == "yes";
        if !open && !others.iter().any(|other| other.open && Some(other.id) != id) {
            draft.reject(
                "open",
                "Keep this one open: no other fund is, and gifts need one. To take no gifts, pause giving in the settings",
            );
        }
        let typed = name.zip(description).zip(restriction).filter(|_| draft.is_right());
        let Some(((name, description), restriction)) = typed else { return Err(draft) };
        Ok(match before {
            Some(fund) => Fund { name, description, restriction, open, ..fund.clone() },
            None => Fund {
                id: FundId::new(),
                slug: free_slug(&name, others),
                position: others.iter().map(|other| other.position).max().unwrap_or(-1) + 1,
                name,
                description,
                restriction,
                open,
            },
        })
    }
}

/// A renamed fund keeps its address, so a new one of the old name needs another.
fn free_slug(name: &str, others: &[Fund]) -> String {
    let slug = text::slug(name);
    let mut choices = std::iter::once(slug.clone()).chain((2..).map(|n| format!("{slug}-{n}")));
    choices.find(|choice| others.iter().all(|other| other.slug != *choice)).unwrap_or(slug)
}

/// What the audit keeps of a fund.
fn told(fund: &Fund) -> serde_json::Value {
    let Fund { slug, name, description, restriction, open, .. } = fund;
    serde_json::json!({ "slug": slug, "name": name, "description": description, "restriction": restriction, "open": open })
}

fn form(draft: &Draft, csrf: &Csrf, heading: &str, action: &str) -> Page {
    let restrictions: Vec<_> = Restriction::ALL.iter().map(|r| (r.as_str(), r.label(), Some(what(*r)))).collect();
    let content = html! {
        (error_summary(draft))
        form method="post" action=(action) novalidate {
            (csrf.field())
            (Field { hint: Some("As donors read it on the donate page."), ..field("name", "Name") }.input(draft))
            (Field { optional: true, hint: Some("One sentence under the name."), ..field("description", "What it is for") }.textarea(draft, 2))
            (field("restriction", "What binds its money").radios(draft, &restrictions))
            p.hint { "Gifts already given were given under what was said then." }
            (tick("open", "Offer it to donors", Some("Closed, it keeps its gifts and takes no new ones; recurring gifts to it go on."), draft))
            div.actions {
                button type="submit" { "Save" }
                a href=(PATH) { "Cancel" }
            }
        }
    };
    Page::staff(heading, content).crumb("Gifts", "/staff/gifts").crumb("Funds", PATH)
}

const fn what(restriction: Restriction) -> &'static str {
    match restriction {
        Restriction::None => "The coalition decides what it is used for.",
        Restriction::Purpose => "It may be used for the fund’s purpose only.",
        Restriction::Permanent => "The sum is kept for ever; only what it earns is used.",
    }
}

async fn ask_new(staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let draft = Draft::of([("restriction", Restriction::None.as_str()), ("open", "yes")]);
    Ok(form(&draft, &csrf, "Add a fund", "/staff/funds/new"))
}

async fn add(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let others = gifts::funds(&mut tx, false).await?;
    let refuse = |draft: Draft| Draft::refuse(form(&draft, &csrf, "Add a fund", "/staff/funds/new"));
    let fund = typed.read(None, &others).map_err(refuse)?;
    if !gifts::insert_fund(&mut tx, &fund).await? {
        return Err(Error::Conflict("Somebody else added this fund at the same moment. Look at the list again.".to_owned()));
    }
    let record = fund.id.to_string();
    audit::record(&mut tx, &staff.actor(), "add", ("fund", &record), None::<&()>, Some(&told(&fund)), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(PATH, Mood::Good, format!("{} is added.{}", fund.name, offered(&fund))))
}

const fn offered(fund: &Fund) -> &'static str {
    if fund.open { " Donors see it at once." } else { " Donors do not see it." }
}

/// The fund of an address, and all of them.
async fn known(tx: &mut Tx, id: FundId) -> Result<(Fund, Vec<Fund>), Error> {
    let all = gifts::funds(tx, false).await?;
    let fund = all.iter().find(|fund| fund.id == id).cloned().ok_or(Error::NotFound)?;
    Ok((fund, all))
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<FundId>) -> Result<Page, Error> {
    staff.may_keep_gifts()?;
    let (fund, _) = known(&mut app.db.read().await?, id).await?;
    let draft = Draft::of([
        ("name", fund.name.as_str()),
        ("description", &fund.description),
        ("restriction", fund.restriction.as_str()),
        ("open", if fund.open { "yes" } else { "" }),
    ]);
    Ok(form(&draft, &csrf, &fund.name, &format!("{PATH}/{id}")))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<FundId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let (before, all) = known(&mut tx, id).await?;
    let refuse = |draft: Draft| Draft::refuse(form(&draft, &csrf, &before.name, &format!("{PATH}/{id}")));
    let after = typed.read(Some(&before), &all).map_err(refuse)?;
    if after != before {
        queries::update_fund(&mut tx, &after).await?;
        let (record, told) = (id.to_string(), [told(&before), told(&after)]);
        audit::record(&mut tx, &staff.actor(), "change", ("fund", &record), Some(&told[0]), Some(&told[1]), now).await?;
        tx.commit().await?;
    }
    Ok(redirect_saying(PATH, Mood::Good, format!("{} is saved.{}", after.name, offered(&after))))
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Place {
    to: String,
}

async fn place(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<FundId>,
    Form(place): Form<Place>,
) -> Result<Response, Error> {
    staff.may_keep_gifts()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    queries::number_fund_places(&mut tx).await?;
    let (fund, all) = known(&mut tx, id).await?;
    let at = all.iter().position(|f| f.id == id).unwrap_or_default();
    let other = if place.to == "up" { at.checked_sub(1) } else { Some(at + 1) }.and_then(|n| all.get(n));
    if let Some(other) = other {
        queries::set_fund_place(&mut tx, id, other.position).await?;
        queries::set_fund_place(&mut tx, other.id, fund.position).await?;
        let places = [fund.position, other.position].map(|place| serde_json::json!({ "place": place + 1 }));
        audit::record(&mut tx, &staff.actor(), "move", ("fund", &id.to_string()), Some(&places[0]), Some(&places[1]), now)
            .await?;
        tx.commit().await?;
    }
    Ok(redirect_saying(PATH, Mood::Good, format!("{} stands in its new place.", fund.name)))
}
