//! Recurring gifts that run at the payment service before we know them: what others call to bring them in.
pub use super::{
    plans::{Whose, bring_in, held, hold, on_record, payers, take_back},
    queries::names_donor,
};
