//! More texts of the pages: the track record, the measures, the chart, notifications.

use crate::web::text::texts;

texts! {
    MoreTexts;
    // Why the model gives a chance.
    why_chance: "Por qué esta probabilidad", "Why this chance";
    why_chance_text: "Cada grupo de variables sube o baja la probabilidad; en logaritmo de la razón de probabilidades suman exactamente el total.",
        "Each group of features raises or lowers the chance; in log odds they add up exactly to the total.";
    model: "Modelo", "Model";
    trained_on: "entrenado del", "trained from";
    inputs_partial: "Aún faltan horas de días anteriores: el modelo trabaja sin ellas.", "Hours of earlier days are still missing: the model does without them.";
    why_group: "Grupo", "Group";
    log_odds: "Log. de la razón", "Log odds";
    why_start: "Un par medio", "An average pair";
    why_shift: "Ajuste al mercado de los últimos días", "Adaptation to the market of the last days";
    why_sum: "Total", "Sum";
    group_movement: "Cuánto se mueve (ATR, rango, volatilidad)", "How much it moves (ATR, range, volatility)";
    group_record: "Sus últimas semanas (cuántas veces llegó a +7,5 %)", "Its last weeks (how often it reached +7.5 %)";
    group_trend: "Cambios de precio", "Price changes";
    group_breakout: "Máximos, ruptura y resistencia", "Highs, breakout and resistance";
    group_volume: "Volumen", "Volume";
    group_momentum: "RSI, MACD y la regla", "RSI, MACD and the rule";
    group_market: "Frente al mercado y a BTC", "Against the market and BTC";
    // The track record.
    track: "Resultados", "Track record";
    track_intro: "Cada predicción se compara, 4 y 24 horas después, con lo que pasó: ¿llegó el precio a subir un 7,5 %? Los fallos cuentan y se muestran igual que los aciertos.",
        "Every prediction is held, 4 and 24 hours later, against what happened: did the price rise by 7.5 %? Misses count and are shown just like hits.";
    days: "Días", "Days";
    untrusted: "Los niveles no son de fiar ahora mismo: un nivel alto no acierta más que uno más bajo.",
        "The levels are not to be trusted just now: a higher one does no better than a lower one.";
    trusted: "Cada nivel acierta más que el de debajo.", "Each level does better than the one below it.";
    too_few: "Aún hay pocas predicciones juzgadas para decir algo de los niveles: hacen falta 20 por nivel, y cada una tarda 24 horas.",
        "Too few predictions are judged to say anything about the levels: it takes 20 a level, and each takes 24 hours.";
    no_history: "Aquí no se guarda historial, así que no se juzga ninguna predicción.",
        "No history is kept here, so no prediction is judged.";
    history_silent: "El historial no responde ahora; mira el registro.", "The history store does not answer just now; see the log.";
    base_rate: "Tasa base", "Base rate";
    base_rate_text: "la misma pregunta, hecha cada hora a todos los pares listados",
        "the same question, asked of every listed pair each hour";
    by_episode: "Precisión por nivel: cada vez que un par subió de nivel", "Precision by level: each time a pair rose to it";
    by_alert: "Precisión por nivel: cada alerta enviada", "Precision by level: each alert sent";
    opened: "Abiertas", "Opened";
    void: "Nulas", "Void";
    within_4h: "+7,5 % en 4 h", "+7.5 % in 4 h";
    within_24h: "+7,5 % en 24 h", "+7.5 % in 24 h";
    time_to_hit: "Tiempo hasta +7,5 %", "Time to +7.5 %";
    mean_rise: "Mayor subida (media)", "Greatest rise (mean)";
    mean_fall: "Mayor caída (media)", "Deepest fall (mean)";
    of_word: "de", "of";
    reliability: "Calibración: lo que se dijo y lo que pasó", "Calibration: what was said and what came";
    reliability_said: "probabilidad dicha", "chance said";
    reliability_came: "lo que pasó", "what came";
    reliability_none: "Todavía no hay muestras juzgadas.", "No samples are judged so far.";
    rule_curve: "Regla (no es una probabilidad)", "Rule (not a chance)";
    calibrated_curve: "Modelo calibrado", "Calibrated model";
    ece: "error de calibración", "calibration error";
    samples: "muestras", "samples";
    predictions: "Predicciones", "Predictions";
    no_predictions: "Todavía no hay predicciones de este tipo.", "No predictions of this kind so far.";
    kind: "Tipo", "Kind";
    kind_all: "Todas", "Every kind";
    kind_episode: "Subida de nivel", "Level rise";
    kind_alert: "Alerta", "Alert";
    kind_sample: "Muestra horaria", "Hourly sample";
    outcome: "Resultado", "Outcome";
    outcome_open: "abierta", "open";
    outcome_hit: "acierto", "hit";
    outcome_miss: "fallo", "miss";
    outcome_void: "nula", "void";
    rise: "Mayor subida", "Greatest rise";
    fall: "Mayor caída", "Deepest fall";
    csv: "Descargar CSV", "Download CSV";
    after: "tras", "after";

    // The measures.
    measures: "Medidas", "Measures";
    measures_elsewhere: "Un nodo de solo lectura no guarda medidas; míralas en el escáner.",
        "A read-only node keeps no measures; look at the scanner itself.";
    measure: "Medida", "Measure";
    target: "Objetivo", "Target";
    now_word: "Ahora", "Now";
    last_24h: "24 h", "Last 24 h";
    last_30d: "30 días", "30 days";
    met: "se cumple", "met";
    not_met: "no se cumple", "not met";
    measures_since: "Primer arranque:", "First start:";
    measures_note: "Los ciclos se cuentan por el reloj de la máquina desde entonces: las horas sin programa o sin datos cuentan como perdidas. «Ahora» en disponibilidad son los últimos 10 minutos; la latencia es la mediana y el percentil 99.",
        "Cycles are counted by the machine's clock since then: hours without the program or without data count as missed. Availability now is that of the last 10 minutes; latency is the median and the 99th percentile.";
    latency_measure: "Latencia de ciclo", "Cycle latency";
    precision_measure: "Precisión de FUERTE (+7,5 % en 24 h)", "Precision of FUERTE (+7.5 % in 24 h)";
    availability: "Disponibilidad (ciclos publicados/debidos)", "Availability (cycles published/due)";
    pairs_measure: "Pares seguidos", "Pairs followed";
    lags: "Retraso de los cierres", "Lateness of closes";
    lags_text: "Tiempo entre el fin de cada minuto y la llegada de su vela cerrada.",
        "Time from the end of each minute to the arrival of its closed candle.";
    candles_word: "Velas", "Candles";
    no_lags: "Todavía no ha cerrado ninguna vela.", "No candle has closed so far.";
    spilled: "Filas que esperan en disco", "Rows waiting on disk";

    // A pair.
    breakout_line: "Máximo de 20 velas", "High of 20 candles";
    signal_line: "Señal", "Signal";
    chart_legend: "Flechas: alertas; círculos: subidas de nivel (F y A: FUERTE y ALTA; ✓ acierto, ✗ fallo, … abierta). Debajo: RSI, MACD, momentum y probabilidad. Horas UTC.",
        "Arrows: alerts; circles: rises of level (F and A: FUERTE and ALTA; ✓ hit, ✗ miss, … open). Below: RSI, MACD, momentum and probability. Times are UTC.";
    chart_maker: "Gráfico:", "Chart:";
    pair_predictions: "Predicciones del par", "Predictions of the pair";

    sign_in: "Entrar con otro token", "Sign in with another token";
    // The model in force.
    model_in_force: "El modelo en vigor", "The model in force";
    no_model: "No hay modelo en vigor: niveles y alertas van por la regla.", "No model is in force: levels and alerts go by the rule.";
    drift_now: "El mercado se ha alejado de lo que el modelo aprendió: toma sus probabilidades con cautela.",
        "The market has left what the model was trained on: take its chances with care.";
    features_word: "variables", "features";
    pairs_word: "pares", "pairs";
    shift_now: "Ajuste al mercado", "Adaptation to the market";
    as_trained: "ninguno todavía: faltan resultados", "none yet: outcomes are missing";
    version_word: "versión", "version";
    slope_word: "pendiente", "slope";
    shift_text: "El ajuste suma a las probabilidades bajas lo que los resultados de los últimos días piden y las separa o junta (pendiente), con límites; las altas quedan como se aprendieron.",
        "The adaptation adds to low chances what the outcomes of the last days ask for and spreads or narrows them (slope), within bounds; high ones stay as learned.";
    retrained: "Último reentrenamiento", "Last retraining";
    retuned: "Último reajuste de la regla", "Last tuning of the rule";
    run_waiting: "aún no ha tocado", "not due yet";
    run_made: "hay aspirante en la sombra", "a challenger is in the shadow";
    run_refused: "sin aspirante", "no challenger";
    run_failed: "falló", "failed";

    // The experiment.
    experiments: "Experimentos", "Experiments";
    experiments_intro: "Otras reglas y otros modelos puntúan en la sombra el mismo mercado, y cada uno se compara con lo que está en vigor en los mismos pares y momentos. Decide una regla fijada de antemano.",
        "Other rules and models score the same market in the shadow, and each is held against what is in force on the same pairs and moments. A rule set beforehand decides.";
    no_experiment: "Aquí no hay experimento: está desactivado, no se guarda historial o este es un nodo de solo lectura.",
        "There is no experiment here: it is switched off, no history is kept, or this is a read-only node.";
    experiment_early: "Todavía no hay informe; aparece unos segundos después de la primera clasificación.",
        "There is no report yet; it comes some seconds after the first ranking.";
    arms: "Brazos", "Arms";
    arm: "Brazo", "Arm";
    in_force: "En vigor", "In force";
    arm_rule: "La regla sola", "The rule alone";
    arm_previous: "Lo anterior", "What was before";
    arm_challenger_model: "Modelo reentrenado", "Retrained model";
    arm_challenger_rule: "Regla reajustada", "Retuned rule";
    made_of: "Modelo y perfil", "Model and profile";
    rule_alone: "sin modelo", "no model";
    arm_since: "Desde", "Since";
    brier_both: "Brier: suyo / base", "Brier: own / baseline";
    resolved_days: "Muestras / días", "Samples / days";
    standing: "Situación", "Standing";
    needs_days: "faltan días", "needs more days";
    needs_samples: "faltan muestras", "needs more samples";
    needs_fuerte: "faltan FUERTE juzgados", "needs more judged FUERTE";
    stands_better: "mejor, con certeza", "better for certain";
    stands_fuerte_worse: "mejores probabilidades, pero FUERTE acierta menos", "better chances, but FUERTE is right less often";
    stands_worse: "peor, con certeza", "worse for certain";
    stands_equal: "sin diferencia segura", "no certain difference";
    rule_set: "La regla, fijada de antemano", "The rule, set beforehand";
    min_days: "Días, como mínimo", "Days, at least";
    min_resolved: "Muestras juzgadas por ambos", "Samples that both judged";
    min_fuerte: "FUERTE juzgados de cada uno", "Judged FUERTE of each";
    rollback_days: "Días para poder volver atrás", "Days until a way back";
    promotes_itself: "Mejor es que el intervalo del 90 % por días enteros no toque el cero. Lo que es mejor entra en vigor solo, y vuelve atrás solo si deja de serlo.",
        "Better means that the 90 % interval by whole days does not touch zero. What is better takes over by itself, and goes back by itself when it no longer is.";
    promotes_asked: "Mejor es que el intervalo del 90 % por días enteros no toque el cero. Nada cambia sin una orden: impulso experiment promote BRAZO.",
        "Better means that the 90 % interval by whole days does not touch zero. Nothing changes without an order: impulso experiment promote ARM.";
    book: "Libro de cambios", "Book of changes";
    book_empty: "Todavía no se ha cambiado nada.", "Nothing was changed so far.";
    when: "Cuándo", "When";
    what_was_done: "Qué", "What";
    by_whom: "Quién", "By";
    by_rule: "la regla", "the rule";
    detail: "Detalle", "Detail";
    done_started: "empieza en la sombra", "starts in the shadow";
    done_promoted: "entra en vigor", "takes over";
    done_rolled_back: "vuelve atrás", "is rolled back";
    done_refused: "rechazado", "refused";
    done_failed: "falló", "failed";

    // The market.
    trend: "Últimas 6 h", "Last 6 h";
    level_and_model: "Nivel / modelo", "Level / model";
    level_hint: "Nivel de la regla / nivel según la probabilidad calibrada del modelo, por el que van las alertas",
        "Level of the rule / level by the model's calibrated chance, which alerts go by";
    by_model: "según el modelo:", "by the model:";
    learned_level: "Nivel según la probabilidad calibrada", "Level by the calibrated chance";
    unscored: "Sin puntuar", "Not scored";
    regime: "Mercado", "Market mood";
    regime_up: "al alza", "rising";
    regime_down: "a la baja", "falling";
    regime_flat: "sin rumbo", "mixed";

    // Notifications and the policy.
    notify: "Avisos y sonido en este navegador", "Notifications and sound in this browser";
    notify_on: "Activados: suena y avisa con cada alerta FUERTE nueva.", "On: each new FUERTE alert sounds and notifies.";
    notify_off: "Desactivados.", "Off.";
    notify_blocked: "Solo sonido: el navegador no permite avisos de esta página.",
        "Sound only: the browser does not allow notifications from this page.";
    policy: "Política en vigor", "Policy in force";
    policy_levels: "Niveles que avisan (puntuación)", "Levels that alert (score)";
    policy_confirm: "Ciclos seguidos para confirmar", "Cycles in a row to confirm";
    policy_breakout: "Puntos de ruptura que bastan con un ciclo", "Breakout points that need one cycle only";
    policy_hysteresis: "Puntos por debajo para salir del nivel", "Points below to leave a level";
    policy_cooldown: "Pausa entre alertas de un par", "Pause between alerts of a pair";
    policy_escalation: "Puntos de subida que repiten la alerta", "Rise in points that alerts again";
    policy_digest: "ALTA se junta durante", "ALTA is gathered for";
    policy_summary: "Alertas a la vez que van en un resumen", "Alerts at once that become a summary";
    policy_quiet: "Horas de silencio", "Quiet hours";
    policy_watchlist: "Solo favoritos", "Watched pairs only";
    none: "ninguna", "none";
    yes: "sí", "yes";
    no: "no, todos los pares", "no, every pair";
}
