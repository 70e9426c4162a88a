//! What the one who leaves the delegate's seat and the one who takes it are told.
use crate::{
    kernel::Coalition,
    mail::{Letter, letter},
    members::Organization,
};

pub(super) fn farewell(coalition: &Coalition, organization: &Organization, to: &str, successor: &str) -> Letter {
    letter(format!("{successor} is now the delegate of {}", organization.name))
        .line(format!("Dear {to},"))
        .line(format!("{successor} takes the delegate’s seat of {} at {} from today.", organization.name, coalition.short_name))
        .line("Thank you for your service. Mail to the delegate goes to your successor from now on. If this surprises you, answer this mail.")
        .sign(&coalition.short_name)
}

pub(super) fn appointed(coalition: &Coalition, organization: &Organization, to: &str, before: &str, page: &str) -> Letter {
    letter(format!("You are the delegate of {} at {}", organization.name, coalition.short_name))
        .line(format!("Dear {to},"))
        .line(format!(
            "You take the delegate’s seat of {} at {} from today, after {before}.",
            organization.name, coalition.short_name
        ))
        .line("The delegate speaks for the organization towards the coalition. What concerns its membership reaches you from now on. If this surprises you, answer this mail.")
        .link("See the organization’s page", page)
        .sign(&coalition.short_name)
}
