//! Every standing of a membership, everybody who may look, everything that can be done on the page of an
//! organization: allowed, refused with a sentence, or not to be seen.
use crate::{
    alliances::{be, launched},
    members::few,
    server::{Answer, Server},
    standing::act,
};
use convener::{
    members::{
        reaffirmation::Rhythm,
        standing::{Act, Standing},
    },
    settings,
    staff::{Role, StaffId},
};

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Staff(Role),
    Leader,
    Visitor,
}

pub(crate) const EVERYBODY: [Who; 7] = [
    Who::Staff(Role::Administrator),
    Who::Staff(Role::Membership),
    Who::Staff(Role::Development),
    Who::Staff(Role::Communications),
    Who::Staff(Role::ReadOnly),
    Who::Leader,
    Who::Visitor,
];

impl Who {
    pub(crate) const fn admits(self) -> bool {
        matches!(self, Self::Staff(Role::Administrator | Role::Membership))
    }

    const fn keeps_gifts(self) -> bool {
        matches!(self, Self::Staff(Role::Administrator | Role::Development))
    }

    /// Lets the server's client be this person; gives the proof that forms carry, when there is one.
    pub(crate) async fn come(self, server: &mut Server, leader: StaffId) -> String {
        match self {
            Self::Staff(role) => {
                server.sign_in(role).await;
            }
            Self::Leader => be(server, leader).await,
            Self::Visitor => {
                server.http = Server::visitor();
                return "none".to_owned();
            }
        }
        server.get("/staff/me").await.attr("input[name=csrf]", "value").unwrap()
    }
}

/// An answer, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gets {
    Page,
    /// Given back with what is wrong, or done: the right is there.
    Form,
    /// No right: a sentence that begins so.
    Only(&'static str),
    /// Not now: a sentence with these words.
    Not(&'static str),
    Nothing,
    SignIn,
}

impl Gets {
    /// What is wrong with an answer, if anything.
    pub(crate) fn differs(self, answer: &Answer) -> Option<String> {
        let (status, text) = (answer.status, answer.text());
        let right = match self {
            Self::Page => status == 200,
            Self::Form => status == 422 || status == 303 && !answer.location().starts_with("/staff/sign-in"),
            Self::Only(words) => status == 403 && text.contains(words),
            Self::Not(words) => status == 409 && text.contains(words),
            Self::Nothing => status == 404,
            Self::SignIn => status == 303 && answer.location().starts_with("/staff/sign-in"),
        };
        (!right).then(|| {
            format!("{status} {} instead of {self:?}: {}", answer.location(), text.chars().take(200).collect::<String>())
        })
    }
}

const MEMBERSHIP: &str = "Only membership staff";

/// What everybody but staff gets below `/staff`.
pub(crate) const fn outside(who: Who) -> Option<Gets> {
    match who {
        Who::Leader => Some(Gets::Nothing),
        Who::Visitor => Some(Gets::SignIn),
        Who::Staff(_) => None,
    }
}

/// Pages that every staff user reads, whatever the standing.
const READ: [&str; 4] = ["", "/timeline", "/dossier", "/gifts"];
/// Forms of who keeps organizations, whatever the standing: a record is corrected after it ended, too.
const KEEP: [&str; 10] =
    ["/name", "/former-names", "/profile", "/reach", "/tags", "/notes", "/logo", "/delegate", "/contacts/new", "/documents/new"];

/// What each act is from each standing; the order is that of [`Act::ALL`].
const fn possible(standing: Standing) -> &'static str {
    match standing {
        Standing::InGoodStanding | Standing::ReaffirmationDue | Standing::ReaffirmationOverdue => "y-yyyy-",
        Standing::Inactive => "yyryyy-",
        Standing::Suspended => "ryyyyy-",
        Standing::Resigned => "----yyy",
        Standing::Merged | Standing::Dissolved => "------r",
    }
}

fn act_gets(standing: Standing, act: Act, who: Who) -> Gets {
    if let Some(outside) = outside(who) {
        return outside;
    }
    if !who.admits() {
        return Gets::Only(MEMBERSHIP);
    }
    let n = Act::ALL.iter().position(|each| *each == act).unwrap();
    match possible(standing).as_bytes()[n] {
        b'y' => Gets::Form,
        b'r' => Gets::Not("Nothing was changed."),
        _ => Gets::Nothing,
    }
}

fn certificate_gets(standing: Standing, who: Who) -> Gets {
    let why = match standing {
        Standing::InGoodStanding | Standing::ReaffirmationDue | Standing::ReaffirmationOverdue | Standing::Inactive => {
            return outside(who).unwrap_or(Gets::Page);
        }
        Standing::Suspended => "its membership is suspended",
        Standing::Resigned => "it resigned",
        Standing::Merged => "it merged into another organization",
        Standing::Dissolved => "it was dissolved",
    };
    outside(who).unwrap_or(Gets::Not(why))
}

/// What the public page says, or where it leads.
const fn public(standing: Standing) -> (u16, &'static str) {
    match standing {
        Standing::InGoodStanding
        | Standing::ReaffirmationDue
        | Standing::ReaffirmationOverdue
        | Standing::Inactive
        | Standing::Suspended => (200, "38th institutional member"),
        Standing::Resigned => (200, "was a member from 1 May 2012 to 2 September 2026"),
        Standing::Merged => (308, "/members/39-societe-pour-la-justice?merged=38-world-without-genocide"),
        Standing::Dissolved => (200, "The organization was dissolved."),
    }
}

