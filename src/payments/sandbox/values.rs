//! Small readers and makers of JSON objects, ids, and what of an object goes out.
use serde_json::{Map, Value, json};

pub(super) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

pub(super) fn int(object: &Value, field: &str) -> i64 {
    object[field].as_i64().unwrap_or_default()
}

/// A fresh id such as `ch_…`.
pub(super) fn new_id(prefix: &str) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let random: [u8; 24] = rand::random();
    let tail = random.iter().map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()]));
    format!("{prefix}_{}", tail.collect::<String>())
}

/// `base` with every field of `changes`.
pub(super) fn with(mut base: Value, changes: Value) -> Value {
    set(&mut base, changes);
    base
}

pub(super) fn set(object: &mut Value, changes: Value) {
    if let (Value::Object(object), Value::Object(changes)) = (object, changes) {
        object.extend(changes);
    }
}

/// Fields that are present and null.
pub(super) fn nulls(names: &[&str]) -> Value {
    names.iter().map(|n| ((*n).to_owned(), Value::Null)).collect::<Map<_, _>>().into()
}

/// What the world sees: names that begin with an underscore are the sandbox's own notes.
pub(super) fn public(object: &Value) -> Value {
    match object {
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| !name.starts_with('_')).map(|(n, v)| (n.clone(), public(v))).collect()
        }
        Value::Array(items) => items.iter().map(public).collect(),
        other => other.clone(),
    }
}

/// The fields that differ, as they were: `previous_attributes` of an update.
pub(super) fn previous(before: &Value, after: &Value) -> Value {
    let (Value::Object(before), Value::Object(after)) = (public(before), public(after)) else { return json!({}) };
    let names: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
    let was = |name: &String| before.get(name).cloned().unwrap_or_default();
    names.into_iter().filter(|n| was(n) != after.get(n).cloned().unwrap_or_default()).map(|n| (n.clone(), was(&n))).collect()
}

pub(super) fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({"object": "list", "url": url, "has_more": has_more, "data": data})
}

/// Zero-decimal currencies: <https://docs.stripe.com/currencies#zero-decimal>.
const WHOLE: [&str; 16] =
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"];

/// `$25.00`, `¥500`, `12.50 CHF`.
pub(super) fn money(amount: i64, currency: &str) -> String {
    let (sign, amount) = (if amount < 0 { "−" } else { "" }, amount.unsigned_abs());
    let number = if WHOLE.contains(&currency) { amount.to_string() } else { format!("{}.{:02}", amount / 100, amount % 100) };
    match currency {
        "usd" => format!("{sign}${number}"),
        "eur" => format!("{sign}€{number}"),
        "gbp" => format!("{sign}£{number}"),
        other => format!("{sign}{number} {}", other.to_uppercase()),
    }
}
