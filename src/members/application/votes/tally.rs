//! Where votes stand under the rules: what they carry, and the sentence that says so.
use super::{Choice, Vote};
use crate::{
    kernel::text,
    members::{
        application::ApplicationState,
        rounds::{RoundRules, Threshold},
    },
};

/// How many there are of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::members) struct Tally {
    favor: i64,
    against: i64,
    abstained: i64,
    recused: i64,
}

/// What the votes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::members) enum Verdict {
    /// None are asked for and none decide: whoever admits is free.
    Free,
    /// Fewer than the rules ask for, or none that decides.
    Missing,
    Carried,
    Lost,
}

impl Tally {
    pub(in crate::members) fn of(votes: &[Vote]) -> Self {
        let mut tally = Self::default();
        for vote in votes {
            *match vote.choice {
                Choice::For => &mut tally.favor,
                Choice::Against => &mut tally.against,
                Choice::Abstain => &mut tally.abstained,
                Choice::Recused => &mut tally.recused,
            } += 1;
        }
        tally
    }

    const fn cast(self) -> i64 {
        self.favor + self.against + self.abstained
    }

    const fn reaches(self, threshold: Threshold) -> bool {
        match threshold {
            Threshold::SimpleMajority => self.favor > self.against,
            Threshold::TwoThirds => self.favor > 0 && self.favor >= 2 * self.against,
            Threshold::Consensus => self.favor > 0 && self.against == 0,
        }
    }

    pub(in crate::members) const fn verdict(self, rules: &RoundRules) -> Verdict {
        let decided = self.favor + self.against > 0;
        if self.cast() < rules.quorum || (!decided && rules.quorum > 0) {
            Verdict::Missing
        } else if !decided {
            Verdict::Free
        } else if self.reaches(rules.threshold) {
            Verdict::Carried
        } else {
            Verdict::Lost
        }
    }

    /// `3 of 4 votes in favor; two thirds reached. 1 abstention.`
    pub(in crate::members) fn sentence(self, rules: &RoundRules) -> String {
        let votes = self.favor + self.against;
        let missing = rules.quorum - self.cast();
        let said = match (self.cast(), votes) {
            (0, _) => "No votes yet".to_owned(),
            (_, 0) => "No vote for or against".to_owned(),
            _ => format!("{} of {} in favor", self.favor, text::count(votes, "vote", "votes")),
        };
        let means = match self.verdict(rules) {
            Verdict::Missing if missing > 0 => format!("; {missing} more needed for the quorum of {}", rules.quorum),
            Verdict::Free | Verdict::Missing => String::new(),
            verdict => format!("; {}", words(rules.threshold, verdict == Verdict::Carried)),
        };
        let aside = [(self.abstained, "abstention", "abstentions"), (self.recused, "recusal", "recusals")];
        let aside = aside.iter().filter(|(count, ..)| *count > 0).map(|(count, one, many)| text::count(*count, one, many));
        std::iter::once(said + &means).chain(aside).map(|part| part + ".").collect::<Vec<_>>().join(" ")
    }
}

impl Verdict {
    /// Whether a decision is what the votes say, or they leave it open.
    pub(in crate::members) fn supports(self, outcome: ApplicationState) -> bool {
        match self {
            Self::Free => true,
            Self::Missing => false,
            Self::Carried => outcome == ApplicationState::Approved,
            Self::Lost => outcome == ApplicationState::Declined,
        }
    }
}

const fn words(threshold: Threshold, reached: bool) -> &'static str {
    match (threshold, reached) {
        (Threshold::SimpleMajority, true) => "a simple majority reached",
        (Threshold::SimpleMajority, false) => "no simple majority",
        (Threshold::TwoThirds, true) => "two thirds reached",
        (Threshold::TwoThirds, false) => "two thirds not reached",
        (Threshold::Consensus, true) => "consensus reached",
        (Threshold::Consensus, false) => "no consensus",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_and_the_verdict_follow_the_rules() {
        use Threshold::{Consensus, SimpleMajority, TwoThirds};
        use Verdict::{Carried, Free, Lost, Missing};
        let cases = [
            (SimpleMajority, 0, (0, 0, 0, 0), Free, "No votes yet."),
            (SimpleMajority, 2, (0, 0, 0, 1), Missing, "No votes yet; 2 more needed for the quorum of 2. 1 recusal."),
            (SimpleMajority, 2, (1, 0, 0, 3), Missing, "1 of 1 vote in favor; 1 more needed for the quorum of 2. 3 recusals."),
            (SimpleMajority, 0, (2, 2, 0, 0), Lost, "2 of 4 votes in favor; no simple majority."),
            (SimpleMajority, 3, (2, 1, 0, 0), Carried, "2 of 3 votes in favor; a simple majority reached."),
            (TwoThirds, 0, (2, 1, 0, 0), Carried, "2 of 3 votes in favor; two thirds reached."),
            (TwoThirds, 4, (3, 1, 0, 0), Carried, "3 of 4 votes in favor; two thirds reached."),
            (TwoThirds, 0, (3, 2, 1, 0), Lost, "3 of 5 votes in favor; two thirds not reached. 1 abstention."),
            (TwoThirds, 2, (1, 0, 1, 0), Carried, "1 of 1 vote in favor; two thirds reached. 1 abstention."),
            (Consensus, 0, (3, 0, 2, 1), Carried, "3 of 3 votes in favor; consensus reached. 2 abstentions. 1 recusal."),
            (Consensus, 0, (9, 1, 0, 0), Lost, "9 of 10 votes in favor; no consensus."),
            (Consensus, 2, (0, 0, 2, 0), Missing, "No vote for or against. 2 abstentions."),
            (Consensus, 0, (0, 0, 2, 0), Free, "No vote for or against. 2 abstentions."),
        ];
        for (threshold, quorum, (favor, against, abstained, recused), verdict, sentence) in cases {
            let rules = RoundRules { threshold, quorum, ..RoundRules::default() };
            let tally = Tally { favor, against, abstained, recused };
            assert_eq!((tally.verdict(&rules), tally.sentence(&rules).as_str()), (verdict, sentence));
        }
        assert!(Lost.supports(ApplicationState::Declined) && !Lost.supports(ApplicationState::Approved));
        assert!(!Missing.supports(ApplicationState::Declined) && Free.supports(ApplicationState::Approved));
    }
}
