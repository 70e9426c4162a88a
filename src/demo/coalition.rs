//! The coalition itself: its identity, who receives the money, funds and campaigns. The first user's
//! public facts, in our own words.
use crate::{
    app::App,
    gifts::{self, Campaign, CampaignId, Fund, FundId, Restriction},
    kernel::{Cents, Coalition, Currency, Day},
    receipts::{self, EntityId, LegalEntity},
};

/// Adds everything but the mark, which is in what it gives back.
pub(super) async fn add(app: &App) -> Result<Coalition, super::Problem> {
    let coalition = identity();
    let today = coalition.zone().day(app.clock.now());
    let mut tx = app.db.write().await?;
    receipts::insert_entity(&mut tx, &donee(today)).await?;
    for fund in funds() {
        gifts::insert_fund(&mut tx, &fund).await?;
    }
    for campaign in campaigns(today) {
        gifts::insert_campaign(&mut tx, &campaign).await?;
    }
    tx.commit().await?;
    app.coalition.set(Coalition { demo: false, ..coalition.clone() });
    Ok(coalition)
}

fn identity() -> Coalition {
    Coalition {
        name: "American NGO Coalition for the International Criminal Court".to_owned(),
        short_name: "AMICC".to_owned(),
        tagline: "For full United States support of the International Criminal Court".to_owned(),
        mission: "American organizations that want their country to stand with the Court: we follow what Washington \
                  says and does about it, tell the public, and speak up together."
            .to_owned(),
        contact_email: "office@demo.example".to_owned(),
        member_word: "institutional member".to_owned(),
        time_zone: "America/New_York".to_owned(),
        currency: Currency::USD,
        demo: true,
        ..Coalition::default()
    }
}

fn donee(today: Day) -> LegalEntity {
    LegalEntity {
        id: EntityId::from_u128(1),
        from_day: Day::new(today.year() - 4, 1, 1).expect("New Year’s Day is in every year"),
        name: "Demonstration Trustees of a University".to_owned(),
        ein: Some("00-0000000".to_owned()),
        address: "1 Example Plaza\nNew York, NY 10000".to_owned(),
        sponsorship: Some(
            "for the benefit of its program, the American NGO Coalition for the International Criminal Court".to_owned(),
        ),
        signatory: "Ada Levine, Convener".to_owned(),
        deductible: true,
    }
}

fn funds() -> [Fund; 3] {
    let fund = |number, slug: &str, name: &str, description: &str, restriction, position| Fund {
        id: FundId::from_u128(number),
        slug: slug.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        restriction,
        open: true,
        position,
    };
    [
        fund(
            0x10,
            "alliances",
            "Local alliances",
            "Visits, first meetings and launches in cities and states.",
            Restriction::Purpose,
            1,
        ),
        fund(
            0x11,
            "assembly",
            "Delegation to the Assembly",
            "Sending a delegation to the Assembly of States Parties.",
            Restriction::Purpose,
            2,
        ),
        fund(
            0x12,
            "students",
            "Student fellows",
            "Papers and internships for students of international law.",
            Restriction::Purpose,
            3,
        ),
    ]
}

fn campaigns(today: Day) -> Vec<Campaign> {
    let year = today.year();
    let campaign = |number, year: i16, slug: String, name: String, from: (i8, i8), to: (i8, i8), goal: i64| {
        Some(Campaign {
            id: CampaignId::from_u128(number),
            slug,
            name,
            goal: Some(Cents::new(goal)),
            currency: Currency::USD,
            starts_on: Some(Day::new(year, from.0, from.1)?),
            ends_on: Some(Day::new(year, to.0, to.1)?),
            story: "Each gift lets one more person bring the Court’s work to Congress, to campuses and to cities.".to_owned(),
        })
    };
    (0..4)
        .flat_map(|back: i16| {
            let (y, n) = (year - back, u128::try_from(back).unwrap_or_default() * 2);
            [
                campaign(0x20 + n, y, format!("year-end-{y}"), format!("Year-end appeal {y}"), (11, 1), (12, 31), 4_000_000),
                campaign(
                    0x21 + n,
                    y,
                    format!("justice-day-{y}"),
                    format!("International Justice Day {y}"),
                    (6, 15),
                    (7, 31),
                    1_500_000,
                ),
            ]
        })
        .flatten()
        .collect()
}
