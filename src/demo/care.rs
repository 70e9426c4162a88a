//! What staff keep in mind about some donors: a household, tags, notes, tasks; two that are perhaps one, and two that
//! were merged.
use super::Problem;
use crate::{
    app::App,
    audit::Actor,
    desk::merging,
    donors::{self, Donor, DonorKind, care, reach},
    staff,
};

/// Who writes it down.
const WHO: (&str, &str) = ("daniel@demo.example", "Daniel Reyes");

/// Lets the second and the third person be here twice: each has the next one's name and address.
pub(super) fn as_twins(donors: &mut [Donor]) {
    let mut people: Vec<_> = donors.iter_mut().filter(|donor| donor.kind == DonorKind::Person).take(5).collect();
    if let [_, one, same, other, again] = people.as_mut_slice() {
        for (kept, copy) in [(one, same), (other, again)] {
            let address = kept.address.get_or_insert_with(|| "18 Larch Street\nDuluth, MN 55802".to_owned()).clone();
            copy.name.clone_from(&kept.name);
            copy.address = Some(address);
        }
    }
}

/// Keeps something in mind about the first of these donors, as they are on record.
pub(super) async fn keep(app: &App, donors: &[Donor]) -> Result<(), Problem> {
    let now = app.clock.now();
    let today = app.coalition.get().zone().day(now);
    let of = |kind| donors.iter().filter(move |donor| donor.kind == kind);
    let people: Vec<_> = of(DonorKind::Person).take(8).collect();
    let Some(home) = of(DonorKind::Household).next() else { return Ok(()) };
    let [first, _, _, other, again, sixth, seventh, eighth] = people.as_slice() else { return Ok(()) };
    let mut tx = app.db.write().await?;
    let daniel = staff::by_email(&mut tx, &WHO.0.parse()?).await?;
    for donor in [home, *first, *other] {
        care::set_tags(&mut tx, donor.id, &["met in person".to_owned(), "volunteer".to_owned()]).await?;
        let words = "Asked how the alliance in Minnesota is doing.\nWants to hear of the next visit.";
        care::add_note(&mut tx, donor.id, (today.plus_days(-12), words), WHO.1, now).await?;
        if let Some(daniel) = &daniel {
            care::add_task(&mut tx, donor.id, ("Call about the visit", today.plus_days(-1), daniel.id), WHO.1, now).await?;
        }
    }
    for member in [*sixth, *seventh] {
        reach::join_household(&mut tx, home.id, member.id, now).await?;
    }
    let more = care::More { phone: Some("+1 218 555 0142".to_owned()), no_phone: true, ..care::More::default() };
    care::set_more(&mut tx, first.id, &more).await?;
    let more = care::More { deceased_on: Some(today.plus_days(-90)), ..care::More::default() };
    care::set_more(&mut tx, eighth.id, &more).await?;
    let actor = Actor { kind: "staff", id: daniel.map(|one| one.id.to_string()).unwrap_or_default(), name: WHO.1.to_owned() };
    let two = (other.id, again.id);
    merging::merge(&mut tx, &actor, two, |this, _| donors::merge::Details::clone(this), now).await?;
    tx.commit().await?;
    Ok(())
}
