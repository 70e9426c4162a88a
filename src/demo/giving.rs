//! Three years of giving from a seeded generator: donors who give once, every year, every month, come
//! back or stay away, as real ones do.
use super::{dice::Dice, words};
use crate::{
    donors::{Donor, DonorId, DonorKind},
    gifts::{Campaign, Fund, Gift, GiftId, GiftState, Method, RecurringGift, RecurringId, TributeKind},
    kernel::{Cents, Currency, Timestamp, Zone, text},
    members::{OrganizationId, PastOrganization},
    payments::{Frequency, SubscriptionState},
};

/// What everybody's gifts have in common.
pub(super) struct Ground<'a> {
    pub(super) funds: &'a [Fund],
    pub(super) campaigns: &'a [Campaign],
    pub(super) zone: &'a Zone,
    pub(super) now: Timestamp,
    /// How many gifts a donor gives on average, in tenths.
    pub(super) tenths_each: i64,
}

/// One donor with everything they gave.
pub(super) struct Giving {
    pub(super) donor: Donor,
    pub(super) gifts: Vec<Gift>,
    pub(super) recurring: Option<RecurringGift>,
}

const YEAR: i64 = 365;
/// What people give at once, in dollars; small sums more often.
const SUMS: &[i64] =
    &[10, 15, 20, 25, 25, 25, 30, 40, 50, 50, 50, 50, 75, 100, 100, 100, 100, 150, 200, 250, 250, 500, 500, 1_000, 2_500];
const MONTHLY_SUMS: &[i64] = &[5, 10, 10, 10, 15, 20, 25, 25, 50, 100];

/// The donor of this number. `number` makes the address theirs alone.
pub(super) fn giving(dice: &mut Dice, number: usize, ground: &Ground) -> Giving {
    let since = dice.moment(ground.now.plus_days(-3 * YEAR), ground.now.plus_days(-2));
    let donor = donor(dice, number, since);
    let mut giving = Giving { donor, gifts: Vec::new(), recurring: None };
    match dice.between(1, 100) {
        1..=9 => monthly(dice, &mut giving, since, ground),
        10..=38 => every_year(dice, &mut giving, since, ground),
        _ => now_and_then(dice, &mut giving, since, ground),
    }
    giving
}

/// Lets organizations among the donors be these members: the first is tied, the next one waits to be.
pub(super) fn as_members(donors: &mut [Donor], members: &[PastOrganization]) -> Option<(DonorId, OrganizationId)> {
    let organizations = donors.iter_mut().filter(|donor| donor.kind == DonorKind::Organization);
    let mut both = None;
    for (donor, member) in organizations.zip(members) {
        donor.name.clone_from(&member.admission.name);
        let site = member.admission.website.as_deref().unwrap_or_default().trim_start_matches("https://");
        donor.email = format!("giving@{site}").parse().ok();
        both = both.or(Some((donor.id, member.id)));
    }
    both
}

fn donor(dice: &mut Dice, number: usize, at: Timestamp) -> Donor {
    let (first, last) = (*dice.one_of(words::FIRST), *dice.one_of(words::LAST));
    let (kind, name) = match dice.between(1, 100) {
        1..=4 => (DonorKind::Organization, format!("{last} Family Foundation")),
        5..=12 => (DonorKind::Household, format!("{first} and {} {last}", dice.one_of(words::FIRST))),
        _ => (DonorKind::Person, format!("{first} {last}")),
    };
    let mailbox = format!("{}.{}{number}", text::slug(first), text::slug(last));
    let (city, state) = *dice.one_of(words::PLACES);
    let address = dice.chance(60).then(|| {
        format!("{} {}\n{city}, {state} {:05}", dice.between(1, 2_400), dice.one_of(words::STREETS), dice.between(10_000, 98_999))
    });
    let consents = dice.chance(45);
    Donor {
        id: DonorId::from_u128(dice.id(at)),
        kind,
        name,
        email: format!("{mailbox}@donor.example").parse().ok(),
        address,
        gateway_customer: None,
        consent_updates: consents,
        consent_at: consents.then_some(at),
        created_at: at,
    }
}

