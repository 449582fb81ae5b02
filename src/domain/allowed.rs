//! What a setting may say, where its type can hold more. It stands beside the struct that the setting is read into, so that
//! a new setting and its bounds are one place.

/// Settings of one struct by their name in the file.
pub(crate) type Allowed = &'static [(&'static str, Values)];

pub(crate) enum Values {
    /// A number, both ends included.
    Range(f64, f64),
    /// One of these texts, or a list of them.
    OneOf(&'static [&'static str]),
    /// Such a text, or a list of them, with examples.
    Like(fn(&str) -> bool, &'static [&'static str]),
}
