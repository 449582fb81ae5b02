//! Texts of the page, one table keyed by language. Level names are never translated.

/// Texts of one language.
#[derive(Debug)]
pub struct Texts {
    /// Code for the `lang` attribute.
    pub lang: &'static str,
    /// The switch to the other language: its name, its address, its code.
    pub switch: (&'static str, &'static str, &'static str),
    /// Column heads in order.
    pub columns: [&'static str; 7],
    /// Shown in an empty level.
    pub empty: &'static str,
    /// Names of connection, feed, coverage, cycle latency, cut, data age.
    pub facts: [&'static str; 6],
    /// Connection words: connecting, live, lost.
    pub link: [&'static str; 3],
    /// Feed words: connecting, live, frozen.
    pub feed: [&'static str; 3],
    /// Before the first ranking, in front of "120/500".
    pub warming: &'static str,
    /// In front of the address of the simulator's admin route.
    pub admin: &'static str,
    /// Before the words of a problem.
    pub problem: &'static str,
    /// After them: what to do.
    pub hint: &'static str,
}

/// Spanish, the default.
pub const ES: Texts = Texts {
    lang: "es",
    switch: ("English", "/?lang=en", "en"),
    columns: ["Símbolo", "Precio", "Momentum", "Prob +7.5%", "Confianza", "Volumen 24h", "Última Act."],
    empty: "Ningún par en este nivel",
    facts: ["Conexión", "Mercado", "Cobertura", "Latencia", "Corte UTC", "Edad de datos"],
    link: ["conectando", "en vivo", "reconectando"],
    feed: ["conectando", "en vivo", "sin noticias"],
    warming: "Aún calentando:",
    admin: "Administración del simulador:",
    problem: "No hay datos del mercado:",
    hint: "Sin red puedes probar `impulso demo`.",
};

/// English.
pub const EN: Texts = Texts {
    lang: "en",
    switch: ("Español", "/?lang=es", "es"),
    columns: ["Symbol", "Price", "Momentum", "Prob +7.5%", "Confidence", "Volume 24h", "Last update"],
    empty: "No pair in this level",
    facts: ["Connection", "Market", "Coverage", "Latency", "Cut UTC", "Data age"],
    link: ["connecting", "live", "reconnecting"],
    feed: ["connecting", "live", "no news"],
    warming: "Still warming up:",
    admin: "Admin route of the simulator:",
    problem: "There is no market data:",
    hint: "Without a network try `impulso demo`.",
};

/// The language by `?lang=`: Spanish unless English is asked for.
#[must_use]
pub fn choose(lang: Option<&str>) -> &'static Texts {
    if lang == Some("en") { &EN } else { &ES }
}
