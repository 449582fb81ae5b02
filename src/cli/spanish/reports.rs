//! Lines of the reports: backtest, tuning, experiment. Blanks keep the columns.

use super::Entry;

pub(super) const TABLE: &[Entry] = &[
    (
        "{}: {} points, base rate {} %, AUC {}, Brier {}, calibration error {}",
        "{}: {} puntos, tasa base {} %, AUC {}, Brier {}, error de calibración {}",
    ),
    ("  episodes  {} of {} % (90 %: {} to {} %)", "  episodios {} de {} % (90 %: de {} a {} %)"),
    ("  rule      {} of {} % (90 %: {} to {} %)", "  regla     {} de {} % (90 %: de {} a {} %)"),
    ("  alerts a day: FUERTE {}, ALTA {}", "  alertas al día: FUERTE {}, ALTA {}"),
    (
        "  {} points, base {} %, calibration error {}, FUERTE {} of {}",
        "  {} puntos, base {} %, error de calibración {}, FUERTE {} de {}",
    ),
    (
        "  FUERTE alerts as trades after costs: {}, mean {} %, winners {} %, drawdown {} % of a stake",
        "  alertas FUERTE como operaciones tras costes: {}, media {} %, ganadoras {} %, caída máxima {} % de lo apostado",
    ),
    (
        "  the levels are not in order of precision: they are not to be trusted here",
        "  los niveles no están en orden de precisión: aquí no son de fiar",
    ),
    ("  winner, in sample  {}", "  ganador, en muestra{}"),
    ("  winner, out of sample     {}", "  ganador, fuera de muestra {}"),
    ("  in force, the same days   {}", "  en vigor, los mismos días {}"),
    ("all folds", "todos los bloques"),
    ("  winners, out of sample      {}", "  ganadores, fuera de muestra {}"),
    (
        "  difference of FUERTE, 90 % by whole days: {} to {} points",
        "  diferencia de FUERTE, 90 % por días enteros: de {} a {} puntos",
    ),
    ("the winner over everything, of {} profiles", "el ganador con todo, de {} perfiles"),
    ("  in sample (flattering) {}", "  en muestra (halagador) {}"),
    ("arm {} model / profile {} standing", "brazo {} modelo / perfil {} situación"),
    ("in force  {}", "en vigor  {}"),
    ("{} no model / {}", "{} sin modelo / {}"),
    ("{}needs more days", "{}faltan días"),
    ("{}needs more samples", "{}faltan muestras"),
    ("{}needs more judged FUERTE", "{}faltan FUERTE juzgados"),
    ("{}better for certain", "{}mejor, con certeza"),
    (
        "{}better chances, but FUERTE is right less often",
        "{}mejores probabilidades, pero FUERTE acierta menos",
    ),
    ("{}worse for certain", "{}peor, con certeza"),
    ("{}no certain difference", "{}sin diferencia segura"),
    (
        "rule: {} days, {} samples of both, {} FUERTE of each; the 90 % interval by whole days must not touch 0",
        "regla: {} días, {} muestras de ambos, {} FUERTE de cada uno; el intervalo del 90 % por días enteros no debe tocar 0",
    ),
    ("the scanner promotes and rolls back by itself", "el escáner promueve y vuelve atrás por sí mismo"),
    ("the scanner changes nothing without an order", "el escáner no cambia nada sin una orden"),
    ("{}  started  {}  by {}: {}", "{}  empieza  {}  por {}: {}"),
    ("{}  promoted  {}  by {}: {}", "{}  promovido  {}  por {}: {}"),
    ("{}  rolled_back  {}  by {}: {}", "{}  vuelto atrás  {}  por {}: {}"),
    ("{}  refused  {}  by {}: {}", "{}  rechazado  {}  por {}: {}"),
    ("{}  failed  {}  by {}: {}", "{}  fallido  {}  por {}: {}"),
];
