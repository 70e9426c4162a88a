use super::{COLUMNS, Counts, FROM};
use crate::{
    db::{Conditions, Tx, bound, on},
    kernel::words,
    members::{Organization, Track, standing::Standing},
};
use sqlx::AssertSqlSafe;

words! {
    /// Who stands on a list.
    pub enum Belonging {
        Now = "now", "Who belongs today";
        Left = "left", "Who left";
        All = "all", "Everybody, past and present";
    }
}

impl Belonging {
    /// As those belong, or do not any more, who have this standing.
    pub(in crate::members) const fn of(standing: Standing) -> Self {
        if standing.belongs() { Self::Now } else { Self::Left }
    }
}

/// What a list of organizations is narrowed to, and its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::members) struct Narrowed {
    /// Folded words; empty for all.
    pub(in crate::members) words: String,
    /// The words are also looked for in what only staff see.
    pub(in crate::members) widely: bool,
    /// The category's slug.
    pub(in crate::members) category: Option<String>,
    /// Where its main office is or where it works.
    pub(in crate::members) state_code: Option<String>,
    pub(in crate::members) track: Option<Track>,
    pub(in crate::members) tag: Option<String>,
    pub(in crate::members) belonging: Belonging,
    pub(in crate::members) without_delegate: bool,
    /// Members before observers, whatever the order within each track.
    pub(in crate::members) apart: bool,
    pub(in crate::members) order: Order,
}

impl Default for Narrowed {
    fn default() -> Self {
        Self {
            words: String::new(),
            widely: false,
            category: None,
            state_code: None,
            track: None,
            tag: None,
            belonging: Belonging::Now,
            without_delegate: false,
            apart: false,
            order: Order::Number,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::members) enum Order {
    /// By admission number; observers, who have none, after them by date.
    #[default]
    Number,
    NumberFalling,
    Name,
    NameFalling,
    Since,
    SinceFalling,
}

impl Order {
    const fn sql(self) -> &'static str {
        match self {
            Self::Number => "case when m.admission_number is null then 1 else 0 end, m.admission_number, m.admitted_on, o.id",
            Self::NumberFalling => {
                "case when m.admission_number is null then 1 else 0 end, m.admission_number desc, m.admitted_on desc, o.id"
            }
            Self::Name => "o.search, o.id",
            Self::NameFalling => "o.search desc, o.id",
            Self::Since => "m.admitted_on, m.admission_number, o.id",
            Self::SinceFalling => "m.admitted_on desc, m.admission_number desc, o.id",
        }
    }
}

impl Narrowed {
    fn conditions(&self) -> Conditions {
        let mut all = Conditions::default();
        match self.belonging {
            Belonging::Now => all.and("m.left_on is null", []),
            Belonging::Left => all.and("m.left_on is not null", []),
            Belonging::All => {}
        }
        if !self.words.is_empty() {
            let pattern = pattern(&self.words);
            if self.widely {
                let both = [pattern.clone().into(), pattern.into()];
                all.and("(o.search like {} escape '\\' or o.search_more like {} escape '\\')", both);
            } else {
                all.and("o.search like {} escape '\\'", [pattern.into()]);
            }
        }
        if let Some(category) = &self.category {
            all.and("c.slug = {}", [category.clone().into()]);
        }
        if let Some(state) = &self.state_code {
            all.and(
                "(o.state_code = {} or exists (select 1 from organization_state s where s.organization_id = o.id and s.state_code = {}))",
                [state.clone().into(), state.clone().into()],
            );
        }
        if let Some(track) = self.track {
            all.and("m.track = {}", [track.as_str().into()]);
        }
        if let Some(tag) = &self.tag {
            all.and(
                "exists (select 1 from organization_tag t where t.organization_id = o.id and t.tag = {})",
                [tag.clone().into()],
            );
        }
        if self.without_delegate {
            all.and(
                "not exists (select 1 from contact d where d.organization_id = o.id and d.role = 'delegate' and d.to_day is null)",
                [],
            );
        }
        all
    }
}

fn pattern(words: &str) -> String {
    format!("%{}%", words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

/// A stretch of the list. A roll has a few thousand rows at most, so a page is found by its number: first which
/// rows it has, in order, and only then all that they hold.
pub(in crate::members) async fn listed(
    tx: &mut Tx,
    narrowed: &Narrowed,
    first: i64,
    most: i64,
) -> sqlx::Result<Vec<Organization>> {
    let mut all = narrowed.conditions();
    let (limit, offset) = (all.place(most), all.place(first));
    // The words of the two tracks stand in their order.
    let tracks = if narrowed.apart { "m.track, " } else { "" };
    let order = format!("{tracks}{}", narrowed.order.sql());
    let sql = format!(
        "select {COLUMNS} from {FROM} where o.id in
             (select o.id from organization o join membership m on m.organization_id = o.id join category c on c.id = o.category_id{}
              order by {order} limit {limit} offset {offset})
         order by {order}",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_all(conn).await)
}

/// How many the whole list has.
pub(in crate::members) async fn counted(tx: &mut Tx, narrowed: &Narrowed) -> sqlx::Result<Counts> {
    let all = narrowed.conditions();
    let sql = format!(
        "select cast(coalesce(sum(case when m.track = 'member' then 1 else 0 end), 0) as bigint) as members,
                cast(coalesce(sum(case when m.track = 'observer' then 1 else 0 end), 0) as bigint) as observers
         from {FROM}{}",
        all.sql()
    );
    on!(tx, conn => bound!(sqlx::query_as(AssertSqlSafe(sql)), all.values()).fetch_one(conn).await)
}

/// The states where organizations are or work.
pub(in crate::members) async fn states(tx: &mut Tx) -> sqlx::Result<Vec<String>> {
    on!(tx, conn => sqlx::query_scalar("select state_code from organization union select state_code from organization_state order by 1")
        .fetch_all(conn).await)
}

/// Members who left, by their numbers.
pub(in crate::members) async fn retired(tx: &mut Tx) -> sqlx::Result<Vec<Organization>> {
    let sql = format!(
        "select {COLUMNS} from {FROM} where m.left_on is not null and m.admission_number is not null order by m.admission_number"
    );
    on!(tx, conn => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await)
}
