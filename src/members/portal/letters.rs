//! What delegates are mailed about the portal and about what they asked to have changed.
use crate::{
    kernel::Coalition,
    mail::{Letter, letter},
    members::Organization,
};

pub(super) fn link(coalition: &Coalition, to: &str, ways: &[(Organization, String)], minutes: i64) -> Letter {
    let mut words =
        letter(format!("Your link to the portal of {}", coalition.short_name)).line(format!("Dear {to},")).line(format!(
            "This opens the portal of {}. It works for {minutes} minutes, in the browser that opens it first.",
            coalition.name
        ));
    for (o, address) in ways {
        words = words.link(format!("Open the portal of {}", o.name), address);
    }
    words
        .small("Whoever has the link can act for the organization, so pass it on to nobody. If you did not ask for it, do nothing: it runs out by itself.")
        .sign(&coalition.short_name)
}

/// To the secretariat: somebody asks for a change.
pub(super) fn asked(
    coalition: &Coalition,
    o: &Organization,
    who: &str,
    what: &str,
    rows: &[(String, String)],
    page: &str,
) -> Letter {
    letter(format!("{}: a change waits for an answer", o.name))
        .line(format!("{who}, the delegate of {}, asks to change {what}.", o.name))
        .facts(rows.to_vec())
        .link("Compare and answer", page)
        .sign(&coalition.short_name)
}

/// To the delegate: what was asked for has arrived.
pub(super) fn arrived(coalition: &Coalition, o: &Organization, to: &str, what: &str, rows: &[(String, String)]) -> Letter {
    letter(format!("{}: your change waits for the secretariat", o.name))
        .line(format!("Dear {to},"))
        .line(format!("You asked to change {what} of {}. The secretariat looks at it and answers by mail.", o.name))
        .facts(rows.to_vec())
        .line("If this surprises you, answer this mail.")
        .sign(&coalition.short_name)
}

/// To the delegate: what was asked for is done, or why it is not.
pub(super) fn decided(
    coalition: &Coalition,
    o: &Organization,
    to: &str,
    what: &str,
    answer: Result<(), &str>,
    rows: &[(String, String)],
) -> Letter {
    let (subject, line) = match answer {
        Ok(()) => (format!("{}: your change is made", o.name), format!("You asked to change {what} of {}. It is done.", o.name)),
        Err(why) => (
            format!("{}: your change was not made", o.name),
            format!("You asked to change {what} of {}. The secretariat did not make this change: {why}", o.name),
        ),
    };
    letter(subject)
        .line(format!("Dear {to},"))
        .line(line)
        .facts(rows.to_vec())
        .line("Answer this mail if something is unclear.")
        .sign(&coalition.short_name)
}
