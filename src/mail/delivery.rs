//! How a message leaves: by SMTP, into a folder, or not at all.
//!
//! What a server says may name the person written to: it is kept on the message, for staff, and stays
//! out of the log and out of the job.
use super::{Message, MessageId, State, compose::compose, queries};
use crate::{
    app::App,
    config::Delivery,
    work::{Job, JobError},
};
use futures_util::future::BoxFuture;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor, transport::smtp};
use std::path::Path;

/// The kind of the job that delivers one message; its key is the message's id.
pub const DELIVER: &str = "mail.deliver";

/// Why a message did not leave: a sentence for staff, and what the log may know of it.
pub(super) struct Failure {
    /// Another try would end the same.
    pub(super) is_final: bool,
    pub(super) sentence: String,
    pub(super) public: String,
}

impl Failure {
    pub(super) fn for_good(sentence: impl Into<String>) -> Self {
        let sentence = sentence.into();
        Self { is_final: true, public: sentence.clone(), sentence }
    }

    fn passing(sentence: impl Into<String>) -> Self {
        let sentence = sentence.into();
        Self { is_final: false, public: sentence.clone(), sentence }
    }
}

/// The job. A message that has ended already is not sent again. A message that is given up ends its
/// job well: what waits for a person is the message.
pub fn deliver(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let id: MessageId = job.key.parse().map_err(|_| JobError::Never("its key is not a message".to_owned()))?;
        let mut tx = app.db.read().await?;
        let message = queries::by_id(&mut tx, id).await?.ok_or_else(|| JobError::Never("its message is not there".to_owned()))?;
        let refused = queries::refused(&mut tx, &message.addressee, message.class).await?;
        drop(tx);
        if message.state != State::Queued {
            return Ok(());
        }
        if let Some(why) = refused {
            let mut tx = app.db.write().await?;
            queries::end(&mut tx, id, State::Captured, job.attempts, Some(&format!("Not sent. {why}")), app.clock.now()).await?;
            tx.commit().await?;
            return Ok(());
        }
        let outcome = hand_over(&app, &message).await;
        let now = app.clock.now();
        let mut tx = app.db.write().await?;
        let result = match outcome {
            Ok(state) => {
                queries::end(&mut tx, id, state, job.attempts, None, now).await?;
                Ok(())
            }
            Err(failure) if failure.is_final || job.is_last_try() => {
                tracing::error!(message = %id, reason = failure.public, "mail given up");
                queries::end(&mut tx, id, State::Dead, job.attempts, Some(&failure.sentence), now).await?;
                Ok(())
            }
            Err(failure) => {
                queries::note_failure(&mut tx, id, job.attempts, &failure.sentence).await?;
                Err(JobError::Again(failure.public))
            }
        };
        tx.commit().await?;
        result
    })
}

async fn hand_over(app: &App, message: &Message) -> Result<State, Failure> {
    match &app.config.delivery {
        Delivery::Captured => Ok(State::Captured),
        Delivery::Folder(dir) => write(app, dir, message).await,
        Delivery::Smtp(url) => send(app, url.expose(), message).await,
    }
}

async fn write(app: &App, dir: &Path, message: &Message) -> Result<State, Failure> {
    let bytes = compose(message, &app.config.mail_from, &app.coalition.get())?.formatted();
    let passing = |e: std::io::Error| Failure::passing(format!("The mail folder can't be written: {e}."));
    tokio::fs::create_dir_all(dir).await.map_err(passing)?;
    // Named by its id, so that a second try replaces the first; moved into place, so that nobody reads half.
    let half = dir.join(format!(".{}.part", message.id));
    tokio::fs::write(&half, bytes).await.map_err(passing)?;
    tokio::fs::rename(&half, dir.join(format!("{}.eml", message.id))).await.map_err(passing)?;
    Ok(State::Sent)
}

async fn send(app: &App, url: &str, message: &Message) -> Result<State, Failure> {
    let mail = compose(message, &app.config.mail_from, &app.coalition.get())?;
    let patience = app.config.smtp_patience;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
        .map_err(|e| Failure::passing(format!("SMTP_URL can't be used: {e}.")))?
        .timeout(Some(patience))
        .build();
    // The transport's own limit holds for the connection; a server that stops talking later is cut off here.
    match tokio::time::timeout(patience, transport.send(mail)).await {
        Ok(Ok(_)) => Ok(State::Sent),
        Ok(Err(error)) => Err(judge(&error)),
        Err(_) => Err(Failure::passing(format!("The mail server did not answer within {} seconds.", patience.as_secs().max(1)))),
    }
}

/// 5xx refuses this message for good, 4xx for the moment (RFC 5321, 4.2.1). A refused sign-in (RFC 4954,
/// 6) is a fault of our settings and not of the message, which waits until they are mended.
fn judge(error: &smtp::Error) -> Failure {
    let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let said = said.trim().trim_end_matches('.');
    let with_details = |what: &str| if said.is_empty() { format!("{what}.") } else { format!("{what}: {said}.") };
    let Some(code) = error.status() else {
        let public = if error.is_tls() { "TLS with the mail server failed" } else { "The mail server can't be reached" };
        return Failure { is_final: false, sentence: with_details(public), public: public.to_owned() };
    };
    let code = u16::from(code);
    let public = format!("The mail server answered {code}");
    let is_ours = matches!(code, 454 | 530 | 534 | 535 | 538);
    Failure { is_final: error.is_permanent() && !is_ours, sentence: with_details(&public), public }
}
