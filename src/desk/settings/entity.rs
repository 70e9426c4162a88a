//! The legal entity that receipts are issued by, from a day on. One is added, never changed: receipts
//! and their reasons stay what they were.
use crate::{
    app::App,
    audit,
    kernel::Day,
    receipts::{self, EntityId, LegalEntity},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day, empty, error_summary, field, redirect_saying},
};
use axum::{extract::State, response::Response};
use maud::{Markup, html};

const PATH: &str = "/staff/settings/legal-entity";

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    from_day: String,
    name: String,
    ein: String,
    address: String,
    sponsorship: String,
    signatory: String,
    deductible: String,
}

impl Typed {
    fn read(&self) -> (Draft, Option<LegalEntity>) {
        let mut draft = Draft::default();
        let from_day = draft.read::<Day>("from_day", &self.from_day);
        let name = draft.text("name", &self.name, 200, "Enter the legal name, as it is registered");
        let ein = ein(&mut draft, &self.ein);
        let address = draft.optional_text("address", &self.address, 500);
        if address.as_deref() == Some("") {
            draft.reject("address", "Enter the address that stands on receipts");
        }
        let sponsorship = draft.optional_text("sponsorship", &self.sponsorship, 200);
        let signatory = draft.text("signatory", &self.signatory, 200, "Enter who signs receipts, with the title");
        draft.keep("deductible", &self.deductible);
        let deductible = match self.deductible.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => {
                draft.reject("deductible", "Choose whether gifts are deductible");
                None
            }
        };
        if deductible == Some(true) && ein.as_deref() == Some("") {
            draft.reject("ein", "Enter the number: a receipt for a deductible gift names it");
        }
        let filled = |text: String| Some(text).filter(|t| !t.is_empty());
        let entity = (|| {
            Some(LegalEntity {
                id: EntityId::new(),
                from_day: from_day?,
                name: name?,
                ein: ein.map(filled)?,
                address: address?,
                sponsorship: sponsorship.map(filled)?,
                signatory: signatory?,
                deductible: deductible?,
            })
        })();
        let is_right = draft.is_right();
        (draft, entity.filter(|_| is_right))
    }
}

/// `12-3456789`, as the IRS writes it; empty when none was typed.
fn ein(draft: &mut Draft, typed: &str) -> Option<String> {
    draft.keep("ein", typed);
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if digits.is_empty() {
        return Some(digits);
    }
    if digits.len() != 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        draft.reject("ein", "Enter nine digits, such as 12-3456789");
        return None;
    }
    let (prefix, rest) = digits.split_at(2);
    Some(format!("{prefix}-{rest}"))
}

pub(super) async fn open(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    let mut tx = app.db.read().await?;
    let entities = receipts::entities(&mut tx).await?;
    let today = app.coalition.get().zone().day(app.clock.now());
    let draft = Draft::of([("from_day", today.to_string())]);
    Ok(page(&draft, &csrf, &entities, today))
}

pub(super) async fn save(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let (mut draft, entity) = typed.read();
    let mut tx = app.db.write().await?;
    let entities = receipts::entities(&mut tx).await?;
    let Some(entity) = entity else { return Err(Draft::refuse(page(&draft, &csrf, &entities, today))) };
    if !receipts::insert_entity(&mut tx, &entity).await? {
        draft.reject("from_day", "Choose another day: an entity begins on this one already");
        return Err(Draft::refuse(page(&draft, &csrf, &entities, today)));
    }
    let before = receipts_by(&entities, entity.from_day).map(told);
    let (id, after) = (entity.id.to_string(), told(&entity));
    audit::record(&mut tx, &staff.actor(), "add", ("legal_entity", &id), before.as_ref(), Some(&after), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(
        PATH,
        Mood::Good,
        format!("Receipts for gifts from {} on are issued by {}.", entity.from_day.words(), entity.name),
    ))
}

/// Who issues receipts on a day: the newest that began by then. `entities` stand newest first.
pub(super) fn receipts_by(entities: &[LegalEntity], day: Day) -> Option<&LegalEntity> {
    entities.iter().find(|entity| entity.from_day <= day)
}

/// What the audit keeps of an entity.
fn told(entity: &LegalEntity) -> serde_json::Value {
    let LegalEntity { from_day, name, ein, address, sponsorship, signatory, deductible, .. } = entity;
    serde_json::json!({
        "from_day": from_day, "name": name, "ein": ein, "address": address, "sponsorship": sponsorship,
        "signatory": signatory, "deductible": deductible,
    })
}

fn page(draft: &Draft, csrf: &Csrf, entities: &[LegalEntity], today: Day) -> Page {
    let content = html! {
        (error_summary(draft))
        p.lead { "A receipt names the legal entity that takes the gift, which is not always the coalition itself: it may be a program of another. When that changes, add the new one with its first day; receipts of earlier gifts stay as they are." }
        @if entities.is_empty() { (empty("No legal entity is named yet, so no receipt can be issued. Add the one that takes gifts now.", None)) }
        @else { (table(entities, today)) }
        h2 { "Add a legal entity" }
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            (Field { kind: "date", width: "short", hint: Some("Gifts of this day and later are receipted by it."), ..field("from_day", "First day") }.input(draft))
            (Field { hint: Some("As it is registered with the IRS."), ..field("name", "Legal name") }.input(draft))
            (Field { width: "short", optional: true, hint: Some("Employer Identification Number, such as 12-3456789."), ..field("ein", "EIN") }.input(draft))
            (Field { hint: Some("As it stands on receipts."), ..field("address", "Address") }.textarea(draft, 4))
            (Field { optional: true, hint: Some("For a fiscal sponsor: “for the benefit of its program AMICC”."), ..field("sponsorship", "Sponsorship") }.input(draft))
            (Field { hint: Some("Such as “Ada Lovelace, Treasurer”."), ..field("signatory", "Who signs receipts") }.input(draft))
            (field("deductible", "Are gifts to it deductible for federal income tax?").radios(draft, &[
                ("yes", "Yes", Some("It is a public charity under section 501(c)(3).")),
                ("no", "No", Some("Receipts say so.")),
            ]))
            div.actions {
                button type="submit" { "Add" }
                a href="/staff/settings" { "Cancel" }
            }
        }
    };
    Page::staff("Legal entity", content).crumb("Settings", "/staff/settings")
}

fn table(entities: &[LegalEntity], today: Day) -> Markup {
    let current = receipts_by(entities, today).map(|entity| entity.id);
    html! {
        table {
            caption { "Who issues receipts, newest first" }
            thead { tr { th scope="col" { "Legal name" } th scope="col" { "From" } th scope="col" { "EIN" } th scope="col" { "Address" } th scope="col" { "Signed by" } th scope="col" { "Deductible" } } }
            tbody {
                @for entity in entities {
                    tr {
                        th scope="row" {
                            (entity.name)
                            @if let Some(sponsorship) = &entity.sponsorship { p.hint { (sponsorship) } }
                            @if current == Some(entity.id) { " " (crate::web::badge("current", "Now")) }
                        }
                        td data-label="From" { (day(entity.from_day)) }
                        td data-label="EIN" { (entity.ein.as_deref().unwrap_or("—")) }
                        td data-label="Address" { (entity.address) }
                        td data-label="Signed by" { (entity.signatory) }
                        td data-label="Deductible" { (if entity.deductible { "Yes" } else { "No" }) }
                    }
                }
            }
        }
    }
}
