//! The account that opens an alliance's workspace for its leader: opened by staff on the alliance's page,
//! closed by them or with the last term it serves.
use super::{AllianceId, Term, TermId, form, queries};
use crate::{
    app::App,
    db::Tx,
    staff::{
        AccountError, Staff, StaffId,
        leaders::{self, Opened},
    },
    web::{Error, Mood, RawForm, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};

pub(super) fn router() -> Router<App> {
    Router::new().route("/staff/alliances/{id}/terms/{term}/account", post(open))
}

/// Opens the workspace for a term; gives what was done, or the sentence why not.
pub(super) async fn open_for(tx: &mut Tx, app: &App, staff: &Staff, term: &Term) -> Result<Result<Opened, String>, Error> {
    let Some(email) = &term.email else {
        return Ok(Err(format!("Write the e-mail address of {} first; the invitation goes there.", term.name)));
    };
    match leaders::open(tx, app, staff, email, &term.name).await {
        Ok(opened) => {
            queries::mark_account(tx, term.id, opened.id()).await?;
            Ok(Ok(opened))
        }
        Err(AccountError::Refused(why)) => Ok(Err(why.to_owned())),
        Err(error) => Err(error.into()),
    }
}

async fn open(
    State(app): State<App>,
    staff: Staff,
    Path((id, term)): Path<(AllianceId, TermId)>,
    _: RawForm,
) -> Result<Response, Error> {
    staff.may_admit()?;
    let mut tx = app.db.write().await?;
    let term = queries::term(&mut tx, id, term).await?.ok_or(Error::NotFound)?;
    if term.to_day.is_some_and(|to| to <= form::today(&app)) {
        return Err(Error::Conflict(format!("The term of {} has ended, and an account ends with the term.", term.name)));
    }
    let opened = open_for(&mut tx, &app, &staff, &term).await?.map_err(Error::Conflict)?;
    let after = serde_json::json!({ "name": term.name, "email": term.email });
    form::note(&mut tx, &app, &staff, "open_workspace", id, None, Some(&after)).await?;
    tx.commit().await?;
    app.bell.notify_one();
    let said = match opened {
        Opened::Invited(_) => format!("{} is invited. The mail is on its way.", term.name),
        Opened::Reopened(_) => format!("The account of {} is open again.", term.name),
        Opened::Open(_) => format!("{} can open this alliance with the account they have.", term.name),
    };
    Ok(redirect_saying(form::base(id), Mood::Good, said))
}

/// Closes an account that no running or coming term needs.
pub(super) async fn close_unneeded(tx: &mut Tx, app: &App, staff: &Staff, account: Option<StaffId>) -> Result<(), Error> {
    if let Some(account) = account
        && !queries::serving(tx, account, form::today(app)).await?
    {
        leaders::close(tx, app, staff, account).await?;
    }
    Ok(())
}
