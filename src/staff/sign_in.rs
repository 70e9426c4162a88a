//! Signing in and out. Whoever fails learns only that address and password do not fit, after the same
//! work as one whose address is known.
use super::{
    Access, Account, Role,
    caller::Caller,
    limits::Limit,
    password, queries,
    session::{self, open_session},
};
use crate::{
    app::App,
    audit,
    db::Tx,
    kernel::{Email, Token},
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, error_summary, field, redirect, redirect_saying},
};
use axum::{
    Router,
    extract::{Query, State},
    http::header,
    response::Response,
    routing::{get, post},
};
use maud::html;
use serde::Deserialize;

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/sign-in", get(ask).post(sign_in)).route("/staff/sign-out", post(sign_out))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    back: String,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Typed {
    email: String,
    password: String,
    back: String,
}

async fn ask(State(app): State<App>, staff: Option<Account>, csrf: Csrf, Query(asked): Query<Asked>) -> Result<Response, Error> {
    let back = own_path(&asked.back);
    if let Some(account) = staff {
        return Ok(redirect(reachable(back, account.role)));
    }
    let mut tx = app.db.read().await?;
    let anybody = queries::anybody(&mut tx).await?;
    Ok(axum::response::IntoResponse::into_response(page(&csrf, back, &Draft::default(), anybody)))
}

fn page(csrf: &Csrf, back: &str, draft: &Draft, anybody: bool) -> Page {
    let content = html! {
        div.sign-in {
            h1 { "Sign in" }
            (error_summary(draft))
            @if !anybody {
                div.empty {
                    p { "Nobody has an account yet. Whoever runs this server makes the first one with:" }
                    pre.raw { "convener user add you@example.org --name \"Your name\" --role administrator" }
                }
            }
            form method="post" action="/staff/sign-in" {
                (csrf.field())
                input type="hidden" name="back" value=(back);
                (Field { kind: "email", autocomplete: Some("username"), inputmode: Some("email"), ..field("email", "E-mail address") }.input(draft))
                (Field { kind: "password", autocomplete: Some("current-password"), ..field("password", "Password") }.input(draft))
                p.actions { button type="submit" { "Sign in" } }
            }
            p { a href="/staff/forgotten" { "Forgotten your password?" } }
        }
    };
    Page::bare("Sign in", content).own_heading()
}

async fn sign_in(State(app): State<App>, caller: Caller, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    let limits = [Limit::address(&caller), Limit::account(&typed.email)];
    let mut tx = app.db.write().await?;
    for limit in &limits {
        limit.count(&mut tx, app.clock.now()).await?;
    }
    tx.commit().await?;

    let access = match typed.email.parse::<Email>() {
        Ok(email) => queries::access(&mut app.db.read().await?, &email).await?,
        Err(_) => None,
    };
    let stored = access.as_ref().map(|access| access.password_hash.as_str());
    let verdict = match password::verify(&app.hashing, &typed.password, stored).await {
        Ok(verdict) => verdict,
        Err(busy) => {
            let mut tx = app.db.write().await?;
            for limit in &limits {
                limit.uncount(&mut tx).await?;
            }
            tx.commit().await?;
            return Err(Error::Unavailable(busy.to_string()));
        }
    };
    let role = access.as_ref().map(|access| access.account.role);
    let opened = match access {
        Some(access) if verdict.right => {
            let hash = if verdict.outdated {
                password::hash_unjudged(&app, &typed.password).await.map_err(|busy| Error::Unavailable(busy.to_string()))?
            } else {
                access.password_hash.clone()
            };
            let mut tx = app.db.write().await?;
            let opened = open(&mut tx, &app, &caller, &access, &hash, &limits).await?;
            tx.commit().await?;
            opened
        }
        _ => None,
    };
    let back = own_path(&typed.back);
    let Some(token) = opened else {
        let mut draft = Draft::of([("email", typed.email.as_str())]);
        draft.reject("email", "The e-mail address and the password do not fit together");
        return Err(Draft::refuse(page(&csrf, back, &draft, true)));
    };
    let mut response = redirect(role.map_or(back, |role| reachable(back, role)));
    response.headers_mut().append(header::SET_COOKIE, session::cookie(&app, &token));
    Ok(response)
}

