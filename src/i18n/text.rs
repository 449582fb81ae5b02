//! Texts that are chosen where something happens and put into a language where they are shown.

use super::{Language, Texts};
use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A key of the catalogue with its arguments, not in a language yet. `text!` makes it.
#[derive(Clone)]
pub struct Text(Arc<dyn Fn(&Texts) -> String + Send + Sync>);

impl Text {
    pub(crate) fn new(words: impl Fn(&Texts) -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(words))
    }

    /// What is the same in every language: a name, a number, what a library says.
    pub fn verbatim(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(move |_| text.clone())
    }

    /// Behind the name of what it is about.
    pub(crate) fn of(self, what: &str) -> Self {
        let what = what.to_owned();
        Self::new(move |t| format!("{what}: {}", self.in_words(t)))
    }

    pub(crate) fn in_words(&self, t: &Texts) -> String {
        (self.0)(t)
    }

    /// For logs.
    pub(crate) fn in_english(&self) -> String {
        self.in_words(Language::En.texts())
    }
}

// No `Display`: whoever prints a text has to name the language.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.in_english())
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.in_english() == other.in_english()
    }
}

impl Eq for Text {}

/// Something failed: what, in the words of the catalogue, and why.
#[derive(Debug)]
pub struct Failure {
    what: Text,
    why: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    pub(crate) const fn new(what: Text) -> Self {
        Self { what, why: None }
    }

    /// Without the cause.
    pub(crate) fn into_text(self) -> Text {
        self.what
    }

    /// Without the cause.
    pub(crate) fn in_words(&self, t: &Texts) -> String {
        self.what.in_words(t)
    }
}

impl fmt::Display for Failure {
    /// Logs are English.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what.in_english())
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.why.as_ref().map(|why| &**why as _)
    }
}

/// Says of an error what could not be done because of it.
///
/// `anyhow`'s own contexts do not serve: nobody gets at the contexts below the first one but as finished English text.
pub(crate) trait OrFail<T> {
    fn or_fail(self, what: impl FnOnce() -> Text) -> Result<T, Failure>;
}

impl<T, E: Error + Send + Sync + 'static> OrFail<T> for Result<T, E> {
    fn or_fail(self, what: impl FnOnce() -> Text) -> Result<T, Failure> {
        self.map_err(|why| Failure { what: what(), why: Some(Box::new(why)) })
    }
}

impl<T> OrFail<T> for Option<T> {
    fn or_fail(self, what: impl FnOnce() -> Text) -> Result<T, Failure> {
        self.ok_or_else(|| Failure::new(what()))
    }
}

/// `text!(days_left, days = 3, name = name.to_string())`: the key of a text and its arguments, in the order of the key's
/// signature.
macro_rules! text {
    ($key:ident $(, $name:ident = $value:expr)* $(,)?) => {{
        $(
            #[allow(clippy::redundant_locals, reason = "some values are variables of the argument's name")]
            let $name = $value;
        )*
        #[allow(clippy::clone_on_copy, reason = "some arguments are numbers")]
        $crate::i18n::Text::new(move |t| t.$key($($name.clone()),*))
    }};
}
pub(crate) use text;

/// The same as an error.
macro_rules! failure {
    ($($text:tt)*) => { $crate::i18n::Failure::new($crate::i18n::text!($($text)*)) };
}
pub(crate) use failure;

pub(crate) fn cannot_read(path: &Path) -> Text {
    text!(cannot_read, place = path.display().to_string())
}

pub(crate) fn cannot_write(path: &Path) -> Text {
    text!(cannot_write, place = path.display().to_string())
}

pub(crate) fn cannot_make(path: &Path) -> Text {
    text!(cannot_make, place = path.display().to_string())
}

pub(crate) fn cannot_remove(path: &Path) -> Text {
    text!(cannot_remove, place = path.display().to_string())
}

/// The common errors of the system; others say themselves what they are.
pub(crate) fn io_in_words(error: &io::Error, t: &Texts) -> String {
    if let Some(failure) = error.get_ref().and_then(|inner| inner.downcast_ref::<Failure>()) {
        return failure.in_words(t);
    }
    let what = match error.kind() {
        io::ErrorKind::NotFound => t.os_no_file(),
        io::ErrorKind::PermissionDenied => t.os_not_allowed(),
        io::ErrorKind::NotADirectory => t.os_no_folder(),
        io::ErrorKind::AlreadyExists => t.os_exists(),
        io::ErrorKind::ConnectionRefused => t.os_refused(),
        io::ErrorKind::FileTooLarge => return t.os_too_large(),
        _ => return error.to_string(),
    };
    error.raw_os_error().map_or_else(|| error.to_string(), |code| t.os_code(&what, code))
}

/// Why there is no connection. Of the errors that HTTP and WebSocket libraries give only the system's have a kind;
/// `otherwise` is what the library says of another.
pub(crate) fn no_connection(os_error: Option<i32>, otherwise: &dyn fmt::Display) -> Text {
    let Some(code) = os_error else { return Text::verbatim(otherwise.to_string()) };
    Text::new(move |t| t.cannot_reach_host(io_in_words(&io::Error::from_raw_os_error(code), t)))
}
