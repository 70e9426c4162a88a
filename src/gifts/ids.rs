//! What names the rows of this feature's tables.
use crate::kernel::id;

id!(
    /// Names one row of `gift`.
    GiftId
);
id!(
    /// Names one row of `fund`.
    FundId
);
id!(
    /// Names one row of `campaign`.
    CampaignId
);
id!(
    /// Names one row of `recurring_gift`.
    RecurringId
);
id!(
    /// Names one row of `gift_refund`.
    RefundId
);
id!(
    /// Names one row of `gift_dispute`.
    DisputeId
);
id!(
    /// Names one row of `fraud_warning`.
    WarningId
);
id!(
    /// Names one row of `letter_template`.
    TemplateId
);
id!(
    /// Names one row of `gift_batch`.
    GiftBatchId
);
id!(
    /// Names one row of `thanks_batch`.
    BatchId
);
id!(
    /// Names one row of `thanks_note`.
    NoteId
);
id!(
    /// Names one row of `soft_credit`.
    CreditId
);
id!(
    /// Names one row of `tribute_notice`.
    NoticeId
);
id!(
    /// Names one row of `employer`.
    EmployerId
);
id!(
    /// Names one row of `matching_gift`.
    MatchId
);
id!(
    /// Names one row of `held_gift`.
    HeldId
);
id!(
    /// Names one row of `card_testing`.
    BurstId
);
