//! Entering a gift that came by hand: the gift, its entry, the totals, the receipt and the letter at once.
use super::{NotDone, OfflineGift, impossible, letters, moment, place, received};
use crate::{
    app::App,
    audit, books,
    db::Tx,
    donors::{self, Donor, DonorId, DonorKind},
    gifts::{
        CampaignId, Frequency, Gift, GiftId, GiftState, Method, counted,
        parts::{self, Book, Piece},
        project, queries,
    },
    kernel::{Cents, Currency, Day, Email, Timestamp},
    receipts::{self, Receipt},
    staff::Staff,
};

/// Somebody who is not among the donors yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gifts) struct NewDonor {
    pub(in crate::gifts) kind: DonorKind,
    pub(in crate::gifts) name: String,
    pub(in crate::gifts) email: Option<Email>,
    pub(in crate::gifts) address: Option<String>,
}

/// Who gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gifts) enum Payer {
    Known(DonorId),
    New(NewDonor),
}

/// A gift as it was typed, read and found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gifts) struct Wish {
    /// Made when the form was opened: a second click finds the first gift.
    pub(in crate::gifts) id: GiftId,
    pub(in crate::gifts) payer: Payer,
    pub(in crate::gifts) method: Method,
    pub(in crate::gifts) amount: Cents,
    pub(in crate::gifts) currency: Currency,
    pub(in crate::gifts) received_on: Day,
    /// For which funds, the first first; they come to the amount.
    pub(in crate::gifts) pieces: Vec<Piece>,
    pub(in crate::gifts) campaign: Option<CampaignId>,
    pub(in crate::gifts) source: Option<String>,
    pub(in crate::gifts) reference: Option<String>,
    pub(in crate::gifts) description: Option<String>,
    pub(in crate::gifts) adviser: Option<String>,
    pub(in crate::gifts) at_the_bank: bool,
    /// It looks like one that was entered, and is another.
    pub(in crate::gifts) another: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(in crate::gifts) struct Entered {
    pub(in crate::gifts) gift: Gift,
    pub(in crate::gifts) donor: Donor,
    /// Where it went, in words, when it went to several funds.
    pub(in crate::gifts) funds: Option<String>,
    pub(in crate::gifts) receipt: Result<Option<Receipt>, receipts::Refusal>,
}

/// Why it was not entered.
#[derive(Debug)]
pub(in crate::gifts) enum NotEntered {
    /// This gift of the same donor looks the same.
    Like(Box<Gift>),
    NotDone(NotDone),
}

impl<E: Into<NotDone>> From<E> for NotEntered {
    fn from(error: E) -> Self {
        Self::NotDone(error.into())
    }
}

/// Enters a gift. The caller has checked that this person may, and commits.
pub(in crate::gifts) async fn enter(app: &App, tx: &mut Tx, staff: &Staff, wish: &Wish) -> Result<Entered, NotEntered> {
    let now = app.clock.now();
    let donor = payer(app, tx, staff, wish).await?;
    let at = moment(app, wish.received_on);
    let mut gift = settled(wish, &donor, at, now)?;
    if !wish.another
        && let Some(other) = queries::offline::like(tx, &gift, wish.reference.as_deref()).await?
    {
        return Err(NotEntered::Like(Box::new(other)));
    }
    if !queries::offline::insert(tx, &gift, &format!("by-hand-{}", gift.id)).await? {
        return Err(
            NotDone::Impossible("This gift was entered a moment ago. Look for it in the list of gifts.".to_owned()).into()
        );
    }
    let made = parts::made_of(&gift, &wish.pieces);
    parts::put(tx, &mut gift, &made).await?;
    let deposit = wish.method.lands(wish.at_the_bank);
    let row = OfflineGift {
        gift_id: gift.id,
        received_on: wish.received_on,
        reference: wish.reference.clone(),
        description: wish.description.clone(),
        adviser: wish.adviser.clone(),
        deposit,
        deposited_on: (deposit == super::Deposit::Deposited).then_some(wish.received_on),
        entered_at: now,
        entered_by: staff.name.clone(),
        changes: 0,
    };
    queries::offline::insert_details(tx, &row).await?;
    let (id, book) = (gift.id.to_string(), Book::of(made, Vec::new()));
    let words = format!("Gift received: {}", wish.method.label().to_lowercase());
    let entry = received(format!("settle:{id}"), &words, &gift, (&id, &book), place(wish.method, deposit), at);
    books::post(tx, &entry, &app.coalition.get().zone()).await.map_err(NotDone::from)?;
    counted::add(tx, &gift).await?;
    let fund = parts::words(tx, &gift).await?;
    let told = serde_json::json!({
        "donor": donor.name, "method": gift.method, "fund": fund, "amount": gift.charged, "currency": gift.currency,
        "received_on": wish.received_on, "reference": wish.reference, "description": wish.description, "adviser": wish.adviser,
    });
    audit::record(tx, &staff.actor(), "enter", ("gift", &id), None::<&()>, Some(&told), now).await?;
    let receipt = acknowledge(app, tx, staff, &gift, &donor).await?;
    let funds = gift.split.then_some(fund);
    Ok(Entered { gift, donor, funds, receipt })
}

