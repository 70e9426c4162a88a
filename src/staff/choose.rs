//! The two fields in which a password is chosen.
use super::password::{HINT, Password};
use crate::{
    kernel::Email,
    web::{Draft, Field, field},
};
use maud::{Markup, html};

/// The account's address, which password managers look for before the first password of a form.
pub(super) fn account(email: &Email) -> Markup {
    html! { input.visually-hidden type="text" name="username" value=(email) autocomplete="username" readonly tabindex="-1" aria-hidden="true"; }
}

pub(super) fn fields(draft: &Draft) -> Markup {
    html! {
        (Field { kind: "password", hint: Some(HINT), autocomplete: Some("new-password"), ..field("password", "New password") }.input(draft))
        (Field { kind: "password", autocomplete: Some("new-password"), ..field("repeated", "New password again") }.input(draft))
    }
}

/// Judges what was typed into them.
pub(super) fn read(draft: &mut Draft, typed: &str, repeated: &str, email: &Email) -> Option<Password> {
    match Password::choose(typed, email) {
        Err(weak) => {
            draft.reject("password", weak.to_string());
            None
        }
        Ok(_) if typed != repeated => {
            draft.reject("repeated", "Type the same password twice");
            None
        }
        Ok(password) => Some(password),
    }
}