/// Where somebody begins.
pub(super) const fn home(role: Role) -> &'static str {
    match role {
        Role::AllianceLeader => "/leader",
        _ => "/staff",
    }
}

/// The page they wanted, when it may be theirs; else where they begin.
fn reachable(back: &str, role: Role) -> &str {
    let leaders = back == "/leader" || back.starts_with("/leader/");
    let ok = if role == Role::AllianceLeader { leaders || back.starts_with("/staff/me") } else { !leaders };
    if ok { back } else { home(role) }
}

/// Opens a session in place of the one this browser had. `None` when the password was changed, or the
/// account closed, while it was compared.
async fn open(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    access: &Access,
    hash: &str,
    [address, account]: &[Limit; 2],
) -> Result<Option<Token>, Error> {
    let (staff, now) = (&access.account, app.clock.now());
    if !queries::confirm_password(tx, staff.id, &access.password_hash, hash).await? {
        return Ok(None);
    }
    account.forget(tx).await?;
    address.uncount(tx).await?;
    queries::forget_counts_before(tx, now.plus_days(-1)).await?;
    let token = open_for(tx, app, caller, staff).await?;
    Ok(Some(token))
}

/// Opens a session for this browser; the one it had ends.
pub(super) async fn open_for(tx: &mut Tx, app: &App, caller: &Caller, staff: &Account) -> sqlx::Result<Token> {
    let now = app.clock.now();
    if let Some(old) = &caller.session {
        queries::close_session(tx, old, now).await?;
    }
    let token = open_session(tx, staff.id, &caller.words(), now).await?;
    let record = ("staff_user", &*staff.id.to_string());
    audit::record::<(), _>(
        tx,
        &staff.actor(),
        "sign_in",
        record,
        None,
        Some(&serde_json::json!({ "from": caller.words() })),
        now,
    )
    .await?;
    Ok(token)
}

async fn sign_out(State(app): State<App>, caller: Caller, _: RawForm) -> Result<Response, Error> {
    let now = app.clock.now();
    if let Some(digest) = &caller.session {
        let mut tx = app.db.write().await?;
        if let Some(id) = queries::close_session(&mut tx, digest, now).await?
            && let Some(staff) = queries::account(&mut tx, id).await?
        {
            audit::record::<(), ()>(&mut tx, &staff.actor(), "sign_out", ("staff_user", &id.to_string()), None, None, now)
                .await?;
        }
        tx.commit().await?;
    }
    let mut response = redirect_saying("/staff/sign-in", Mood::Good, "You are signed out.");
    response.headers_mut().append(header::SET_COOKIE, session::no_cookie(&app));
    Ok(response)
}

/// The page somebody wanted before they signed in, when it is one of ours; else the staff home.
fn own_path(wanted: &str) -> &str {
    let ours = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && wanted.chars().all(|c| c.is_ascii_graphic() && c != '\\')
        && !["/staff/sign-in", "/staff/sign-out"].iter().any(|path| wanted.starts_with(path));
    if ours { wanted } else { "/staff" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_led_to_another_site() {
        for ours in ["/staff/gifts?fund=a&from=2026-01-01", "/staff/people/1", "/"] {
            assert_eq!(own_path(ours), ours);
        }
        for theirs in [
            "",
            "//evil.example",
            "https://evil.example/staff",
            "/\\evil.example",
            "/\t/evil.example",
            "javascript:alert(1)",
            "staff",
            "/staff\r\nset-cookie: a=b",
            "/staff/sign-in?back=/staff/sign-in",
            "/staff/sign-out",
        ] {
            assert_eq!(own_path(theirs), "/staff", "{theirs}");
        }
    }
}
