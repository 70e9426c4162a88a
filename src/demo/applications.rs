//! Applications on their way: one begun, two waiting, one that was asked about, one in review. They go
//! the way real ones do, with their links, letters and documents, so that each can be gone on with.
use super::{paper, people};
use crate::{
    app::App,
    db::Tx,
    kernel::{Coalition, Timestamp},
    members::{
        self, Application, ApplicationId, ContactRole, NewContact, Track,
        application::{
            self, DocumentKind,
            votes::{self, Choice},
        },
        rounds::{RoundRules, Threshold},
    },
    settings,
    staff::{self, Staff},
};

/// What one applicant writes, and when.
struct Story {
    name: &'static str,
    track: Track,
    category: &'static str,
    city: &'static str,
    state: &'static str,
    founded: i64,
    mission: &'static str,
    kind: DocumentKind,
    delegate: &'static str,
    title: &'static str,
    /// The applicant's mailbox and domain.
    email: &'static str,
    /// How many days ago it was begun.
    begun: i64,
    fate: Fate,
}

/// How far it has come since.
enum Fate {
    Draft,
    Waiting,
    /// Days ago, and what was asked.
    Asked(i64, &'static str),
    /// Days ago.
    InReview(i64),
}

const STORIES: &[Story] = &[
    Story {
        name: "Survivors’ Archive of Oral History",
        track: Track::Member,
        category: "victims",
        city: "Chicago",
        state: "IL",
        founded: 1996,
        mission: "Records what survivors of mass violence remember, and brings it to courts and classrooms across the country.",
        kind: DocumentKind::Resolution,
        delegate: "Amara Diallo",
        title: "President",
        email: "amara@survivors-archive.example",
        begun: 24,
        fate: Fate::InReview(6),
    },
    Story {
        name: "Fellowship of Bridges",
        track: Track::Member,
        category: "religious",
        city: "Atlanta",
        state: "GA",
        founded: 1958,
        mission: "Congregations in thirty states that work for reconciliation after war.",
        kind: DocumentKind::Letter,
        delegate: "Ruth Ellison",
        title: "Program Officer",
        email: "ruth@bridges.example",
        begun: 17,
        fate: Fate::Asked(
            5,
            "Thank you for your letter. It is signed by the program officer; our rules ask for a senior official. \
             Can your general secretary sign it, or your council pass a resolution?",
        ),
    },
    Story {
        name: "Women Jurists of the Two Coasts",
        track: Track::Member,
        category: "womens-groups",
        city: "San Francisco",
        state: "CA",
        founded: 1987,
        mission: "Lawyers and judges who train colleagues nationwide to prosecute crimes against women in war.",
        kind: DocumentKind::Letter,
        delegate: "Ines Navarro",
        title: "Executive Director",
        email: "ines@women-jurists.example",
        begun: 13,
        fate: Fate::Waiting,
    },
    Story {
        name: "Campus Network for the Rule of Law",
        track: Track::Observer,
        category: "students-and-young-adults",
        city: "Ann Arbor",
        state: "MI",
        founded: 2009,
        mission: "Student groups at sixty universities that follow the work of international courts.",
        kind: DocumentKind::Letter,
        delegate: "Theo Brandt",
        title: "Chair",
        email: "theo@campus-network.example",
        begun: 4,
        fate: Fate::Waiting,
    },
    Story {
        name: "Veterans for Lawful Orders",
        track: Track::Member,
        category: "veterans",
        city: "Norfolk",
        state: "VA",
        founded: 2003,
        mission: "Former officers who teach the law of armed conflict.",
        kind: DocumentKind::Letter,
        delegate: "Marcus Hale",
        title: "Director",
        email: "marcus@lawful-orders.example",
        begun: 2,
        fate: Fate::Draft,
    },
];

pub(super) async fn add(app: &App) -> Result<(), super::Problem> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    settings::set(&mut tx, &RoundRules { threshold: Threshold::TwoThirds, ..RoundRules::default() }, now).await?;
    tx.commit().await?;
    for story in STORIES {
        tell(app, story, now).await?;
    }
    Ok(())
}

