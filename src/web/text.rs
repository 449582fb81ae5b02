//! Texts of the pages, one table keyed by language. Level names are never translated.

use crate::web::problem::Problem;
use crate::web::said::said;
use crate::web::text_more::{self, MoreTexts};

macro_rules! texts {
    ($table:ident; $($name:ident: $es:literal, $en:literal;)+) => {
        /// Texts of one language.
        #[derive(Debug)]
        pub(crate) struct $table {
            /// Code for the `lang` attribute.
            pub lang: &'static str,
            $(#[doc = $en] pub $name: &'static str,)+
        }

        pub(crate) const ES: $table = $table { lang: "es", $($name: $es,)+ };

        pub(crate) const EN: $table = $table { lang: "en", $($name: $en,)+ };

        impl $table {
            /// Every text with its name.
            pub(crate) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),+]
            }
        }
    };
}
pub(crate) use texts;

texts! {
    Texts;
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
    stale_data: "Lo que ves no está al día. Edad de los datos:", "What you see is not up to date. Age of the data:";
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
    feed: "Exchange", "Exchange";
    coverage: "Cobertura", "Coverage";
    latency: "Latencia", "Latency";
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
    shown: "Pares a la vista:", "Pairs shown:";
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

    // A pair.
    back: "← Mercado", "← Market";
    unknown_pair: "No hay tal par", "There is no such pair";
    unknown_pair_text: "no está entre los pares USDT que sigue este escáner.",
        "is not among the USDT pairs that this scanner follows.";
    why_not: "¿Por qué no está en el ranking?", "Why is it not in the ranking?";
    no_scores: "Sin puntuación: el par no se puede analizar ahora.",
        "No scores: the pair cannot be analysed just now.";
    pair_facts: "Datos del par", "Facts of the pair";
    volatility: "Rango 24 h", "24 h range";
    resistance: "Resistencia más cercana", "Nearest resistance";
    no_resistance: "ninguna por encima", "none above";
    updated: "Datos hasta", "Data up to";
    chart: "Últimas {hours} h, velas de {minutes} min", "Last {hours} h, {minutes} min candles";
    chart_open: "apertura", "open";
    chart_high: "máximo", "high";
    chart_low: "mínimo", "low";
    chart_close: "cierre", "close";
    chart_none: "Todavía no hay velas.", "There are no candles yet.";
    chart_script: "El gráfico necesita JavaScript.", "The chart needs JavaScript.";
    breakdown: "Desglose de la puntuación", "Breakdown of the score";
    part: "Parte", "Part";
    value: "Valor", "Value";
    points: "Puntos", "Points";
    lift: "Qué daría más puntos", "What would give more points";
    lift_none: "ya tiene el máximo", "it has the most already";
    total: "Total", "Total";
    next_level: "Nivel siguiente", "Next level";
    top_level: "Ya está en el nivel más alto.", "It is at the highest level already.";
    reaches: "alcanza", "reaches";
    price_word: "precio", "price";
    near_high: "precio cerca del máximo anterior o sobre él", "price near its former high or above it";
    factors: "Factores de la probabilidad por regla", "Factors of the probability by rule";
    factor: "Factor", "Factor";
    weight: "Peso", "Weight";
    share: "Aporta", "Adds";
    factor_volatility: "Rango de 24 h", "24 h range";
    factor_momentum: "Momentum", "Momentum";
    factor_resistance: "Espacio hasta la resistencia", "Room to the resistance";
    factor_btc: "Empuje de BTC", "Push from BTC";
    factor_liquidity: "Volumen de 24 h", "24 h volume";
    btc_missing: "BTCUSDT no se puede analizar: su factor queda neutro.",
        "BTCUSDT cannot be analysed: its factor is neutral.";
    pause_jump: "El precio saltó tras una pausa de negociación: un canje de tokens parece una subida.",
        "The price jumped across a pause in trading: a token swap looks like a pump.";
    pair_alerts: "Alertas del par", "Alerts of the pair";

    // Alerts.
    history: "Historial de alertas", "Alert history";
    no_alerts: "Todavía no hay alertas.", "No alerts so far.";
    when: "Cuándo (UTC)", "When (UTC)";
    reason: "Motivo", "Reason";
    deliveries: "Entregas", "Deliveries";
    no_delivery: "sin entrega", "not delivered";
    tries: "intentos", "tries";
    older: "Más antiguas", "Older";
    newest: "Las más recientes", "Newest";
    unreadable: "No se puede leer el estado ahora; mira el registro.", "The state cannot be read just now; see the log.";
    pending: "en espera", "waiting";
    sending: "enviando", "being sent";
    sent: "entregada", "delivered";
    uncertain: "quizá entregada", "maybe delivered";
    dead: "abandonada", "given up";
    mutes: "Silencios", "Mutes";
    no_mutes: "Nada está silenciado.", "Nothing is muted.";
    everything: "todos los pares", "all pairs";
    until: "Hasta (UTC)", "Until (UTC)";
    for_good: "sin fin", "for good";
    by: "Quién", "Who";
    mute_all: "Silenciar todo 1 h", "Mute all for 1 h";
    channels: "Canales", "Channels";
    no_channels: "No hay canales de alertas.", "There are no alert channels.";
    channel: "Canal", "Channel";
    channel_ok: "funciona", "works";
    channel_dead: "no funciona", "does not work";
    delivered: "Entregadas", "Delivered";
    waiting: "En espera", "Waiting";
    maybe: "Inciertas", "Uncertain";
    given_up: "Abandonadas", "Given up";
    last_sent: "Última entrega (UTC)", "Last delivery (UTC)";
    last_error: "Último fallo", "Last failure";
    test: "Enviar prueba", "Send a test";
    test_sent: "Prueba en camino por", "Test on its way over";
    never: "nunca", "never";

    // Status.
    all_well: "Todo funciona.", "All is well.";
    not_ready: "Ningún ranking ha cubierto todavía el 95 % de los pares.",
        "No ranking has covered 95 % of the pairs so far.";
    some_wrong: "Hay algo que mirar.", "Something needs a look.";
    glance: "De un vistazo", "At a glance";
    connections: "Conexiones de datos", "Data connections";
    name: "Nombre", "Name";
    streams: "Flujos", "Streams";
    open_for: "Abierta", "Open for";
    silent_for: "Sin noticias", "Silent for";
    reconnects: "Reconexiones", "Reconnects";
    conn_live: "en vivo", "live";
    conn_connecting: "conectando", "connecting";
    conn_silent: "en silencio", "silent";
    conn_replacing: "relevándose", "being replaced";
    conn_waiting: "en espera", "waiting";
    budget: "Presupuesto REST", "REST budget";
    budget_text: "de peso usados en este minuto, del límite de", "of weight used in this minute, of a limit of";
    queued: "peticiones en espera", "requests waiting";
    embargo: "El exchange pidió una pausa hasta las", "The exchange asked for a pause until";
    cycles: "Ciclos", "Cycles";
    published: "publicados", "published";
    missed: "perdidos", "missed";
    every: "uno cada", "one every";
    uptime: "En marcha", "Running for";
    restarts: "Reinicios internos", "Internal restarts";
    clients: "Páginas conectadas", "Connected pages";
    drops: "Pérdidas por causa", "Losses by cause";
    no_drops: "No se ha perdido nada.", "Nothing was lost.";
    stores: "Almacenes", "Stores";
    history_ok: "El historial acepta datos.", "The history store takes data.";
    history_bad: "El historial no acepta datos ahora; esperan en disco y se reintenta.",
        "The history store takes no data just now; they wait on disk and are tried again.";
    redis_ok: "Redis: sin problemas, o no se usa.", "Redis: no problem, or not in use.";
    redis_bad: "No se puede usar Redis ahora; se reintenta.", "Redis cannot be used just now; it is tried again.";
    not_analyzable: "Pares que no se pueden analizar", "Pairs that cannot be analysed";
    none_such: "Todos los pares se pueden analizar.", "Every pair can be analysed.";
    and_more: "y más:", "and more:";
    addresses: "Exchange en uso", "Exchange in use";

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

impl Texts {
    /// Texts of the track record, the measures and the chart, in the same language.
    pub(crate) fn more(&self) -> &'static MoreTexts {
        if self.lang == "en" { &text_more::EN } else { &text_more::ES }
    }
}

/// The language by name: Spanish unless English is asked for.
pub(crate) fn choose(lang: Option<&str>) -> &'static Texts {
    if lang == Some("en") { &EN } else { &ES }
}

/// The language that an address asks for.
///
/// # Errors
/// 400 for another than es and en.
pub(crate) fn known(lang: &str) -> Result<&'static Texts, Problem> {
    match lang {
        "es" => Ok(&ES),
        "en" => Ok(&EN),
        other => {
            let detail = said!("lang '{other}' no se conoce", "lang '{other}' is not known");
            Err(Problem::query(detail, &["es", "en"]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_untranslated() {
        assert_eq!((choose(None).lang, choose(Some("en")).lang), ("es", "en"));
        let same = [
            "btc",
            "feed",
            "change",
            "score",
            "rule",
            "part_rsi",
            "part_macd",
            "total",
            "factor",
            "factor_momentum",
        ];
        let (es, en) = (ES.all(), EN.all());
        let es = es.into_iter().chain(ES.more().all());
        for ((name, es), (_, en)) in es.zip(en.into_iter().chain(EN.more().all())) {
            assert!(!es.is_empty() && (es != en || same.contains(&name)), "{name}: {es}");
        }
    }
}