fn every_year(dice: &mut Dice, giving: &mut Giving, since: Timestamp, ground: &Ground) {
    let usual = *dice.one_of(SUMS);
    let mut at = since;
    while at < ground.now {
        if dice.chance(86) {
            let sum = if dice.chance(20) { usual * 3 / 2 } else { usual };
            add(dice, giving, at, sum, None, ground);
        }
        at = at.plus_days(YEAR + dice.between(-25, 25));
    }
}

fn now_and_then(dice: &mut Dice, giving: &mut Giving, since: Timestamp, ground: &Ground) {
    // With the monthly and yearly donors, this comes to the average that is asked for, or a little more.
    let most = ground.tenths_each * 37 / 100;
    let count = if dice.chance(40) { 1 } else { dice.between(1, most.max(1)) };
    for turn in 0..count {
        let at = if turn == 0 { since } else { dice.moment(since, ground.now) };
        let sum = *dice.one_of(SUMS);
        add(dice, giving, at, sum, None, ground);
    }
    giving.gifts.sort_by_key(|g| g.shown_at);
}

fn monthly(dice: &mut Dice, giving: &mut Giving, since: Timestamp, ground: &Ground) {
    let sum = *dice.one_of(MONTHLY_SUMS);
    let stays = dice.chance(75);
    let end = if stays { ground.now } else { dice.moment(since.plus_days(40), ground.now.plus_days(40)).min(ground.now) };
    let id = RecurringId::from_u128(dice.id(since));
    let mut at = since;
    while at <= end {
        add(dice, giving, at, sum, Some(id), ground);
        at = at.plus_days(30).plus_hours(dice.between(8, 13));
    }
    if giving.gifts.is_empty() {
        return;
    }
    let customer = format!("cus_{}", dice.letters(14));
    giving.donor.gateway_customer = Some(customer.clone());
    let ended = !stays && end < ground.now;
    let state = match (ended, dice.chance(5)) {
        (true, _) => SubscriptionState::Cancelled,
        (false, true) if giving.gifts.len() > 1 => SubscriptionState::PastDue,
        (false, _) => SubscriptionState::Active,
    };
    if state == SubscriptionState::PastDue
        && let Some(last) = giving.gifts.last_mut()
    {
        decline(last);
    }
    // A card that runs out now and then; where a payment is missing already, the next try is to succeed.
    let months_left = match (state, dice.chance(8)) {
        (SubscriptionState::Active, true) => 0,
        _ => dice.between(2, 48),
    };
    let first = &giving.gifts[0];
    giving.recurring = Some(RecurringGift {
        id,
        donor_id: giving.donor.id,
        fund_id: first.fund_id,
        campaign_id: first.campaign_id,
        subscription: format!("sub_{}", dice.letters(24)),
        customer,
        state,
        frequency: Frequency::Monthly,
        intended: first.intended,
        covered_fee: first.covered_fee,
        charged: first.charged,
        currency: first.currency,
        started_at: first.shown_at,
        next_at: Some(at),
        cancels_at: None,
        ended_at: ended.then_some(end),
        resumes_at: None,
        card: giving.gifts.iter().rev().find_map(|gift| gift.card.clone()),
        card_until: Some(ground.zone.day(ground.now).month().plus(months_left).last_day()),
        livemode: false,
    });
}

/// The bank did not let the card be charged; it is tried again.
fn decline(gift: &mut Gift) {
    gift.state = GiftState::Failed;
    (gift.settled_at, gift.given_on, gift.thanked_at) = (None, None, None);
    (gift.payment, gift.charge, gift.processor_fee, gift.card) = (None, None, None, None);
    gift.failure = Some("The card was not charged.".to_owned());
}

