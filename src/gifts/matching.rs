//! Matching gifts: what an employer adds to a gift by its rule, from the first thought of it to the employer's own
//! gift. It refuses a gift that the rule does not match, a step that does not follow, and one gift of an employer for two.
use super::{EmployerId, Gift, GiftId, MatchId, queries};
use crate::{
    app::App,
    audit,
    kernel::{Cents, Currency, Day, Timestamp, words},
    staff::Staff,
    web::Error,
};

words! {
    /// How far a matching gift is.
    pub enum MatchState {
        /// The employer would match it; nobody has asked.
        Potential = "potential", "Not asked for yet";
        Submitted = "submitted", "Asked for";
        Received = "received", "Received";
    }
}

words! {
    /// What is done with a matching gift.
    pub enum MatchStep {
        Submit = "submit";
        Receive = "receive";
        /// One state back.
        Back = "back";
        Remove = "remove";
    }
}

/// One row of `employer`: whose gifts it matches, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Employer {
    pub id: EmployerId,
    pub name: String,
    /// Of the gift: 100 is one to one.
    pub percent: i64,
    /// The smallest gift that is matched.
    pub least: Cents,
    /// What is added at most to one gift.
    pub most: Option<Cents>,
    pub currency: Currency,
    /// Where and how to ask.
    pub how: String,
}

impl Employer {
    /// What the rule adds to a gift, or why nothing.
    pub(super) fn adds(&self, gift: &Gift) -> Result<Cents, String> {
        if gift.currency != self.currency {
            return Err(format!("{} matches gifts in {} alone", self.name, self.currency.code().to_uppercase()));
        }
        if gift.intended < self.least {
            return Err(format!("{} matches gifts from {} up", self.name, self.least.of(self.currency)));
        }
        let share = i128::from(gift.intended.get()) * i128::from(self.percent) / 100;
        let whole = Cents::new(i64::try_from(share).unwrap_or(i64::MAX));
        let added = self.most.map_or(whole, |most| whole.min(most));
        if added.is_positive() { Ok(added) } else { Err(format!("{} would add nothing to so small a gift", self.name)) }
    }
}

/// One row of `matching_gift` with what a list shows.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Matching {
    pub id: MatchId,
    pub gift_id: GiftId,
    pub employer_id: EmployerId,
    pub employer: String,
    pub donor: String,
    pub intended: Cents,
    pub expected: Cents,
    pub currency: Currency,
    pub state: MatchState,
    pub submitted_on: Option<Day>,
    pub received_id: Option<GiftId>,
    pub at: Timestamp,
}

/// Writes down that an employer may match a gift; the sentence says why not.
pub(super) async fn begin(app: &App, staff: &Staff, gift: &Gift, employer: &Employer) -> Result<MatchId, Error> {
    let now = app.clock.now();
    let expected = employer.adds(gift).map_err(|why| Error::Conflict(format!("{why}.")))?;
    let id = MatchId::new();
    let mut tx = app.db.write().await?;
    if !queries::insert_match(&mut tx, (id, gift.id, employer.id), expected, now).await? {
        return Err(Error::Conflict("A matching gift is on record for this gift already.".to_owned()));
    }
    let told = serde_json::json!({ "employer": employer.name, "expected": expected });
    audit::record(&mut tx, &staff.actor(), "expect_match", ("gift", &gift.id.to_string()), None::<&()>, Some(&told), now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Takes a matching gift one step on or back. `received` is the employer's own gift.
pub(super) async fn step(
    app: &App,
    staff: &Staff,
    matching: &Matching,
    step: MatchStep,
    received: Option<GiftId>,
) -> Result<(), Error> {
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let no = || Error::Conflict("This step does not follow from where the matching gift is. Look at it again.".to_owned());
    let mut tx = app.db.write().await?;
    let done = match step {
        MatchStep::Submit => queries::submit_match(&mut tx, matching.id, today).await?,
        MatchStep::Receive => {
            let gift = received.ok_or_else(|| Error::Conflict("Choose the employer’s gift first.".to_owned()))?;
            if gift == matching.gift_id {
                return Err(Error::Conflict("A gift can’t match itself.".to_owned()));
            }
            queries::receive_match(&mut tx, matching.id, gift).await?
        }
        MatchStep::Back => queries::take_match_back(&mut tx, matching.id).await?,
        MatchStep::Remove => queries::delete_match(&mut tx, matching.id).await?,
    };
    if !done {
        return Err(no());
    }
    let told = serde_json::json!({ "step": step, "received": received });
    let gift = matching.gift_id.to_string();
    audit::record(&mut tx, &staff.actor(), "match", ("gift", &gift), Some(&matching.state), Some(&told), now).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gifts::{FundId, GiftState, Method};
    use crate::{donors::DonorId, payments::Frequency};

    fn gift(cents: i64, currency: Currency) -> Gift {
        let at = Timestamp::from_unix(0).expect("a time");
        Gift {
            id: GiftId::new(),
            donor_id: DonorId::new(),
            fund_id: FundId::new(),
            campaign_id: None,
            source: None,
            recurring_id: None,
            method: Method::Card,
            state: GiftState::Settled,
            frequency: Frequency::Once,
            intended: Cents::new(cents),
            covered_fee: Cents::ZERO,
            charged: Cents::new(cents),
            refunded: Cents::ZERO,
            currency,
            disputed: false,
            tribute_kind: None,
            tribute_name: None,
            created_at: at,
            settled_at: Some(at),
            given_on: None,
            shown_at: at,
            attempt: 1,
            checkout: None,
            checkout_url: None,
            checkout_until: None,
            payment: None,
            charge: None,
            invoice: None,
            processor_fee: None,
            card: None,
            failure: None,
            thanked_at: None,
            livemode: false,
            split: false,
        }
    }

    #[test]
    fn a_rule_adds_its_share_between_its_least_and_its_most() {
        let rule = |percent, most: Option<i64>| Employer {
            id: EmployerId::new(),
            name: "Acme".into(),
            percent,
            least: Cents::new(2_500),
            most: most.map(Cents::new),
            currency: Currency::USD,
            how: String::new(),
        };
        let usd = |cents| gift(cents, Currency::USD);
        assert_eq!(rule(100, None).adds(&usd(2_500)), Ok(Cents::new(2_500)));
        assert_eq!(rule(50, None).adds(&usd(2_501)), Ok(Cents::new(1_250)), "never rounded up");
        assert_eq!(rule(200, Some(50_000)).adds(&usd(100_000)), Ok(Cents::new(50_000)));
        assert_eq!(rule(100, None).adds(&usd(2_499)).unwrap_err(), "Acme matches gifts from $25.00 up");
        let euro = "eur".parse().expect("a currency");
        assert!(rule(100, None).adds(&gift(5_000, euro)).unwrap_err().contains("in USD alone"));
    }
}
