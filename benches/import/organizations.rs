//! Organizations with two contacts each.
use std::fmt::Write;

pub(crate) const ROWS: i64 = 5_000;

pub(crate) fn file() -> String {
    let mut file = "Number,Name,Track,Category,City,State,Admitted on,EIN,Website,Works in,Postal address,Contact,Email,Phone,Contact 2,Contact 2 email\n".to_owned();
    for n in 1..=ROWS {
        let (number, track) = if n % 10 == 0 { (String::new(), "observer") } else { (n.to_string(), "member") };
        writeln!(
            file,
            "{number},Society for Justice {n},{track},Human rights,Duluth,MN,2014-03-04,{:02}-{:07},https://society{n}.example,\"WI, IA\",\"{n} Main Street, Duluth\",Ada Doe {n},ada{n}@society{n}.example,555 0100,Bob Roe {n},bob{n}@society{n}.example",
            10 + n % 80,
            1_000_000 + n
        )
        .expect("a string has room");
    }
    file
}
