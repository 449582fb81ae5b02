//! Every text that people read, in Spanish and English: pages, alerts, command line, errors of the API.
//!
//! The texts stand in `en/*.ftl` and `es/*.ftl`, a file a subject, in the syntax of Fluent. `build.rs` makes a method of
//! each: `not-ready-warming` with `{ $ready }` and `{ $needed }` is `texts.not_ready_warming(ready, needed)`. A text is
//! chosen by its key before it is formatted; an error carries its kind and its data until somebody is shown it.
//!
//! Why `fluent-typed`, of the libraries there are:
//!
//! - A key or an argument that does not exist does not compile, nor does a number where a text belongs. A text that one
//!   language lacks gets no method, so its use does not compile either. A text that nobody uses is dead code, which the
//!   compiler sees; `fl!` of `i18n-embed-fl` checks its calls against one language alone and sees no unused text.
//! - A language may have many files. `fl!` takes one.
//! - `fluent-templates` and `rust-i18n` look keys up when the program runs: a wrong one shows as itself.
//! - `fluent-static` compiles the texts themselves into functions, but knows no types of arguments and no comments.
//! - One look-up in a table a text (90 ns, 430 ns with two arguments): a page of 600 rows spends below 1 ms on it.
//!
//! The methods take their arguments in the order in which the English text has them. So that a change of the wording
//! cannot exchange two arguments unseen, the comment above the English text is its signature, and the tests here hold
//! the text to its order. They hold the Spanish text to the same arguments, too: the library lets one be left out.

pub(crate) mod number;
mod reason;
mod text;

mod generated {
    #![allow(
        clippy::all,
        clippy::unwrap_used,
        missing_docs,
        unreachable_pub,
        unused_imports,
        reason = "written by build.rs"
    )]
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

use generated::L10n;
pub(crate) use generated::L10nLanguage as Messages;
pub use reason::Reason;
use serde::{Deserialize, Serialize};
use std::ops::Deref;
use std::sync::LazyLock;
pub use text::{Failure, Text};
pub(crate) use text::{
    OrFail, cannot_make, cannot_read, cannot_remove, cannot_write, failure, io_in_words, no_connection, text,
};

/// Language of what people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Es,
    En,
}

impl Language {
    /// As settings, addresses and the `lang` attribute of a page have it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::Es, Self::En].into_iter().find(|language| language.code() == code)
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Es => Self::En,
            Self::En => Self::Es,
        }
    }

    /// Parsed once a process.
    pub(crate) fn texts(self) -> &'static Texts {
        static ALL: LazyLock<Vec<Texts>> = LazyLock::new(|| L10n::iter().map(Texts::load).collect());
        ALL.iter().find(|texts| texts.language == self).expect("build.rs reads the folder of each language")
    }
}

/// The texts of one language.
pub(crate) struct Texts {
    pub(crate) language: Language,
    messages: Messages,
}

impl Texts {
    fn load(of: &L10n) -> Self {
        let (language, source): (_, &[u8]) = match of {
            L10n::Es => (Language::Es, include_bytes!(concat!(env!("OUT_DIR"), "/es.ftl"))),
            L10n::En => (Language::En, include_bytes!(concat!(env!("OUT_DIR"), "/en.ftl"))),
        };
        let messages = Messages::new_external(of, source).expect("build.rs has read the same texts");
        Self { language, messages }
    }
}

impl Deref for Texts {
    type Target = Messages;

    fn deref(&self) -> &Messages {
        &self.messages
    }
}

/// Named texts for the scripts of a page: `texts_for_scripts!(t; live, lost)` is `vec![("live", t.live()), ..]`.
macro_rules! texts_for_scripts {
    ($texts:expr; $($name:ident),+ $(,)?) => {
        vec![$((stringify!($name), $texts.$name())),+]
    };
}
pub(crate) use texts_for_scripts;

#[cfg(test)]
mod tests {
    use super::*;
    use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
    use std::collections::BTreeMap;

