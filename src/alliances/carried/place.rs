//! Places of a territory as people write them in one cell.
use crate::alliances::{
    AllianceId, Grain, Territory, TerritoryId,
    places::{state_name, state_of},
};

/// A place of a territory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub grain: Grain,
    pub name: String,
    pub state_code: Option<String>,
}

impl Place {
    pub(super) fn of(&self, alliance_id: AllianceId, id: TerritoryId) -> Territory {
        Territory { id, alliance_id, grain: self.grain, name: self.name.clone(), state_code: self.state_code.clone() }
    }
}

/// `Minneapolis, MN; Ramsey County, MN; Iowa; The Great Lakes`: cities, counties, states and regions.
pub fn places(typed: &str) -> Vec<Place> {
    typed.split([';', '\n']).map(str::trim).filter(|piece| !piece.is_empty()).map(place).collect()
}

fn place(piece: &str) -> Place {
    let state = |words: &str| state_of(words).filter(|_| !words.starts_with(|c: char| c.is_ascii_digit()));
    if let Some(code) = state(piece) {
        let name = state_name(code).unwrap_or(code).to_owned();
        return Place { grain: Grain::State, name, state_code: Some(code.to_owned()) };
    }
    match piece.rsplit_once(',').and_then(|(name, rest)| Some((name.trim(), state(rest.trim())?))) {
        Some((name, code)) if !name.is_empty() => {
            let grain = if name.to_lowercase().ends_with(" county") { Grain::County } else { Grain::City };
            Place { grain, name: name.to_owned(), state_code: Some(code.to_owned()) }
        }
        _ => Place { grain: Grain::Region, name: piece.to_owned(), state_code: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_places_is_read_as_people_write_it() {
        let read = places("Minneapolis, MN; Ramsey County, Minnesota; Iowa ; wi; The Great Lakes");
        let found: Vec<_> = read.iter().map(|p| (p.grain, p.name.as_str(), p.state_code.as_deref())).collect();
        assert_eq!(
            found,
            [
                (Grain::City, "Minneapolis", Some("MN")),
                (Grain::County, "Ramsey County", Some("MN")),
                (Grain::State, "Iowa", Some("IA")),
                (Grain::State, "Wisconsin", Some("WI")),
                (Grain::Region, "The Great Lakes", None),
            ]
        );
    }
}
