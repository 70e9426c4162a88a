//! The questions themselves: what is asked, what was answered, and how an answer is read.
use super::{
    Application, DocumentKind,
    forms::{self, Condition},
    steps::Ground,
};
use crate::{
    kernel::{Day, text},
    members::{Commitment, ContactRole, NewContact, Track},
    web::{Draft, Field, asked_about, field, tick},
};
use maud::{Markup, html};
use std::collections::BTreeMap;

fn opt(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

/// What was answered before, as the form holds it.
pub(super) fn given(step: &str, a: &Application, ground: &Ground) -> Draft {
    let year = a.founded.map_or_else(String::new, |y| y.to_string());
    match step {
        "track" => Draft::of([("track", a.track.map_or_else(String::new, |t| t.to_string()))]),
        "organization" => Draft::of([
            ("name", opt(a.name.as_deref())),
            ("legal_name", opt(a.legal_name.as_deref())),
            ("ein", opt(a.ein.as_deref())),
            ("website", opt(a.website.as_deref())),
            ("city", opt(a.city.as_deref())),
            ("state", opt(a.state_code.as_deref())),
            ("founded", year),
            ("mission", opt(a.mission.as_deref())),
        ]),
        "category" => Draft::of([("category", a.category_id.map_or_else(String::new, |c| c.to_string()))]),
        "eligibility" => {
            let known = a.confirmed();
            let confirmed = ground.form.body.conditions.iter().filter(|c| known.contains(&c.name));
            Draft::of(confirmed.map(|condition| (condition.name.clone(), "yes")))
        }
        "commitment" => Draft::of([
            (
                "accepted",
                if a.committed_at.is_some() && !is_outdated(a, ground.commitment.as_ref()) { "yes" } else { "" }.to_owned(),
            ),
            ("kind", a.document_kind.map_or_else(String::new, |k| k.to_string())),
            ("signatory", opt(a.signatory.as_deref())),
            ("signatory_title", opt(a.signatory_title.as_deref())),
            ("day", a.document_day.map_or_else(String::new, |d| d.to_string())),
        ]),
        "contacts" => {
            let mut values = Vec::new();
            for role in ContactRole::ASKED {
                if let Some(person) = a.person(role) {
                    values.push((format!("{role}_name"), person.name));
                    values.push((format!("{role}_title"), person.title));
                    values.push((format!("{role}_email"), person.email.to_string()));
                    values.push((format!("{role}_phone"), person.phone.unwrap_or_default()));
                }
            }
            Draft::of(values)
        }
        _ => ground.form.page(step).map_or_else(Draft::default, |questions| forms::given(&questions, &a.answers())),
    }
}

/// Whether the text it accepted was followed by another.
pub(super) fn is_outdated(a: &Application, current: Option<&Commitment>) -> bool {
    current.is_some_and(|current| a.commitment_version != Some(current.version))
}

/// The fields of a question.
pub(super) fn fields(step: &str, draft: &Draft, ground: &Ground) -> Markup {
    match step {
        "track" => field("track", "Track").radios(
            draft,
            &[
                ("member", "As a member", Some("With a commitment in writing and an admission number.")),
                ("observer", "As an observer", Some("Following the work, without a number.")),
            ],
        ),
        "organization" => html! {
            (Field { autocomplete: Some("organization"), ..field("name", "Its full name") }.input(draft))
            (Field { optional: true, autocomplete: Some("off"), hint: Some("When it differs from the name."), ..field("legal_name", "Its legal name") }.input(draft))
            (Field { optional: true, width: "medium", inputmode: Some("numeric"), autocomplete: Some("off"), hint: Some("Nine digits, such as 12-3456789. It tells your organization from others of the same name."), ..field("ein", "EIN") }.input(draft))
            (Field { optional: true, inputmode: Some("url"), autocomplete: Some("url"), hint: Some("Such as www.example.org"), ..field("website", "Website") }.input(draft))
            (Field { width: "medium", autocomplete: Some("address-level2"), ..field("city", "City of its main office") }.input(draft))
            (Field { width: "short", autocomplete: Some("address-level1"), hint: Some("Two letters, such as MN"), ..field("state", "State") }.input(draft))
            (Field { optional: true, width: "short", inputmode: Some("numeric"), ..field("founded", "Year it was founded") }.input(draft))
            (Field { hint: Some("One or two sentences. They stand on its public page."), ..field("mission", "What it does") }.textarea(draft, 4))
        },
        "category" => {
            let options: Vec<_> = ground.categories.iter().map(|c| (c.id.to_string(), c.name.clone(), None)).collect();
            field("category", "Category").radios(draft, &options)
        }
        "eligibility" => html! {
            p {
                "Tick each condition that is met; membership needs all of them."
                @if !ground.coalition.contact_email.is_empty() { " When one is not, write to " (ground.coalition.contact_email) " before you go on: there may be a way." }
            }
            @for Condition { name, label, meaning } in &ground.form.body.conditions {
                @let hint = if name == "purpose" && meaning.is_empty() { &ground.coalition.tagline } else { meaning };
                (tick(name, label, Some(hint.as_str()).filter(|h| !h.is_empty()), draft))
            }
        },
        "commitment" => html! {
            @match &ground.commitment {
                Some(text) => {
                    div.prose { @for paragraph in text.body.split("\n\n") { p { (paragraph) } } p.hint { "Version " (text.version) } }
                    input type="hidden" name="version" value=(text.version);
                }
                None => p { "The organization supports the purpose of the coalition." },
            }
            (tick("accepted", "The organization makes this commitment", None, draft))
            @if ground.form.document {
            (field("kind", "It is conveyed by").radios(draft, &DocumentKind::ALL.iter().map(|k| (k.as_str(), k.label(), None)).collect::<Vec<_>>()))
            (Field { autocomplete: Some("off"), ..field("signatory", "Who signed it") }.input(draft))
            (Field { autocomplete: Some("off"), hint: Some("Such as President, or Chair of the Board"), ..field("signatory_title", "Their title") }.input(draft))
            (Field { kind: "date", width: "medium", ..field("day", "Its date") }.input(draft))
            }
        },
        "contacts" => html! {
            @for role in ContactRole::ASKED {
                @let must = role == ContactRole::Delegate;
                fieldset {
                    legend { (role.label()) @if !must { " (optional)" } }
                    p.hint { (what(role)) }
                    (Field { optional: !must, ..field(&format!("{role}_name"), "Name") }.input(draft))
                    (Field { optional: true, ..field(&format!("{role}_title"), "Title") }.input(draft))
                    (Field { optional: !must, kind: "email", inputmode: Some("email"), ..field(&format!("{role}_email"), "E-mail") }.input(draft))
                    (asked_about(&format!("{role}_email"), draft))
                    (Field { optional: true, kind: "tel", inputmode: Some("tel"), width: "medium", ..field(&format!("{role}_phone"), "Phone") }.input(draft))
                }
            }
        },
        _ => ground.form.page(step).map_or_else(|| html! {}, |questions| forms::fields(&questions, draft)),
    }
}

const fn what(role: ContactRole) -> &'static str {
    match role {
        ContactRole::Delegate => "Speaks for the organization and keeps its profile.",
        ContactRole::Alternate => "Stands in for the delegate.",
        ContactRole::Press => "Answers journalists.",
        ContactRole::Signatory => "May sign for the organization.",
        ContactRole::Billing => "Receives invoices and receipts.",
    }
}

