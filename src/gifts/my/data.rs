//! What we hold about a donor, for the donor to take away: all of it as JSON, the gifts as CSV.
use super::Mine;
use crate::{
    app::App,
    gifts::{FundId, GiftId, parts, queries},
    mail, receipts,
    web::{Download, Error},
};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::json;

const MOST: i64 = 100_000;

pub(super) async fn json(Mine(donor): Mine, State(app): State<App>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let gifts = queries::of_donor(&mut tx, donor.id, MOST).await?;
    let plans = queries::recurring_of(&mut tx, donor.id).await?;
    let funds = queries::funds(&mut tx, false).await?;
    let ids: Vec<_> = gifts.iter().map(|gift| gift.id.to_string()).collect();
    let labels = receipts::labels_of(&mut tx, &ids).await?;
    let split = parts::words_of(&mut tx, &gifts).await?;
    let mut recurring = Vec::new();
    for plan in &plans {
        let changes = queries::changes_of(&mut tx, plan.id).await?;
        let changes: Vec<_> = changes
            .iter()
            .map(|change| json!({ "at": change.at, "what": change.what, "by": change.actor_kind, "before": change.before, "after": change.after }))
            .collect();
        recurring.push(json!({
            "amount": plan.charged, "intended": plan.intended, "covered_fee": plan.covered_fee, "currency": plan.currency,
            "frequency": plan.frequency, "state": plan.state, "since": plan.started_at, "next_payment": plan.next_at,
            "ends": plan.cancels_at, "ended": plan.ended_at, "card": plan.card, "changes": changes,
        }));
    }
    let mails = match &donor.email {
        Some(email) => mail::to_address(&mut tx, email, MOST).await?,
        None => Vec::new(),
    };
    drop(tx);
    let fund = |id: FundId| funds.iter().find(|fund| fund.id == id).map(|fund| fund.name.as_str());
    let purpose = |id: GiftId, of: FundId| split.get(&id).map(String::as_str).or_else(|| fund(of));
    let told = json!({
        "about": { "kind": donor.kind, "name": donor.name, "email": donor.email, "address": donor.address, "known_since": donor.created_at,
            "updates_by_mail": donor.consent_updates, "updates_decided_at": donor.consent_at, "payment_service_id": donor.gateway_customer },
        "gifts": gifts.iter().map(|gift| json!({
            "id": gift.id, "state": gift.state, "date": gift.given_on, "intended": gift.intended, "covered_fee": gift.covered_fee,
            "charged": gift.charged, "refunded": gift.refunded, "currency": gift.currency, "fund": purpose(gift.id, gift.fund_id),
            "tribute": gift.tribute(), "card": gift.card, "receipt": labels.get(&gift.id.to_string()), "source": gift.source,
            "payment": gift.payment,
        })).collect::<Vec<_>>(),
        "recurring_gifts": recurring,
        "mails": mails.iter().map(|mail| json!({ "at": mail.queued_at, "subject": mail.subject })).collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&told).map_err(Error::internal)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"my-giving.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, text).into_response())
}

pub(super) async fn csv(Mine(donor): Mine, State(app): State<App>) -> Result<Response, Error> {
    let mut tx = app.db.read().await?;
    let gifts = queries::of_donor(&mut tx, donor.id, MOST).await?;
    let funds = queries::funds(&mut tx, false).await?;
    let ids: Vec<_> = gifts.iter().map(|gift| gift.id.to_string()).collect();
    let labels = receipts::labels_of(&mut tx, &ids).await?;
    let split = parts::words_of(&mut tx, &gifts).await?;
    drop(tx);
    let mut file = Download::new(
        "my-gifts.csv",
        &["date", "state", "fund", "charged", "intended", "covered_fee", "refunded", "currency", "receipt"],
    )?;
    for gift in &gifts {
        let money = |amount: crate::kernel::Cents| amount.plain(gift.currency);
        let fund = funds.iter().find(|fund| fund.id == gift.fund_id).map(|fund| &fund.name);
        let fund = split.get(&gift.id).or(fund).cloned().unwrap_or_default();
        file.row(&[
            gift.given_on.map(|day| day.to_string()).unwrap_or_default(),
            gift.state.to_string(),
            fund,
            money(gift.charged),
            money(gift.intended),
            money(gift.covered_fee),
            money(gift.refunded),
            gift.currency.code().to_uppercase(),
            labels.get(&gift.id.to_string()).cloned().unwrap_or_default(),
        ])?;
    }
    file.finish()
}
