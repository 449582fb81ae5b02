//! Texts of the pages, one table keyed by language. Level names are never translated.

use crate::web::problem::Problem;

macro_rules! texts {
    ($($name:ident: $es:literal, $en:literal;)+) => {
        /// Texts of one language.
        #[derive(Debug)]
        pub struct Texts {
            /// Code for the `lang` attribute.
            pub lang: &'static str,
            $(#[doc = $en] pub $name: &'static str,)+
        }

        /// Spanish, the default.
        pub const ES: Texts = Texts { lang: "es", $($name: $es,)+ };

        /// English.
        pub const EN: Texts = Texts { lang: "en", $($name: $en,)+ };

        impl Texts {
            /// Every text with its name.
            #[must_use]
            pub fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),+]
            }
        }
    };
}

texts! {
    // The shell.
    tagline: "Escáner de momentum USDT", "USDT momentum scanner";
    skip: "Ir al contenido", "Skip to content";
    nav: "Secciones", "Sections";
    market: "Mercado", "Market";
    alerts: "Alertas", "Alerts";
    status: "Estado", "Status";
    theme: "Cambiar entre tema claro y oscuro", "Switch between light and dark theme";
    other_lang: "English", "Español";
    admin: "Administración del simulador:", "Admin route of the simulator:";
    problem: "Problema:", "Problem:";
    detail: "detalle:", "detail:";
    read_only: "Este nodo solo muestra lo que publica un escáner; no se cambia nada desde aquí.",
        "This node only shows what a scanner publishes; nothing is changed from here.";
    not_operator: "Para cambiar algo, abre esta página desde la propia máquina o usa un token en la API.",
        "To change something, open this page on the machine itself or use a token with the API.";
    footer: "Nada de esto es un consejo de inversión. Las horas son UTC.",
        "Nothing here is advice to trade. Times are UTC.";

    // Facts and the market band.
    facts: "Resumen del mercado y del escáner", "Market and scanner at a glance";
    link: "Conexión", "Connection";
    feed: "Datos del exchange", "Exchange feed";
    coverage: "Cobertura", "Coverage";
    latency: "Latencia del ciclo", "Cycle latency";
    cut: "Corte UTC", "Cut UTC";
    age: "Edad de los datos", "Data age";
    btc: "BTC 1 h", "BTC 1 h";
    breadth: "Pares al alza 1 h", "Pairs up 1 h";
    connecting: "conectando", "connecting";
    live: "en vivo", "live";
    lost: "reconectando", "reconnecting";
    frozen: "sin noticias", "no news";
    levels: "Pares por nivel", "Pairs by level";
    discarded: "descartados", "discarded";
    filtered: "fuera de límites", "outside limits";
    warming: "Aún calentando:", "Still warming up:";

    // Filters.
    filters: "Filtros", "Filters";
    search: "Buscar par", "Search pair";
    level: "Nivel", "Level";
    every_level: "Todos", "All";
    min_volume: "Volumen mín. (M)", "Min. volume (M)";
    min_price: "Precio mín.", "Min. price";
    max_price: "Precio máx.", "Max. price";
    watched: "Favoritos", "Watched";
    columns: "Columnas", "Columns";
    reset: "Quitar filtros", "Clear filters";
    top: "Top 10 por nivel", "Top 10 a level";
    all: "Todos los listados", "All listed";
    needs_script: "Los filtros, el gráfico y los botones necesitan JavaScript; el orden y los niveles no.",
        "Filters, chart and buttons need JavaScript; order and levels do not.";

    // The table.
    ranking: "Ranking de momentum", "Momentum ranking";
    symbol: "Símbolo", "Symbol";
    price: "Precio", "Price";
    change: "1 h", "1 h";
    score: "Momentum", "Momentum";
    rule: "Prob +7.5%", "Prob +7.5%";
    rule_hint: "Probabilidad por regla, sin calibrar", "Probability by rule, not calibrated";
    calibrated: "Calibrada", "Calibrated";
    calibrated_hint: "Probabilidad aprendida y calibrada; – mientras no haya modelo",
        "Learned, calibrated probability; – while there is no model";
    composite: "Compuesto", "Composite";
    volume: "Volumen 24h", "Volume 24h";
    data: "Datos", "Data";
    time: "Última Act.", "Last update";
    actions: "Silencio", "Mute";
    empty: "Ningún par con estos filtros.", "No pair with these filters.";
    shown: "pares a la vista de", "pairs shown of";
    why_search: "¿Por qué no está? Ver", "Why is it not here? See";
    state_live: "en vivo", "live";
    state_refilled: "rellenado", "refilled";
    state_stale: "sin noticias", "stale";
    state_halted: "detenido", "halted";
    state_warming: "calentando", "warming up";
    state_gap: "rellenando", "refilling";
    part_rsi: "RSI", "RSI";
    part_macd: "MACD", "MACD";
    part_volume: "volumen", "volume";
    part_velocity: "velocidad", "velocity";
    part_breakout: "ruptura", "breakout";
    up: "sube", "up";
    down: "baja", "down";
    star: "Seguir", "Watch";
    unstar: "Dejar de seguir", "Stop watching";
    mute: "Silenciar 24 h", "Mute for 24 h";
    unmute: "Quitar silencio", "Unmute";
    new_top: "Nuevo en FUERTE:", "New in FUERTE:";
    news_lost: "Conexión perdida, reconectando", "Connection lost, reconnecting";
    news_back: "Conexión recuperada", "Connection is back";
    failed: "No se pudo:", "That failed:";

    // Keyboard.
    help: "Teclado", "Keyboard";
    close: "Cerrar", "Close";
    key_search: "buscar", "search";
    key_move: "fila siguiente o anterior", "next or former row";
    key_open: "abrir el par", "open the pair";
    key_star: "seguir el par o dejar de seguirlo", "watch the pair or stop watching it";
    key_all: "top 10 o todos", "top 10 or all";
    key_help: "esta ayuda", "this help";
}

/// The language by name: Spanish unless English is asked for.
#[must_use]
pub fn choose(lang: Option<&str>) -> &'static Texts {
    if lang == Some("en") { &EN } else { &ES }
}

/// The language that an address asks for.
///
/// # Errors
/// 400 for another than es and en.
pub fn known(lang: &str) -> Result<&'static Texts, Problem> {
    match lang {
        "es" => Ok(&ES),
        "en" => Ok(&EN),
        other => Err(Problem::query(format!("lang '{other}' is not known"), &["es", "en"])),
    }
}

/// The texts that the scripts need, as JSON.
#[must_use]
pub fn for_scripts(t: &Texts, names: &[&str]) -> String {
    let all = t.all();
    let chosen = all.into_iter().filter(|(name, _)| names.contains(name));
    let map: serde_json::Map<_, _> = chosen.map(|(name, text)| (name.to_owned(), text.into())).collect();
    serde_json::Value::Object(map).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_untranslated() {
        assert_eq!((choose(None).lang, choose(Some("en")).lang), ("es", "en"));
        let same = ["btc", "change", "score", "rule", "part_rsi", "part_macd"];
        for ((name, es), (_, en)) in ES.all().into_iter().zip(EN.all()) {
            assert!(!es.is_empty() && (es != en || same.contains(&name)), "{name}: {es}");
        }
        assert_eq!(for_scripts(&EN, &["up"]), r#"{"up":"up"}"#);
    }
}
