//! Signed links: an address that lets one person do one thing, until it runs out, is used or taken back.
//!
//! The token is `nonce.code`: the code is an HMAC over purpose and nonce, checked in constant time
//! before the database is asked; the database knows the nonce only as a digest, with what the link is for.
use crate::{
    db::{Tx, on},
    kernel::{Keys, Timestamp, Token, digest},
};

/// Why a link does not open. The sentence is for its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("This link is not complete. Open it again from the mail, or copy it whole.")]
    Unknown,
    #[error("This link has run out.")]
    Expired,
    #[error("This link was used already.")]
    Used,
    #[error("This link was replaced by a newer one or taken back.")]
    Revoked,
}

/// Makes a link for `purpose` (a word of ours) and `subject` (an id), good until `expires_at`. The
/// token is shown only here.
pub async fn issue(
    tx: &mut Tx,
    keys: &Keys,
    purpose: &str,
    subject: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> sqlx::Result<String> {
    let nonce = Token::new();
    on!(tx, conn => sqlx::query(
        "insert into signed_link (digest, purpose, subject, issued_at, expires_at) values ($1, $2, $3, $4, $5)")
        .bind(digest(nonce.as_str())).bind(purpose).bind(subject).bind(now).bind(expires_at)
        .execute(conn).await.map(drop))?;
    Ok(format!("{}.{}", nonce.as_str(), keys.code(purpose, nonce.as_str().as_bytes())))
}

/// The subject of a link that still works. Opening does not use it up.
pub async fn open(
    tx: &mut Tx,
    keys: &Keys,
    purpose: &str,
    token: &str,
    now: Timestamp,
) -> sqlx::Result<Result<String, LinkError>> {
    let Some((nonce, code)) = token.split_once('.') else { return Ok(Err(LinkError::Unknown)) };
    if !keys.verify(purpose, nonce.as_bytes(), code) {
        return Ok(Err(LinkError::Unknown));
    }
    let row: Option<(String, Timestamp, Option<Timestamp>, Option<Timestamp>)> = on!(tx, conn => sqlx::query_as(
        "select subject, expires_at, used_at, revoked_at from signed_link where digest = $1 and purpose = $2")
        .bind(digest(nonce)).bind(purpose)
        .fetch_optional(conn).await)?;
    Ok(match row {
        None => Err(LinkError::Unknown),
        Some((_, _, _, Some(_))) => Err(LinkError::Revoked),
        Some((_, _, Some(_), _)) => Err(LinkError::Used),
        Some((_, expires_at, ..)) if expires_at <= now => Err(LinkError::Expired),
        Some((subject, ..)) => Ok(subject),
    })
}

/// Opens a link that works once. Of two who use it at the same moment, one gets the subject.
pub async fn use_up(
    tx: &mut Tx,
    keys: &Keys,
    purpose: &str,
    token: &str,
    now: Timestamp,
) -> sqlx::Result<Result<String, LinkError>> {
    let subject = match open(tx, keys, purpose, token, now).await? {
        Ok(subject) => subject,
        Err(why) => return Ok(Err(why)),
    };
    let nonce = token.split_once('.').map_or(token, |(nonce, _)| nonce);
    let used = on!(tx, conn => sqlx::query("update signed_link set used_at = $2 where digest = $1 and used_at is null")
        .bind(digest(nonce)).bind(now)
        .execute(conn).await.map(|done| done.rows_affected()))?;
    Ok(if used == 1 { Ok(subject) } else { Err(LinkError::Used) })
}

/// Takes back every unused link of one purpose for one subject.
pub async fn revoke(tx: &mut Tx, purpose: &str, subject: &str, now: Timestamp) -> sqlx::Result<()> {
    on!(tx, conn => sqlx::query("update signed_link set revoked_at = $3 where purpose = $1 and subject = $2 and revoked_at is null and used_at is null")
        .bind(purpose).bind(subject).bind(now)
        .execute(conn).await.map(drop))
}
