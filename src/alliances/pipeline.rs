//! The way of an alliance: prospective, hosted, visited, organizing, launched, dormant, closed. Each state
//! follows from a dated step; a step that rests on another is refused before it.
use super::{AllianceState, StepId};
use crate::kernel::{Day, words};

words! {
    /// What happens to an alliance on its way.
    pub enum StepKind {
        LeaderFound = "leader_found", "Leader found";
        HostConfirmed = "host_confirmed", "Host organization confirmed";
        Visit = "visit", "Visit by the secretariat";
        FirstMeeting = "first_meeting", "First meeting";
        Launch = "launch", "Launch";
        Dormant = "dormant", "Went dormant";
        Revived = "revived", "Revived";
        Closed = "closed", "Closed";
    }
}

/// The checklist that leads to the launch, in order.
pub const CHECKLIST: &[StepKind] =
    &[StepKind::LeaderFound, StepKind::HostConfirmed, StepKind::Visit, StepKind::FirstMeeting, StepKind::Launch];

/// One row of `alliance_step`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Step {
    pub id: StepId,
    pub kind: StepKind,
    pub on_day: Day,
    pub note: String,
    pub recorded_by: String,
}

/// Whether the leader and the host that two of the steps rest on are there.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    pub leader: bool,
    pub host: bool,
}

/// Where an alliance stands after these steps, which are in order.
pub fn state(steps: &[Step]) -> AllianceState {
    let (mut reached, mut now) = (AllianceState::Prospective, AllianceState::Prospective);
    for step in steps {
        now = match step.kind {
            StepKind::LeaderFound => AllianceState::Prospective,
            StepKind::HostConfirmed => AllianceState::Hosted,
            StepKind::Visit => AllianceState::Visited,
            StepKind::FirstMeeting => AllianceState::Organizing,
            StepKind::Launch => AllianceState::Launched,
            StepKind::Dormant => AllianceState::Dormant,
            StepKind::Closed => AllianceState::Closed,
            StepKind::Revived => reached,
        };
        if !matches!(now, AllianceState::Dormant | AllianceState::Closed) {
            reached = now;
        }
    }
    now
}

/// The steps that may come now, the expected one first.
pub fn possible(steps: &[Step]) -> Vec<StepKind> {
    use StepKind::{Closed, Dormant, Revived};
    match state(steps) {
        AllianceState::Closed => vec![Revived],
        AllianceState::Dormant => vec![Revived, Closed],
        AllianceState::Launched => vec![Dormant, Closed],
        _ => next_on_list(steps).into_iter().chain([Dormant, Closed]).collect(),
    }
}

/// The first point of the checklist that is not reached.
pub fn next_on_list(steps: &[Step]) -> Option<StepKind> {
    CHECKLIST.iter().copied().find(|kind| !steps.iter().any(|step| step.kind == *kind))
}

/// Why a step can't be taken, as a sentence; `None` when it can.
pub fn refusal(steps: &[Step], kind: StepKind, on: Day, today: Day, ground: Ground) -> Option<String> {
    if on > today {
        return Some("Write the day it happened; it can’t lie ahead".to_owned());
    }
    if !possible(steps).contains(&kind) {
        let first = possible(steps).first().map_or_else(String::new, |k| k.label().to_lowercase());
        return Some(format!("“{}” can’t come now. The next step is: {first}", kind.label()));
    }
    if let Some(last) = steps.last().filter(|last| last.on_day > on) {
        return Some(format!("“{}” was on {}; a later step can’t be before it", last.kind.label(), last.on_day.words()));
    }
    match kind {
        StepKind::LeaderFound if !ground.leader => Some("Name the leader first, under “Leaders and deputies”".to_owned()),
        StepKind::HostConfirmed if !ground.host => Some("Name the host organization first".to_owned()),
        _ => None,
    }
}

/// What the state means, with what comes next.
pub const fn sentence(state: AllianceState) -> &'static str {
    match state {
        AllianceState::Prospective => {
            "Somebody thinks of an alliance here. It needs a leader, and a member that stands behind the leader."
        }
        AllianceState::Hosted => "A leader and a host organization are there. The secretariat visits next.",
        AllianceState::Visited => "The secretariat has been there. The first meeting comes next.",
        AllianceState::Organizing => "The first meeting was held. The launch comes next.",
        AllianceState::Launched => "The alliance is active.",
        AllianceState::Dormant => "Nothing happens here at the moment. It can be revived, or closed.",
        AllianceState::Closed => "This alliance is closed. Its records stay.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i64) -> Day {
        Day::new(2026, 1, 1).unwrap().plus_days(n)
    }

    fn way(kinds: &[StepKind]) -> Vec<Step> {
        let step = |(n, kind): (i64, &StepKind)| Step {
            id: StepId::new(),
            kind: *kind,
            on_day: day(n),
            note: String::new(),
            recorded_by: String::new(),
        };
        (0..).zip(kinds).map(step).collect()
    }

    #[test]
    fn the_state_follows_from_the_steps() {
        use AllianceState as S;
        let states = [S::Prospective, S::Hosted, S::Visited, S::Organizing, S::Launched];
        for (n, expected) in states.into_iter().enumerate() {
            let steps = way(&CHECKLIST[..=n]);
            assert_eq!(state(&steps), expected);
            assert_eq!(next_on_list(&steps), CHECKLIST.get(n + 1).copied());
        }
        assert_eq!(state(&[]), S::Prospective);
        let mut all = CHECKLIST.to_vec();
        for (more, expected) in [
            (StepKind::Dormant, S::Dormant),
            (StepKind::Revived, S::Launched),
            (StepKind::Closed, S::Closed),
            (StepKind::Revived, S::Launched),
        ] {
            all.push(more);
            assert_eq!(state(&way(&all)), expected);
        }
        assert_eq!(state(&way(&[StepKind::LeaderFound, StepKind::Dormant, StepKind::Revived])), S::Prospective);
    }

    #[test]
    fn only_the_step_that_comes_next_can_be_taken() {
        let ground = Ground { leader: true, host: true };
        for n in 0..=CHECKLIST.len() {
            let steps = way(&CHECKLIST[..n]);
            for kind in StepKind::ALL {
                let allowed = CHECKLIST.get(n) == Some(kind) || matches!(kind, StepKind::Dormant | StepKind::Closed);
                assert_eq!(refusal(&steps, *kind, day(50), day(60), ground).is_none(), allowed, "{n} {kind}");
            }
        }
        let two = way(&CHECKLIST[..2]);
        assert!(refusal(&two, StepKind::Visit, day(0), day(60), ground).unwrap().contains("can’t be before it"));
        assert!(refusal(&two, StepKind::Visit, day(61), day(60), ground).unwrap().contains("lie ahead"));
        let bare = Ground { leader: false, host: false };
        assert!(refusal(&[], StepKind::LeaderFound, day(1), day(2), bare).unwrap().contains("Name the leader"));
        assert!(refusal(&way(&CHECKLIST[..1]), StepKind::HostConfirmed, day(1), day(2), bare).unwrap().contains("host"));
    }
}
