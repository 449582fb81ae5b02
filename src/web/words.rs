//! Sentences of the pages that hold values, in the language of their texts.

use crate::actors::ports::alerts::DeliveryState;
use crate::actors::system_problem::SystemProblem;
use crate::domain::alert::message::AlertCard;
use crate::domain::level_rules::LevelBasis;
use crate::domain::report::{NotReady, Readiness};
use crate::domain::score::lift::Need;
use crate::web::api::dto::NotListed;
use crate::web::pages::format::{decimal, millions, price};
use crate::web::text::Texts;

/// A problem of the whole system.
pub(crate) fn trouble(what: &SystemProblem, t: &Texts) -> String {
    if t.lang != "es" {
        return what.to_string();
    }
    let demo = "sin red, `impulso demo` lo ejecuta todo contra un exchange simulado";
    match what {
        SystemProblem::Exchange { url, error } => format!(
            "no se puede usar el exchange en {url}; se reintenta con pausas crecientes ({demo}). Detalle: {error}"
        ),
        SystemProblem::Stream { connection, url, error } => format!(
            "la conexión de datos {connection} con {url} no funciona; se reintenta con pausas crecientes ({demo}). \
             Detalle: {error}"
        ),
        SystemProblem::Redis { url, error } => {
            format!("no se puede llegar a Redis en {url}; se sigue intentando. Detalle: {error}")
        }
        SystemProblem::NoScanner { url } => format!(
            "ningún escáner ha publicado todavía en Redis en {url}: inicia uno con `impulso scan --redis URL`"
        ),
        SystemProblem::QuietScanner { seconds } => {
            format!("el escáner no publica nada desde hace {seconds} s")
        }
    }
}

/// Why a pair is not in the ranking.
pub(crate) fn not_listed(why: &NotListed, readiness: &Readiness, t: &Texts) -> String {
    let es = t.lang == "es";
    let (value, limit) = (why.value.unwrap_or_default(), why.limit.unwrap_or_default());
    let prices = (price(value, t), price(limit, t));
    match why.reason {
        "min_volume_24h" if es => {
            format!(
                "Su volumen de 24 h es de {} USDT; hacen falta {}.",
                millions(value, t),
                millions(limit, t)
            )
        }
        "min_volume_24h" => {
            format!("Its 24 h volume is {} USDT; {} are needed.", millions(value, t), millions(limit, t))
        }
        "min_price" if es => format!("Su precio es {}; el mínimo es {}.", prices.0, prices.1),
        "min_price" => format!("Its price is {}; the lowest listed is {}.", prices.0, prices.1),
        "max_price" if es => format!("Su precio es {}; el máximo es {}.", prices.0, prices.1),
        "max_price" => format!("Its price is {}; the highest listed is {}.", prices.0, prices.1),
        "discarded" if es => format!(
            "Su momentum es {}; el nivel BAJA empieza en {}.",
            decimal(value, 1, t),
            decimal(limit, 1, t)
        ),
        "discarded" => format!(
            "Its momentum is {}; the level BAJA begins at {}.",
            decimal(value, 1, t),
            decimal(limit, 1, t)
        ),
        _ => format!("{} {}", t.no_scores, not_ready(readiness, t)),
    }
}

/// Why a pair cannot be analysed.
pub(crate) fn not_ready(r: &Readiness, t: &Texts) -> String {
    let es = t.lang == "es";
    let (ready, needed) = (r.ready_candles, r.needed_candles);
    match r.reason {
        None => String::new(),
        Some(NotReady::WarmingUp) if es => format!("Tiene {ready} de las {needed} velas que hacen falta."),
        Some(NotReady::WarmingUp) => format!("It has {ready} of the {needed} candles that are needed."),
        Some(NotReady::Gap) if es => "Faltan velas en medio; se han pedido al exchange.".to_owned(),
        Some(NotReady::Gap) => "Candles are missing in between; the exchange was asked for them.".to_owned(),
        Some(NotReady::Stale) if es => "No hay noticias suyas desde hace más de 120 s.".to_owned(),
        Some(NotReady::Stale) => "There was no news of it for more than 120 s.".to_owned(),
        Some(NotReady::Halted) if es => "Su negociación está detenida.".to_owned(),
        Some(NotReady::Halted) => "Its trading is halted.".to_owned(),
    }
}

