use super::{Application, ApplicationEvent, ApplicationEventId, ApplicationId, ApplicationState, EventKind, OrganizationId};
use crate::{
    db::{Tx, on},
    kernel::{Email, Timestamp},
    staff::StaffId,
};
use sqlx::AssertSqlSafe;

const COLUMNS: &str = "id, state, email, track, name, legal_name, ein, website, city, state_code, founded, mission, category_id, eligibility, \
    commitment_version, committed_at, document_kind, signatory, signatory_title, document_day, file, file_name, file_kind, file_size, \
    file_digest, contacts, note, form_version, answers, created_at, changed_at, submitted_at, decided_at, decided_by, reason, organization_id";

/// How many applications wait for staff, and since when the oldest does.
pub async fn waiting(tx: &mut Tx) -> sqlx::Result<(i64, Option<Timestamp>)> {
    on!(tx, conn => sqlx::query_as(
        "select cast(count(*) as bigint), min(submitted_at) from application where state in ('submitted', 'in_review')")
        .fetch_one(conn).await)
}

/// The application an organization came by.
pub async fn of_organization(tx: &mut Tx, id: OrganizationId) -> sqlx::Result<Option<ApplicationId>> {
    on!(tx, conn => sqlx::query_scalar("select id from application where organization_id = $1").bind(id).fetch_optional(conn).await)
}

