//! Small pieces of page that more than one feature uses.
use super::Draft;
use crate::kernel::{Day, Money, Timestamp, Zone};
use maud::{Markup, html};
use std::fmt::Display;

/// The default mark: seats around an open table, the newest one nearest and in the warm colour.
/// Decorative; the name stands beside it.
pub fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 48 48" width="32" height="32" aria-hidden="true" focusable="false" {
            g fill="none" stroke="currentColor" stroke-width="10" {
                circle cx="24" cy="24" r="17" stroke-dasharray="13.352 4.451 13.352 4.451 13.352 4.451 13.352 4.451 13.352 22.253" transform="rotate(127.5 24 24)" {}
                circle.mark-new cx="24" cy="24" r="17" stroke-dasharray="13.352 93.462" transform="rotate(67.5 24 24)" {}
            }
        }
    }
}

/// How one field of a form is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub hint: Option<&'a str>,
    /// `text`, `email`, `date`, `password`, `search`, `tel`, `url`.
    pub kind: &'a str,
    pub autocomplete: Option<&'a str>,
    pub inputmode: Option<&'a str>,
    /// May be left empty; said in the label.
    pub optional: bool,
    /// Says how much is expected: `short`, `medium`, `long`.
    pub width: &'a str,
    /// Text before the box, such as `$`.
    pub prefix: Option<&'a str>,
}

/// A one-line field; set what differs with struct update: `Field { hint: …, ..field("name", "Your name") }`.
pub const fn field<'a>(name: &'a str, label: &'a str) -> Field<'a> {
    Field {
        name,
        label,
        hint: None,
        kind: "text",
        autocomplete: None,
        inputmode: None,
        optional: false,
        width: "long",
        prefix: None,
    }
}

impl Field<'_> {
    /// Label, hint, error and box, bound together for a screen reader.
    pub fn input(&self, draft: &Draft) -> Markup {
        let (described, wrong) = self.described(draft);
        html! {
            div.field data-state=[wrong.map(|_| "wrong")] {
                (self.label()) (self.hint()) (self.error(draft))
                span.box data-width=(self.width) {
                    @if let Some(prefix) = self.prefix { span.prefix aria-hidden="true" { (prefix) } }
                    input id=(self.name) name=(self.name) type=(self.kind) value=[(self.kind != "password").then(|| draft.value(self.name))]
                        autocomplete=[self.autocomplete] inputmode=[self.inputmode] aria-describedby=[described] aria-invalid=[wrong.map(|_| "true")]
                        required[!self.optional];
                }
            }
        }
    }

    /// A field of several lines.
    pub fn textarea(&self, draft: &Draft, rows: u8) -> Markup {
        let (described, wrong) = self.described(draft);
        html! {
            div.field data-state=[wrong.map(|_| "wrong")] {
                (self.label()) (self.hint()) (self.error(draft))
                textarea id=(self.name) name=(self.name) rows=(rows) autocomplete=[self.autocomplete] aria-describedby=[described]
                    aria-invalid=[wrong.map(|_| "true")] required[!self.optional] { (draft.value(self.name)) }
            }
        }
    }

    /// A choice from a list too long for radio buttons: `(value, label)`.
    pub fn select<V: AsRef<str>, L: AsRef<str>>(&self, draft: &Draft, options: &[(V, L)]) -> Markup {
        let (described, wrong) = self.described(draft);
        html! {
            div.field data-state=[wrong.map(|_| "wrong")] {
                (self.label()) (self.hint()) (self.error(draft))
                select id=(self.name) name=(self.name) autocomplete=[self.autocomplete] aria-describedby=[described] aria-invalid=[wrong.map(|_| "true")] {
                    @for (value, label) in options {
                        option value=(value.as_ref()) selected[draft.has(self.name, value.as_ref())] { (label.as_ref()) }
                    }
                }
            }
        }
    }

    /// One of a few answers: `(value, label, hint)`. The label of the field is the legend.
    pub fn radios<V: AsRef<str>, L: AsRef<str>>(&self, draft: &Draft, options: &[(V, L, Option<&str>)]) -> Markup {
        self.choices("radio", draft, options)
    }

    /// Any of a few answers.
    pub fn checkboxes<V: AsRef<str>, L: AsRef<str>>(&self, draft: &Draft, options: &[(V, L, Option<&str>)]) -> Markup {
        self.choices("checkbox", draft, options)
    }

    fn choices<V: AsRef<str>, L: AsRef<str>>(&self, kind: &str, draft: &Draft, options: &[(V, L, Option<&str>)]) -> Markup {
        let (described, wrong) = self.described(draft);
        html! {
            fieldset.field data-state=[wrong.map(|_| "wrong")] aria-describedby=[described] {
                legend { (self.label) @if self.optional { span.optional { " (optional)" } } }
                (self.hint()) (self.error(draft))
                div.choices {
                    @for (n, (value, label, hint)) in options.iter().enumerate() {
                        @let id = if n == 0 { self.name.to_owned() } else { format!("{}-{n}", self.name) };
                        @let hint_id = hint.map(|_| format!("{id}-hint"));
                        div.choice {
                            input id=(id) type=(kind) name=(self.name) value=(value.as_ref()) checked[draft.has(self.name, value.as_ref())] aria-describedby=[hint_id.as_deref()];
                            label for=(id) { (label.as_ref()) }
                            @if let (Some(hint), Some(hint_id)) = (hint, &hint_id) { p.hint id=(hint_id) { (hint) } }
                        }
                    }
                }
            }
        }
    }

    fn label(&self) -> Markup {
        html! { label for=(self.name) { (self.label) @if self.optional { span.optional { " (optional)" } } } }
    }

    fn hint(&self) -> Markup {
        html! { @if let Some(hint) = self.hint { p.hint id={ (self.name) "-hint" } { (hint) } } }
    }

    fn error(&self, draft: &Draft) -> Markup {
        html! { @if let Some(reason) = draft.error(self.name) { p.error id={ (self.name) "-error" } { span.visually-hidden { "Error: " } (reason) } } }
    }

    fn described<'d>(&self, draft: &'d Draft) -> (Option<String>, Option<&'d str>) {
        let wrong = draft.error(self.name);
        let parts: Vec<_> = [self.hint.map(|_| format!("{}-hint", self.name)), wrong.map(|_| format!("{}-error", self.name))]
            .into_iter()
            .flatten()
            .collect();
        ((!parts.is_empty()).then(|| parts.join(" ")), wrong)
    }
}

