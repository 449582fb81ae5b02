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
    ("a profile, a model or both", "un perfil, un modelo o ambos"),
    ("what is in force", "lo que está en vigor"),
];
