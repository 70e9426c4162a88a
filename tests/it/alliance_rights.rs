//! Every state of an alliance, everybody who may look, everything that can be done on its pages: allowed,
//! refused with a sentence, or not to be seen.
use crate::{
    alliances::launched,
    members::few,
    organization_rights::{EVERYBODY, Gets, Who, outside},
    server::{Answer, Server},
};
use convener::{
    alliances::{self, AllianceId, AllianceState, pipeline::StepKind},
    staff::{Role, StaffId},
};

/// Pages that every staff user reads.
const READ: [&str; 6] = ["", "/roster", "/activities", "/messages", "/requests", "/fund"];
/// Forms of who keeps alliances, in every state: a record is corrected after it ended, too.
const KEEP: [&str; 7] = ["/facts", "/territory", "/host", "/terms/new", "/steps", "/files", "/succession"];
/// What the leader has.
const WORKSPACE: [&str; 5] = ["", "/roster", "/activities", "/messages", "/requests"];

/// The steps that may come from each state.
const fn possible(state: AllianceState) -> &'static [StepKind] {
    use StepKind::{Closed, Dormant, FirstMeeting, HostConfirmed, Launch, Revived, Visit};
    match state {
        AllianceState::Prospective => &[HostConfirmed, Dormant, Closed],
        AllianceState::Hosted => &[Visit, Dormant, Closed],
        AllianceState::Visited => &[FirstMeeting, Dormant, Closed],
        AllianceState::Organizing => &[Launch, Dormant, Closed],
        AllianceState::Launched => &[Dormant, Closed],
        AllianceState::Dormant => &[Revived, Closed],
        AllianceState::Closed => &[Revived],
    }
}

const fn is_public(state: AllianceState) -> bool {
    matches!(state, AllianceState::Organizing | AllianceState::Launched)
}

/// A server with an alliance in this state that was launched before, where that state is left by no other way,
/// or is on its way there; its leader's account, and the leader of another.
async fn ready(state: AllianceState) -> (Server, AllianceId, [StaffId; 2]) {
    let mut server = Server::start().await;
    let host = few(&server).await[1].id;
    let (id, leader) = launched(&server, "Twin Cities", "ellen@example.org", host).await;
    let (_, other) = launched(&server, "Elsewhere", "other@example.org", host).await;
    server.sign_in(Role::Membership).await;
    let base = format!("/staff/alliances/{id}");
    let back = match state {
        AllianceState::Prospective => 4,
        AllianceState::Hosted => 3,
        AllianceState::Visited => 2,
        AllianceState::Organizing => 1,
        _ => 0,
    };
    for _ in 0..back {
        assert_eq!(server.fill(&base, "undo", &[]).await.status, 303);
    }
    if matches!(state, AllianceState::Dormant | AllianceState::Closed) {
        let kind = if state == AllianceState::Dormant { "dormant" } else { "closed" };
        let step = [("kind", kind), ("on", "2026-09-10")];
        assert_eq!(server.fill(&format!("{base}/steps"), "steps", &step).await.status, 303);
    }
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(alliances::by_id(&mut tx, id).await.unwrap().unwrap().state, state);
    drop(tx);
    (server, id, [leader, other])
}

