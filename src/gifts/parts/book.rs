//! What each part of a gift has in the books, and how the next movement divides over the parts. Money that goes back
//! is divided by what is left of each part, so that the last of it leaves nothing; what is released is divided by
//! where it lies. Every fund stays balanced by itself.
use super::{Part, divide, queries};
use crate::{
    books::{self, Account, Entry, EntryRow},
    db::Tx,
    gifts::{Gift, queries as gifts},
    kernel::Cents,
};

/// A gift's parts with its entries. The entries of a gift with one part are not looked up: all of it is one share.
#[derive(Debug, Clone)]
pub(in crate::gifts) struct Book {
    pub(in crate::gifts) parts: Vec<Part>,
    /// The funds as the books name them.
    funds: Vec<String>,
    rows: Vec<EntryRow>,
}

/// Where money of gifts lies.
const PLACES: [Account; 6] =
    [Account::Undeposited, Account::Securities, Account::InKind, Account::InTransit, Account::Bank, Account::Gateway];

impl Book {
    pub(in crate::gifts) fn of(parts: Vec<Part>, rows: Vec<EntryRow>) -> Self {
        Self { funds: parts.iter().map(|part| part.fund_id.to_string()).collect(), parts, rows }
    }

    /// A gift that is not split.
    pub(in crate::gifts) fn whole(gift: &Gift) -> Self {
        Self::of(vec![super::whole(gift)], Vec::new())
    }

    pub(in crate::gifts) async fn read(tx: &mut Tx, gift: &Gift) -> sqlx::Result<Self> {
        if !gift.split {
            return Ok(Self::whole(gift));
        }
        Ok(Self::of(queries::of_gift(tx, gift.id).await?, entries(tx, gift).await?))
    }

    /// What each part has on an account.
    fn on(&self, account: Account) -> Vec<Cents> {
        let of = |fund: &String| {
            let rows = self.rows.iter().filter(|row| row.account == account && row.fund_id.as_ref() == Some(fund));
            rows.map(|row| row.amount).sum()
        };
        self.funds.iter().map(of).collect()
    }

    fn charged(&self) -> Vec<Cents> {
        self.parts.iter().map(Part::charged).collect()
    }

    /// What went back of each part for good.
    fn returned(&self) -> Vec<Cents> {
        add(&self.on(Account::Refunds), &self.on(Account::DisputeLosses))
    }

    /// What the funds pay in proportion to their parts: fees.
    pub(in crate::gifts) fn paid(&self, amount: Cents) -> Vec<Cents> {
        divide(amount, &self.charged())
    }

    /// Money that goes back: by what is left of each part.
    pub(in crate::gifts) fn back(&self, amount: Cents) -> Vec<Cents> {
        let gone = add(&self.returned(), &self.on(Account::DisputesOpen));
        let left: Vec<_> = self.charged().into_iter().zip(gone).map(|(all, gone)| (all - gone).max(Cents::ZERO)).collect();
        if left.iter().all(|left| left.is_zero()) { self.paid(amount) } else { divide(amount, &left) }
    }

    /// What an account lets go of: from where it lies.
    pub(in crate::gifts) fn released(&self, account: Account, amount: Cents) -> Vec<Cents> {
        divide(amount, &self.on(account))
    }

    /// How the change of a dispute divides: what it holds, what it lost, what it costs.
    pub(in crate::gifts) fn disputed(&self, [mut held, mut lost, fee]: [Cents; 3]) -> [Vec<Cents>; 3] {
        let none = vec![Cents::ZERO; self.parts.len()];
        let (mut holds, mut loses) = (none.clone(), none);
        // What only changes its account stays with the funds it lies with.
        if !held.is_positive() && lost.is_positive() {
            let over = self.released(Account::DisputesOpen, lost.min(-held));
            (holds, loses) = (less(&holds, &over), add(&loses, &over));
        } else if held.is_positive() && !lost.is_positive() {
            let over = self.released(Account::DisputeLosses, held.min(-lost));
            (holds, loses) = (add(&holds, &over), less(&loses, &over));
        }
        held = held - holds.iter().copied().sum();
        lost = lost - loses.iter().copied().sum();
        let rest = |amount: Cents, account| if amount.is_positive() { self.back(amount) } else { self.released(account, amount) };
        let costs = if fee.is_positive() { self.paid(fee) } else { self.released(Account::DisputeFees, fee) };
        [add(&holds, &rest(held, Account::DisputesOpen)), add(&loses, &rest(lost, Account::DisputeLosses)), costs]
    }

    /// Adds a line for each share.
    pub(in crate::gifts) fn debit<'a>(&'a self, entry: Entry<'a>, account: Account, shares: &[Cents]) -> Entry<'a> {
        self.funds.iter().zip(shares).fold(entry, |entry, (fund, share)| entry.debit(account, Some(fund), *share))
    }

    /// The other side of [`Book::debit`].
    pub(in crate::gifts) fn credit<'a>(&'a self, entry: Entry<'a>, account: Account, shares: &[Cents]) -> Entry<'a> {
        self.funds.iter().zip(shares).fold(entry, |entry, (fund, share)| entry.credit(account, Some(fund), *share))
    }

