//! The alliances of the demonstration: the Twin Cities as the coalition's public pages tell of it, and two
//! invented ones, one on its way and one in danger. One leader has an account.
use crate::{
    alliances::{
        self, Activity, ActivityId, ActivityKind, Alliance, AllianceId, AllianceState, Grain, Part, RosterEntry, RosterId,
        RosterKind, StepKind, Term, TermId,
    },
    app::App,
    db::Tx,
    kernel::{Day, Timestamp},
    members::OrganizationId,
    staff,
};

/// Signs in as the leader of the Twin Cities.
pub const LEADER: &str = "ellen@demo.example";

/// Who is said to have written the generated rows.
const BY: &str = "Miriam Okafor";

pub(super) async fn add(app: &App, host: OrganizationId, other_host: OrganizationId) -> Result<(), super::Problem> {
    let (now, zone) = (app.clock.now(), app.coalition.get().zone());
    let today = zone.day(now);
    let hash = staff::people::password_hash(app, super::PASSWORD).await?;
    let mut tx = app.db.write().await?;
    twin_cities(&mut tx, host, &hash, today, now).await?;
    on_its_way(&mut tx, other_host, today, now).await?;
    in_danger(&mut tx, host, today, now).await?;
    tx.commit().await?;
    Ok(())
}

fn alliance(number: u128, slug: &str, name: &str, summary: &str, now: Timestamp) -> Alliance {
    Alliance {
        id: AllianceId::from_u128(number),
        slug: slug.to_owned(),
        name: name.to_owned(),
        summary: summary.to_owned(),
        state: AllianceState::Prospective,
        fund_slug: Some("alliances".to_owned()),
        created_at: now,
    }
}

fn term(of: AllianceId, part: Part, name: &str, title: &str, email: &str, from: Day) -> Term {
    Term {
        id: TermId::new(),
        alliance_id: of,
        part,
        name: name.to_owned(),
        title: title.to_owned(),
        email: email.parse().ok(),
        founder: false,
        from_day: from,
        to_day: None,
        staff_id: None,
    }
}

async fn steps(tx: &mut Tx, of: AllianceId, taken: &[(StepKind, Day, &str)], now: Timestamp) -> sqlx::Result<()> {
    for (kind, on, note) in taken {
        alliances::take_step(tx, of, *kind, *on, note, BY, now).await?;
    }
    Ok(())
}

async fn twin_cities(tx: &mut Tx, host: OrganizationId, hash: &str, today: Day, now: Timestamp) -> Result<(), super::Problem> {
    let summary = "Organizations of the Twin Cities with international programs for human rights, for settling conflicts and for \
                   survivors meet here to speak up for the Court together.";
    let alliance = alliance(1, "twin-cities", "Twin Cities Alliance", summary, now);
    let id = alliance.id;
    alliances::insert(tx, &alliance).await?;
    for city in ["Minneapolis", "Saint Paul"] {
        alliances::add_territory(tx, id, Grain::City, city, Some("MN")).await?;
    }
    let ago = |days: i64| today.plus_days(-days);
    alliances::set_host(tx, id, host, ago(200)).await?;
    let account = staff::leaders::create(tx, &LEADER.parse()?, "Ellen Kennedy", hash, now).await?;
    let leader = term(id, Part::Leader, "Ellen Kennedy", "Executive Director, World Without Genocide", LEADER, ago(210));
    alliances::add_term(tx, &Term { founder: true, staff_id: account, ..leader }).await?;
    alliances::add_term(tx, &term(id, Part::Deputy, "Jonas Lindqvist", "Attorney", "jonas@demo.example", ago(70))).await?;
    let way = [
        (StepKind::LeaderFound, ago(210), "Ellen Kennedy offers to lead"),
        (StepKind::HostConfirmed, ago(200), "World Without Genocide stands behind her"),
        (StepKind::Visit, ago(150), "The convener goes to Saint Paul"),
        (StepKind::FirstMeeting, ago(149), ""),
        (StepKind::Launch, ago(80), "With a public evening"),
    ];
    steps(tx, id, &way, now).await?;
    twin_cities_roster(tx, id, host, today).await?;
    let done = [
        (ActivityKind::Meeting, "First meeting", 149, "Saint Paul", Some(14), false, "Who brings whom; a date for the launch."),
        (ActivityKind::Event, "Launch with a public evening", 80, "Saint Paul", Some(120), true, ""),
        (
            ActivityKind::Congress,
            "Visit to a senator’s office in Minneapolis",
            52,
            "Minneapolis",
            Some(6),
            true,
            "The staff asked for a paper on cooperation with the Court.",
        ),
        (ActivityKind::School, "A class visit on the Rome Statute", 31, "Minneapolis", Some(28), true, ""),
        (ActivityKind::Media, "An opinion piece in a local paper", 12, "", None, true, ""),
        (ActivityKind::Meeting, "Winter meeting", -24, "Saint Paul", None, true, ""),
    ];
    for (kind, title, days, place, attendance, shown, notes) in done {
        let activity = Activity {
            id: ActivityId::new(),
            alliance_id: id,
            kind,
            title: title.to_owned(),
            on_day: ago(days),
            place: place.to_owned(),
            attendance,
            notes: notes.to_owned(),
            shown,
            recorded_by: "Ellen Kennedy".to_owned(),
        };
        alliances::add_activity(tx, &activity, now).await?;
    }
    alliances::add_contact(tx, id, ago(20), "Called about the winter meeting", BY, now).await?;
    Ok(())
}

