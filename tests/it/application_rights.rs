//! Every state of an application, everybody who may look at it, everything that can be done: allowed,
//! refused with a sentence, or not to be seen.
use crate::{
    joining::{answer_all, begin, open, send},
    server::{Answer, Server},
};
use convener::{
    members::{ApplicationId, application::ApplicationState},
    staff::{self, Role},
};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Administrator,
    Membership,
    /// Reads only, and is named as a reviewer.
    Reviewer,
    ReadOnly,
}

const EVERYBODY: [Who; 4] = [Who::Administrator, Who::Membership, Who::Reviewer, Who::ReadOnly];

impl Who {
    const fn role(self) -> Role {
        match self {
            Self::Administrator => Role::Administrator,
            Self::Membership => Role::Membership,
            Self::Reviewer => Role::Communications,
            Self::ReadOnly => Role::ReadOnly,
        }
    }

    const fn admits(self) -> bool {
        matches!(self, Self::Administrator | Self::Membership)
    }
}

/// What staff can do: the end of its address, what is typed, and how refusals begin.
const ACTIONS: [(&str, &[(&str, &str)]); 7] = [
    ("review", &[]),
    ("question", &[("message", "Which city is it?")]),
    ("vote", &[("vote", "for"), ("comment", "")]),
    ("reviewers", &[]),
    ("deferral", &[("deferral", "Your board meets later.")]),
    ("decision", &[("decision", "declined"), ("reason", "It is local.")]),
    ("minutes", &[]),
];

/// What each state allows whom: the answer's status and, when it refuses, words of its sentence.
fn expected(state: ApplicationState, action: &str, who: Who) -> (u16, &'static str) {
    use ApplicationState::{Approved, Declined, InReview};
    let waiting = state.is_waiting();
    let decided = matches!(state, Approved | Declined);
    match action {
        "vote" if who == Who::ReadOnly => (403, "names as reviewers"),
        _ if action != "vote" && !who.admits() => (403, "Only membership staff"),
        "vote" | "reviewers" | "deferral" if state == InReview => (303, ""),
        "vote" | "reviewers" | "deferral" => (409, "is not in review"),
        "review" | "question" | "decision" if waiting => (303, ""),
        "review" => (409, "does not wait for a review any more"),
        "question" => (409, "does not wait for us any more"),
        "decision" => (409, "Nothing was changed"),
        // A file that is missing, for who may file one; no record, no place for it.
        "minutes" if decided => (422, "Choose the file"),
        _ => (404, "There is no such page"),
    }
}

/// Whether a button for it stands on the pages that this person opens.
fn seen(state: ApplicationState, action: &str, who: Who) -> bool {
    let reviews = who != Who::ReadOnly;
    let in_review = state == ApplicationState::InReview;
    match action {
        "review" => who.admits() && state == ApplicationState::Submitted,
        "vote" => reviews && in_review,
        "reviewers" | "deferral" => who.admits() && in_review,
        "question" | "decision" => who.admits() && state.is_waiting(),
        _ => false,
    }
}