    /// What totals count as gone back of each part, where `counted` did of the gift: what the books say, and never
    /// more than the part.
    pub(super) fn counted(&self, counted: Cents) -> Vec<Cents> {
        let mut shares: Vec<_> =
            self.returned().into_iter().zip(&self.parts).map(|(back, part)| back.max(Cents::ZERO).min(part.amount)).collect();
        let rest = counted - shares.iter().copied().sum();
        let room: Vec<_> = if rest.is_positive() {
            shares.iter().zip(&self.parts).map(|(share, part)| part.amount - *share).collect()
        } else {
            shares.clone()
        };
        shares = add(&shares, &divide(rest, &room));
        shares
    }

    /// Each account that has something, with what each part has on it.
    pub(in crate::gifts) fn standing(&self) -> Vec<(Account, Vec<Cents>)> {
        let all = Account::ALL.iter().map(|account| (*account, self.on(*account)));
        all.filter(|(_, shares)| shares.iter().any(|share| !share.is_zero())).collect()
    }

    /// What each of these parts would have on each account, if the gift had gone to them from the first: the sums of
    /// the accounts stay.
    pub(in crate::gifts) fn restated(&self, to: &[Part]) -> Vec<(Account, Vec<Cents>)> {
        let sums: Vec<(Account, Cents)> =
            self.standing().into_iter().map(|(account, shares)| (account, shares.into_iter().sum())).collect();
        let sum = |wanted: Account| sums.iter().find(|(account, _)| *account == wanted).map_or(Cents::ZERO, |(_, sum)| *sum);
        let charged: Vec<_> = to.iter().map(Part::charged).collect();
        let refunds = divide(sum(Account::Refunds), &charged);
        let left = less(&charged, &refunds);
        let lost = divide(sum(Account::DisputeLosses), &left);
        let open = divide(sum(Account::DisputesOpen), &less(&left, &lost));
        let mut all: Vec<(Account, Vec<Cents>)> = Vec::new();
        for (account, sum) in sums.iter().filter(|(account, _)| !PLACES.contains(account)) {
            let shares = match account {
                Account::Contributions | Account::InKindContributions => {
                    divide(*sum, &to.iter().map(|part| part.amount).collect::<Vec<_>>())
                }
                Account::CoveredFees => divide(*sum, &to.iter().map(|part| part.covered).collect::<Vec<_>>()),
                Account::Refunds => refunds.clone(),
                Account::DisputeLosses => lost.clone(),
                Account::DisputesOpen => open.clone(),
                _ => divide(*sum, &charged),
            };
            all.push((*account, shares));
        }
        // The last place takes what balances each fund.
        let places: Vec<_> = sums.iter().filter(|(account, _)| PLACES.contains(account)).collect();
        for (place, (account, sum)) in places.iter().enumerate() {
            let shares = if place + 1 < places.len() {
                divide(*sum, &charged)
            } else {
                let none = vec![Cents::ZERO; to.len()];
                all.iter().fold(none, |shares, (_, other)| less(&shares, other))
            };
            all.push((*account, shares));
        }
        all
    }
}

/// The entries of a gift, its refunds and its disputes.
pub(in crate::gifts) async fn entries(tx: &mut Tx, gift: &Gift) -> sqlx::Result<Vec<EntryRow>> {
    let mut rows = books::entries_of(tx, ("gift", &gift.id.to_string())).await?;
    for refund in gifts::refunds_of(tx, gift.id).await? {
        rows.extend(books::entries_of(tx, ("refund", &refund.refund)).await?);
    }
    for dispute in gifts::disputes_of(tx, gift.id).await? {
        rows.extend(books::entries_of(tx, ("dispute", &dispute.dispute)).await?);
    }
    Ok(rows)
}

fn add(left: &[Cents], right: &[Cents]) -> Vec<Cents> {
    left.iter().zip(right).map(|(left, right)| *left + *right).collect()
}

