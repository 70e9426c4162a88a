//! Members, observers, their contacts and the news about them.
use super::{Scale, dice::Dice, words};
use crate::{
    app::App,
    db::Tx,
    kernel::{Day, Timestamp, Zone, text},
    members::{
        self, Admission, Category, CategoryId, Commitment, ContactRole, NewContact, OrganizationId, PastOrganization, Track,
        reaffirmation::{self, Rhythm},
        record::{self, Background},
    },
    news::{self, NewsId, NewsItem, NewsState},
    settings,
};

/// The host of the alliance, the last but one of the members that are always the same.
const HOST: usize = 37;
/// The host of an alliance that is being made.
const OTHER_HOST: usize = 11;

/// Gives the hosts of the alliances, who also give.
pub(super) async fn add(app: &App, dice: &mut Dice, scale: &Scale) -> Result<[PastOrganization; 2], super::Problem> {
    let coalition = app.coalition.get();
    let (now, zone) = (app.clock.now(), coalition.zone());
    let today = zone.day(now);
    let mut tx = app.db.write().await?;
    let categories = add_ground(&mut tx, today).await?;
    let organizations = organizations(dice, scale, &categories, today);
    for some in organizations.chunks(500) {
        members::insert_history(&mut tx, some, now).await?;
    }
    for (n, organization) in organizations.iter().take(39).enumerate().filter(|(n, _)| n.is_multiple_of(3)) {
        record::insert_background(&mut tx, organization.id, &background(organization, n, today), now).await?;
    }
    reaffirmed(&mut tx, &organizations, today, now).await?;
    for item in news(&organizations, &coalition.short_name, &coalition.member_word, &zone, now) {
        news::insert(&mut tx, &item).await?;
    }
    tx.commit().await?;
    let hosts = [HOST, OTHER_HOST].map(|host| organizations[host].clone());
    super::alliances::add(app, hosts[0].id, hosts[1].id).await?;
    Ok(hosts)
}

/// The months between two reaffirmations.
const MONTHS: i64 = 24;

/// When members made their commitment last: most within the two years, a few late.
async fn reaffirmed(tx: &mut Tx, organizations: &[PastOrganization], today: Day, now: Timestamp) -> sqlx::Result<()> {
    let rhythm = Rhythm { months: MONTHS, first_due: Some(today.plus_days(-400)), ..Rhythm::default() };
    settings::set(tx, &rhythm, now).await?;
    for (n, organization) in (0_i64..).zip(organizations.iter().filter(|o| o.admission.track == Track::Member)) {
        let days = match n % 1_000 {
            7 => 800,
            19 => 752,
            n => n * 53 % 700,
        };
        let on = today.plus_days(-days);
        if on > organization.admitted_on {
            reaffirmation::insert_past(tx, organization.id, on, now).await?;
        }
    }
    Ok(())
}

/// Categories, the text that applicants accept in its two versions, and the next four days of review.
async fn add_ground(tx: &mut Tx, today: Day) -> sqlx::Result<Vec<Category>> {
    let categories: Vec<_> = words::CATEGORIES
        .iter()
        .zip(1..)
        .map(|((slug, name), position)| Category {
            id: CategoryId::from_u128(position),
            slug: (*slug).to_owned(),
            name: (*name).to_owned(),
            position: i64::try_from(position).unwrap_or_default(),
        })
        .collect();
    for category in &categories {
        members::insert_category(tx, category).await?;
    }
    let (first, _) = words::COMMITMENT.rsplit_once("\n\n").unwrap_or((words::COMMITMENT, ""));
    for (version, body, age) in [(1, first, 1_200), (2, words::COMMITMENT, 420)] {
        let commitment = Commitment { version, body: body.to_owned(), in_force: today.plus_days(-age) };
        members::insert_commitment(tx, &commitment).await?;
    }
    for quarter in 0..4 {
        members::insert_review_round(tx, today.plus_days(21 + quarter * 91)).await?;
    }
    Ok(categories)
}

fn organizations(dice: &mut Dice, scale: &Scale, categories: &[Category], today: Day) -> Vec<PastOrganization> {
    let known = words::MEMBERS.iter().map(|(name, kind)| ((*name).to_owned(), *kind));
    let newest = std::iter::once(("International Justice Project".to_owned(), "human-rights"));
    let many = (known.len() + 1..usize::try_from(scale.members).unwrap_or_default()).map(|n| (invented(n), ""));
    let mut all: Vec<_> = known
        .chain(newest)
        .chain(many)
        .zip(1..)
        .map(|((name, kind), number)| past(dice, name, kind, Some(number), scale, categories, today))
        .collect();
    for (name, kind) in words::OBSERVERS {
        all.push(past(dice, (*name).to_owned(), kind, None, scale, categories, today));
    }
    "Saint Paul".clone_into(&mut all[HOST].admission.city);
    "MN".clone_into(&mut all[HOST].admission.state_code);
    all
}