/// Reads an answer into the application; what is wrong is said in the draft.
pub(super) fn read(step: &str, typed: &BTreeMap<String, Vec<String>>, draft: &mut Draft, a: &mut Application, ground: &Ground) {
    let one = |name: &str| typed.get(name).and_then(|v| v.first()).map(String::as_str).unwrap_or_default();
    match step {
        "track" => match one("track").parse::<Track>() {
            Ok(track) => {
                // The form is the one of the day it was begun with; another track has another form.
                if a.track != Some(track) || a.form_version.is_none() {
                    a.form_version = ground.latest.iter().find(|form| form.track == track).map(|form| form.version);
                }
                a.track = Some(track);
            }
            Err(_) => draft.reject("track", "Choose one of the two"),
        },
        "organization" => organization(&one, draft, a, ground.today),
        "category" => match ground.categories.iter().find(|c| c.id.to_string() == one("category")) {
            Some(category) => a.category_id = Some(category.id),
            None => draft.reject("category", "Choose the kind that fits best"),
        },
        "eligibility" => {
            for Condition { name, label, .. } in &ground.form.body.conditions {
                if one(name) != "yes" {
                    draft.reject(name, format!("Confirm: {}", label.to_lowercase()));
                }
            }
            a.confirm_conditions(&ground.form);
        }
        "commitment" => commitment(&one, draft, a, ground),
        "contacts" => {
            let people: Vec<_> = ContactRole::ASKED.into_iter().filter_map(|role| person(role, &one, draft)).collect();
            a.name_people(&people);
        }
        _ => {
            if let Some(questions) = ground.form.page(step) {
                let mut answers = a.answers();
                forms::read(&questions, typed, draft, &mut answers);
                a.answers = serde_json::to_string(&answers).ok();
            }
        }
    }
}

