//! Words every feature shares: money, time, names, addresses, ids, signatures.
//!
//! Nothing here knows about HTTP, about a database's tables or about any feature.
mod coalition;
mod currency;
mod day;
mod email;
mod ids;
mod keys;
mod money;
pub mod text;
mod time;
mod words;

pub use coalition::{Coalition, Shared};
pub use currency::{Currency, UnknownCurrency};
pub use day::{Day, Month, ParseDayError};
pub use email::{Email, InvalidEmail};
pub(crate) use ids::id;
pub use keys::{Keys, Token, digest, hex};
pub use money::{AmountError, Cents, Money};
pub use time::{Clock, ParseTimestampError, Timestamp, Zone};
pub(crate) use words::{text_column, words};
