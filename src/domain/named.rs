//! Enums whose values have fixed names outside: in JSON, in the stores, in query strings, logs and metrics.

/// A name that an enum does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} '{name}' is not known; allowed are {}", allowed.join(", "))]
pub struct UnknownName {
    pub(crate) what: &'static str,
    pub(crate) name: String,
    pub(crate) allowed: &'static [&'static str],
}

/// Gives an enum its names. Not derived: a derived `Serialize` writes numbers where a format has no names (ClickHouse's
/// row binary), and the names would stand a second time in `as_str`.
macro_rules! named {
    ($type:ident, $what:literal: { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order of the declaration.
            pub const ALL: [Self; Self::NAMES.len()] = [$(Self::$variant),+];
            const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name outside; never translated.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::domain::named::UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                let unknown = || Self::Err { what: $what, name: name.to_owned(), allowed: Self::NAMES };
                Self::ALL.into_iter().find(|value| value.as_str() == name).ok_or_else(unknown)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                name.parse().map_err(|_| serde::de::Error::unknown_variant(&name, Self::NAMES))
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let names = Some(Self::NAMES.iter().copied());
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .enum_values(names)
                    .into()
            }
        }

        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $type {}
    };
}
pub(crate) use named;