/// What it takes to get more points.
pub(crate) fn need(need: Need, unit: &str, t: &Texts) -> String {
    let n = |v: f64| if v.abs() < 1.0 && v != 0.0 { price(v, t) } else { decimal(v, 1, t) };
    match need {
        Need::Below(v) => format!("< {}{unit}", n(v)),
        Need::Between(a, b) => format!("{}–{}{unit}", n(a), n(b)),
        Need::From(v) => format!("≥ {}{unit}", n(v)),
        Need::Above(v) => format!("> {}{unit}", n(v)),
        Need::Price(v) => format!("{} ≥ {}", t.price_word, price(v, t)),
        Need::NearHigh => t.near_high.to_owned(),
    }
}

/// Why an alert was sent.
pub(crate) fn alert_reason(card: &AlertCard, t: &Texts) -> String {
    let es = t.lang == "es";
    let what = match (card.ladder, es) {
        (LevelBasis::Rule, true) => "puntuación",
        (LevelBasis::Rule, false) => "score",
        (LevelBasis::Calibrated, true) => "probabilidad calibrada",
        (LevelBasis::Calibrated, false) => "calibrated chance",
    };
    let from = card.escalated_from.map_or_else(String::new, |e| {
        let word = if es { "sube desde" } else { "up from" };
        format!("; {word} {} ({})", e.level, decimal(e.value, 1, t))
    });
    let breakout = decimal(card.components.breakout, 1, t);
    format!("{what} {}{from}; {} {breakout}", decimal(card.value, 1, t), t.part_breakout)
}

/// State of a delivery.
pub(crate) const fn delivery(state: DeliveryState, t: &Texts) -> &'static str {
    match state {
        DeliveryState::Pending => t.pending,
        DeliveryState::Sending => t.sending,
        DeliveryState::Sent => t.sent,
        DeliveryState::Uncertain => t.uncertain,
        DeliveryState::Dead => t.dead,
    }
}

/// State of a stream connection.
pub(crate) fn connection<'a>(state: &'a str, t: &Texts) -> &'a str {
    match state {
        "live" => t.conn_live,
        "connecting" => t.conn_connecting,
        "silent" => t.conn_silent,
        "replacing" => t.conn_replacing,
        "waiting" => t.conn_waiting,
        other => other,
    }
}

/// A cause of losses in words; its code where there are none.
pub(crate) fn cause<'a>(code: &'a str, t: &Texts) -> &'a str {
    let (es, en) = match code {
        "late_report" => ("informes que llegaron tarde al ciclo", "reports that came too late for the cycle"),
        "cycle_no_report" => ("pares sin informe en un ciclo", "pairs without a report in a cycle"),
        "malformed_frame" => {
            ("mensajes del exchange ilegibles", "messages of the exchange that could not be read")
        }
        "unknown_symbol" => ("mensajes de pares desconocidos", "messages of unknown pairs"),
        "untrusted_event_time" => ("mensajes con hora imposible", "messages with an impossible time"),
        "exchange_info_entry" => ("pares con datos ilegibles", "pairs whose data could not be read"),
        "connection_full" | "connection_lost" | "control_message" => {
            ("avisos a una conexión que no los tomó", "notes to a connection that did not take them")
        }
        "backfill_answer" | "backfill_queue" => {
            ("relleno de velas que hubo que repetir", "refills of candles that had to be repeated")
        }
        "outbox_read" | "outbox_write" => ("fallos de la bandeja de salida", "failures of the outbox"),
        "state_read" | "state_write" => ("fallos del estado en disco", "failures of the state on disk"),
        "redis" => ("envíos a Redis", "messages to Redis"),
        "alerts_lost" => ("alertas", "alerts"),
        "history_candles" => ("velas para el historial", "candles for the history store"),
        "history_scores" => ("puntuaciones para el historial", "scores for the history store"),
        other => return other,
    };
    if t.lang == "es" { es } else { en }
}
