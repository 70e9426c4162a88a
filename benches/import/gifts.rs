//! Gifts of donors who give ten times each.
use std::fmt::Write;

pub(crate) const ROWS: i32 = 200_000;
const DONORS: i32 = 20_000;

pub(crate) fn file() -> String {
    let mut file = "Gift ID,First name,Last name,Email,Street,City,State,ZIP,Amount,Date,Fund\n".to_owned();
    for n in 1..=ROWS {
        let donor = n * 7 % DONORS;
        writeln!(
            file,
            "G-{n},Ada,Doe {donor},ada{donor}@donors.example,{donor} Main Street,Duluth,MN,55802,\"${}.{:02}\",{}-{:02}-{:02},Where it is needed most",
            5 + n % 495,
            n % 100,
            2016 + n % 10,
            1 + n % 12,
            1 + n % 28,
        )
        .expect("a string has room");
    }
    file
}
