//! Who the coalition is: its names, where to reach it, how it counts days and years.
use crate::{
    app::App,
    audit, gifts,
    kernel::{Coalition, Day, Email, Zone},
    settings::{self, Setting},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying},
};
use axum::{extract::State, response::Response};
use maud::html;

const PATH: &str = "/staff/settings/coalition";

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    short_name: String,
    tagline: String,
    mission: String,
    contact_email: String,
    address: String,
    member_word: String,
    time_zone: String,
    fiscal_year_month: String,
}

impl Typed {
    /// The coalition as typed; what the form does not ask stays as it is.
    fn read(&self, now: &Coalition) -> Result<Coalition, Draft> {
        let mut draft = Draft::default();
        let name = draft.text("name", &self.name, 200, "Enter the coalition’s name");
        let short_name = draft.text("short_name", &self.short_name, 40, "Enter the short name, or the name again");
        let tagline = draft.optional_text("tagline", &self.tagline, 200);
        let mission = draft.optional_text("mission", &self.mission, 1_000);
        let contact_email = draft.read_optional::<Email>("contact_email", &self.contact_email);
        let address = draft.optional_text("address", &self.address, 500);
        let member_word = draft.text("member_word", &self.member_word, 60, "Enter what a member is called, such as member");
        draft.keep("time_zone", &self.time_zone);
        if let Err(reason) = Zone::named(self.time_zone.trim()) {
            draft.reject("time_zone", reason);
        }
        draft.keep("fiscal_year_month", &self.fiscal_year_month);
        let fiscal_year_month = self.fiscal_year_month.trim().parse().ok().filter(|m| (1..=12).contains(m));
        if fiscal_year_month.is_none() {
            draft.reject("fiscal_year_month", "Choose the month the fiscal year begins with");
        }
        let typed = (|| {
            Some(Coalition {
                name: name?,
                short_name: short_name?,
                tagline: tagline?,
                mission: mission?,
                contact_email: contact_email?.map(|e| e.to_string()).unwrap_or_default(),
                address: address?,
                member_word: member_word?,
                time_zone: self.time_zone.trim().to_owned(),
                fiscal_year_month: fiscal_year_month?,
                ..now.clone()
            })
        })();
        match typed {
            Some(coalition) if draft.is_right() => Ok(coalition),
            _ => Err(draft),
        }
    }
}

pub(super) async fn open(State(app): State<App>, staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_administer()?;
    let now = app.coalition.get();
    let month = now.fiscal_year_month.to_string();
    let draft = Draft::of([
        ("name", &now.name),
        ("short_name", &now.short_name),
        ("tagline", &now.tagline),
        ("mission", &now.mission),
        ("contact_email", &now.contact_email),
        ("address", &now.address),
        ("member_word", &now.member_word),
        ("time_zone", &now.time_zone),
        ("fiscal_year_month", &month),
    ]);
    Ok(page(&draft, &csrf))
}

pub(super) async fn save(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_administer()?;
    let before = app.coalition.get();
    let after = typed.read(&before).map_err(|draft| Draft::refuse(page(&draft, &csrf)))?;
    if after != *before {
        let now = app.clock.now();
        let mut tx = app.db.write().await?;
        settings::set(&mut tx, &after, now).await?;
        if after.fiscal_year_month != before.fiscal_year_month {
            gifts::rebuild_donor_totals(&mut tx).await?;
        }
        audit::record(&mut tx, &staff.actor(), "change", ("setting", Coalition::KEY), Some(&*before), Some(&after), now).await?;
        // Before the commit: a page that is rendered after it, and kept, shows the new name.
        app.coalition.set(after);
        tx.commit().await.inspect_err(|_| app.coalition.set((*before).clone()))?;
    }
    Ok(redirect_saying("/staff/settings", Mood::Good, "The coalition’s settings are saved. Visitors see them at once."))
}

fn page(draft: &Draft, csrf: &Csrf) -> Page {
    let months: Vec<_> =
        (1..=12).filter_map(|month| Some((month.to_string(), Day::new(2000, month, 1)?.month().name()))).collect();
    let content = html! {
        (error_summary(draft))
        form method="post" action=(PATH) novalidate {
            (csrf.field())
            (Field { autocomplete: Some("organization"), ..field("name", "Name in full") }.input(draft))
            (Field { hint: Some("As people say it. It stands beside the mark on every page."), width: "medium", ..field("short_name", "Short name") }.input(draft))
            (Field { hint: Some("One line under the name."), optional: true, ..field("tagline", "Tagline") }.input(draft))
            (Field { hint: Some("One or two sentences for the home page."), optional: true, ..field("mission", "Mission") }.textarea(draft, 3))
            (Field { kind: "email", inputmode: Some("email"), hint: Some("Where visitors write to, and where answers to our mail go."), optional: true, ..field("contact_email", "Contact e-mail") }.input(draft))
            (Field { hint: Some("Where letters reach the secretariat."), optional: true, ..field("address", "Postal address") }.textarea(draft, 4))
            (Field { hint: Some("As in “joins as its 40th …”."), width: "medium", ..field("member_word", "What a member is called") }.input(draft))
            (Field { hint: Some("Decides when a day begins, in lists, receipts and reports. Such as America/New_York."), width: "medium", ..field("time_zone", "Time zone") }.input(draft))
            (field("fiscal_year_month", "The fiscal year begins in").select(draft, &months))
            div.actions {
                button type="submit" { "Save" }
                a href="/staff/settings" { "Cancel" }
            }
        }
    };
    Page::staff("Coalition", content).crumb("Settings", "/staff/settings")
}
