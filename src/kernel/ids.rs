//! Typed row names. UUIDv7, so ids sort by the time they were made.

/// Declares an id type for one table.
macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub struct $name(uuid::Uuid);

        impl $name {
            #[expect(clippy::new_without_default, reason = "every id is a new one; there is no default")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }

            /// An id with a chosen value, for generated data that must be the same each time.
            #[allow(dead_code, clippy::allow_attributes, reason = "only some tables are generated")]
            pub const fn from_u128(value: u128) -> Self {
                Self(uuid::Uuid::from_u128(value))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, uuid::Error> {
                s.parse().map(Self)
            }
        }

        $crate::kernel::text_column!($name);
    };
}
pub(crate) use id;