/// `false` when it was begun before.
pub(super) async fn insert(tx: &mut Tx, id: ApplicationId, email: &Email, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("insert into application (id, state, email, created_at, changed_at) values ($1, 'draft', $2, $3, $3) on conflict do nothing")
        .bind(id).bind(email).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub async fn by_id(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<Option<Application>> {
    let sql = format!("select {COLUMNS} from application where id = $1");
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await)
}

/// The newest application of an address that is not decided.
pub(super) async fn unfinished(tx: &mut Tx, email: &Email) -> sqlx::Result<Option<ApplicationId>> {
    on!(tx, conn => sqlx::query_scalar(
        "select id from application where email = $1 and state in ('draft', 'submitted', 'needs_information', 'in_review')
         order by created_at desc, id desc limit 1")
        .bind(email)
        .fetch_optional(conn).await)
}

/// Writes every answer. `false` when the application is no longer open to its applicant.
pub(super) async fn save(tx: &mut Tx, a: &Application, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update application set track = $2, name = $3, website = $4, city = $5, state_code = $6, founded = $7, mission = $8,
             category_id = $9, eligibility = $10, commitment_version = $11, committed_at = $12, document_kind = $13, signatory = $14,
             signatory_title = $15, document_day = $16, file = $17, file_name = $18, file_kind = $19, file_size = $20,
             file_digest = $21, contacts = $22, note = $23, changed_at = $24, legal_name = $25, ein = $26, form_version = $27, answers = $28
         where id = $1 and state in ('draft', 'needs_information')")
        .bind(a.id).bind(a.track).bind(a.name.as_deref()).bind(a.website.as_deref()).bind(a.city.as_deref())
        .bind(a.state_code.as_deref()).bind(a.founded).bind(a.mission.as_deref()).bind(a.category_id)
        .bind(a.eligibility.as_deref()).bind(a.commitment_version).bind(a.committed_at).bind(a.document_kind)
        .bind(a.signatory.as_deref()).bind(a.signatory_title.as_deref()).bind(a.document_day).bind(a.file.as_deref())
        .bind(a.file_name.as_deref()).bind(a.file_kind.as_deref()).bind(a.file_size).bind(a.file_digest.as_deref())
        .bind(a.contacts.as_deref()).bind(a.note.as_deref()).bind(now).bind(a.legal_name.as_deref()).bind(a.ein.as_deref()).bind(a.form_version).bind(a.answers.as_deref())
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Sends it to staff; sent again, it keeps the day it arrived first. `false` when it was not open.
pub(super) async fn submit(tx: &mut Tx, id: ApplicationId, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update application set state = 'submitted', submitted_at = coalesce(submitted_at, $2), changed_at = $2
         where id = $1 and state in ('draft', 'needs_information')")
        .bind(id).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Gives it back to the applicant. `false` when it does not wait for staff.
pub(super) async fn ask(tx: &mut Tx, id: ApplicationId, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update application set state = 'needs_information', changed_at = $2 where id = $1 and state in ('submitted', 'in_review')")
        .bind(id).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Takes it into review. `false` when it is not a submitted one.
pub(super) async fn take_up(tx: &mut Tx, id: ApplicationId, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query("update application set state = 'in_review', changed_at = $2 where id = $1 and state = 'submitted'")
        .bind(id).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// `false` when it was decided or withdrawn before.
pub(super) async fn withdraw(tx: &mut Tx, id: ApplicationId, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update application set state = 'withdrawn', changed_at = $2
         where id = $1 and state in ('draft', 'submitted', 'needs_information', 'in_review')")
        .bind(id).bind(now)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

/// Who decides, when, and for a declined one why.
pub(super) struct Decision<'a> {
    pub(super) state: ApplicationState,
    pub(super) by: &'a str,
    pub(super) reason: Option<&'a str>,
    pub(super) organization: Option<OrganizationId>,
}

/// `false` when it does not wait for a decision any more.
pub(super) async fn decide(tx: &mut Tx, id: ApplicationId, decision: &Decision<'_>, now: Timestamp) -> sqlx::Result<bool> {
    on!(tx, conn => sqlx::query(
        "update application set state = $2, decided_at = $3, changed_at = $3, decided_by = $4, reason = $5, organization_id = $6
         where id = $1 and state in ('submitted', 'in_review')")
        .bind(id).bind(decision.state).bind(now).bind(decision.by).bind(decision.reason).bind(decision.organization)
        .execute(conn).await.map(|done| done.rows_affected() == 1))
}

pub(super) async fn note_event(
    tx: &mut Tx,
    id: ApplicationId,
    kind: EventKind,
    who: &str,
    message: Option<&str>,
    now: Timestamp,
) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("insert into application_event (id, application_id, at, who, kind, message) values ($1, $2, $3, $4, $5, $6)")
        .bind(ApplicationEventId::new()).bind(id).bind(now).bind(who).bind(kind).bind(message)
        .execute(conn).await.map(drop))
}

/// What happened, newest first.
pub(super) async fn events(tx: &mut Tx, id: ApplicationId) -> sqlx::Result<Vec<ApplicationEvent>> {
    on!(tx, conn => sqlx::query_as("select at, who, kind, message from application_event where application_id = $1 order by id desc")
        .bind(id)
        .fetch_all(conn).await)
}

/// Applications in one state, or those that wait for staff; the longest waiting first.
pub(super) async fn listed(tx: &mut Tx, state: Option<ApplicationState>, most: i64) -> sqlx::Result<Vec<Application>> {
    let sql = format!(
        "select {COLUMNS} from application where state = $1 or ($1 is null and state in ('submitted', 'in_review'))
         order by coalesce(submitted_at, created_at), id limit $2"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(state.map(ApplicationState::as_str)).bind(most).fetch_all(conn).await)
}

/// What is in review and waits for the vote of somebody who is assigned; the longest waiting first.
pub(super) async fn listed_for(tx: &mut Tx, staff: StaffId) -> sqlx::Result<Vec<Application>> {
    let sql = format!(
        "select {COLUMNS} from application where state = 'in_review'
             and exists (select 1 from assignment s where s.application_id = application.id and s.staff_id = $1)
             and not exists (select 1 from vote v where v.application_id = application.id and v.staff_id = $1)
         order by submitted_at, id"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).bind(staff).fetch_all(conn).await)
}

/// How many there are in each state.
pub(super) async fn counts(tx: &mut Tx) -> sqlx::Result<Vec<(ApplicationState, i64)>> {
    on!(tx, conn => sqlx::query_as("select state, cast(count(*) as bigint) from application group by state").fetch_all(conn).await)
}

/// Counts one more beginning by `subject` in a period, and gives how many that makes.
pub(super) async fn count_start(tx: &mut Tx, subject: &str, period: i64) -> sqlx::Result<i64> {
    on!(tx, conn => sqlx::query_scalar(
        "insert into application_limit (subject, period, count) values ($1, $2, 1)
         on conflict (subject, period) do update set count = application_limit.count + 1 returning count")
        .bind(subject).bind(period)
        .fetch_one(conn).await)
}
