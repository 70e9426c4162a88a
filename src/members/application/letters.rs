//! What applicants are told by mail.
use super::Application;
use crate::{
    kernel::{Coalition, Day, text},
    mail::{Letter, letter},
    members::Organization,
};

pub(super) fn begun(coalition: &Coalition, link: &str, days: i64) -> Letter {
    letter(format!("Your application to {}", coalition.short_name))
        .line(format!("You began an application for an organization to join {}.", coalition.name))
        .line("Every answer is kept as soon as you give it. Use this link to go on, on any device:")
        .link("Go on with the application", link)
        .small(format!("The link works for {days} days. Whoever has it can change the application, so pass it on with care. If you did not begin it, nothing more happens."))
        .sign(&coalition.short_name)
}

pub(super) fn received(coalition: &Coalition, application: &Application, review: &str, link: &str) -> Letter {
    letter(format!("We have the application of {}", application.title()))
        .line(format!("The application of {} has arrived.", application.title()))
        .line(review)
        .link("See how far it is", link)
        .sign(&coalition.short_name)
}

pub(super) fn question(coalition: &Coalition, application: &Application, message: &str, link: &str) -> Letter {
    letter(format!("A question about the application of {}", application.title()))
        .line(format!("We are looking at the application of {} and need something from you:", application.title()))
        .line(message)
        .line("Change what is needed and send it again. It keeps its place.")
        .link("Open the application", link)
        .sign(&coalition.short_name)
}

pub(super) fn draft_rests(coalition: &Coalition, application: &Application, changed: &str, link: &str) -> Letter {
    letter(format!("Your application to {} is not sent yet", coalition.short_name))
        .line(format!("The application of {} rests since {changed}. Every answer is kept.", application.title()))
        .line("Use this link to go on where you stopped, or to withdraw it:")
        .link("Go on with the application", link)
        .small("If you do not want to apply, you need to do nothing.")
        .sign(&coalition.short_name)
}

pub(super) fn question_waits(coalition: &Coalition, application: &Application, message: &str, link: &str) -> Letter {
    letter(format!("We still need something for the application of {}", application.title()))
        .line("We asked you, and have no answer yet:")
        .line(message)
        .line("Change what is needed and send it again. It keeps its place.")
        .link("Open the application", link)
        .sign(&coalition.short_name)
}

pub(super) fn deferred(coalition: &Coalition, application: &Application, to: Day, reason: &str, link: &str) -> Letter {
    letter(format!("The application of {} is decided later", application.title()))
        .line(format!(
            "The application of {} was not decided yet. It is looked at again in the review on {}.",
            application.title(),
            to.words()
        ))
        .line(reason)
        .line("You need to do nothing until then.")
        .link("See how far it is", link)
        .sign(&coalition.short_name)
}

pub(super) fn welcome(coalition: &Coalition, organization: &Organization, page: &str) -> Letter {
    let what = match organization.admission_number {
        Some(number) => format!(
            "{} joins {} as its {} {}.",
            organization.name,
            coalition.short_name,
            text::ordinal(number),
            coalition.member_word
        ),
        None => format!("{} joins {} as an observer.", organization.name, coalition.short_name),
    };
    letter(format!("Welcome to {}", coalition.short_name))
        .line(what)
        .line("Its page on the roll is public from now on. Your delegate hears from the secretariat about the next steps; write to us when a contact changes.")
        .link("See its page", page)
        .small(format!("You receive this because you applied for {} or are named as one of its contacts.", organization.name))
        .sign(&coalition.short_name)
}

pub(super) fn declined(coalition: &Coalition, application: &Application, reason: &str) -> Letter {
    letter(format!("The application of {}", application.title()))
        .line(format!("We have looked at the application of {} with care and can’t approve it.", application.title()))
        .line(reason)
        .line("You may apply again when this has changed.")
        .sign(&coalition.short_name)
}
