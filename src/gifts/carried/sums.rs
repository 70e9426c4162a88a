//! What gifts that files bring add to the sums that count them: of months, of donors, of donors' years.
use super::Carried;
use crate::{
    db::{Batch, Tx},
    donors::{self, DonorId, DonorTotal, DonorYear},
    gifts::{FundId, queries},
    kernel::{Cents, Coalition, Currency, Month, Timestamp, Zone},
    settings,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the gifts of one transaction add. It is written once, at its end: a donor's sum moves through several indexes
/// each time.
pub struct Sums {
    /// Says which year a day is of.
    coalition: Coalition,
    /// Gifts and what was given, by month, currency and fund.
    months: BTreeMap<(Month, &'static str, FundId), (i64, i64)>,
    /// Whose gifts of a month are counted here, or were before.
    met: HashSet<(DonorId, Month)>,
    /// Donors who had no received gift of a month before.
    givers: BTreeMap<Month, i64>,
    /// Donors who came on record in this transaction: they have no gifts from before.
    new: HashSet<DonorId>,
    totals: HashMap<(DonorId, Currency), DonorTotal>,
    years: HashMap<(DonorId, Currency, i64), DonorYear>,
}

impl Sums {
    pub async fn begin(tx: &mut Tx) -> sqlx::Result<Self> {
        Ok(Self {
            coalition: settings::get(tx).await?,
            months: BTreeMap::new(),
            met: HashSet::new(),
            givers: BTreeMap::new(),
            new: HashSet::new(),
            totals: HashMap::new(),
            years: HashMap::new(),
        })
    }

    /// Counts the donors of each month that gifts are of; `new` come on record with them. Gives those of whom it must be
    /// asked first whether they gave in the month before: [`Sums::count_givers`], while these gifts are not on record.
    #[must_use]
    pub fn meet(&mut self, all: &[Carried], new: impl Iterator<Item = DonorId>) -> Vec<(DonorId, Month)> {
        self.new.extend(new);
        let mut asked = Vec::new();
        for pair in all.iter().map(|carried| (carried.donor_id, carried.on.month())) {
            if !self.met.insert(pair) {
                continue;
            }
            if self.new.contains(&pair.0) {
                *self.givers.entry(pair.1).or_default() += 1;
            } else {
                asked.push(pair);
            }
        }
        asked.sort_unstable();
        asked
    }

    /// Counts those of them who had no received gift in the month.
    pub async fn count_givers(&mut self, tx: &mut Tx, asked: &[(DonorId, Month)]) -> sqlx::Result<()> {
        let had = queries::carried::givers_among(tx, asked).await?;
        for (_, month) in asked.iter().filter(|pair| !had.contains(pair)) {
            *self.givers.entry(*month).or_default() += 1;
        }
        Ok(())
    }

    /// Adds gifts up.
    pub fn add(&mut self, all: &[Carried], zone: &Zone) {
        for carried in all {
            self.add_one(carried, carried.at(zone));
        }
    }

    fn add_one(&mut self, gift: &Carried, at: Timestamp) {
        let month = self.months.entry((gift.on.month(), gift.currency.code(), gift.fund_id)).or_default();
        *month = (month.0 + 1, month.1 + gift.amount.get());
        let (donor_id, currency) = (gift.donor_id, gift.currency);
        let total = self.totals.entry((donor_id, currency)).or_insert_with(|| DonorTotal {
            donor_id,
            currency,
            gifts: 0,
            given: Cents::ZERO,
            largest: Cents::ZERO,
            first_at: at,
            last_at: at,
        });
        total.gifts += 1;
        total.given += gift.amount;
        total.largest = total.largest.max(gift.amount);
        (total.first_at, total.last_at) = (total.first_at.min(at), total.last_at.max(at));
        let number = i64::from(self.coalition.year_of(gift.on));
        let year = self.years.entry((donor_id, currency, number)).or_insert_with(|| DonorYear {
            year: number,
            currency,
            gifts: 0,
            given: Cents::ZERO,
        });
        year.gifts += 1;
        year.given += gift.amount;
    }

    /// The statements that add it to the sums on record.
    pub fn build(self, mut statements: Batch) -> Built {
        let mut totals: Vec<_> = self.totals.into_values().collect();
        totals.sort_unstable_by_key(|total| total.donor_id);
        let mut years: Vec<_> = self.years.into_iter().map(|((donor, ..), year)| (donor, year)).collect();
        years.sort_unstable_by_key(|(donor, year)| (*donor, year.year));
        donors::batch_add_gifts(&mut statements, &totals, &years);
        Built { months: self.months, givers: self.givers, statements }
    }
}

/// Sums that are ready to be written.
pub struct Built {
    months: BTreeMap<(Month, &'static str, FundId), (i64, i64)>,
    givers: BTreeMap<Month, i64>,
    statements: Batch,
}

impl Built {
    /// Adds them to those on record.
    pub async fn write(self, tx: &mut Tx) -> sqlx::Result<()> {
        for ((month, code, fund), (count, given)) in self.months {
            let Ok(currency) = code.parse() else { continue };
            let given = (Cents::new(given), Cents::ZERO);
            queries::add_to_month(tx, (month, currency, fund), count, given, Cents::ZERO).await?;
        }
        for (month, count) in self.givers {
            queries::carried::add_givers(tx, month, count).await?;
        }
        tx.run(self.statements).await
    }
}
