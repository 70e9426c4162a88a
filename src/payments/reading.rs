//! A webhook's body, read as far as it is needed to fetch its object again: tolerant to all the rest.
use super::{Event, UnreadableEvent};
use crate::kernel::Timestamp;
use serde_json::Value;

/// Fields of an event's object that hold, or lead to, the id of another object.
const LEADS: &[(&str, &str)] = &[
    ("charge", "/charge"),
    ("payment_intent", "/payment_intent"),
    ("payment_intent", "/payment/payment_intent"),
    ("invoice", "/invoice"),
    ("subscription", "/subscription"),
    ("subscription", "/parent/subscription_details/subscription"),
    ("customer", "/customer"),
];

/// Reads the envelope and where its object leads. What it does not know, it leaves alone.
pub fn read_event(body: &[u8]) -> Result<Event, UnreadableEvent> {
    let told: Value = serde_json::from_slice(body).map_err(|e| UnreadableEvent(format!("it is not JSON: {e}")))?;
    let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str).filter(|text| is_name(text));
    let needed = |pointer: &str| text(pointer).ok_or_else(|| UnreadableEvent(format!("it has no {}", &pointer[1..])));
    let object = told.pointer("/data/object").unwrap_or(&Value::Null);
    let mut related = Vec::new();
    for (name, pointer) in LEADS {
        let field = object.pointer(pointer);
        if let Some(id) = field.and_then(|f| f.as_str().or_else(|| f.get("id")?.as_str())).filter(|id| is_name(id)) {
            related.push(((*name).to_owned(), id.to_owned()));
        }
    }
    Ok(Event {
        id: needed("/id")?.to_owned(),
        kind: needed("/type")?.to_owned(),
        object: text("/data/object/id").unwrap_or_default().to_owned(),
        related,
        livemode: told
            .get("livemode")
            .and_then(Value::as_bool)
            .ok_or_else(|| UnreadableEvent("it has no livemode".to_owned()))?,
        created: told
            .get("created")
            .and_then(Value::as_i64)
            .and_then(Timestamp::from_unix)
            .ok_or_else(|| UnreadableEvent("it has no time".to_owned()))?,
    })
}

/// What an id or a kind looks like: a database of ours keeps it, and a page shows it.
fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_far_as_it_is_needed() {
        let event = read_event(
            br#"{"id":"evt_1","object":"event","type":"charge.succeeded","created":1790000000,"livemode":false,"new":{"x":1},
                "data":{"object":{"id":"ch_1","payment_intent":"pi_1","customer":{"id":"cus_1"},"invoice":null}}}"#,
        )
        .unwrap();
        assert_eq!((event.id.as_str(), event.kind.as_str(), event.object.as_str()), ("evt_1", "charge.succeeded", "ch_1"));
        assert_eq!(
            event.related,
            [("payment_intent".to_owned(), "pi_1".to_owned()), ("customer".to_owned(), "cus_1".to_owned())]
        );

        let without =
            read_event(br#"{"id":"evt_2","type":"balance.available","created":1,"livemode":true,"data":{"object":{}}}"#).unwrap();
        assert!(without.object.is_empty() && without.livemode);
        for bad in ["", "[]", "{}", r#"{"id":"evt_1"}"#, r#"{"id":1,"type":"a","created":1,"livemode":true}"#] {
            assert!(read_event(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
