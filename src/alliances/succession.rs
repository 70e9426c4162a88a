//! Handing over, as one act: the leader's term ends, the successor's begins, the workspace goes with it,
//! and both are told. Shown whole before it is done.
use super::{AllianceId, Overview, Part, Term, TermId, account, form, letters, queries, terms};
use crate::{
    app::App,
    kernel::{Day, Email, text},
    mail::{self, Class},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, day, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/alliances/{id}/succession", get(ask).post(hand_over))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    term: String,
    name: String,
    title: String,
    email: String,
    /// The preview was seen.
    seen: String,
}

fn page(of: &Overview, today: Day, csrf: &Csrf, draft: &Draft) -> Page {
    let base = form::base(of.alliance.id);
    let leaders: Vec<_> = of.leaders(today).iter().map(|t| (t.id.to_string(), t.who(), None)).collect();
    let content = html! {
        (error_summary(draft))
        @if leaders.is_empty() {
            p { "Nobody leads the alliance now, so there is nobody to hand over. " a href={ (base) "/terms/new" } { "Name a leader" } }
        } @else {
            p { "The term of one leader ends today and the successor’s begins. You see what will happen before it does." }
            form method="post" action={ (base) "/succession" } {
                (csrf.field())
                (field("term", "Who hands over").radios(draft, &leaders))
                (Field { autocomplete: Some("off"), ..field("name", "Name of the successor") }.input(draft))
                (Field { optional: true, autocomplete: Some("off"), ..field("title", "Title") }.input(draft))
                (Field { kind: "email", inputmode: Some("email"), autocomplete: Some("off"), hint: Some("The invitation to the alliance’s workspace goes there."), ..field("email", "E-mail address") }.input(draft))
                p.actions { button type="submit" { "See what will happen" } a href=(base) { "Cancel" } }
            }
        }
    };
    form::page(&of.alliance, "Hand over to a successor", content)
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<AllianceId>) -> Result<Page, Error> {
    staff.may_admit()?;
    let today = form::today(&app);
    let of = form::find(&app, &mut app.db.read().await?, id).await?;
    let first = of.leaders(today).first().map_or_else(String::new, |t| t.id.to_string());
    Ok(page(&of, today, &csrf, &Draft::of([("term", first)])))
}

/// The two terms, once all that was typed is right.
fn read(draft: &mut Draft, typed: &Typed, of: &Overview, today: Day) -> Option<(Term, Term)> {
    let chosen = draft.read_optional::<TermId>("term", &typed.term).flatten();
    let old = of.leaders(today).into_iter().find(|t| Some(t.id) == chosen).cloned();
    if old.is_none() {
        draft.reject("term", "Choose who hands over; the term must run today");
    }
    let name = draft.text("name", &text::line(&typed.name), 120, "Write the successor’s name");
    let title = draft.optional_text("title", &text::line(&typed.title), 160);
    let email = draft.read::<Email>("email", &typed.email);
    let (old, name, title, email) = (old?, name?, title?, email?);
    let new = Term {
        id: TermId::new(),
        alliance_id: of.alliance.id,
        part: Part::Leader,
        name,
        title,
        email: Some(email),
        founder: false,
        from_day: today,
        to_day: None,
        staff_id: None,
    };
    if let Some(other) = terms::overlap(of, &new) {
        let part = other.part.label().to_lowercase();
        let what = if other.id == old.id {
            "hands over and can’t be the successor".to_owned()
        } else {
            format!("has a running term as {part}; end it first")
        };
        draft.reject("name", format!("{} {what}", other.name));
    }
    draft.is_right().then_some((old, new))
}

fn preview(of: &Overview, old: &Term, new: &Term, today: Day, csrf: &Csrf) -> Page {
    let base = form::base(of.alliance.id);
    let content = html! {
        ul {
            li { "The term of " strong { (old.name) } ", which began on " (day(old.from_day)) ", ends on " (day(today)) " and stays on record." }
            li { "The term of " strong { (new.name) } " begins on " (day(today)) "." }
            @if old.staff_id.is_some() { li { "The account of " (old.name) " no longer opens " (of.alliance.name) "; when it opens no other alliance, it is closed and signed out." } }
            li { (new.name) " gets the workspace of " (of.alliance.name) ", with an invitation to choose a password when there is no account yet." }
            li { @if let Some(email) = &old.email { "Both are told by mail: " (email) " and " } @else { (old.name) " has no address on record and is not mailed. The successor is told: " }
                 @if let Some(email) = &new.email { (email) } "." }
        }
        form method="post" action={ (base) "/succession" } {
            (csrf.field())
            input type="hidden" name="term" value=(old.id);
            input type="hidden" name="name" value=(new.name);
            input type="hidden" name="title" value=(new.title);
            input type="hidden" name="email" value=[new.email.as_ref()];
            input type="hidden" name="seen" value="yes";
            p.actions { button type="submit" { "Hand over to " (new.name) } a href={ (base) "/succession" } { "Back" } }
        }
    };
    form::page(&of.alliance, format!("Hand over from {} to {}?", old.name, new.name), content)
}

async fn hand_over(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<AllianceId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let (today, now, coalition) = (form::today(&app), app.clock.now(), app.coalition.get());
    let mut tx = app.db.write().await?;
    queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let of = form::find(&app, &mut tx, id).await?;
    let mut draft = Draft::default();
    let Some((old, new)) = read(&mut draft, &typed, &of, today) else {
        return Err(Draft::refuse(page(&of, today, &csrf, &draft)));
    };
    if typed.seen != "yes" {
        return Ok(preview(&of, &old, &new, today, &csrf).into_response());
    }
    if !queries::end_term(&mut tx, old.id, today).await? {
        return Err(Error::Conflict("This term was changed at the same moment. Look at the alliance again.".to_owned()));
    }
    queries::add_term(&mut tx, &new).await?;
    if let Err(why) = account::open_for(&mut tx, &app, &staff, &new).await? {
        draft.reject("email", why);
        return Err(Draft::refuse(page(&of, today, &csrf, &draft)));
    }
    account::close_unneeded(&mut tx, &app, &staff, old.staff_id).await?;
    let record = ("alliance", &*id.to_string());
    if let Some(email) = &old.email {
        let letter = letters::handed_over(&coalition, &of.alliance, &old, &new);
        mail::send(&mut tx, email, Class::MembershipService, record, &letter, now).await?;
    }
    if let Some(email) = &new.email {
        let letter = letters::took_over(&coalition, &of.alliance, &old, &new, &app.url("/leader"));
        mail::send(&mut tx, email, Class::MembershipService, record, &letter, now).await?;
    }
    let (before, after) = (terms::Record::of(&old), terms::Record::of(&new));
    form::note(&mut tx, &app, &staff, "hand_over", id, Some(&before), Some(&after)).await?;
    tx.commit().await?;
    app.bell.notify_one();
    Ok(redirect_saying(form::base(id), Mood::Good, format!("{} leads {} now. Both are told.", new.name, of.alliance.name)))
}
