//! A message as the lines that travel: RFC 5322 headers, and the text beside its HTML.
use super::{Message, delivery::Failure};
use crate::kernel::{Coalition, Email};
use lettre::message::{
    Mailbox, MultiPart, SinglePart,
    header::{ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0},
};
use std::time::{Duration, SystemTime};

/// Writes the whole mail. Date and `Message-ID` are the same for every try, so that a receiver who
/// has it already can tell.
pub(super) fn compose(message: &Message, from: &Email, coalition: &Coalition) -> Result<lettre::Message, Failure> {
    let unsendable = |what: &str| Failure::for_good(format!("{what} can't be written into a mail."));
    let mailbox = |name: Option<&str>, address: &str, what| -> Result<Mailbox, Failure> {
        Ok(Mailbox::new(name.map(ToOwned::to_owned), address.parse().map_err(|_| unsendable(what))?))
    };
    let mut mail = lettre::Message::builder()
        .from(mailbox(Some(&coalition.short_name), from.as_str(), "Our own address")?)
        .to(mailbox(None, message.addressee.as_str(), "The address")?)
        .subject(&message.subject)
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(message.queued_at.unix().try_into().unwrap_or(0)))
        .message_id(Some(format!("<{}@{}>", message.id, from.domain())))
        // Nobody's holiday notice should answer it (RFC 3834).
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .header(MIME_VERSION_1_0);
    if let Ok(reply_to) = mailbox(None, &coalition.contact_email, "") {
        mail = mail.reply_to(reply_to);
    }
    mail.multipart(
        MultiPart::alternative()
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(message.body_text.clone()))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(message.body_html.clone())),
    )
    .map_err(|_| unsendable("The message"))
}
