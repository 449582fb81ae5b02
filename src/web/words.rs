//! Sentences of the pages that hold values, in the language of their texts.

use crate::actors::trouble::Trouble;
use crate::web::text::Texts;

/// A problem of the whole system.
#[must_use]
pub fn trouble(what: &Trouble, t: &Texts) -> String {
    if t.lang != "es" {
        return what.to_string();
    }
    let demo = "sin red, `impulso demo` lo ejecuta todo contra un exchange simulado";
    match what {
        Trouble::Exchange { url, error } => format!(
            "no se puede usar el exchange en {url}; se reintenta con pausas crecientes ({demo}). Detalle: {error}"
        ),
        Trouble::Stream { connection, url, error } => format!(
            "la conexión de datos {connection} con {url} no funciona; se reintenta con pausas crecientes ({demo}). \
             Detalle: {error}"
        ),
        Trouble::Redis { url, error } => {
            format!("no se puede llegar a Redis en {url}; se sigue intentando. Detalle: {error}")
        }
        Trouble::NoScanner { url } => format!(
            "ningún escáner ha publicado todavía en Redis en {url}: inicia uno con `impulso scan --redis URL`"
        ),
        Trouble::QuietScanner { seconds } => format!("el escáner no publica nada desde hace {seconds} s"),
    }
}
