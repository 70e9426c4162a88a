//! Dividing an amount in proportion, to the last cent: by largest remainder, so that the shares always come to the
//! whole.
use crate::kernel::Cents;

/// Divides `total` in proportion to `weights`; what is below zero among them counts as nothing. Of equal remainders
/// the first gets the cent. Without any weight all of it is the first's.
pub(in crate::gifts) fn divide(total: Cents, weights: &[Cents]) -> Vec<Cents> {
    let weights: Vec<i128> = weights.iter().map(|weight| i128::from(weight.get().max(0))).collect();
    let sum: i128 = weights.iter().sum();
    if sum == 0 {
        return (0..weights.len()).map(|place| if place == 0 { total } else { Cents::ZERO }).collect();
    }
    let whole = i128::from(total.get()).abs();
    let mut shares: Vec<i128> = weights.iter().map(|weight| whole * weight / sum).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse(whole * weights[*place] % sum));
    let left = whole - shares.iter().sum::<i128>();
    for (_, place) in (0..left).zip(order) {
        shares[place] += 1;
    }
    let sign = if total < Cents::ZERO { -1 } else { 1 };
    shares.into_iter().map(|share| Cents::new(i64::try_from(sign * share).expect("a share is at most the whole"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(total: i64, weights: &[i64]) -> Vec<i64> {
        let weights: Vec<_> = weights.iter().copied().map(Cents::new).collect();
        divide(Cents::new(total), &weights).into_iter().map(Cents::get).collect()
    }

    #[test]
    fn the_largest_remainder_gets_the_cent() {
        assert_eq!(of(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(of(10_000, &[3_333, 3_333, 3_334]), [3_333, 3_333, 3_334]);
        assert_eq!(of(1, &[1, 2]), [0, 1]);
        assert_eq!(of(-100, &[1, 1, 1]), [-34, -33, -33]);
        assert_eq!(of(5, &[0, 0]), [5, 0]);
        assert_eq!(of(5, &[-3, 2]), [0, 5]);
    }

    proptest! {
        #[test]
        fn shares_always_come_to_the_whole(total in -10_000_000_000_i64..10_000_000_000, weights in prop::collection::vec(0_i64..10_000_000_000, 1..6)) {
            prop_assert_eq!(of(total, &weights).iter().sum::<i64>(), total);
        }

        #[test]
        fn no_share_of_what_is_left_is_more_than_is_left(weights in prop::collection::vec(0_i64..1_000_000, 1..6), part in 0_u64..=1_000) {
            let all: i64 = weights.iter().sum();
            let back = i64::try_from(u128::try_from(all).unwrap() * u128::from(part) / 1_000).unwrap();
            for (share, left) in of(back, &weights).into_iter().zip(&weights) {
                prop_assert!((0..=*left).contains(&share));
            }
        }
    }
}