async fn tell(app: &App, story: &Story, now: Timestamp) -> Result<(), super::Problem> {
    let coalition = app.coalition.get();
    let begun = now.plus_days(-story.begun);
    let (id, email) = (ApplicationId::new(), story.email.parse()?);
    let document = paper::pdf(&letter(story, &coalition, begun));
    let complete = !matches!(story.fate, Fate::Draft);
    let stored = if complete { Some(app.files.put(&document).await?) } else { None };
    let mut tx = app.db.write().await?;
    let token = application::begin(&mut tx, app, id, &email, begun).await?.ok_or("the application is there already")?;
    let mut answers = application::by_id(&mut tx, id).await?.ok_or("the application is not there")?;
    let categories = members::categories(&mut tx).await?;
    answers.category_id = categories.iter().find(|c| c.slug == story.category).map(|c| c.id);
    describe(&mut answers, story);
    if let Some(stored) = stored {
        let version = members::commitment(&mut tx, coalition.zone().day(begun)).await?.map(|text| text.version);
        let form = application::forms::latest(&mut tx, story.track).await?;
        answers.confirm_conditions(&form);
        commit(&mut answers, story, version, &coalition, begun)?;
        application::attach(&mut answers, stored, "signed-commitment.pdf", &document);
    }
    application::answer(&mut tx, &answers, begun.plus_seconds(1_500)).await?;
    if complete {
        application::submit(&mut tx, app, &answers, &token, begun.plus_hours(20)).await?;
    }
    let reviewer = staff::by_email(&mut tx, &people::REVIEWER.parse()?).await?.ok_or("the reviewer has no account")?;
    let sent = application::by_id(&mut tx, id).await?.ok_or("the application is not there")?;
    match story.fate {
        Fate::Asked(days, question) => {
            application::ask(&mut tx, app, &reviewer, &sent, question, now.plus_days(-days)).await?;
        }
        Fate::InReview(days) => {
            application::take_up(&mut tx, app, &reviewer, &sent, now.plus_days(-days)).await?;
            deliberate(&mut tx, &reviewer, id, now.plus_days(-days)).await?;
        }
        Fate::Draft | Fate::Waiting => {}
    }
    tx.commit().await?;
    Ok(())
}

/// Three are asked to look at it; two have voted.
async fn deliberate(tx: &mut Tx, by: &Staff, id: ApplicationId, since: Timestamp) -> Result<(), super::Problem> {
    let reviewers = staff::reviewers(tx).await?;
    votes::assign(tx, by, id, &reviewers, since.plus_hours(1)).await?;
    let others: Vec<_> = reviewers.iter().filter(|reviewer| reviewer.id != by.id).collect();
    let comments = ["Works in thirty states, and its archive served two trials.", ""];
    for (reviewer, (comment, days)) in others.iter().zip(comments.iter().zip([2, 4])) {
        votes::vote(tx, reviewer, id, Choice::For, comment, since.plus_days(days)).await?;
    }
    Ok(())
}

fn describe(a: &mut Application, story: &Story) {
    a.track = Some(story.track);
    a.name = Some(story.name.to_owned());
    a.website = story.email.split_once('@').map(|(_, host)| format!("https://www.{host}"));
    a.city = Some(story.city.to_owned());
    a.state_code = Some(story.state.to_owned());
    a.founded = Some(story.founded);
    a.mission = Some(story.mission.to_owned());
}

fn commit(
    a: &mut Application,
    story: &Story,
    version: Option<i64>,
    coalition: &Coalition,
    at: Timestamp,
) -> Result<(), super::Problem> {
    a.commitment_version = version;
    a.committed_at = Some(at.plus_seconds(900));
    a.document_kind = Some(story.kind);
    a.signatory = Some(story.delegate.to_owned());
    a.signatory_title = Some(story.title.to_owned());
    a.document_day = Some(coalition.zone().day(at.plus_days(-6)));
    a.name_people(&[NewContact {
        role: ContactRole::Delegate,
        name: story.delegate.to_owned(),
        title: story.title.to_owned(),
        email: story.email.parse()?,
        phone: Some("+1 202 555 0139".to_owned()),
    }]);
    Ok(())
}

/// The lines of the document.
fn letter(story: &Story, coalition: &Coalition, at: Timestamp) -> Vec<String> {
    let day = coalition.zone().day(at.plus_days(-6)).words();
    let opening = match story.kind {
        DocumentKind::Letter => format!("To the secretariat of {}:", coalition.short_name),
        DocumentKind::Resolution => "Resolved by the Board of Directors:".to_owned(),
    };
    [
        story.name.to_owned(),
        format!("{}, {}, {day}", story.city, story.state),
        String::new(),
        opening,
        String::new(),
        format!("{} shares the purpose of the coalition, makes the commitment", story.name),
        "that its members make, and will make it known in its own name.".to_owned(),
        String::new(),
        format!("Signed: {}, {}", story.delegate, story.title),
        String::new(),
        "This document was generated for a demonstration. It binds nobody.".to_owned(),
    ]
    .into()
}