/// Beside the field of an e-mail address: which one its writer was asked about, see [`Draft::read_email`].
pub fn asked_about(name: &str, draft: &Draft) -> Markup {
    let asked = format!("{name}_asked");
    let email = draft.value(&asked);
    html! { @if !email.is_empty() { input type="hidden" name=(asked) value=(email); } }
}

/// One box to tick, with its own sentence.
pub fn tick(name: &str, label: &str, hint: Option<&str>, draft: &Draft) -> Markup {
    let wrong = draft.error(name);
    let described = hint.map(|_| format!("{name}-hint"));
    html! {
        div.field data-state=[wrong.map(|_| "wrong")] {
            @if let Some(reason) = wrong { p.error id={ (name) "-error" } { span.visually-hidden { "Error: " } (reason) } }
            div.choice {
                input id=(name) type="checkbox" name=(name) value="yes" checked[draft.has(name, "yes")] aria-describedby=[described.as_deref()] aria-invalid=[wrong.map(|_| "true")];
                label for=(name) { (label) }
                @if let (Some(hint), Some(id)) = (hint, &described) { p.hint id=(id) { (hint) } }
            }
        }
    }
}

/// What is wrong with a form, at its top, each line leading to its field. Empty when nothing is.
pub fn error_summary(draft: &Draft) -> Markup {
    html! {
        @if !draft.is_right() {
            div.error-summary role="alert" aria-labelledby="error-summary-title" tabindex="-1" {
                h2 #error-summary-title { "Something here needs your attention" }
                ul { @for (name, reason) in draft.errors() { li { a href={ "#" (name) } { (reason) } } } }
            }
        }
    }
}

/// A state as a small label, in the colour of its mood; hollow where the state is not begun or only waits.
pub fn badge(state: impl Display, label: impl Display) -> Markup {
    let state = state.to_string();
    let hollow = matches!(state.as_str(), "draft" | "pending" | "waiting" | "queued" | "invited");
    html! { span.badge data-mood=[mood(&state)] data-hollow[hollow] { (label) } }
}

/// The mood a state is shown in; `None` for one that is over and asks for nothing.
fn mood(state: &str) -> Option<&'static str> {
    Some(match state {
        "good" | "paid" | "succeeded" | "active" | "approved" | "current" | "published" | "sent" | "delivered" | "done"
        | "issued" | "member" | "in_good_standing" | "won" | "settled" | "launched" | "complete" | "repaired" => "good",
        "warn" | "pending" | "waiting" | "submitted" | "review" | "in_review" | "needs_information" | "past_due"
        | "suspended" | "queued" | "processing" | "open" | "incomplete" | "needs_response" | "under_review" => "warn",
        "bad" | "failed" | "dead" | "declined" | "disputed" | "lost" | "unreadable" | "void" => "bad",
        "info" | "draft" | "observer" | "new" | "running" | "captured" | "invited" => "info",
        _ => return None,
    })
}

/// `3 March 2026`, with its machine value.
pub fn day(day: Day) -> Markup {
    html! { time datetime=(day) { (day.words()) } }
}

/// A moment as the coalition's clocks show it.
pub fn moment(at: Timestamp, zone: &Zone) -> Markup {
    html! { time datetime=(at) { (zone.words(at)) } }
}

/// The day of a moment in the coalition's time zone.
pub fn day_of(at: Timestamp, zone: &Zone) -> Markup {
    html! { time datetime=(at) { (zone.day(at).words()) } }
}

pub fn money(money: Money) -> Markup {
    html! { span.money { (money) } }
}

/// What a list says when it is empty: what it will hold, and the one action that fills it.
pub fn empty(sentence: &str, action: Option<(&str, &str)>) -> Markup {
    html! {
        div.empty { p { (sentence) } @if let Some((label, href)) = action { p { a.button href=(href) { (label) } } } }
    }
}

/// Facts about one thing: `(term, value)`.
pub fn facts(rows: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (term, value) in rows { div { dt { (term) } dd { (value) } } } } }
}

/// One figure that opens to the rows behind it.
pub fn figure(label: &str, value: impl Display, href: Option<&str>, note: Option<Markup>) -> Markup {
    html! {
        div.figure {
            p.figure-label { (label) }
            p.figure-value { @if let Some(href) = href { a href=(href) { (value) } } @else { (value) } }
            @if let Some(note) = note { p.figure-note { (note) } }
        }
    }
}

/// A sentence that stands out: `good`, `warn`, `bad` or `info`.
pub fn notice(mood: &str, content: &Markup) -> Markup {
    html! { div.notice data-mood=(mood) { (content) } }
}
