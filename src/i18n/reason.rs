//! Why something failed, for readers elsewhere.

use super::{Language, Text, Texts, io_in_words};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

/// Why something failed, where the words cannot be found when it is read: it goes to nodes that have only this, and what a
/// library or the system said has no values of which they could be made. So it is put into every language at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Reason {
    code: String,
    words: BTreeMap<Language, String>,
}

/// A reason as it is written, or as former versions wrote it, in words alone: at an upgrade a new node reads of an old scanner.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Words { code: String, words: BTreeMap<Language, String> },
    Former(String),
}

impl From<Written> for Reason {
    fn from(written: Written) -> Self {
        match written {
            Written::Words { code, words } => Self { code, words },
            Written::Former(text) => Self::said(text),
        }
    }
}

impl Reason {
    /// `code`: its short name, the same in every language.
    pub(crate) fn new(code: &str, words: impl Fn(&Texts) -> String) -> Self {
        let all = [Language::Es, Language::En].map(|language| (language, words(language.texts())));
        Self { code: code.to_owned(), words: all.into() }
    }

    pub fn of(code: &str, text: &Text) -> Self {
        Self::new(code, |t| text.in_words(t))
    }

    /// What a server or a library said, in its own words.
    pub fn said(text: impl Into<String>) -> Self {
        Self::of("other", &Text::verbatim(text))
    }

    /// For a place that holds a text; [`Self::read`] reads it.
    pub(crate) fn written(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// As it was written, or words of a former version.
    pub(crate) fn read(text: String) -> Self {
        serde_json::from_str(&text).unwrap_or_else(|_| Self::said(text))
    }

    pub(crate) fn io(error: &io::Error) -> Self {
        Self::new("io", |t| io_in_words(error, t))
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    pub(crate) fn in_words(&self, t: &Texts) -> &str {
        self.words.get(&t.language).map_or(&self.code, String::as_str)
    }

    /// For logs and programs.
    pub fn in_english(&self) -> &str {
        self.in_words(Language::En.texts())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::text;

    #[test]
    fn a_reason_is_told_in_the_language_of_its_reader() {
        let reason = Reason::of("odd", &text!(no_connection, why = "x".to_owned()));
        let text = serde_json::to_string(&reason).expect("JSON");
        let read: Reason = serde_json::from_str(&text).expect("as written");
        assert_eq!((read.in_english(), read.code()), ("no connection: x", "odd"));
        assert_eq!(read.in_words(Language::Es.texts()), "sin conexión: x");
        let former: Reason = serde_json::from_str("\"refused\"").expect("of a former version");
        assert_eq!((former.in_english(), former.in_words(Language::Es.texts())), ("refused", "refused"));
        assert_eq!(Reason::read(reason.written()), reason);
        assert_eq!(Reason::read("404 Not Found".to_owned()).in_english(), "404 Not Found");
        let refused = Reason::io(&io::Error::from_raw_os_error(111));
        assert!(refused.in_words(Language::Es.texts()).contains("111"), "{refused:?}");
        assert_ne!(refused.in_words(Language::Es.texts()), refused.in_english());
    }
}