/// A server with two days of review and the four people.
async fn ready() -> Server {
    let mut server = open().await;
    let mut tx = server.app.db.write().await.unwrap();
    convener::members::insert_review_round(&mut tx, "2027-01-04".parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    for who in EVERYBODY {
        server.sign_in(who.role()).await;
    }
    let administrator = server.sign_in(Role::Administrator).await;
    let mut tx = server.app.db.write().await.unwrap();
    let reviewer = staff::by_email(&mut tx, &"communications@amicc.example".parse().unwrap()).await.unwrap().unwrap();
    staff::people::name_reviewer(&mut tx, &server.app, &administrator, reviewer.id, true).await.unwrap();
    tx.commit().await.unwrap();
    server
}

/// Brings an application into a state, as people do; gives its applicant's address and its page.
async fn bring(server: &mut Server, state: ApplicationState, n: usize) -> (String, String) {
    use ApplicationState::{Approved, Declined, Draft, InReview, NeedsInformation, Withdrawn};
    let at = begin(server, &format!("a{n}@example.org")).await;
    answer_all(server, &at, &format!("Organization {n}"), "member").await;
    if state != Draft {
        assert_eq!(send(server, &at).await.status, 303);
    }
    server.sign_in(Role::Membership).await;
    let id = id_of(server, n).await;
    let page = format!("/staff/applications/{id}");
    let fields: (&str, &[(&str, &str)]) = match state {
        InReview => ("review", &[]),
        NeedsInformation => ("question", &[("message", "Why?")]),
        Approved => ("decision", &[("decision", "approved")]),
        Declined => ("decision", &[("decision", "declined"), ("reason", "No.")]),
        Withdrawn => {
            server.fill(&format!("{at}/withdrawal"), "withdrawal", &[]).await;
            return (at, page);
        }
        _ => return (at, page),
    };
    let from = if fields.0 == "decision" { format!("{page}/decision") } else { page.clone() };
    assert_eq!(server.fill(&from, fields.0, fields.1).await.status, 303);
    (at, page)
}

async fn id_of(server: &Server, n: usize) -> ApplicationId {
    for list in ["", "?state=draft"] {
        let list = server.get(&format!("/staff/applications{list}")).await;
        let html = list.html();
        let links = scraper::Selector::parse("tbody th a").unwrap();
        let name = format!("Organization {n}");
        if let Some(link) = html.select(&links).find(|a| a.text().collect::<String>() == name) {
            return link.attr("href").unwrap().rsplit('/').next().unwrap().parse().unwrap();
        }
    }
    panic!("Organization {n} is in no list");
}

/// Posts an action whether or not there is a button for it, with a proof from another page of theirs.
async fn act(server: &Server, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let me = server.get("/staff/me").await.form("", "", &[]).1;
    let csrf = me.into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    let target = server.absolute(&format!("{page}/{action}"));
    if action == "minutes" {
        let form = reqwest::multipart::Form::new().text("csrf", csrf);
        return Answer::of(server.http.post(target).multipart(form).send().await.unwrap()).await;
    }
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend_from_slice(fields);
    Answer::of(server.http.post(target).form(&all).send().await.unwrap()).await
}

#[tokio::test]
async fn every_state_lets_each_person_do_exactly_what_it_should() {
    let mut server = ready().await;
    let (mut n, mut used) = (0, true);
    let mut wrong = Vec::new();
    for state in ApplicationState::ALL.iter().copied() {
        for (action, fields) in ACTIONS {
            for who in EVERYBODY {
                let (status, sentence) = expected(state, action, who);
                // What is refused changes nothing, so the last one serves again.
                if used || found(&server, n).await.state != state {
                    n += 1;
                    // Within the limit of applications begun from one place.
                    server.app.clock.advance(if n.is_multiple_of(15) { 3_600 } else { 0 });
                    bring(&mut server, state, n).await;
                }
                server.sign_in(Role::Membership).await;
                let page = page_of(&server, n).await;
                server.sign_in(who.role()).await;
                let shown = server.get(&page).await;
                let button = shown.attr(&format!("main form[action$='/{action}'], main a[href$='/{action}']"), "class").is_some()
                    || !shown.all(&format!("main form[action$='/{action}'], main a[href$='/{action}']")).is_empty();
                if button != seen(state, action, who) {
                    wrong.push(format!("{state}, {action}, {who:?}: seen is {button}"));
                }
                let answer = act(&server, &page, action, fields).await;
                used = answer.status == 303;
                if answer.status != status || !answer.text().contains(sentence) {
                    wrong.push(format!(
                        "{state}, {action}, {who:?}: {} instead of {status} “{sentence}”: {}",
                        answer.status,
                        answer.text()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn found(server: &Server, n: usize) -> convener::members::Application {
    let mut tx = server.app.db.read().await.unwrap();
    let email = format!("a{n}@example.org").parse().unwrap();
    let mail = convener::mail::to_address(&mut tx, &email, 1).await.unwrap().remove(0);
    let message = convener::mail::by_id(&mut tx, mail.id).await.unwrap().unwrap();
    let id: ApplicationId = message.record_id.parse().unwrap();
    convener::members::application::by_id(&mut tx, id).await.unwrap().unwrap()
}

async fn page_of(server: &Server, n: usize) -> String {
    format!("/staff/applications/{}", found(server, n).await.id)
}

#[tokio::test]
async fn every_state_lets_its_applicant_do_exactly_what_it_should() {
    let mut server = ready().await;
    for (n, state) in ApplicationState::ALL.iter().copied().enumerate() {
        let (at, _) = bring(&mut server, state, n).await;
        let status = server.get(&at).await;
        assert_eq!(status.status, 200, "{state}");
        let open = matches!(state, ApplicationState::Draft | ApplicationState::NeedsInformation);
        assert_eq!(status.attr("a[href$=check]", "href").is_some(), open, "{state}: going on");
        assert_eq!(status.attr("a[href$=withdrawal]", "href").is_some(), open || state.is_waiting(), "{state}: withdrawing");
        for page in ["organization", "document", "check"] {
            let answer = server.get(&format!("{at}/{page}")).await;
            let wanted = if open { (200, "") } else { (303, at.as_str()) };
            assert_eq!((answer.status, answer.location()), wanted, "{state}: {page}");
        }
        let late = server.fill(&format!("{at}/withdrawal"), "withdrawal", &[]).await;
        assert_eq!(late.status, 303);
        let withdrawn = server.get(&at).await.text().contains("You withdrew it");
        let decided = matches!(state, ApplicationState::Approved | ApplicationState::Declined);
        assert_eq!(withdrawn, !decided, "{state}: a decision stays");
    }
}