fn settled(wish: &Wish, donor: &Donor, at: Timestamp, now: Timestamp) -> Result<Gift, NotDone> {
    let Some(first) = wish.pieces.first() else { return impossible("Choose the fund it is for.") };
    Ok(Gift {
        id: wish.id,
        donor_id: donor.id,
        fund_id: first.fund,
        campaign_id: wish.campaign,
        source: wish.source.clone(),
        recurring_id: None,
        state: GiftState::Settled,
        frequency: Frequency::Once,
        intended: wish.amount,
        covered_fee: Cents::ZERO,
        charged: wish.amount,
        refunded: Cents::ZERO,
        currency: wish.currency,
        disputed: false,
        tribute_kind: None,
        tribute_name: None,
        created_at: now,
        settled_at: Some(at),
        given_on: Some(wish.received_on),
        shown_at: at,
        attempt: 1,
        checkout: None,
        checkout_url: None,
        checkout_until: None,
        payment: None,
        charge: None,
        invoice: None,
        processor_fee: None,
        card: None,
        failure: None,
        thanked_at: None,
        livemode: true,
        method: wish.method,
        split: false,
    })
}

/// The donor, known or new.
async fn payer(app: &App, tx: &mut Tx, staff: &Staff, wish: &Wish) -> Result<Donor, NotDone> {
    let now = app.clock.now();
    let donor = match &wish.payer {
        Payer::Known(id) => match donors::by_id(tx, *id).await? {
            Some(donor) => donor,
            None => return impossible("There is no such donor any more. Choose the donor again."),
        },
        Payer::New(new) => {
            if let Some(email) = &new.email
                && let Some(other) = donors::by_email(tx, email).await?
            {
                return impossible(format!("{} has the address {email}. Choose that donor.", other.name));
            }
            let donor = Donor {
                id: DonorId::new(),
                kind: new.kind,
                name: new.name.clone(),
                email: new.email.clone(),
                address: new.address.clone(),
                gateway_customer: None,
                consent_updates: false,
                consent_at: None,
                created_at: now,
            };
            donors::bulk_insert(tx, std::slice::from_ref(&donor)).await?;
            let told =
                serde_json::json!({ "kind": donor.kind, "name": donor.name, "email": donor.email, "address": donor.address });
            audit::record(tx, &staff.actor(), "add", ("donor", &donor.id.to_string()), None::<&()>, Some(&told), now).await?;
            donor
        }
    };
    match wish.method {
        Method::DonorAdvised if donor.kind != DonorKind::Organization => impossible(
            "The donor of such a grant is the fund itself, an organization such as Fidelity Charitable. Name the person as its adviser.",
        ),
        Method::Ira if donor.kind == DonorKind::Organization => impossible(
            "A distribution from an individual retirement account comes from a person. Choose the person as the donor.",
        ),
        _ => Ok(donor),
    }
}

/// Issues the receipt, or writes down which rule forbids it; thanks by mail where there is an address.
pub(super) async fn acknowledge(
    app: &App,
    tx: &mut Tx,
    staff: &Staff,
    gift: &Gift,
    donor: &Donor,
) -> Result<Result<Option<Receipt>, receipts::Refusal>, NotDone> {
    let (id, now) = (gift.id.to_string(), app.clock.now());
    let receipt = match project::acknowledge(tx, gift, donor).await? {
        Ok(frozen) => Ok(receipts::issue(tx, &id, &frozen, now).await?),
        Err(refusal) => {
            let why = serde_json::json!({ "rule": refusal.to_string() });
            audit::record(tx, &staff.actor(), "refuse_receipt", ("gift", &id), None::<&()>, Some(&why), now).await?;
            Err(refusal)
        }
    };
    letters::thank(app, tx, gift, donor, receipt.as_ref().ok().and_then(Option::as_ref)).await?;
    Ok(receipt)
}
