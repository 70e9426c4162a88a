//! What an event changed, field by field, from the two JSON documents it keeps.
use serde_json::Value;
use std::collections::BTreeMap;

/// One field before and after; `None` where it was not there.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::desk) struct Change {
    pub(in crate::desk) field: String,
    pub(in crate::desk) before: Option<String>,
    pub(in crate::desk) after: Option<String>,
}

/// The fields that differ, by name; and how many stayed as they were.
pub(in crate::desk) fn between(before: Option<&str>, after: Option<&str>) -> (Vec<Change>, usize) {
    let (mut before, mut after) = (fields(before), fields(after));
    let mut names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    let all = names.len();
    let changes: Vec<_> = names
        .into_iter()
        .map(|name| Change { before: before.remove(&name), after: after.remove(&name), field: name })
        .filter(|change| change.before != change.after)
        .collect();
    let unchanged = all - changes.len();
    (changes, unchanged)
}

fn fields(json: Option<&str>) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    if let Some(json) = json {
        match serde_json::from_str(json) {
            Ok(value) => spread("", &value, &mut out),
            Err(_) => {
                out.insert("value".to_owned(), json.to_owned());
            }
        }
    }
    out
}

/// Puts nested parts under names such as `address › city`.
fn spread(name: &str, value: &Value, out: &mut BTreeMap<String, String>) {
    let under = |part: &str| {
        let part = part.replace('_', " ");
        if name.is_empty() { part } else { format!("{name} › {part}") }
    };
    match value {
        Value::Object(parts) => parts.iter().for_each(|(part, value)| spread(&under(part), value, out)),
        Value::Array(parts) if parts.iter().any(|p| p.is_object() || p.is_array()) => {
            parts.iter().enumerate().for_each(|(n, value)| spread(&under(&(n + 1).to_string()), value, out));
        }
        plain => {
            let name = if name.is_empty() { "value" } else { name };
            out.insert(name.to_owned(), words(plain));
        }
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(parts) if parts.is_empty() => "none".to_owned(),
        Value::Array(parts) => parts.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: &str, before: Option<&str>, after: Option<&str>) -> Change {
        Change { field: field.into(), before: before.map(Into::into), after: after.map(Into::into) }
    }

    #[test]
    fn only_what_differs_is_told_and_nested_parts_have_names() {
        let before = r#"{"name":"A","zip_code":"1","address":{"city":"X"},"tags":["a","b"],"open":true}"#;
        let after = r#"{"name":"A","zip_code":"2","address":{"city":"Y"},"tags":["a"],"open":false,"people":[{"role":"chair"}]}"#;
        let (changes, unchanged) = between(Some(before), Some(after));
        assert_eq!(unchanged, 1);
        assert_eq!(
            changes,
            [
                change("address › city", Some("X"), Some("Y")),
                change("open", Some("yes"), Some("no")),
                change("people › 1 › role", None, Some("chair")),
                change("tags", Some("a, b"), Some("a")),
                change("zip code", Some("1"), Some("2")),
            ]
        );
        assert_eq!(between(None, Some("\"paid\"")).0, [change("value", None, Some("paid"))]);
        assert_eq!(between(None, None), (vec![], 0));
    }
}
