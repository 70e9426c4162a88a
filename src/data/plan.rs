//! The fate of rows: what each holds, whom it is about, what would change. Nothing is written here; the dry run
//! and the applying both ask.
use super::{Fate, Kind, Run, alliances, contacts, organizations};
use crate::{
    alliances::{AllianceId, carried as local},
    db::Tx,
    kernel::{Day, text},
    members::{
        self, Category, CategoryId, OrganizationId,
        carried::{self, Change, Found, Index, name_key},
    },
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a row holds, by field.
pub(super) type Typed = BTreeMap<String, String>;

/// A row's fate, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) fate: Fate,
    /// What the row is about.
    pub(super) name: String,
    /// Why it is refused, or by what it is known again.
    pub(super) reason: String,
    /// Its id and name.
    pub(super) record: Option<(String, String)>,
    pub(super) changes: Vec<Change>,
    pub(super) notes: Vec<String>,
}

/// What a row that is right brings.
#[derive(Debug, Clone)]
pub(super) enum Brought {
    Organization(Box<carried::Carried>),
    Contact(contacts::Brought),
    Alliance(Box<local::Carried>),
}

/// All that rows are compared with.
pub(super) struct World {
    pub(super) index: Index,
    pub(super) categories: Vec<Category>,
    /// The category of rows that name none.
    pub(super) category: Option<CategoryId>,
    pub(super) today: Day,
    pub(super) alliances: HashMap<String, local::Own>,
    /// Organizations that this import has entered already.
    pub(super) fresh: HashSet<OrganizationId>,
    /// The records that the rows are about, as far as the rows before have changed them.
    pub(super) organizations: HashMap<OrganizationId, carried::Kept>,
    pub(super) local: HashMap<AllianceId, local::Kept>,
}

impl World {
    pub(super) async fn read(tx: &mut Tx, run: &Run, today: Day) -> sqlx::Result<Self> {
        let alliances = match run.kind {
            Kind::Alliances => local::all(tx).await?,
            _ => Vec::new(),
        };
        let categories = members::categories(tx).await?;
        Ok(Self {
            index: Index::read(tx).await?,
            category: run.category_id.filter(|id| categories.iter().any(|category| category.id == *id)),
            categories,
            today,
            alliances: alliances.into_iter().map(|own| (text::fold(&own.name), own)).collect(),
            fresh: HashSet::new(),
            organizations: HashMap::new(),
            local: HashMap::new(),
        })
    }
}

/// Whom a row is about: nobody on record, or a record's id and by what it was known again; or why it is refused.
pub(super) type Target = Result<Option<(String, &'static str)>, Vec<String>>;

/// A row that was read and has found whom it is about.
pub(super) struct Sight {
    pub(super) name: String,
    pub(super) brought: Option<Brought>,
    pub(super) target: Target,
}

/// Reads a row.
pub(super) fn sight(world: &World, kind: Kind, typed: &Typed) -> Sight {
    match kind {
        Kind::Organizations => organizations::sight(world, typed),
        Kind::Contacts => contacts::sight(world, typed),
        _ => alliances::sight(world, typed),
    }
}

/// Reads the records that these rows are about.
pub(super) async fn look_up(tx: &mut Tx, world: &mut World, sights: &[Sight]) -> sqlx::Result<()> {
    let mut organizations = Vec::new();
    for sight in sights {
        match (&sight.brought, &sight.target) {
            (Some(Brought::Organization(_)), Ok(Some((id, _)))) => organizations.extend(id.parse::<OrganizationId>().ok()),
            (Some(Brought::Contact(contact)), Ok(_)) => organizations.push(contact.organization),
            (Some(Brought::Alliance(_)), Ok(Some((id, _)))) => {
                if let Ok(id) = id.parse::<AllianceId>()
                    && let Some(kept) = local::kept(tx, id).await?
                {
                    world.local.insert(id, kept);
                }
            }
            _ => {}
        }
    }
    organizations.sort_unstable();
    organizations.dedup();
    world.organizations.extend(carried::kept(tx, &organizations).await?);
    Ok(())
}

/// What a row that was read comes to.
pub(super) fn plan(world: &mut World, sight: &Sight) -> Plan {
    let refused = |reasons: &[String]| Plan {
        fate: Fate::Refused,
        name: sight.name.clone(),
        reason: reasons.join(" "),
        record: None,
        changes: Vec::new(),
        notes: Vec::new(),
    };
    match (&sight.target, &sight.brought) {
        (Err(reasons), _) => refused(reasons),
        (Ok(_), None) => refused(&["It can’t be read.".to_owned()]),
        (Ok(target), Some(brought)) => {
            let target = target.as_ref().map(|(id, by)| (id.as_str(), *by));
            match brought {
                Brought::Organization(carried) => organizations::plan(world, &sight.name, carried, target),
                Brought::Contact(contact) => contacts::plan(world, &sight.name, contact),
                Brought::Alliance(carried) => alliances::plan(world, &sight.name, carried, target),
            }
        }
    }
}

/// Which rows of one file are about the same.
#[derive(Default)]
pub(super) struct Seen(HashMap<String, i64>);

impl Seen {
    /// Refuses a row that is about what an earlier one is about.
    pub(super) fn check(&mut self, row: i64, sight: &mut Sight) {
        let Some(brought) = sight.brought.as_ref().filter(|_| sight.target.is_ok()) else { return };
        let mut keys: Vec<(String, &str)> = Vec::new();
        match brought {
            Brought::Organization(carried) => {
                keys.push((format!("name {}", name_key(&carried.name)), "name"));
                keys.extend(carried.number.map(|number| (format!("number {number}"), "admission number")));
            }
            Brought::Contact(c) => keys.push((format!("contact {} {}", c.organization, c.contact.email), "person")),
            Brought::Alliance(carried) => keys.push((format!("name {}", text::fold(&carried.name)), "name")),
        }
        if let (Ok(Some((id, _))), false) = (&sight.target, matches!(brought, Brought::Contact(_))) {
            keys.push((format!("record {id}"), "organization on record"));
        }
        let again = keys.iter().find_map(|(key, what)| Some((*self.0.get(key)?, *what)));
        if let Some((first, what)) = again {
            sight.target = Err(vec![format!("Row {first} of this file has the same {what}.")]);
            return;
        }
        self.0.extend(keys.into_iter().map(|(key, _)| (key, row)));
    }
}

/// The target of what the index found.
pub(super) fn target(found: Found) -> Target {
    match found {
        Found::Nobody => Ok(None),
        Found::One(id, by) => Ok(Some((id.to_string(), by))),
        Found::Refused(reason) => Err(vec![reason]),
    }
}