/// One settled gift. A plan's gifts all cover the fee or none does, as its first one decided.
fn add(dice: &mut Dice, giving: &mut Giving, at: Timestamp, dollars: i64, plan: Option<RecurringId>, ground: &Ground) {
    if at > ground.now {
        return;
    }
    let before = giving.gifts.first().filter(|_| plan.is_some());
    let intended = before.map_or(Cents::new(dollars * 100), |b| b.intended);
    let covered_fee = match before {
        Some(before) => before.covered_fee,
        None if dice.chance(55) => fee_to_cover(intended),
        None => Cents::ZERO,
    };
    let charged = intended + covered_fee;
    let campaign = (plan.is_none() && dice.chance(35)).then(|| running(ground, at)).flatten();
    let fund = before.map_or_else(|| chosen_fund(dice, ground), |b| b.fund_id);
    let tribute = (plan.is_none() && dice.chance(6)).then(|| {
        let kind = if dice.chance(50) { TributeKind::Honor } else { TributeKind::Memory };
        (kind, format!("{} {}", dice.one_of(words::FIRST), dice.one_of(words::LAST)))
    });
    giving.gifts.push(Gift {
        id: GiftId::from_u128(dice.id(at)),
        donor_id: giving.donor.id,
        fund_id: fund,
        campaign_id: campaign.map(|c| c.id),
        source: dice.chance(30).then(|| (*dice.one_of(&["newsletter", "home", "alliance", "event"])).to_owned()),
        recurring_id: plan,
        state: GiftState::Settled,
        frequency: if plan.is_some() { Frequency::Monthly } else { Frequency::Once },
        intended,
        covered_fee,
        charged,
        refunded: Cents::ZERO,
        currency: Currency::USD,
        disputed: false,
        tribute_kind: tribute.as_ref().map(|t| t.0),
        tribute_name: tribute.map(|t| t.1),
        created_at: at.plus_seconds(-90),
        settled_at: Some(at),
        given_on: Some(ground.zone.day(at)),
        shown_at: at,
        attempt: 1,
        checkout: before.is_none().then(|| format!("cs_test_{}", dice.letters(40))),
        checkout_url: None,
        checkout_until: None,
        payment: Some(format!("pi_{}", dice.letters(24))),
        charge: Some(format!("ch_{}", dice.letters(24))),
        invoice: plan.map(|_| format!("in_{}", dice.letters(24))),
        processor_fee: Some(processor_fee(charged)),
        card: Some(format!(
            "{} ending in {:04}",
            dice.one_of(&["Visa", "Mastercard", "American Express"]),
            dice.between(0, 9_999)
        )),
        failure: None,
        thanked_at: thanked(dice, at, ground.now),
        livemode: false,
        method: Method::Card,
        split: false,
    });
}

/// Staff thank for what is older than two weeks, and for most of what is newer.
fn thanked(dice: &mut Dice, at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let old = now.seconds_since(at) > 14 * 86_400;
    (old || dice.chance(40)).then(|| at.plus_days(1).min(now))
}

fn chosen_fund(dice: &mut Dice, ground: &Ground) -> crate::gifts::FundId {
    if dice.chance(70) { ground.funds[0].id } else { dice.one_of(ground.funds).id }
}

fn running<'a>(ground: &Ground<'a>, at: Timestamp) -> Option<&'a Campaign> {
    let day = ground.zone.day(at);
    ground.campaigns.iter().find(|c| c.starts_on.is_none_or(|from| from <= day) && c.ends_on.is_none_or(|to| day <= to))
}

/// 2.9 % and 30 cents of what is charged, rounded as Stripe rounds.
fn processor_fee(charged: Cents) -> Cents {
    Cents::new((charged.get() * 29 + 500) / 1_000 + 30)
}

/// The least to add so that the intended amount is left after the fee.
fn fee_to_cover(intended: Cents) -> Cents {
    Cents::new(((intended.get() + 30) * 1_000 + 970) / 971 - intended.get())
}
