//! The conditions of a list that people narrow as they like: only those that are asked for become SQL,
//! so that each combination is planned for itself. Values are bound, never written into the text.

/// A value bound to a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Number(i64),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// Conditions joined by `and`, with their values in the order of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition; each `{}` in it becomes the number of the next value.
    pub fn and(&mut self, piece: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(if self.sql.is_empty() { " where " } else { " and " });
        let mut values = values.into_iter();
        let mut pieces = piece.split("{}");
        self.sql.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let value = values.next().expect("a condition has a value for each place");
            let place = self.place(value);
            self.sql.push_str(&place);
            self.sql.push_str(piece);
        }
    }

    /// Binds a value that stands outside the conditions: `limit`, say.
    pub fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// ` where … and …`, or nothing when everything is wanted.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

/// A query with all these values bound, on either driver.
macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                $crate::db::Value::Text(text) => query.bind(text.clone()),
                $crate::db::Value::Number(number) => query.bind(*number),
            };
        }
        query
    }};
}
pub(crate) use bound;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_number() {
        let mut all = Conditions::default();
        assert_eq!(all.sql(), "");
        all.and("state = {}", ["paid".into()]);
        all.and("(paid_at, id) < ({}, {})", ["2026".into(), "x".into()]);
        let limit = all.place(51);
        assert_eq!(all.sql(), " where state = $1 and (paid_at, id) < ($2, $3)");
        assert_eq!(limit, "$4");
        assert_eq!(all.values().len(), 4);
    }
}
