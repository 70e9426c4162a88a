//! What leaders, rosters and those who ask are told by mail.
use super::{Alliance, Term, queries::Request};
use crate::{
    kernel::Coalition,
    mail::{Letter, letter},
};

pub(super) fn handed_over(coalition: &Coalition, alliance: &Alliance, old: &Term, new: &Term) -> Letter {
    letter(format!("{} is in other hands", alliance.name))
        .line(format!("Dear {},", old.name))
        .line(format!("From today {} leads {}. Thank you for all you did as its leader.", new.name, alliance.name))
        .line("What you recorded stays with the alliance. Your access to its pages has ended.")
        .sign(&coalition.short_name)
}

pub(super) fn took_over(coalition: &Coalition, alliance: &Alliance, old: &Term, new: &Term, workspace: &str) -> Letter {
    letter(format!("You lead {}", alliance.name))
        .line(format!("Dear {},", new.name))
        .line(format!("From today you lead {}; {} has handed it over to you.", alliance.name, old.name))
        .line("You keep its roster and activities and write to its roster in its workspace. If this is your first account with us, another mail brings the link with which you choose a password.")
        .link("Open the workspace", workspace)
        .sign(&coalition.short_name)
}

pub(super) fn to_roster(coalition: &Coalition, alliance: &Alliance, subject: &str, body: &str, by: &str) -> Letter {
    let mut draft = letter(subject);
    for paragraph in body.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
        draft = draft.line(paragraph);
    }
    draft
        .line(by)
        .small(format!("You get this because you stand on the roster of {}. Write to its leader to be taken off.", alliance.name))
        .sign(&format!("{}, {}", alliance.name, coalition.short_name))
}

/// To whoever answers: the leader, or the secretariat.
pub(super) fn asked(coalition: &Coalition, request: &Request, alliance: Option<&Alliance>, page: &str) -> Letter {
    let what = alliance.map_or_else(|| "start an alliance".to_owned(), |a| format!("join {}", a.name));
    letter(format!("{} would like to {what}", request.name))
        .line(format!("{} of {}, {} would like to {what}.", request.name, request.city, request.state_code))
        .line(if request.message.is_empty() { "No message was added.".to_owned() } else { request.message.clone() })
        .link("Read and answer", page)
        .sign(&coalition.short_name)
}

/// To whoever asked, at once.
pub(super) fn received(coalition: &Coalition, request: &Request, alliance: Option<&Alliance>) -> Letter {
    let (what, who) = alliance.map_or_else(
        || ("start an alliance".to_owned(), format!("The secretariat of {}", coalition.short_name)),
        |a| (format!("join {}", a.name), "Its leader".to_owned()),
    );
    letter(format!("We have your request to {what}"))
        .line(format!("Dear {},", request.name))
        .line(format!("Your request to {what} has arrived. {who} reads it and answers by mail to this address."))
        .small("If you did not send it, do nothing.")
        .sign(&coalition.short_name)
}

pub(super) fn answered(
    coalition: &Coalition,
    request: &Request,
    alliance: Option<&Alliance>,
    answer: &str,
    welcome: bool,
) -> Letter {
    let name = alliance.map_or("your idea of an alliance", |a| a.name.as_str());
    let mut draft = letter(if welcome { format!("Welcome to {name}") } else { format!("About {name}") })
        .line(format!("Dear {},", request.name));
    if welcome {
        draft = draft.line(format!("You are on the roster of {name} now."));
    }
    for paragraph in answer.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
        draft = draft.line(paragraph);
    }
    draft.sign(&alliance.map_or_else(|| coalition.short_name.clone(), |a| format!("{}, {}", a.name, coalition.short_name)))
}
