//! Gifts of ten years in the order in which they came, as systems write them: of donors who gave ten times each.
use convener::kernel::Day;
use std::fmt::Write;

pub(crate) const ROWS: i32 = 200_000;
const DONORS: i32 = 20_000;
/// Donors come in another order each time: numbers that share no factor with theirs.
const ORDERS: [i32; 10] = [7, 9, 11, 13, 17, 19, 21, 23, 27, 29];
const DAYS: i32 = 3_650;

pub(crate) fn file() -> String {
    let mut file = "Gift ID,First name,Last name,Email,Street,City,State,ZIP,Amount,Date,Fund\n".to_owned();
    let first: Day = "2016-01-01".parse().expect("a day");
    for n in 1..=ROWS {
        let donor = n * ORDERS[usize::try_from((n - 1) / DONORS).expect("a small number")] % DONORS;
        let on = first.plus_days(i64::from(n) * i64::from(DAYS) / i64::from(ROWS));
        writeln!(
            file,
            "G-{n},Ada,Doe {donor},ada{donor}@donors.example,{donor} Main Street,Duluth,MN,55802,\"${}.{:02}\",{on},Where it is needed most",
            5 + n % 495,
            n % 100,
        )
        .expect("a string has room");
    }
    file
}
