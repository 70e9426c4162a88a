//! How an alliance is, in plain warnings, each with the one step that helps. Rules and no
//! page. A dormant or closed alliance is not judged.
use super::{AllianceState, Overview};
use crate::kernel::{Day, text, words};

/// A term that ends within so many days needs a successor.
pub const TERM_ENDS_WITHIN: i64 = 60;
/// An alliance without an activity for so long is quiet.
pub const QUIET_DAYS: i64 = 120;
/// The secretariat should have been in touch within so many days.
pub const CONTACT_DAYS: i64 = 90;
/// An active alliance has at least so many on its roster.
pub const LEAST_ROSTER: i64 = 3;

words! {
    /// The verdict over all warnings.
    pub enum Health {
        Good = "good", "Well";
        Warn = "warn", "Needs care";
        Bad = "bad", "In danger";
        /// Dormant or closed.
        Resting = "resting", "Not judged";
    }
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    pub bad: bool,
    pub words: String,
    /// The one step: what its link says, and where it leads below the alliance's page.
    pub step: (&'static str, &'static str),
}

/// Every warning, the most pressing first.
pub fn warnings(of: &Overview, today: Day) -> Vec<Warning> {
    use AllianceState::{Closed, Dormant, Launched, Organizing, Prospective};
    let state = of.alliance.state;
    if matches!(state, Dormant | Closed) {
        return Vec::new();
    }
    let mut all = Vec::new();
    let mut warn = |bad, words: String, step| all.push(Warning { bad, words, step });
    let leaders = of.leaders(today);
    if leaders.is_empty() {
        warn(true, "Nobody leads it.".to_owned(), ("Name a leader", "/terms/new"));
    }
    match &of.host {
        None if state != Prospective => {
            warn(true, "No host organization stands behind it.".to_owned(), ("Name a host organization", "/host"));
        }
        Some(host) if host.organization.left() => {
            let words = format!("{}, its host organization, is no longer a member.", host.organization.name);
            warn(true, words, ("Name another host organization", "/host"));
        }
        Some(host) if !host.organization.is_member() => {
            let words = format!("{}, its host organization, is not a member.", host.organization.name);
            warn(false, words, ("Name a member as host organization", "/host"));
        }
        _ => {}
    }
    let follows = of.terms.iter().any(|term| term.part == super::Part::Leader && term.from_day > today);
    for term in leaders.iter().filter(|_| leaders.len() == 1 && !follows) {
        if let Some(to) = term.to_day.filter(|to| to.days_since(today) <= TERM_ENDS_WITHIN) {
            let words = format!("The term of {} ends on {} and nobody follows.", term.name, to.words());
            warn(false, words, ("Hand over to a successor", "/succession"));
        }
    }
    if matches!(state, Organizing | Launched) {
        let since = of.last_activity.or(of.launched_on).map_or(QUIET_DAYS + 1, |day| today.days_since(day));
        if since > QUIET_DAYS {
            let words = match of.last_activity {
                Some(day) => {
                    format!("Nothing was done for {} days; the last activity was on {}.", text::number(since), day.words())
                }
                None => "No activity is on record.".to_owned(),
            };
            warn(false, words, ("Record an activity", "/activities#record"));
        }
    }
    if !matches!(state, Prospective) {
        let since = of.last_contact.map_or(CONTACT_DAYS + 1, |day| today.days_since(day));
        if since > CONTACT_DAYS {
            let words = match of.last_contact {
                Some(_) => format!("The secretariat was last in touch {} days ago.", text::number(since)),
                None => "The secretariat has not noted any contact with it.".to_owned(),
            };
            warn(false, words, ("Call the leader and note it", "#contact"));
        }
    }
    if hangs_on_the_founder(of, today) {
        let name = leaders.first().map_or("its founder", |term| term.name.as_str());
        warn(
            false,
            format!("It hangs on {name}, its founder: nobody else leads and there is no deputy."),
            ("Name a deputy", "/terms/new?part=deputy"),
        );
    }
    if state == Launched && of.roster < LEAST_ROSTER {
        let words = match of.roster {
            0 => "Nobody stands on its roster.".to_owned(),
            n => format!("Only {} on its roster.", text::count(n, "entry stands", "entries stand")),
        };
        warn(false, words, ("Add to the roster", "/roster#add"));
    }
    all.sort_by_key(|warning| !warning.bad);
    all
}

/// How many alliances need care or are in danger on a day, and how many of them are in danger.
pub async fn in_need(tx: &mut crate::db::Tx, today: Day) -> sqlx::Result<(i64, i64)> {
    let all = super::queries::overviews(tx, today).await?;
    let count = |verdict| i64::try_from(all.iter().filter(|of| health(of, today) == verdict).count()).unwrap_or(i64::MAX);
    let (bad, warn) = (count(Health::Bad), count(Health::Warn));
    Ok((bad + warn, bad))
}

/// One leader, who founded it, and no deputy.
pub fn hangs_on_the_founder(of: &Overview, today: Day) -> bool {
    let current: Vec<_> = of.current(today).collect();
    current.len() == 1 && current[0].founder && current[0].part == super::Part::Leader
}

/// The verdict over them.
pub fn health(of: &Overview, today: Day) -> Health {
    if matches!(of.alliance.state, AllianceState::Dormant | AllianceState::Closed) {
        return Health::Resting;
    }
    let warnings = warnings(of, today);
    if warnings.iter().any(|warning| warning.bad) {
        Health::Bad
    } else if warnings.is_empty() {
        Health::Good
    } else {
        Health::Warn
    }
}