fn less(left: &[Cents], right: &[Cents]) -> Vec<Cents> {
    left.iter().zip(right).map(|(left, right)| *left - *right).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        books::EntryId,
        gifts::FundId,
        kernel::{Currency, Day, Timestamp},
    };
    use proptest::prelude::*;

    fn start(amounts: &[i64]) -> Book {
        let part = |amount: &i64| Part {
            fund_id: FundId::new(),
            amount: Cents::new(*amount),
            covered: Cents::new(*amount / 30),
            refunded: Cents::ZERO,
        };
        let mut book = Book::of(amounts.iter().map(part).collect(), Vec::new());
        let (amounts, covered): (Vec<_>, Vec<_>) = book.parts.iter().map(|part| (-part.amount, -part.covered)).unzip();
        write(&mut book, &[(Account::Contributions, amounts), (Account::CoveredFees, covered)]);
        book
    }

    /// Writes an entry down, with what balances each fund.
    fn write(book: &mut Book, lines: &[(Account, Vec<Cents>)]) {
        let none = vec![Cents::ZERO; book.parts.len()];
        let gateway = lines.iter().fold(none, |sum, (_, shares)| less(&sum, shares));
        for (account, shares) in lines.iter().chain([&(Account::Gateway, gateway)]) {
            for (fund, amount) in book.funds.clone().into_iter().zip(shares) {
                book.rows.push(EntryRow {
                    id: EntryId::new(),
                    at: Timestamp::from_unix(1_790_000_000).unwrap(),
                    day: Day::new(2026, 9, 21).unwrap(),
                    key: String::new(),
                    description: String::new(),
                    currency: Currency::USD,
                    account: *account,
                    fund_id: Some(fund),
                    amount: *amount,
                });
            }
        }
    }

    fn left(book: &Book) -> Vec<Cents> {
        less(&book.charged(), &add(&book.returned(), &book.on(Account::DisputesOpen)))
    }

    fn share(of: &[Cents], thousandths: i64) -> Cents {
        Cents::new(of.iter().map(|cents| cents.get()).sum::<i64>() * thousandths / 1_000)
    }

    proptest! {
        #[test]
        fn a_full_refund_in_any_portions_leaves_nothing_in_any_fund(
            amounts in prop::collection::vec(1_i64..500_000, 1..5),
            steps in prop::collection::vec((0_u8..5, 0_i64..=1_000), 0..12),
        ) {
            let mut book = start(&amounts);
            let zero = vec![Cents::ZERO; amounts.len()];
            for (what, much) in steps {
                let amount = share(&left(&book), much);
                match what {
                    0 | 1 => { let shares = book.back(amount); write(&mut book, &[(Account::Refunds, shares)]); }
                    2 => {
                        let failed = share(&book.on(Account::Refunds), much);
                        let shares = less(&zero, &book.released(Account::Refunds, failed));
                        write(&mut book, &[(Account::Refunds, shares)]);
                    }
                    3 => {
                        let [held, lost, fees] = book.disputed([amount, Cents::ZERO, Cents::new(1_500)]);
                        write(&mut book, &[(Account::DisputesOpen, held), (Account::DisputeLosses, lost), (Account::DisputeFees, fees)]);
                    }
                    _ => {
                        let all = share(&book.on(Account::DisputesOpen), 1_000);
                        let lost = if much > 500 { all } else { Cents::ZERO };
                        let [held, lost, fees] = book.disputed([-all, lost, Cents::ZERO]);
                        write(&mut book, &[(Account::DisputesOpen, held), (Account::DisputeLosses, lost), (Account::DisputeFees, fees)]);
                        prop_assert_eq!(&book.on(Account::DisputesOpen), &zero, "a decided dispute holds nothing in any fund");
                    }
                }
                prop_assert!(left(&book).iter().all(|left| *left >= Cents::ZERO), "no fund gives back more than it has");
                let counted: Cents = book.returned().into_iter().sum();
                let intended: Cents = book.parts.iter().map(|part| part.amount).sum();
                let told = book.counted(counted.min(intended));
                prop_assert_eq!(told.iter().copied().sum::<Cents>(), counted.min(intended));
                prop_assert!(told.iter().zip(&book.parts).all(|(back, part)| (Cents::ZERO..=part.amount).contains(back)));
            }
            let held = share(&book.on(Account::DisputesOpen), 1_000);
            let [held, lost, _] = book.disputed([-held, Cents::ZERO, Cents::ZERO]);
            write(&mut book, &[(Account::DisputesOpen, held), (Account::DisputeLosses, lost)]);
            let shares = book.back(share(&left(&book), 1_000));
            write(&mut book, &[(Account::Refunds, shares)]);
            prop_assert_eq!(book.returned(), book.charged());
        }

        #[test]
        fn money_moved_to_other_parts_keeps_its_sums_and_balances_each_fund(
            amounts in prop::collection::vec(1_i64..500_000, 1..5),
            others in prop::collection::vec(1_i64..1_000, 1..5),
            much in 0_i64..=1_000,
        ) {
            let mut book = start(&amounts);
            let shares = book.back(share(&left(&book), much));
            write(&mut book, &[(Account::Refunds, shares)]);
            let intended: Cents = book.parts.iter().map(|part| part.amount).sum();
            let covered: Cents = book.parts.iter().map(|part| part.covered).sum();
            let weights: Vec<_> = others.iter().copied().map(Cents::new).collect();
            let amounts = divide(intended, &weights);
            let fees = divide(covered, &amounts);
            let part = |(amount, covered): (&Cents, &Cents)| Part { fund_id: FundId::new(), amount: *amount, covered: *covered, refunded: Cents::ZERO };
            let to: Vec<_> = amounts.iter().zip(&fees).map(part).collect();
            let after = book.restated(&to);
            for (account, shares) in book.standing() {
                let moved = after.iter().find(|(other, _)| *other == account).map(|(_, shares)| shares.iter().copied().sum::<Cents>());
                prop_assert_eq!(moved.unwrap_or_default(), shares.into_iter().sum::<Cents>(), "{}", account);
            }
            let none = vec![Cents::ZERO; to.len()];
            prop_assert_eq!(&after.iter().fold(none.clone(), |sum, (_, shares)| add(&sum, shares)), &none);
        }
    }
}
