//! Two macros: a type kept as text in a column, and a closed list of words.

/// Stores a type in a `text` column of either database, through its `Display` and `FromStr`.
macro_rules! text_column {
    ($($ty:ty),+ $(,)?) => {$(
        impl<DB: sqlx::Database> sqlx::Type<DB> for $ty
        where
            String: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <String as sqlx::Type<DB>>::type_info()
            }

            fn compatible(ty: &DB::TypeInfo) -> bool {
                <String as sqlx::Type<DB>>::compatible(ty)
            }
        }

        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $ty
        where
            String: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buf: &mut DB::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                self.to_string().encode(buf)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $ty
        where
            String: sqlx::Decode<'r, DB>,
        {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<String as sqlx::Decode<DB>>::decode(value)?.parse()?)
            }
        }
    )+};
}
pub(crate) use text_column;

/// A closed list of words: an enum whose text is the same in forms, URLs, columns and JSON.
///
/// `label()` is what a person reads; it is the word itself with its underscores as spaces, unless
/// another label is given after a comma.
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$vmeta:meta])* $variant:ident = $word:literal $(, $label:literal)?;)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(into = "String", try_from = "String")]
        $vis enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every word of the list, in the order it is offered.
            #[allow(dead_code, clippy::allow_attributes, reason = "not every list is offered somewhere")]
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it is stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The word as a person reads it.
            #[allow(dead_code, clippy::allow_attributes, reason = "not every list is shown somewhere")]
            pub fn label(self) -> String {
                match self { $(Self::$variant => $crate::kernel::words!(@label $word $(, $label)?)),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(s: &str) -> Result<Self, String> {
                match s.trim() {
                    $($word => Ok(Self::$variant),)+
                    "" => Err("Choose one of the answers".to_owned()),
                    other => Err(format!("“{other}” is not one of the answers")),
                }
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self { word.as_str().to_owned() }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(s: String) -> Result<Self, String> { s.parse() }
        }

        $crate::kernel::text_column!($name);
    };
    (@label $word:literal) => { $word.replace('_', " ") };
    (@label $word:literal, $label:literal) => { $label.to_owned() };
}
pub(crate) use words;