fn organization<'a>(one: &impl Fn(&str) -> &'a str, draft: &mut Draft, a: &mut Application, today: Day) {
    a.name = draft.text("name", &text::line(one("name")), 200, "Write the organization’s name");
    a.legal_name = draft.optional_text("legal_name", &text::line(one("legal_name")), 200).filter(|name| !name.is_empty());
    ein(one("ein"), draft, a);
    a.city = draft.text("city", &text::line(one("city")), 120, "Write the city of its main office");
    a.mission = draft.text("mission", &text::line(one("mission")), 600, "Write what it does, in a sentence");
    let state = text::line(one("state")).to_uppercase();
    if state.len() == 2 && state.bytes().all(|b| b.is_ascii_uppercase()) {
        a.state_code = Some(state);
    } else {
        draft.reject("state", "Write the state’s two letters, such as MN");
    }
    let website = text::line(one("website"));
    let website = if website.is_empty() || website.contains("://") { website } else { format!("https://{website}") };
    let is_address =
        website.starts_with("http") && url::Url::parse(&website).is_ok_and(|u| u.host_str().is_some_and(|h| h.contains('.')));
    if !website.is_empty() && !is_address {
        draft.reject("website", "Write the website’s address, such as https://www.example.org");
    }
    a.website = Some(website).filter(|w| !w.is_empty());
    a.founded = draft.read_optional::<i64>("founded", one("founded")).flatten();
    if a.founded.is_some_and(|year| !(1_500..=i64::from(today.year())).contains(&year)) {
        draft.reject("founded", format!("Write a year between 1500 and {}", today.year()));
    }
}

fn ein(typed: &str, draft: &mut Draft, a: &mut Application) {
    draft.keep("ein", typed);
    let digits: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    a.ein =
        (digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| format!("{}-{}", &digits[..2], &digits[2..]));
    if a.ein.is_none() && !digits.is_empty() {
        draft.reject("ein", "Enter nine digits, such as 12-3456789");
    }
}

fn commitment<'a>(one: &impl Fn(&str) -> &'a str, draft: &mut Draft, a: &mut Application, ground: &Ground) {
    let version = ground.commitment.as_ref().map(|c| c.version);
    if version.is_some_and(|version| version.to_string() != one("version")) {
        draft.keep("accepted", "");
        draft.reject("accepted", "This text is in force since you opened the page. Read it, and tick the box again");
    } else if one("accepted") != "yes" {
        draft.reject("accepted", "Tick the box when the organization makes the commitment");
    }
    if ground.form.document {
        paper(one, draft, a, ground.today);
    }
    let before = a.committed_at.filter(|_| a.commitment_version == version);
    a.commitment_version = version;
    a.committed_at = Some(before.unwrap_or(ground.now));
}

/// What the commitment document is.
fn paper<'a>(one: &impl Fn(&str) -> &'a str, draft: &mut Draft, a: &mut Application, today: Day) {
    match one("kind").parse::<DocumentKind>() {
        Ok(kind) => a.document_kind = Some(kind),
        Err(_) => draft.reject("kind", "Choose how the commitment is conveyed"),
    }
    a.signatory = draft.text("signatory", &text::line(one("signatory")), 120, "Write who signed it");
    a.signatory_title = draft.text("signatory_title", &text::line(one("signatory_title")), 120, "Write their title");
    a.document_day = draft.read::<Day>("day", one("day"));
    if a.document_day.is_some_and(|day| day > today) {
        draft.reject("day", "This day has not come yet; write the date on the document");
    }
}

/// Somebody named for a role; nobody when an optional role is left empty.
fn person<'a>(role: ContactRole, one: &impl Fn(&str) -> &'a str, draft: &mut Draft) -> Option<NewContact> {
    let names = [format!("{role}_name"), format!("{role}_title"), format!("{role}_email"), format!("{role}_phone")];
    let [name, title, email, phone] = names.each_ref().map(|n| text::line(one(n)));
    if role != ContactRole::Delegate && [&name, &title, &email, &phone].iter().all(|v| v.is_empty()) {
        return None;
    }
    let name = draft.text(&names[0], &name, 120, "Write a name");
    let email = draft.read_email(&names[2], &email, one(&format!("{role}_email_asked")));
    Some(NewContact { role, name: name?, title, email: email?, phone: Some(phone).filter(|p| !p.is_empty()) })
}
