//! Terms of leaders and deputies: begun, corrected, ended. An ended one stays on record.
//!
//! Refuses two terms of the same person that overlap: the same address, or the same name where an address
//! is missing.
use super::{AllianceId, Overview, Part, Term, TermId, account, form, queries};
use crate::{
    app::App,
    kernel::{Day, Email, text},
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, error_summary, field, redirect_saying, tick},
};
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/alliances/{id}/terms/new", get(ask).post(begin))
        .route("/staff/alliances/{id}/terms/{term}", get(ask_change).post(change))
        .route("/staff/alliances/{id}/terms/{term}/end", get(ask_end).post(end))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    part: String,
    name: String,
    title: String,
    email: String,
    founder: String,
    from: String,
    to: String,
}

/// A term as the audit keeps it.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    part: Part,
    name: &'a str,
    title: &'a str,
    email: Option<&'a Email>,
    founder: bool,
    from: Day,
    to: Option<Day>,
}

impl<'a> Record<'a> {
    pub(super) fn of(term: &'a Term) -> Self {
        let Term { part, name, title, email, founder, from_day, to_day, .. } = term;
        Self { part: *part, name, title, email: email.as_ref(), founder: *founder, from: *from_day, to: *to_day }
    }
}

/// A term of the same person that this one would overlap.
pub(super) fn overlap<'a>(of: &'a Overview, new: &Term) -> Option<&'a Term> {
    let same = |term: &&Term| match (&term.email, &new.email) {
        (Some(a), Some(b)) => a == b,
        _ => text::fold(&term.name) == text::fold(&new.name),
    };
    let meets = |term: &&Term| term.to_day.is_none_or(|to| to > new.from_day) && new.to_day.is_none_or(|to| to > term.from_day);
    of.terms.iter().filter(|term| term.id != new.id).filter(same).find(meets)
}

fn read(draft: &mut Draft, typed: &Typed, of: &Overview, id: TermId) -> Option<Term> {
    let part = draft.read::<Part>("part", &typed.part);
    let name = draft.text("name", &text::line(&typed.name), 120, "Write the person’s name");
    let title = draft.optional_text("title", &text::line(&typed.title), 160);
    let email = draft.read_optional::<Email>("email", &typed.email);
    draft.keep("founder", &typed.founder);
    let from = draft.read::<Day>("from", &typed.from);
    let to = draft.read_optional::<Day>("to", &typed.to);
    let (Some(from), Some(to)) = (from, to) else { return None };
    if to.is_some_and(|to| to < from) {
        draft.reject("to", "A term ends after it began");
    }
    let term = Term {
        id,
        alliance_id: of.alliance.id,
        part: part?,
        name: name?,
        title: title?,
        email: email?,
        founder: typed.founder == "yes",
        from_day: from,
        to_day: to,
        staff_id: None,
    };
    if let Some(other) = overlap(of, &term) {
        let until = other.to_day.map_or_else(|| "without an end".to_owned(), |to| format!("until {}", to.words()));
        let part = other.part.label().to_lowercase();
        draft.reject(
            "from",
            format!("{} has a term as {part} from {} {until}; the two would overlap", other.name, other.from_day.words()),
        );
    }
    draft.is_right().then_some(term)
}

fn fields(draft: &Draft) -> Markup {
    let parts: Vec<_> = Part::ALL.iter().map(|p| (p.as_str(), p.label(), None)).collect();
    html! {
        (field("part", "As what").radios(draft, &parts))
        (Field { autocomplete: Some("off"), ..field("name", "Name") }.input(draft))
        (Field { optional: true, hint: Some("What they do elsewhere: Executive Director, World Without Genocide"), autocomplete: Some("off"), ..field("title", "Title") }.input(draft))
        (Field { optional: true, kind: "email", inputmode: Some("email"), autocomplete: Some("off"), hint: Some("Needed for an account, and for word of requests."), ..field("email", "E-mail address") }.input(draft))
        (tick("founder", "Founded the alliance", None, draft))
        (form::date("from", "From which day").input(draft))
        (Field { optional: true, hint: Some("The day the term ends, when one is agreed."), ..form::date("to", "Until") }.input(draft))
    }
}