/// A server whose first member has this standing, the page of its record, and a leader's account.
async fn ready(standing: Standing) -> (Server, String, StaffId) {
    let mut server = Server::start().await;
    let all = few(&server).await;
    let (_, leader) = launched(&server, "Twin Cities", "ellen@example.org", all[1].id).await;
    server.sign_in(Role::Membership).await;
    let record = format!("/staff/organizations/{}", all[0].id);
    let successor = all[1].id.to_string();
    let plain = [("on", "2026-09-02"), ("reason", "A reason for staff.")];
    let way: (&str, &[(&str, &str)]) = match standing {
        Standing::InGoodStanding => return (server, record, leader),
        Standing::ReaffirmationDue | Standing::ReaffirmationOverdue => {
            let first_due = if standing == Standing::ReaffirmationDue { "2026-10-15" } else { "2026-09-10" };
            let rhythm = Rhythm { months: 24, first_due: Some(first_due.parse().unwrap()), ..Rhythm::default() };
            let mut tx = server.app.db.write().await.unwrap();
            settings::set(&mut tx, &rhythm, server.app.clock.now()).await.unwrap();
            tx.commit().await.unwrap();
            return (server, record, leader);
        }
        Standing::Inactive => ("override", &[("until", "2026-12-01"), ("standing", "inactive")]),
        Standing::Suspended => ("suspension", &[]),
        Standing::Resigned => ("resignation", &[]),
        Standing::Merged => ("merger", &[("successor", &successor)]),
        Standing::Dissolved => ("dissolution", &[]),
    };
    act(&server, &record, way.0, &[&plain, way.1].concat()).await;
    (server, record, leader)
}

#[tokio::test]
async fn every_standing_lets_each_person_see_and_do_exactly_what_it_should() {
    let mut wrong = Vec::new();
    for standing in Standing::ALL.iter().copied() {
        let (mut server, record, leader) = ready(standing).await;
        assert!(server.get(&record).await.text().contains(&standing.label()), "{standing}");
        for who in EVERYBODY {
            let csrf = who.come(&mut server, leader).await;
            let mut note = |what: &str, gets: Gets, answer: &Answer| {
                if let Some(difference) = gets.differs(answer) {
                    wrong.push(format!("{standing}, {who:?}, {what}: {difference}"));
                }
            };
            for read in READ {
                note(read, outside(who).unwrap_or(Gets::Page), &server.get(&format!("{record}{read}")).await);
            }
            let certificate = server.get(&format!("{record}/certificate")).await;
            note("certificate", certificate_gets(standing, who), &certificate);
            let keeps = outside(who).unwrap_or(if who.admits() { Gets::Page } else { Gets::Only(MEMBERSHIP) });
            for page in KEEP {
                note(page, keeps, &server.get(&format!("{record}{page}")).await);
                // A form with a file is read before anything else: it is refused as a form without one.
                if keeps != Gets::Page && !["/logo", "/documents/new"].contains(&page) {
                    note(&format!("send {page}"), keeps, &server.post(&format!("{record}{page}"), &[("csrf", &csrf)]).await);
                }
            }
            let ties = if who.keeps_gifts() { Gets::Nothing } else { Gets::Only("Only development staff") };
            let nobody = [("csrf", csrf.as_str()), ("donor", "00000000-0000-0000-0000-000000000000")];
            note("tie", outside(who).unwrap_or(ties), &server.post(&format!("{record}/gifts"), &nobody).await);
            for act in Act::ALL.iter().copied() {
                let at = format!("{record}/standing/{act}");
                let gets = act_gets(standing, act, who);
                let opened = if gets == Gets::Form { Gets::Page } else { gets };
                note(&format!("open {act}"), opened, &server.get(&at).await);
                note(&format!("send {act}"), gets, &server.post(&at, &[("csrf", &csrf)]).await);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_standing_shows_each_person_the_ways_that_are_open_to_them_and_no_others() {
    let mut wrong = Vec::new();
    for standing in Standing::ALL.iter().copied() {
        let (mut server, record, leader) = ready(standing).await;
        for who in EVERYBODY {
            who.come(&mut server, leader).await;
            let shown = server.get(&record).await;
            let linked = |end: &str| shown.attr(&format!("main a[href='{record}{end}']"), "href").is_some();
            let reads = outside(who).is_none();
            for read in &READ[1..] {
                if linked(read) != reads {
                    wrong.push(format!("{standing}, {who:?}: {read} is seen: {}", !reads));
                }
            }
            for page in KEEP {
                if linked(page) != who.admits() {
                    wrong.push(format!("{standing}, {who:?}: {page} is seen: {}", !who.admits()));
                }
            }
            for act in Act::ALL.iter().copied() {
                let open = act_gets(standing, act, who) == Gets::Form;
                if linked(&format!("/standing/{act}")) != open {
                    wrong.push(format!("{standing}, {who:?}: {act} is seen: {}", !open));
                }
                let refused = matches!(act_gets(standing, act, who), Gets::Not(_));
                let said = shown.all("main li.hint").iter().any(|line| line.starts_with(&format!("{}:", act.label())));
                if said != refused {
                    wrong.push(format!("{standing}, {who:?}: why not {act} is said: {said}"));
                }
            }
            let page = server.get("/members/38-world-without-genocide").await;
            let (status, words) = public(standing);
            let arrived = if status == 308 { page.location() == words } else { page.text().contains(words) };
            if page.status != status || !arrived || page.text().contains("A reason for staff") || page.text().contains("uspended")
            {
                wrong.push(format!("{standing}, {who:?}: the public page is {} {}", page.status, page.text()));
            }
            let on_roll = server.get("/members").await.all("table.roll tbody th").contains(&"World Without Genocide".to_owned());
            if on_roll != standing.belongs() {
                wrong.push(format!("{standing}, {who:?}: on the roll: {on_roll}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