async fn twin_cities_roster(tx: &mut Tx, id: AllianceId, host: OrganizationId, today: Day) -> sqlx::Result<()> {
    let roster = [
        (RosterKind::Organization, "World Without Genocide, Saint Paul", "", Some(host)),
        (RosterKind::Organization, "Mill City Human Rights Forum", "forum@demo.example", None),
        (RosterKind::Organization, "Saint Anthony Survivors’ Circle", "circle@demo.example", None),
        (RosterKind::Organization, "Twin Cities Mediation Center", "office.mediation@demo.example", None),
        (RosterKind::Person, "Amina Warsame", "amina@demo.example", None),
        (RosterKind::Person, "Peter Halvorson", "peter@demo.example", None),
    ];
    for (n, (kind, name, email, organization_id)) in (0..).zip(roster) {
        let entry = RosterEntry {
            id: RosterId::new(),
            alliance_id: id,
            kind,
            name: name.to_owned(),
            email: email.parse().ok(),
            note: String::new(),
            organization_id,
            from_day: today.plus_days(-149 + n * 9),
            to_day: None,
        };
        alliances::add_roster(tx, &entry).await?;
    }
    Ok(())
}

async fn on_its_way(tx: &mut Tx, host: OrganizationId, today: Day, now: Timestamp) -> sqlx::Result<()> {
    let summary = "Teachers and lawyers around Puget Sound who want their schools and courts to know the Court.";
    let alliance = alliance(2, "puget-sound", "Puget Sound Alliance", summary, now);
    let id = alliance.id;
    alliances::insert(tx, &alliance).await?;
    alliances::add_territory(tx, id, Grain::Region, "Puget Sound", Some("WA")).await?;
    alliances::set_host(tx, id, host, today.plus_days(-70)).await?;
    let leader = term(id, Part::Leader, "Grace Tanaka", "High school teacher", "grace@demo.example", today.plus_days(-90));
    alliances::add_term(tx, &Term { founder: true, ..leader }).await?;
    alliances::add_term(tx, &term(id, Part::Deputy, "Samuel Ortiz", "", "samuel@demo.example", today.plus_days(-40))).await?;
    let way = [
        (StepKind::LeaderFound, today.plus_days(-90), ""),
        (StepKind::HostConfirmed, today.plus_days(-70), ""),
        (StepKind::Visit, today.plus_days(-21), "Two days in Seattle and Tacoma"),
    ];
    steps(tx, id, &way, now).await?;
    alliances::add_contact(tx, id, today.plus_days(-21), "Met on the visit; the first meeting is planned for next month", BY, now)
        .await
}

async fn in_danger(tx: &mut Tx, host: OrganizationId, today: Day, now: Timestamp) -> sqlx::Result<()> {
    let summary = "Begun by one person with much energy, and quiet since.";
    let alliance = alliance(3, "hudson-county", "Hudson County Alliance", summary, now);
    let id = alliance.id;
    alliances::insert(tx, &alliance).await?;
    alliances::add_territory(tx, id, Grain::County, "Hudson County", Some("NJ")).await?;
    alliances::set_host(tx, id, host, today.plus_days(-900)).await?;
    let leader = term(id, Part::Leader, "Victor Marsh", "", "victor@demo.example", today.plus_days(-920));
    alliances::add_term(tx, &Term { founder: true, to_day: Some(today.plus_days(30)), ..leader }).await?;
    let way: Vec<_> = alliances::pipeline::CHECKLIST
        .iter()
        .zip([920, 900, 860, 840, 800])
        .map(|(k, d)| (*k, today.plus_days(-d), ""))
        .collect();
    steps(tx, id, &way, now).await?;
    alliances::add_contact(tx, id, today.plus_days(-210), "Left word; no answer", BY, now).await
}
