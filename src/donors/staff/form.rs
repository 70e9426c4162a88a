//! What staff type about a donor, for a new one and for one that is known. Giving updates a consent is the donor's own
//! act; staff may only write down that it was given or taken back. It refuses a death that has not happened.
use crate::{
    donors::{
        Donor, DonorKind,
        care::{Channel, More},
    },
    kernel::{Day, Email, text},
    web::{Draft, Field, field, tick},
};
use maud::{Markup, html};

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    kind: String,
    name: String,
    email: String,
    address: String,
    phone: String,
    greeting: String,
    deceased_on: String,
    no: Vec<String>,
    consent_updates: Option<String>,
    /// Which similar donors were shown before.
    pub(super) seen: String,
}

/// What was typed, once it is right.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) kind: DonorKind,
    pub(super) name: String,
    pub(super) email: Option<Email>,
    pub(super) address: Option<String>,
    pub(super) consent_updates: bool,
    pub(super) more: More,
}

/// What the audit keeps of a donor.
#[derive(serde::Serialize)]
pub(super) struct Details<'a> {
    kind: DonorKind,
    name: &'a str,
    email: Option<&'a str>,
    address: Option<&'a str>,
    consent_updates: bool,
    #[serde(flatten)]
    more: &'a More,
}

impl<'a> Details<'a> {
    pub(super) fn of(donor: &'a Donor, more: &'a More) -> Self {
        Self {
            kind: donor.kind,
            name: &donor.name,
            email: donor.email.as_ref().map(Email::as_str),
            address: donor.address.as_deref(),
            consent_updates: donor.consent_updates,
            more,
        }
    }
}

pub(super) fn draft_of(donor: &Donor, more: &More) -> Draft {
    let mut values = vec![
        ("kind", donor.kind.as_str().to_owned()),
        ("name", donor.name.clone()),
        ("email", donor.email.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("address", donor.address.clone().unwrap_or_default()),
        ("phone", more.phone.clone().unwrap_or_default()),
        ("greeting", more.greeting.clone().unwrap_or_default()),
        ("deceased_on", more.deceased_on.map(|day| day.to_string()).unwrap_or_default()),
    ];
    values.extend(more.refused().into_iter().map(|channel| ("no", channel.to_string())));
    if donor.consent_updates {
        values.push(("consent_updates", "yes".to_owned()));
    }
    Draft::of(values)
}

impl Typed {
    /// What was typed, or nothing and the draft that says why.
    pub(super) fn read(&self, today: Day) -> (Draft, Option<Told>) {
        let mut draft = Draft::of(self.no.iter().map(|channel| ("no", channel.clone())));
        let kind = draft.read::<DonorKind>("kind", &self.kind);
        let name = draft.text("name", &self.name, 200, "Enter the donor’s name");
        let email = draft.read_optional::<Email>("email", &self.email);
        let address = draft.optional_text("address", &self.address, 1_000);
        let phone = draft.optional_text("phone", &self.phone, 60);
        let greeting = draft.optional_text("greeting", &self.greeting, 200);
        let deceased_on = draft.read_optional::<Day>("deceased_on", &self.deceased_on);
        if deceased_on.flatten().is_some_and(|day| day > today) {
            draft.reject("deceased_on", "Enter a day that is not after today");
        }
        let refused: Vec<Channel> = self.no.iter().filter_map(|channel| channel.parse().ok()).collect();
        let consent_updates = self.consent_updates.is_some();
        if consent_updates {
            draft.keep("consent_updates", "yes");
        }
        let told = (|| {
            Some(Told {
                kind: kind?,
                name: text::line(&name?),
                email: email?,
                address: some(address?),
                consent_updates,
                more: More {
                    phone: some(text::line(&phone?)),
                    greeting: some(text::line(&greeting?)),
                    deceased_on: deceased_on?,
                    no_mail: refused.contains(&Channel::Mail),
                    no_email: refused.contains(&Channel::Email),
                    no_phone: refused.contains(&Channel::Phone),
                },
            })
        })();
        let right = draft.is_right();
        (draft, told.filter(|_| right))
    }
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

pub(super) fn fields(draft: &Draft) -> Markup {
    let kinds: Vec<_> = DonorKind::ALL.iter().map(|kind| (kind.as_str(), kind.label(), None)).collect();
    let channels: Vec<_> =
        Channel::ALL.iter().map(|channel| (channel.as_str(), format!("Not {}", channel.label()), None)).collect();
    let off = |name, label| Field { autocomplete: Some("off"), ..field(name, label) };
    html! {
        (field("kind", "This donor is").radios(draft, &kinds))
        (off("name", "Name").input(draft))
        (Field { kind: "email", inputmode: Some("email"), optional: true,
            hint: Some("Receipts and the link to change a recurring gift go here from now on."), ..off("email", "E-mail address") }.input(draft))
        (Field { kind: "tel", inputmode: Some("tel"), optional: true, width: "medium", ..off("phone", "Phone") }.input(draft))
        (Field { optional: true, hint: Some("As it stands on an envelope."), ..field("address", "Postal address") }.textarea(draft, 4))
        (Field { optional: true, hint: Some("As a letter begins: Dear Ada and Charles."), ..off("greeting", "Greeting") }.input(draft))
        (Field { optional: true, hint: Some("Receipts and what a donor asks for go on all the same. Not by e-mail: neither updates nor appeals are sent."), ..field("no", "Do not contact") }.checkboxes(draft, &channels))
        (tick("consent_updates", "Wants to get updates by mail", Some("Tick this only if the donor said so."), draft))
        (Field { kind: "date", width: "short", optional: true, hint: Some("From then on neither updates nor appeals are sent."), ..off("deceased_on", "Died on") }.input(draft))
    }
}
