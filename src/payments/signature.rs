//! Whether a webhook comes from the gateway: its signature, checked before a byte of it is read.
//!
//! The scheme is Stripe's (<https://docs.stripe.com/webhooks/signature>): `t=…,v1=…` where `v1` is
//! HMAC-SHA256 over `t.body` with the endpoint's secret. During a rotation there are several of either.
use super::BadSignature;
use crate::{
    config::Secret,
    kernel::{Timestamp, hex},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far the signing may lie from now, both ways.
const TOLERANCE_SECONDS: i64 = 300;

/// Checks that `body` was signed with one of `secrets`, and lately.
pub fn verify(header: &str, body: &[u8], secrets: &[Secret], now: Timestamp) -> Result<(), BadSignature> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let text = parts().find(|(name, _)| *name == "t").map(|(_, value)| value).ok_or(BadSignature::Malformed)?;
    let signed_at = text.parse().ok().and_then(Timestamp::from_unix).ok_or(BadSignature::Malformed)?;
    let given: Vec<_> = parts().filter(|(name, _)| *name == "v1").filter_map(|(_, value)| from_hex(value)).collect();
    if given.is_empty() {
        return Err(BadSignature::Malformed);
    }
    let is_good = |secret: &Secret| given.iter().any(|code| mac(secret.expose(), text, body).verify_slice(code).is_ok());
    if !secrets.iter().any(is_good) {
        return Err(BadSignature::Forged);
    }
    if now.seconds_since(signed_at).abs() > TOLERANCE_SECONDS {
        return Err(BadSignature::Stale);
    }
    Ok(())
}

/// The header the gateway would send with `body` at this moment.
pub fn sign(secret: &str, at: Timestamp, body: &[u8]) -> String {
    let text = at.unix().to_string();
    format!("t={text},v1={}", hex(&mac(secret, &text, body).finalize().into_bytes()))
}

fn mac(secret: &str, text: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

/// `None` for anything but 64 hexadecimal digits.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    #[test]
    fn only_a_fresh_and_whole_message_is_believed() {
        let secrets = [Secret::new("whsec_new"), Secret::new("whsec_old")];
        let check = |header: &str, body: &str, now| verify(header, body.as_bytes(), &secrets, at(now));
        let new = sign("whsec_new", at(1_000_000), b"body");
        let old = sign("whsec_old", at(1_000_000), b"body");
        let forged = sign("whsec_other", at(1_000_000), b"body");

        assert_eq!(check(&new, "body", 1_000_300), Ok(()));
        assert_eq!(check(&old, "body", 999_700), Ok(()), "the secret before is good during a rotation");
        let both = format!("{forged}, {}", new.split_once(',').unwrap().1);
        assert_eq!(check(&both, "body", 1_000_000), Ok(()), "one good code among several is enough");
        assert_eq!(check(&new, "Body", 1_000_000), Err(BadSignature::Forged));
        assert_eq!(check(&forged, "body", 1_000_000), Err(BadSignature::Forged));
        assert_eq!(check(&new.replace("t=1000000", "t=1000001"), "body", 1_000_000), Err(BadSignature::Forged));
        assert_eq!(check(&new, "body", 1_000_301), Err(BadSignature::Stale));
        assert_eq!(check(&new, "body", 999_699), Err(BadSignature::Stale));
        for malformed in ["", "t=1000000", "v1=00", "t=x,v1=00", "t=1000000,v1=zz", "t=1000000,v0=00", "t=1000000,v1=€€"] {
            assert_eq!(check(malformed, "body", 1_000_000), Err(BadSignature::Malformed), "{malformed}");
        }
    }
}