fn page(of: &Overview, title: &str, action: &str, button: &str, csrf: &Csrf, draft: &Draft) -> Page {
    let base = form::base(of.alliance.id);
    let content = html! {
        (error_summary(draft))
        form method="post" action=(action) {
            (csrf.field())
            (fields(draft))
            p.actions { button type="submit" { (button) } a href=(base) { "Cancel" } }
        }
    };
    form::page(&of.alliance, title, content)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct For {
    part: String,
}

async fn ask(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<AllianceId>,
    Query(wanted): Query<For>,
) -> Result<Page, Error> {
    staff.may_admit()?;
    let of = form::find(&app, &mut app.db.read().await?, id).await?;
    let part = wanted.part.parse().unwrap_or(Part::Leader);
    let draft = Draft::of([("part", part.as_str().to_owned()), ("from", form::today(&app).to_string())]);
    Ok(new_page(&of, &csrf, &draft))
}

fn new_page(of: &Overview, csrf: &Csrf, draft: &Draft) -> Page {
    page(of, "Name a leader or deputy", &format!("{}/terms/new", form::base(of.alliance.id)), "Begin the term", csrf, draft)
}

async fn begin(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<AllianceId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let of = form::find(&app, &mut tx, id).await?;
    let mut draft = Draft::default();
    let Some(term) = read(&mut draft, &typed, &of, TermId::new()) else {
        return Err(Draft::refuse(new_page(&of, &csrf, &draft)));
    };
    queries::add_term(&mut tx, &term).await?;
    form::note(&mut tx, &app, &staff, "begin_term", id, None, Some(&Record::of(&term))).await?;
    tx.commit().await?;
    Ok(redirect_saying(form::base(id), Mood::Good, format!("The term of {} is on record.", term.name)))
}

fn change_page(of: &Overview, term: &Term, csrf: &Csrf, draft: &Draft) -> Page {
    let action = format!("{}/terms/{}", form::base(of.alliance.id), term.id);
    page(of, &format!("Correct the term of {}", term.name), &action, "Save", csrf, draft)
}

async fn ask_change(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((id, term)): Path<(AllianceId, TermId)>,
) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let of = form::find(&app, &mut tx, id).await?;
    let term = queries::term(&mut tx, id, term).await?.ok_or(Error::NotFound)?;
    let draft = Draft::of([
        ("part", term.part.to_string()),
        ("name", term.name.clone()),
        ("title", term.title.clone()),
        ("email", term.email.as_ref().map_or_else(String::new, ToString::to_string)),
        ("founder", if term.founder { "yes".to_owned() } else { String::new() }),
        ("from", term.from_day.to_string()),
        ("to", term.to_day.map_or_else(String::new, |to| to.to_string())),
    ]);
    Ok(change_page(&of, &term, &csrf, &draft))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((id, term)): Path<(AllianceId, TermId)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    queries::hold(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let of = form::find(&app, &mut tx, id).await?;
    let old = queries::term(&mut tx, id, term).await?.ok_or(Error::NotFound)?;
    let mut draft = Draft::default();
    let new = read(&mut draft, &typed, &of, term);
    if let (Some(new), Some(_)) = (&new, old.staff_id)
        && new.email != old.email
    {
        draft.reject("email", "The account of this term signs in with the address it has. Close the account first");
    }
    let Some(new) = new.filter(|_| draft.is_right()) else { return Err(Draft::refuse(change_page(&of, &old, &csrf, &draft))) };
    queries::change_term(&mut tx, &new).await?;
    form::note(&mut tx, &app, &staff, "correct_term", id, Some(&Record::of(&old)), Some(&Record::of(&new))).await?;
    account::close_unneeded(&mut tx, &app, &staff, old.staff_id).await?;
    tx.commit().await?;
    Ok(redirect_saying(form::base(id), Mood::Good, format!("The term of {} is corrected.", new.name)))
}

async fn ask_end(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path((id, term)): Path<(AllianceId, TermId)>,
) -> Result<Page, Error> {
    staff.may_admit()?;
    let mut tx = app.db.read().await?;
    let of = form::find(&app, &mut tx, id).await?;
    let term = queries::term(&mut tx, id, term).await?.ok_or(Error::NotFound)?;
    over(&term, form::today(&app))?;
    let base = form::base(id);
    let alone = term.part == Part::Leader && of.leaders(form::today(&app)).len() == 1;
    let content = html! {
        ul {
            li { "The term of " (term.name) " ends today and stays on record." }
            @if term.staff_id.is_some() { li { "Their account no longer opens this alliance; when it opens no other, it is closed and signed out." } }
            @if alone { li { "Nobody will lead the alliance. " a href={ (base) "/succession" } { "Hand over to a successor instead" } } }
        }
        form method="post" action={ (base) "/terms/" (term.id) "/end" } {
            (csrf.field())
            p.actions { button.danger type="submit" { "End the term" } a href=(base) { "Cancel" } }
        }
    };
    Ok(form::page(&of.alliance, format!("End the term of {}?", term.name), content))
}

fn over(term: &Term, today: Day) -> Result<(), Error> {
    if term.to_day.is_some_and(|to| to <= today) {
        return Err(Error::Conflict(format!("The term of {} has ended already. Look at the alliance again.", term.name)));
    }
    if term.from_day > today {
        return Err(Error::Conflict(format!("The term of {} has not begun. Correct its days instead.", term.name)));
    }
    Ok(())
}

async fn end(
    State(app): State<App>,
    staff: Staff,
    Path((id, term)): Path<(AllianceId, TermId)>,
    _: crate::web::RawForm,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let today = form::today(&app);
    let mut tx = app.db.write().await?;
    let term = queries::term(&mut tx, id, term).await?.ok_or(Error::NotFound)?;
    over(&term, today)?;
    if !queries::end_term(&mut tx, term.id, today).await? {
        return Err(Error::Conflict("This term was changed at the same moment. Look at the alliance again.".to_owned()));
    }
    let ended = Term { to_day: Some(today), ..term.clone() };
    form::note(&mut tx, &app, &staff, "end_term", id, Some(&Record::of(&term)), Some(&Record::of(&ended))).await?;
    account::close_unneeded(&mut tx, &app, &staff, term.staff_id).await?;
    tx.commit().await?;
    Ok(redirect_saying(form::base(id), Mood::Good, format!("The term of {} has ended.", term.name)))
}