#[tokio::test]
async fn every_state_lets_each_person_see_and_do_exactly_what_it_should() {
    let mut wrong = Vec::new();
    for state in AllianceState::ALL.iter().copied() {
        let (mut server, id, [leader, other]) = ready(state).await;
        let base = format!("/staff/alliances/{id}");
        for (who, mine) in EVERYBODY.into_iter().map(|who| (who, true)).chain([(Who::Leader, false)]) {
            let csrf = who.come(&mut server, if mine { leader } else { other }).await;
            let mut note = |what: &str, gets: Gets, answer: &Answer| {
                if let Some(difference) = gets.differs(answer) {
                    wrong.push(format!("{state}, {who:?}, {what}: {difference}"));
                }
            };
            for read in READ {
                note(read, outside(who).unwrap_or(Gets::Page), &server.get(&format!("{base}{read}")).await);
            }
            let keeps = outside(who).unwrap_or(if who.admits() { Gets::Page } else { Gets::Only("Only membership staff") });
            for page in KEEP {
                note(page, keeps, &server.get(&format!("{base}{page}")).await);
                if keeps != Gets::Page && page != "/files" {
                    note(&format!("send {page}"), keeps, &server.post(&format!("{base}{page}"), &[("csrf", &csrf)]).await);
                }
            }
            let own = match who {
                Who::Leader if mine => Gets::Page,
                Who::Visitor => Gets::SignIn,
                _ => Gets::Nothing,
            };
            for page in WORKSPACE {
                note(&format!("workspace {page}"), own, &server.get(&format!("/leader/{id}{page}")).await);
            }
            for page in ["/roster", "/activities", "/messages"] {
                let sent = if own == Gets::Page { Gets::Form } else { own };
                note(
                    &format!("send workspace {page}"),
                    sent,
                    &server.post(&format!("/leader/{id}{page}"), &[("csrf", &csrf)]).await,
                );
            }
            let public = if is_public(state) { Gets::Page } else { Gets::Nothing };
            for page in ["/alliances/twin-cities", "/alliances/twin-cities/join"] {
                note(page, public, &server.get(page).await);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_state_shows_the_ways_that_are_open_and_takes_the_steps_that_may_come() {
    let mut wrong = Vec::new();
    for state in AllianceState::ALL.iter().copied() {
        let (mut server, id, [leader, _]) = ready(state).await;
        let base = format!("/staff/alliances/{id}");
        for who in EVERYBODY {
            let csrf = who.come(&mut server, leader).await;
            let shown = server.get(&base).await;
            let linked = |end: &str| shown.attr(&format!("main a[href='{base}{end}']"), "href").is_some();
            for read in &READ[1..] {
                if linked(read) != outside(who).is_none() {
                    wrong.push(format!("{state}, {who:?}: {read} is seen: {}", linked(read)));
                }
            }
            for page in KEEP {
                if linked(page) != who.admits() {
                    wrong.push(format!("{state}, {who:?}: {page} is seen: {}", linked(page)));
                }
            }
            let undo = shown.attr("main form[action$='/steps/undo']", "action").is_some();
            let public = shown.attr("main a[href='/alliances/twin-cities']", "href").is_some();
            if undo != who.admits() || public != (outside(who).is_none() && is_public(state)) {
                wrong.push(format!("{state}, {who:?}: taking back is seen: {undo}, the public page: {public}"));
            }
            if !who.admits() {
                let refused = server.post(&format!("{base}/steps/undo"), &[("csrf", &csrf)]).await;
                let gets = outside(who).unwrap_or(Gets::Only("Only membership staff"));
                wrong.extend(gets.differs(&refused).map(|difference| format!("{state}, {who:?}, undo: {difference}")));
            }
        }
        server.sign_in(Role::Membership).await;
        let offered = server.get(&format!("{base}/steps")).await;
        for kind in StepKind::ALL {
            let may = possible(state).contains(kind);
            if offered.attr(&format!("input[name=kind][value={kind}]"), "value").is_some() != may {
                wrong.push(format!("{state}: {kind} is offered: {}", !may));
            }
            let values = [("kind", kind.as_str()), ("on", "2026-09-12"), ("note", "")];
            let csrf = offered.attr("input[name=csrf]", "value").unwrap();
            let answer = server.post(&format!("{base}/steps"), &[&[("csrf", csrf.as_str())][..], &values].concat()).await;
            let right =
                if may { answer.status == 303 } else { answer.status == 422 && answer.text().contains("can’t come now") };
            if !right {
                wrong.push(format!("{state}, {kind}: {} {}", answer.status, answer.text()));
            }
            if answer.status == 303 {
                assert_eq!(server.fill(&base, "undo", &[]).await.status, 303);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