    const ES: &str = include_str!(concat!(env!("OUT_DIR"), "/es.ftl"));
    const EN: &str = include_str!(concat!(env!("OUT_DIR"), "/en.ftl"));

    /// What a text is, with the arguments in the order of their first use and the comment above it.
    #[derive(Debug, Default, PartialEq)]
    struct Text {
        arguments: Vec<String>,
        terms: Vec<String>,
        signature: Vec<String>,
        plain: String,
    }

    fn read(source: &str) -> BTreeMap<String, Text> {
        let mut found = BTreeMap::new();
        for entry in &fluent_syntax::parser::parse(source).unwrap().body {
            let (name, value, comment) = match entry {
                Entry::Message(m) => (m.id.name.to_owned(), m.value.as_ref().unwrap(), &m.comment),
                Entry::Term(t) => (format!("-{}", t.id.name), &t.value, &t.comment),
                _ => continue,
            };
            let lines = comment.iter().flat_map(|c| &c.content);
            let signature = lines.filter_map(|l| Some(l.strip_prefix('$')?.split(' ').next()?.to_owned()));
            let mut text = Text { signature: signature.collect(), ..Text::default() };
            walk(value, &mut text);
            assert_eq!(found.insert(name.clone(), text), None, "{name} stands twice");
        }
        found
    }

    fn walk(pattern: &Pattern<&str>, text: &mut Text) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => text.plain.push_str(value),
                PatternElement::Placeable { expression: Expression::Inline(inline) } => name(inline, text),
                PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                    name(selector, text);
                    variants.iter().for_each(|variant| walk(&variant.value, text));
                }
            }
        }
    }

    fn name(expression: &InlineExpression<&str>, text: &mut Text) {
        let (list, name) = match expression {
            InlineExpression::VariableReference { id } => (&mut text.arguments, id.name),
            InlineExpression::TermReference { id, .. } | InlineExpression::MessageReference { id, .. } => {
                (&mut text.terms, id.name)
            }
            other => panic!("{other:?} is not used so far: read it here first"),
        };
        if !list.iter().any(|known| known == name) {
            list.push(name.to_owned());
        }
    }

    #[test]
    fn both_languages_have_the_same_texts_with_the_same_arguments() {
        let (es, en) = (read(ES), read(EN));
        assert_eq!(es.keys().collect::<Vec<_>>(), en.keys().collect::<Vec<_>>());
        let sorted = |list: &[String]| {
            let mut list = list.to_vec();
            list.sort();
            list
        };
        for (key, en) in &en {
            let es = &es[key];
            assert_eq!(sorted(&es.arguments), sorted(&en.arguments), "arguments of {key}");
            assert_eq!(sorted(&es.terms), sorted(&en.terms), "texts within {key}");
            assert!(es.signature.is_empty(), "the signature of {key} stands in English alone");
        }
    }

    #[test]
    fn the_comment_of_an_english_text_is_its_signature() {
        for (key, text) in read(EN) {
            assert_eq!(text.signature, text.arguments, "{key}: its calls pass the arguments in this order");
        }
    }

    #[test]
    fn nothing_is_left_untranslated() {
        // Words of the trade, and names.
        let same = [
            "btc",
            "feed",
            "change",
            "score",
            "rule",
            "part-rsi",
            "part-macd",
            "total",
            "factor",
            "factor-momentum",
            "sign-in-token",
            "backtest",
            "model-base",
            "tune-base",
            "doctor-rest",
            "os-code",
            "parser-error",
        ];
        let es = read(ES);
        for (key, en) in read(EN) {
            let es = &es[&key].plain;
            assert!(
                !es.trim().is_empty() && (*es != en.plain || same.contains(&key.as_str())),
                "{key}: {es}"
            );
        }
    }

    #[test]
    fn a_text_is_formatted_without_marks() {
        let (es, en) = (Language::Es.texts(), Language::En.texts());
        assert_eq!(es.not_ready_warming(3, 1_456), "Tiene 3 de las 1456 velas que hacen falta.");
        assert_eq!(en.need_price("1.5"), "price ≥ 1.5");
    }
}
