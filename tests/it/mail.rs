use crate::server::Server;
use convener::{
    app::App,
    config::{Delivery, Secret},
    mail::{self, Class, Message, MessageId, State},
    staff::Role,
    work,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail server of the tests. It answers each recipient as it was told, once per connection, and `250`
/// when it was told nothing more; it keeps what it took.
#[derive(Clone)]
struct MailServer {
    url: String,
    answers: Arc<Mutex<Vec<&'static str>>>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    async fn start(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("smtp://{}", listener.local_addr().unwrap()),
            answers: Arc::new(Mutex::new(answers.iter().rev().copied().collect())),
            taken: Arc::default(),
        };
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().talk(stream));
            }
        });
        server
    }

    /// A conversation by RFC 5321, as far as a sender needs it. `silence` never answers again.
    async fn talk(self, stream: TcpStream) {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 mail.example ESMTP\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            let answer = match line.split(' ').next().unwrap().to_uppercase().as_str() {
                "RCPT" => self.answers.lock().unwrap().pop().unwrap_or("250 ok"),
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await.unwrap();
                    let mut mail = String::new();
                    while let Ok(Some(line)) = lines.next_line().await {
                        if line == "." {
                            break;
                        }
                        mail.push_str(&line);
                        mail.push('\n');
                    }
                    self.taken.lock().unwrap().push(mail);
                    "250 taken"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            if answer == "silence" {
                std::future::pending::<()>().await;
            }
            if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

async fn write(app: &App, about: (&str, &str)) -> MessageId {
    let letter = mail::letter("Your receipt: 25 € — thank you")
        .line("Dear Ada,")
        .link("Change it", app.url(&format!("/gift/{}", "t".repeat(80))))
        .sign("AMICC");
    let mut tx = app.db.write().await.unwrap();
    let to = "ada@example.org".parse().unwrap();
    let id = mail::send(&mut tx, &to, Class::Transactional, about, &letter, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn read(app: &App, id: MessageId) -> Message {
    let mut tx = app.db.read().await.unwrap();
    mail::by_id(&mut tx, id).await.unwrap().unwrap()
}

async fn with_smtp(answers: &[&'static str]) -> (Server, MailServer) {
    let smtp = MailServer::start(answers).await;
    let url = smtp.url.clone();
    let server = Server::start_with(|config| config.delivery = Delivery::Smtp(Secret::new(url))).await;
    (server, smtp)
}

#[tokio::test]
async fn a_mail_travels_with_the_headers_receivers_rely_on() {
    let (server, smtp) = with_smtp(&[]).await;
    let id = write(&server.app, ("gift", "1")).await;
    server.run_jobs().await;
    assert_eq!(read(&server.app, id).await.state, State::Sent);
    let taken = smtp.taken.lock().unwrap().clone();
    let [mail] = taken.as_slice() else { panic!("{} mails", taken.len()) };
    for line in [
        "From: AMICC <office@amicc.example>".to_owned(),
        "To: ada@example.org".to_owned(),
        "Date: Mon, 21 Sep 2026 14:13:20 +0000".to_owned(),
        format!("Message-ID: <{id}@amicc.example>"),
        "Auto-Submitted: auto-generated".to_owned(),
        "MIME-Version: 1.0".to_owned(),
    ] {
        assert!(mail.lines().any(|l| l == line), "{line} in\n{mail}");
    }
    assert!(mail.contains("multipart/alternative") && mail.contains("text/plain") && mail.contains("text/html"), "{mail}");
}

#[tokio::test]
async fn a_refusal_for_the_moment_is_tried_again_later_and_then_leaves() {
    let (server, smtp) = with_smtp(&["451 4.3.0 busy", "421 4.3.0 still busy"]).await;
    let id = write(&server.app, ("gift", "1")).await;
    server.run_jobs().await;
    let message = read(&server.app, id).await;
    assert_eq!((message.state, message.attempts), (State::Queued, 1));
    assert!(message.error.unwrap().contains("451"));
    server.run_jobs().await;
    assert_eq!(read(&server.app, id).await.attempts, 1, "not at once");
    for wait in [10, 40] {
        server.app.clock.advance(wait);
        server.run_jobs().await;
    }
    let message = read(&server.app, id).await;
    assert_eq!((message.state, message.attempts, message.error), (State::Sent, 3, None));
    assert_eq!(smtp.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refusal_for_good_waits_for_a_person_who_tries_again() {
    let (mut server, smtp) = with_smtp(&["550 5.1.1 <ada@example.org> unknown here"]).await;
    let id = write(&server.app, ("gift", "1")).await;
    server.run_jobs().await;
    let message = read(&server.app, id).await;
    assert_eq!((message.state, message.attempts), (State::Dead, 1));
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(work::counts(&mut tx).await.unwrap(), work::Counts { open: 0, failed: 0 }, "the message waits, not its job");
    let job = work::listed(&mut tx, mail::DELIVER, 1).await.unwrap().remove(0);
    assert!(!job.error.unwrap_or_default().contains("ada@"), "what the log may tell names nobody");
    drop(tx);

    server.sign_in(Role::Development).await;
    let page = server.get(&format!("/staff/mail/{id}")).await;
    let notice = page.all(".notice")[0].clone();
    assert!(notice.contains("given up on 21 September 2026") && notice.contains("unknown here"), "{notice}");
    let answer = server.fill(&format!("/staff/mail/{id}"), "/attempts", &[]).await;
    assert_eq!((answer.status, answer.location()), (303, format!("/staff/mail/{id}").as_str()));
    server.run_jobs().await;
    assert_eq!(read(&server.app, id).await.state, State::Sent);
    assert_eq!(smtp.taken.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refused_sign_in_is_not_the_messages_fault() {
    let (server, _smtp) = with_smtp(&["535 5.7.8 credentials invalid"]).await;
    let id = write(&server.app, ("gift", "1")).await;
    server.run_jobs().await;
    assert_eq!(read(&server.app, id).await.state, State::Queued);
}

#[tokio::test]
async fn a_server_that_stops_talking_or_is_not_there_costs_a_try_and_no_mail() {
    let smtp = MailServer::start(&["silence"]).await;
    let url = smtp.url.clone();
    let server = Server::start_with(|config| {
        config.delivery = Delivery::Smtp(Secret::new(url));
        config.smtp_patience = Duration::from_millis(200);
    })
    .await;
    let id = write(&server.app, ("gift", "1")).await;
    server.run_jobs().await;
    let message = read(&server.app, id).await;
    assert_eq!(message.state, State::Queued);
    assert!(message.error.unwrap().contains("did not answer"));
    server.app.clock.advance(10);
    server.run_jobs().await;
    assert_eq!(read(&server.app, id).await.state, State::Sent);

    let nobody = Server::start_with(|config| config.delivery = Delivery::Smtp(Secret::new("smtp://127.0.0.1:9"))).await;
    let id = write(&nobody.app, ("gift", "1")).await;
    nobody.run_jobs().await;
    for n in 1..work::MOST_ATTEMPTS {
        nobody.app.clock.advance(work::back_off(n));
        nobody.run_jobs().await;
    }
    let message = read(&nobody.app, id).await;
    assert_eq!((message.state, message.attempts), (State::Dead, work::MOST_ATTEMPTS));
    assert!(message.error.unwrap().contains("can't be reached"));
}

#[tokio::test]
async fn into_a_folder_each_message_is_one_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("mails");
    let server = Server::start_with(|config| config.delivery = Delivery::Folder(dir.clone())).await;
    let id = write(&server.app, ("gift", "1")).await;
    server.run_jobs().await;
    assert_eq!(read(&server.app, id).await.state, State::Sent);
    let names: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names, [format!("{id}.eml")]);
    let mail = std::fs::read_to_string(dir.join(&names[0])).unwrap();
    assert!(mail.contains(&format!("Message-ID: <{id}@amicc.example>")));
}

#[tokio::test]
async fn staff_read_a_captured_mail_and_its_markup_stays_in_its_frame() {
    let mut server = Server::start().await;
    let id = write(&server.app, ("gift", "1")).await;
    server.run_jobs().await;
    server.sign_in(Role::Communications).await;
    let list = server.get("/staff/mail?state=captured&q=RECEIPT").await;
    assert!(list.text().contains("Mail is captured.") && list.text().contains("1 message"), "{}", list.text());
    let page = server.get(&format!("/staff/mail/{id}")).await;
    assert!(page.text().contains("ada@example.org has not received it"), "{}", page.text());
    assert!(page.all("pre.raw")[0].contains("Dear Ada,"));
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("frame-src 'self'"));
    let letter = server.get(&page.attr("iframe.mail", "src").unwrap()).await;
    let rules = letter.headers["content-security-policy"].to_str().unwrap();
    assert!(rules.starts_with("sandbox allow-popups") && rules.contains("default-src 'none'") && !rules.contains("script"));
    assert_eq!(letter.headers["x-frame-options"], "SAMEORIGIN");
    assert_eq!(letter.headers["cache-control"], "no-store");
    assert!(letter.body.contains("Dear Ada,") && letter.body.contains(&"t".repeat(80)));
}

#[tokio::test]
async fn read_only_staff_see_a_mail_without_its_signed_links_and_send_nothing() {
    let mut server = Server::start().await;
    let id = write(&server.app, ("gift", "1")).await;
    server.run_jobs().await;
    server.sign_in(Role::ReadOnly).await;
    for path in [format!("/staff/mail/{id}"), format!("/staff/mail/{id}/html")] {
        let page = server.get(&path).await;
        assert!(page.body.contains("Dear Ada,") && !page.body.contains(&"t".repeat(80)), "{path}");
    }
    let proof = server.get("/staff/me").await.attr("input[name=csrf]", "value").unwrap();
    let answer = server.post(&format!("/staff/mail/{id}/attempts"), &[("csrf", &proof)]).await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("Read-only accounts do not send mail"), "{}", answer.text());
}

#[tokio::test]
async fn mail_about_accounts_is_for_administrators() {
    let mut server = Server::start().await;
    let id = write(&server.app, (mail::ACCOUNT, "1")).await;
    server.run_jobs().await;
    server.sign_in(Role::Membership).await;
    assert_eq!(server.get(&format!("/staff/mail/{id}")).await.status, 403);
    assert_eq!(server.get(&format!("/staff/mail/{id}/html")).await.status, 403);
    assert!(server.get("/staff/mail").await.text().contains("No mail has been written yet"));
    server.sign_in(Role::Administrator).await;
    assert_eq!(server.get(&format!("/staff/mail/{id}")).await.status, 200);
    assert_eq!(server.get("/staff/mail/nonsense").await.status, 404);
}

#[tokio::test]
async fn all_that_was_given_up_is_tried_again_at_once() {
    let refusals = ["550 no"; 3];
    let (mut server, smtp) = with_smtp(&refusals).await;
    for n in 0..3 {
        write(&server.app, ("gift", &n.to_string())).await;
    }
    server.run_jobs().await;
    server.sign_in(Role::Administrator).await;
    let list = server.get("/staff/mail?state=dead").await;
    assert!(list.text().contains("3 messages"), "{}", list.text());
    let answer = server.fill("/staff/mail?state=dead", "/staff/mail/attempts", &[]).await;
    assert_eq!(answer.status, 303);
    server.run_jobs().await;
    assert_eq!(smtp.taken.lock().unwrap().len(), 3);
    let audit = server.get("/staff/audit?action=retry").await;
    assert!(audit.text().contains("1 event"), "{}", audit.text());
}

#[tokio::test]
async fn a_long_outbox_is_read_page_by_page() {
    let mut server = Server::start().await;
    for n in 0..60 {
        write(&server.app, ("gift", &n.to_string())).await;
    }
    server.sign_in(Role::ReadOnly).await;
    let first = server.get("/staff/mail").await;
    assert!(first.text().contains("60 messages"));
    assert_eq!(first.all("tbody tr").len(), 50);
    let second = server.get(&first.attr("a[rel=next]", "href").unwrap()).await;
    assert_eq!(second.all("tbody tr").len(), 10);
    let back = server.get(&second.attr("a[rel=prev]", "href").unwrap()).await;
    assert_eq!(back.all("tbody th a"), first.all("tbody th a"));
    assert!(back.attr("a[rel=prev]", "href").is_none());
}
