//! What an organization reads when a contribution is asked for.
use super::Contribution;
use crate::{
    kernel::Coalition,
    mail::{Letter, letter},
    members::Organization,
};

pub(super) fn asked(coalition: &Coalition, o: &Organization, to: &str, c: &Contribution, portal: &str) -> Letter {
    let mut words = letter(format!("{}: contribution for {}", o.name, c.period))
        .line(format!("Dear {to},"))
        .line(format!(
            "{} asks {} for a contribution of {} for {}, by {}.",
            coalition.name,
            o.name,
            c.money(),
            c.period,
            c.due_day.words()
        ))
        .line("It is voluntary. Membership and standing do not depend on it.");
    if !c.note.is_empty() {
        words = words.line(c.note.clone());
    }
    words.link("Pay or take the invoice in the portal", portal).sign(&coalition.short_name)
}