/// Where some of the members work besides, what staff sort them by, and what a few were called before.
fn background(organization: &PastOrganization, n: usize, today: Day) -> Background {
    let mut states: Vec<String> = (1..4).map(|step| words::PLACES[n * step % words::PLACES.len()].1.to_owned()).collect();
    states.sort_unstable();
    states.dedup();
    let tags = ["founding circle", "speaker", "assembly delegation"];
    let former = format!("Committee of the {}", organization.admission.name);
    Background {
        states,
        tags: vec![tags[n / 3 % tags.len()].to_owned()],
        former_name: n.is_multiple_of(9).then(|| (former, today.plus_days(-1_500))),
    }
}

/// A name that no other number gives.
fn invented(number: usize) -> String {
    let (first, middle, last) = (words::ORGANIZATION_FIRST, words::ORGANIZATION_MIDDLE, words::ORGANIZATION_LAST);
    let name = format!(
        "{} {} {}",
        first[number % first.len()],
        middle[number / first.len() % middle.len()],
        last[number / first.len() / middle.len() % last.len()]
    );
    match number / (first.len() * middle.len() * last.len()) {
        0 => name,
        more => format!("{name} {}", more + 1),
    }
}

fn past(
    dice: &mut Dice,
    name: String,
    kind: &str,
    number: Option<i64>,
    scale: &Scale,
    categories: &[Category],
    today: Day,
) -> PastOrganization {
    let (city, state) = *dice.one_of(words::PLACES);
    let category = categories.iter().find(|c| c.slug == kind).unwrap_or_else(|| dice.one_of(categories));
    let site = format!("{}.example", text::slug(&name));
    // Numbers follow dates: the first fifteen years ago, the last a few weeks ago.
    let age = number.map_or_else(|| dice.between(100, 4_000), |n| 5_400 * (scale.members - n) / scale.members + 24);
    let contact = |dice: &mut Dice, role, title: &str| {
        let (first, last) = (*dice.one_of(words::FIRST), *dice.one_of(words::LAST));
        Some(NewContact {
            role,
            name: format!("{first} {last}"),
            title: title.to_owned(),
            email: format!("{}@{site}", text::slug(last)).parse().ok()?,
            phone: dice.chance(50).then(|| format!("+1 202 555 01{:02}", dice.between(0, 99))),
        })
    };
    let contacts = [
        contact(dice, ContactRole::Delegate, "Executive Director"),
        dice.chance(60).then(|| contact(dice, ContactRole::Alternate, "Program Officer")).flatten(),
    ];
    PastOrganization {
        id: OrganizationId::new(),
        admission_number: number,
        admitted_on: today.plus_days(-age),
        admission: Admission {
            mission: mission(dice, &category.slug),
            track: if number.is_some() { Track::Member } else { Track::Observer },
            category_id: category.id,
            city: city.to_owned(),
            state_code: state.to_owned(),
            website: Some(format!("https://{site}")),
            founded: Some(dice.between(1_895, 2_012)),
            contacts: contacts.into_iter().flatten().collect(),
            name,
        },
    }
}

fn mission(dice: &mut Dice, category: &str) -> String {
    let what = match category {
        "bar-associations" => "brings lawyers together for courts that are fair to everybody",
        "womens-groups" => "speaks for women who live through war",
        "religious" => "works for peace and human dignity out of faith",
        "veterans" => "holds that those who served know best why the law of war matters",
        "victims" => "stands with survivors of mass violence and their families",
        "students-and-young-adults" => "teaches a new generation what international law can do",
        "human-rights" => "documents abuses and calls those who command them to account",
        _ => "supports institutions that the whole world can trust",
    };
    let reach = dice.one_of(&["across the country", "in twelve states", "from coast to coast", "with chapters in many cities"]);
    format!("A national organization that {what}, {reach}.")
}

/// The newest members' announcements, and what else there is to tell.
fn news(organizations: &[PastOrganization], coalition: &str, member: &str, zone: &Zone, now: Timestamp) -> Vec<NewsItem> {
    let newest = organizations.iter().rev().filter(|o| o.admission_number.is_some()).take(3);
    let mut items: Vec<_> = newest
        .map(|o| {
            let number = text::ordinal(o.admission_number.unwrap_or_default());
            item(
                format!("{} joins {coalition} as its {number} {member}", o.admission.name),
                "Its commitment was received and its application approved.".to_owned(),
                o.admission.mission.clone(),
                zone.start_of(o.admitted_on).plus_hours(15),
            )
        })
        .collect();
    items.push(item(
        format!("{coalition} welcomes an alliance in the Twin Cities"),
        "Ellen Kennedy of World Without Genocide leads it from Saint Paul.".to_owned(),
        "The alliance brings together organizations of Minneapolis and Saint Paul.\n\nOur convener goes to Saint Paul for its first meetings."
            .to_owned(),
        now.plus_days(-79),
    ));
    items.push(item(
        "A delegation at the Assembly of States Parties".to_owned(),
        "What the Assembly decided on the budget, oversight and victims’ participation.".to_owned(),
        "Our delegation attended the session of the Court’s Assembly and spoke with delegates about the rights of victims and about oversight."
            .to_owned(),
        now.plus_days(-330),
    ));
    items
}

fn item(title: String, summary: String, body: String, at: Timestamp) -> NewsItem {
    NewsItem {
        id: NewsId::new(),
        slug: text::slug(&title),
        title,
        summary,
        body,
        state: NewsState::Published,
        published_at: Some(at),
        created_at: at,
    }
}
