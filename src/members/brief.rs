//! Organizations as other rooms name them: in a line, with whether they still belong.
use super::{OrganizationId, Track, path, queries};
use crate::{
    db::Tx,
    kernel::{Day, text},
};

/// One organization in a line.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Brief {
    pub id: OrganizationId,
    pub slug: String,
    pub name: String,
    pub track: Track,
    pub admission_number: Option<i64>,
    pub left_on: Option<Day>,
}

impl Brief {
    /// The address of its public page.
    pub fn path(&self) -> String {
        path(self.admission_number, &self.slug)
    }

    /// Whether it no longer belongs.
    pub const fn left(&self) -> bool {
        self.left_on.is_some()
    }

    /// Whether it belongs as a member and not as an observer.
    pub fn is_member(&self) -> bool {
        self.track == Track::Member && !self.left()
    }
}

/// The organization that somebody means by a name or an admission number; the sentence is for under
/// the field when it is none, or could be several.
pub async fn meant(tx: &mut Tx, typed: &str) -> sqlx::Result<Result<Brief, String>> {
    let typed = text::line(typed);
    let found = queries::brief_like(tx, typed.trim_start_matches('#').parse().ok(), &text::slug(&typed)).await?;
    let exact: Vec<_> = found.iter().filter(|o| text::fold(&o.name) == text::fold(&typed)).collect();
    Ok(match (found.as_slice(), exact.as_slice()) {
        ([], _) => Err(format!("No organization of the roll is called “{typed}”. Write its name, or its admission number")),
        ([one], _) => Ok(one.clone()),
        (_, [one]) => Ok((*one).clone()),
        (many, _) => {
            let names: Vec<_> = many.iter().take(3).map(|o| o.name.as_str()).collect();
            Err(format!(
                "Several organizations could be meant: {}. Write the whole name, or the admission number",
                names.join(", ")
            ))
        }
    })
}
