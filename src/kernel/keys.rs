//! Secrets of the process and what is made with them: tokens, digests, message codes.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};

/// The process's signing key. Each purpose has its own derived use, so a code made for one is worth
/// nothing for another.
#[derive(Clone)]
pub struct Keys(Arc<[u8]>);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(hidden)")
    }
}

impl Keys {
    pub fn new(secret: &[u8]) -> Self {
        Self(secret.into())
    }

    fn mac(&self, purpose: &str, message: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(message);
        mac
    }

    /// A code over `message` for one purpose, URL-safe, 43 characters.
    pub fn code(&self, purpose: &str, message: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, message).finalize().into_bytes())
    }

    /// Whether `code` was made by [`Keys::code`]; takes the same time whatever the answer.
    pub fn verify(&self, purpose: &str, message: &[u8], code: &str) -> bool {
        URL_SAFE_NO_PAD.decode(code).is_ok_and(|given| self.mac(purpose, message).verify_slice(&given).is_ok())
    }
}

/// A fresh random 256-bit secret, URL-safe, shown once. What is stored is its [`digest`].
#[derive(Clone)]
pub struct Token(String);

impl Token {
    #[expect(clippy::new_without_default, reason = "every token is a new one; there is no default")]
    pub fn new() -> Self {
        Self(URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// SHA-256 in hexadecimal: enough to know a secret again, not enough to use it.
pub fn digest(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_for_its_message_and_purpose_only() {
        let keys = Keys::new(b"0123456789abcdef0123456789abcdef");
        let code = keys.code("reset", b"ada");
        assert!(keys.verify("reset", b"ada", &code));
        assert!(!keys.verify("reset", b"bob", &code));
        assert!(!keys.verify("invite", b"ada", &code));
        assert!(!keys.verify("rese", b"tada", &code));
        assert!(!keys.verify("reset", b"ada", "not base64 !"));
        assert!(!Keys::new(b"another").verify("reset", b"ada", &code));
    }
}
