//! Form parameters as Stripe's clients write them: `a[0][b]=c`, in the body or in the query. Each is
//! taken out once; what nobody took is unknown and refused.
use super::errors::Problem;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    /// From URL-encoded texts; `x[]` becomes `x[0]`, `x[1]`, …
    pub(super) fn read(texts: &[&[u8]]) -> Self {
        let mut params = BTreeMap::new();
        for (name, value) in texts.iter().flat_map(|text| url::form_urlencoded::parse(text)) {
            let name = match name.strip_suffix("[]") {
                Some(stem) => {
                    let free = (0..).find(|n| !params.contains_key(&format!("{stem}[{n}]"))).unwrap_or(0);
                    format!("{stem}[{free}]")
                }
                None => name.into_owned(),
            };
            params.insert(name, value.into_owned());
        }
        Self(params)
    }

    /// The same text for the same parameters, whatever order they came in.
    pub(super) fn canonical(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// The value, unless absent or empty.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.take(name).filter(|v| !v.is_empty())
    }

    pub(super) fn required(&mut self, name: &str) -> Result<String, Problem> {
        self.text(name).ok_or_else(|| Problem::missing_param(name))
    }

    pub(super) fn int(&mut self, name: &str) -> Result<Option<i64>, Problem> {
        self.text(name)
            .map(|v| {
                let wrong = || Problem::invalid(format!("Invalid integer: {v}")).code("parameter_invalid_integer").param(name);
                v.parse().map_err(|_| wrong())
            })
            .transpose()
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Problem> {
        Ok(self.choice(name, &["true", "false"])?.map(|v| v == "true"))
    }

    pub(super) fn choice(&mut self, name: &str, of: &[&str]) -> Result<Option<String>, Problem> {
        match self.text(name) {
            Some(v) if !of.contains(&v.as_str()) => {
                Err(Problem::invalid(format!("Invalid {name}: must be one of {}", of.join(", "))).param(name))
            }
            other => Ok(other),
        }
    }

    /// `name[0]`, `name[1]`, …
    pub(super) fn list(&mut self, name: &str) -> Vec<String> {
        self.map(name).into_values().collect()
    }

    /// One level: `name[key]=value`.
    pub(super) fn map(&mut self, name: &str) -> BTreeMap<String, String> {
        let prefix = format!("{name}[");
        let keys: Vec<_> = self.0.keys().filter(|k| k.starts_with(&prefix) && k.ends_with(']')).cloned().collect();
        let inner = |k: &str| k[prefix.len()..k.len() - 1].to_owned();
        let simple = keys.into_iter().filter(|k| !inner(k).contains('['));
        simple.filter_map(|k| self.0.remove(&k).map(|v| (inner(&k), v))).collect()
    }

    /// How many elements `name[0]…`, `name[1]…` has.
    pub(super) fn count(&self, name: &str) -> usize {
        let prefix = format!("{name}[");
        let index = |k: &String| k.strip_prefix(&prefix)?.split(']').next()?.parse::<usize>().ok();
        self.0.keys().filter_map(index).collect::<BTreeSet<_>>().len()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        let prefix = format!("{name}[");
        self.0.keys().any(|k| k == name || k.starts_with(&prefix))
    }

    /// Accepts everything under `name` without acting on it.
    pub(super) fn ignore(&mut self, name: &str) {
        let prefix = format!("{name}[");
        self.0.retain(|k, _| k != name && !k.starts_with(&prefix));
    }

    /// Puts `metadata[…]` into an object: an empty value removes its key, an empty map all of them.
    /// Limits: <https://docs.stripe.com/metadata>.
    pub(super) fn merge_metadata(&mut self, name: &str, into: &mut Value) -> Result<(), Problem> {
        let mut held = into.as_object().cloned().unwrap_or_default();
        if self.take(name).is_some_and(|v| v.is_empty()) {
            held = Map::new();
        }
        for (key, value) in self.map(name) {
            if key.chars().count() > 40 || value.chars().count() > 500 {
                let told = format!("Metadata keys have up to 40 characters and values up to 500: `{key}` is too long");
                return Err(Problem::invalid(told).param(&format!("{name}[{key}]")));
            }
            if value.is_empty() {
                held.remove(&key)
            } else {
                held.insert(key, value.into())
            };
        }
        if held.len() > 50 {
            return Err(Problem::invalid("Metadata has at most 50 keys").param(name));
        }
        *into = held.into();
        Ok(())
    }

    /// # Errors
    /// `parameter_unknown` when something was not taken.
    pub(super) fn finish(self) -> Result<(), Problem> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => {
                let name = name.split('[').next().unwrap_or_default();
                Err(Problem::invalid(format!("Received unknown parameter: {name}")).code("parameter_unknown").param(name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_names_are_read_in_every_spelling() {
        let mut params =
            Params::read(&[b"expand[]=a&expand[]=b&line_items[0][price_data][currency]=usd&x=1", b"metadata%5Bgift%5D=7"]);
        assert_eq!(params.list("expand"), ["a", "b"]);
        assert_eq!(params.count("line_items"), 1);
        assert_eq!(params.take("line_items[0][price_data][currency]").as_deref(), Some("usd"));
        let mut metadata = serde_json::json!({"old": "1"});
        params.merge_metadata("metadata", &mut metadata).unwrap();
        assert_eq!(metadata, serde_json::json!({"gift": "7", "old": "1"}));
        assert_eq!(params.finish().unwrap_err().code, Some("parameter_unknown"));
    }

    #[test]
    fn the_order_of_parameters_does_not_matter() {
        assert_eq!(Params::read(&[b"a=1&b[c]=2"]).canonical(), Params::read(&[b"b%5Bc%5D=2&a=1"]).canonical());
    }
}
