//! The experiment, tuning and what else the learning commands say.

use super::Entry;

pub(super) const HELP: &[Entry] = &[
    (
        "Arms that score in the shadow: show, promote, roll back",
        "Brazos que puntúan en la sombra: mostrar, promover, volver atrás",
    ),
    (
        "What is in force beside the arms in its shadow, the rule that decides, and the book of changes",
        "Lo que está en vigor junto a los brazos en su sombra, la regla que decide y el libro de cambios",
    ),
    ("Print JSON", "Muestra JSON"),
    (
        "Put an arm in force: the running scanner does so within 10 s and writes it into the book",
        "Pone un brazo en vigor: el escáner en marcha lo hace en 10 s y lo anota en el libro",
    ),
    (
        "Examples:
  impulso experiment promote challenger-model
  impulso experiment promote rule             (alerts by the rule alone)",
        "Ejemplos:
  impulso experiment promote challenger-model
  impulso experiment promote rule             (alertas por la regla sola)",
    ),
    (
        "Its name, as `impulso experiment show` gives it",
        "Su nombre, tal como lo da `impulso experiment show`",
    ),
    (
        "Search points, thresholds and weights of the rule; what does not hold on unseen days is not written",
        "Busca puntos, umbrales y pesos de la regla; lo que no se sostiene en días no vistos no se escribe",
    ),
    (
        "Folders of recorded candles, each a period of its own; the history store when left out",
        "Carpetas de velas grabadas, cada una un periodo propio; si faltan, el historial",
    ),
    (
        "First moment, UTC (default: the first after a warm-up)",
        "Primer momento, UTC (por defecto, el primero tras el calentamiento)",
    ),
    (
        "Profiles tried at random; as many again refine the best",
        "Perfiles probados al azar; otros tantos afinan los mejores",
    ),
    (
        "Blocks of days; each but the first is judged by what came before it",
        "Bloques de días; cada uno menos el primero se juzga con lo que vino antes",
    ),
    ("FUERTE episodes a day, at least", "Episodios FUERTE al día, como mínimo"),
    ("The same seed finds the same", "La misma semilla encuentra lo mismo"),
    (
        "Where the settings file with the profile is written, if it holds",
        "Dónde se escribe el fichero de ajustes con el perfil, si se sostiene",
    ),
    ("Write everything as JSON, whether it holds or not", "Escribe todo como JSON, se sostenga o no"),
    (
        "Examples:
  impulso tune --data recorded/spot-5m-2024 --out challenger.toml
  impulso tune --data recorded/2023 recorded/2024 --candidates 1000
  impulso tune --store sqlite:/data/history.db --min-per-day 2",
        "Ejemplos:
  impulso tune --data recorded/spot-5m-2024 --out challenger.toml
  impulso tune --data recorded/2023 recorded/2024 --candidates 1000
  impulso tune --store sqlite:/data/history.db --min-per-day 2",
    ),
    ("Put what was in force before in force again", "Vuelve a poner en vigor lo que había antes"),
];

pub(super) const MESSAGES: &[Entry] = &[
    (
        "no experiment was run from this state folder yet; `impulso scan` begins one with experiment.enabled",
        "en esta carpeta de estado no ha habido todavía ningún experimento; `impulso scan` empieza uno con experiment.enabled",
    ),
    (
        "nothing was in force before: no arm was promoted so far",
        "nada estuvo en vigor antes: todavía no se ha promovido ningún brazo",
    ),
    (
        "ordered: what was in force before comes back within 10 s, or at the next start of the scanner",
        "ordenado: lo que había antes vuelve en 10 s, o en el próximo arranque del escáner",
    ),
    (
        "ordered: {} takes over within 10 s, or at the next start of the scanner",
        "ordenado: {} entra en vigor en 10 s, o en el próximo arranque del escáner",
    ),
    ("there is no arm '{}'; there are: {}", "no hay brazo '{}'; hay: {}"),
    (
        "a name of letters, digits, - and _, other than rule, previous, challenger-model, challenger-rule",
        "un nombre de letras, cifras, - y _, distinto de rule, previous, challenger-model y challenger-rule",
    ),
    (
        "no point is left between --from and --to: candles of 26 h before are needed, and 24 h after for the outcome",
        "no queda ningún punto entre --from y --to: hacen falta velas de 26 h antes, y 24 h después para el resultado",
    ),
    ("a number above 0, such as 0.5 or 2", "un número mayor que 0, como 0.5 o 2"),
    ("it does not hold, nothing is written: {}", "no se sostiene, no se escribe nada: {}"),
    ("it holds; written to {}", "se sostiene; escrito en {}"),
    (
        "the ledger has no judged samples with features yet; a scanner with history makes them every hour",
        "todavía no hay muestras juzgadas con variables; un escáner con historial las hace cada hora",
    ),
    ("reading the ledger", "leyendo las predicciones"),
    ("trying profiles", "probando perfiles"),
    (
        "only {} FUERTE episodes were judged out of sample; {} are needed",
        "solo se juzgaron {} episodios FUERTE fuera de muestra; hacen falta {}",
    ),
    (
        "out of sample FUERTE is not better for certain: the difference lies between {} and {} points",
        "fuera de muestra FUERTE no es mejor con certeza: la diferencia está entre {} y {} puntos",
    ),
    (
        "the profile in force had too few FUERTE episodes to compare with",
        "el perfil en vigor tuvo muy pocos episodios FUERTE con que comparar",
    ),
    (
        "out of sample the probability ranks the pairs of a day worse: ROC area {} against {}",
        "fuera de muestra la probabilidad ordena peor los pares de un día: área ROC {} frente a {}",
    ),
    (
        "out of sample a higher level is not right more often than a lower one",
        "fuera de muestra un nivel más alto no acierta más que uno más bajo",
    ),
    (
        "{} judged points are too few for {} blocks of at least 5 days; record more days or take fewer --folds",
        "{} puntos juzgados son pocos para {} bloques de al menos 5 días; graba más días o usa menos --folds",
    ),
    ("a profile, a model or both", "un perfil, un modelo o ambos"),
    ("what is in force", "lo que está en vigor"),
];
