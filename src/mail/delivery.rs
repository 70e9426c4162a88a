//! How a message leaves: by SMTP, into a folder, or not at all.
use super::{Message, MessageId, State, queries};
use crate::{
    app::App,
    config::Delivery,
    work::{Job, JobError},
};
use futures_util::future::BoxFuture;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::{Mailbox, MultiPart, header::ContentType},
};
use std::{path::Path, time::Duration};

/// The kind of the job that delivers one message; its key is the message's id.
pub const DELIVER: &str = "mail.deliver";

enum Failure {
    Passing(String),
    Final(String),
}

/// The job. A message that has ended already is not sent again.
pub fn deliver(app: App, job: Job) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let id: MessageId = job.key.parse().map_err(|_| JobError::Never("its key is not a message".to_owned()))?;
        let mut tx = app.db.read().await?;
        let message = queries::by_id(&mut tx, id).await?.ok_or_else(|| JobError::Never("its message is not there".to_owned()))?;
        drop(tx);
        if message.state != State::Queued {
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
            Err(Failure::Final(reason)) => {
                queries::end(&mut tx, id, State::Dead, job.attempts, Some(&reason), now).await?;
                Err(JobError::Never(reason))
            }
            Err(Failure::Passing(reason)) if job.is_last_try() => {
                queries::end(&mut tx, id, State::Dead, job.attempts, Some(&reason), now).await?;
                Err(JobError::Never(reason))
            }
            Err(Failure::Passing(reason)) => {
                queries::note_failure(&mut tx, id, job.attempts, &reason).await?;
                Err(JobError::Again(reason))
            }
        };
        tx.commit().await?;
        result
    })
}

async fn hand_over(app: &App, message: &Message) -> Result<State, Failure> {
    match &app.config.delivery {
        Delivery::Captured => Ok(State::Captured),
        Delivery::Folder(dir) => write(dir, message, &app.config.mail_from, &app.coalition.get().short_name).await,
        Delivery::Smtp(url) => smtp(app, url.expose(), message).await,
    }
}

async fn write(dir: &Path, message: &Message, from: &crate::kernel::Email, name: &str) -> Result<State, Failure> {
    let bytes = compose(message, from, name)?.formatted();
    let passing = |e: std::io::Error| Failure::Passing(e.to_string());
    tokio::fs::create_dir_all(dir).await.map_err(passing)?;
    // Named by its id, so that a second try replaces the first.
    tokio::fs::write(dir.join(format!("{}.eml", message.id)), bytes).await.map_err(passing)?;
    Ok(State::Sent)
}

async fn smtp(app: &App, url: &str, message: &Message) -> Result<State, Failure> {
    let mail = compose(message, &app.config.mail_from, &app.coalition.get().short_name)?;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
        .map_err(|e| Failure::Passing(format!("SMTP_URL: {e}")))?
        .timeout(Some(Duration::from_secs(30)))
        .build();
    match transport.send(mail).await {
        Ok(_) => Ok(State::Sent),
        Err(error) if error.is_permanent() => Err(Failure::Final(error.to_string())),
        Err(error) => Err(Failure::Passing(error.to_string())),
    }
}

fn compose(message: &Message, from: &crate::kernel::Email, name: &str) -> Result<lettre::Message, Failure> {
    let unsendable = |what: &str| Failure::Final(format!("{what} can't be written into a mail"));
    let to: Mailbox = message.addressee.as_str().parse().map_err(|_| unsendable("the address"))?;
    let from_address = from.as_str().parse().map_err(|_| unsendable("our own address"))?;
    lettre::Message::builder()
        .from(Mailbox::new(Some(name.to_owned()), from_address))
        .to(to)
        .subject(&message.subject)
        // The same for every try, so that a receiver who has it already can tell.
        .message_id(Some(format!("<{}@{}>", message.id, from.domain())))
        .header(lettre::message::header::MIME_VERSION_1_0)
        .multipart(
            MultiPart::alternative()
                .singlepart(
                    lettre::message::SinglePart::builder().header(ContentType::TEXT_PLAIN).body(message.body_text.clone()),
                )
                .singlepart(
                    lettre::message::SinglePart::builder().header(ContentType::TEXT_HTML).body(message.body_html.clone()),
                ),
        )
        .map_err(|_| unsendable("the message"))
}
