//! What delegates are told about reaffirming.
use crate::{
    kernel::{Coalition, Day},
    mail::{Letter, letter},
    members::Organization,
};

pub(super) fn reminder(coalition: &Coalition, o: &Organization, to: &str, due: Day, today: Day, link: &str) -> Letter {
    let (subject, when) = if today > due {
        (
            format!("{}: the commitment waits to be reaffirmed", o.name),
            format!(
                "{} was to reaffirm its commitment to {} by {}, and we have not heard from you.",
                o.name,
                coalition.short_name,
                due.words()
            ),
        )
    } else {
        (
            format!("{}: reaffirm the commitment by {}", o.name, due.words()),
            format!("{} is asked to reaffirm its commitment to {} by {}.", o.name, coalition.short_name, due.words()),
        )
    };
    letter(subject)
        .line(format!("Dear {to},"))
        .line(when)
        .line("It takes about five minutes: look through the contacts, read the commitment and accept it. Membership costs nothing.")
        .link("Reaffirm the commitment", link)
        .small(format!("The link is for you as the delegate of {}. Whoever has it can answer for the organization, so pass it on to nobody.", o.name))
        .sign(&coalition.short_name)
}

pub(super) fn confirmed(coalition: &Coalition, o: &Organization, to: &str, on: Day, version: i64, next: Option<Day>) -> Letter {
    let mut words = letter(format!("{} reaffirmed its commitment", o.name)).line(format!("Dear {to},")).line(format!(
        "On {} you reaffirmed the commitment of {} to {}, in version {version} of its text. Thank you.",
        on.words(),
        o.name,
        coalition.name
    ));
    if let Some(next) = next {
        words = words.line(format!("The next time is {}. We write before.", next.words()));
    }
    words.line("If this surprises you, answer this mail.").sign(&coalition.short_name)
}
