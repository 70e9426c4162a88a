//! What a merge of two donors means for gifts: they change hands, and no amount does.
use super::queries;
use crate::donors::merge::Held;

pub use queries::{Money, both_ask_to_be_erased, count_shared_months, money_of};

/// The tables here that name a donor. A recurring gift goes first: while it is held no gift of it begins.
pub const HELD: &[Held] = &[
    Held::moves("recurring_gift", "id"),
    Held::moves("gift", "id").forbids_undo("created_at", "A gift was begun"),
    Held::moves("soft_credit", "gift_id").once_per_key(),
    Held::moves("erasure_request", "id"),
    Held::moves("pledge", "id"),
    Held::stays("giving_session"),
];
