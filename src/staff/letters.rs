//! What staff are mailed: links to a password, and word of a change they may not have made.
use super::{Account, Role};
use crate::{
    kernel::{Coalition, Timestamp},
    mail::{self, Letter},
};

/// Somebody is asked to join the staff.
pub(super) fn invitation(name: &str, role: Role, by: &str, link: &str, until: Timestamp, coalition: &Coalition) -> Letter {
    mail::letter(format!("Your account at {}", coalition.short_name))
        .line(format!("Dear {name},"))
        .line(format!("{by} has made an account for you at {}. Your role is: {}.", coalition.name, role.label().to_lowercase()))
        .line("Choose a password, and you are signed in.")
        .link("Choose a password", link)
        .small(format!("The link works once, until {}. If you did not expect this, do nothing.", coalition.zone().words(until)))
        .sign(&coalition.short_name)
}

/// The link that was asked for.
pub(super) fn reset(staff: &Account, link: &str, until: Timestamp, coalition: &Coalition) -> Letter {
    mail::letter("Choose a new password")
        .line(format!("Dear {},", staff.name))
        .line("Somebody, probably you, asked for a new password for your account.")
        .link("Choose a new password", link)
        .small(format!(
            "The link works once, until {}. If you did not ask for it, do nothing: your password stays as it is.",
            coalition.zone().words(until)
        ))
        .sign(&coalition.short_name)
}

/// A password was changed; said to its owner, who may not have done it.
pub(super) fn password_changed(staff: &Account, at: Timestamp, forgotten: &str, coalition: &Coalition) -> Letter {
    mail::letter("Your password was changed")
        .line(format!("Dear {},", staff.name))
        .line(format!("The password of your account was changed on {}.", coalition.zone().words(at)))
        .line("If that was you, there is nothing to do. If it was not, choose a new password at once and tell an administrator.")
        .link("Choose a new password", forgotten)
        .sign(&coalition.short_name)
}
