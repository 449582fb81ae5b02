//! Help texts: what stands on a command, a flag or a value, without the full stop at its end.

use super::Entry;

pub(super) const TABLE: &[Entry] = &[
    (
        "Real-time momentum scanner for all USDT pairs on Binance spot",
        "Escáner de momentum en tiempo real para todos los pares USDT de Binance spot",
    ),
    (
        "Examples:
  impulso demo                      everything against a simulated exchange, no network needed
  impulso scan                      the live market, public data, no key
  impulso scan --cycle-interval 5   a ranking every 5 seconds
  impulso doctor                    can the exchange be reached, is the clock right
  impulso config show               every setting in force and where it comes from",
        "Ejemplos:
  impulso demo                      todo sobre un mercado simulado, sin red
  impulso scan                      el mercado real, datos públicos, sin clave
  impulso scan --cycle-interval 5   una clasificación cada 5 segundos
  impulso doctor                    si se llega al mercado y el reloj va bien
  impulso config show               cada ajuste en vigor y de dónde viene",
    ),
    // Commands.
    ("Scan the live market (public data, no key)", "Analiza el mercado real (datos públicos, sin clave)"),
    (
        "Run a simulated exchange and the scanner over real sockets: no network, no key",
        "Un mercado simulado y el escáner sobre sockets reales: sin red y sin clave",
    ),
    ("Run the simulated exchange alone", "Solo el mercado simulado"),
    ("Check or show the settings", "Comprueba o muestra los ajustes"),
    ("Say whether they are right", "Dice si están bien"),
    (
        "Print those in force as TOML, each with its origin",
        "Muestra los que están en vigor como TOML, cada uno con su origen",
    ),
    ("Check whether the exchange can be used from here", "Comprueba si el mercado se puede usar desde aquí"),
    (
        "Serve page, REST and WebSocket from Redis alone: a read-only node, as many as you like",
        "Sirve página, REST y WebSocket solo desde Redis: un nodo de solo lectura, tantos como se quiera",
    ),
    (
        "Example:
  impulso scan --redis redis://127.0.0.1:6379          (the scanner publishes)
  impulso web --redis redis://127.0.0.1:6379 --port 8081",
        "Ejemplo:
  impulso scan --redis redis://127.0.0.1:6379          (el escáner publica)
  impulso web --redis redis://127.0.0.1:6379 --port 8081",
    ),
    (
        "Stored candles and scores: import, export, fetch, vacuum, stats",
        "Velas y puntuaciones guardadas: import, export, fetch, vacuum, stats",
    ),
    (
        "Read candles from files: data.binance.vision zips, CSV, CSV.zst, or folders of them",
        "Lee velas de ficheros: zip de data.binance.vision, CSV, CSV.zst o carpetas de ellos",
    ),
    ("Write one pair's candles to a file", "Escribe las velas de un par en un fichero"),
    (
        "Fetch candles that the store lacks, by REST under the weight budget or from the bulk archive",
        "Trae las velas que faltan, por REST dentro del límite de peso o del archivo público",
    ),
    (
        "Apply the retention and give unused space back to the disk",
        "Aplica los plazos de conservación y devuelve al disco el espacio sin usar",
    ),
    ("Show what is stored", "Muestra lo que hay guardado"),
    ("Try out channels and alert policies", "Prueba canales y reglas de alerta"),
    (
        "Send a test message over a channel and say what became of it",
        "Envía un mensaje de prueba por un canal y dice qué fue de él",
    ),
    (
        "Replay stored scores through an alert policy: how many alerts, which, how far apart",
        "Repasa las puntuaciones guardadas con unas reglas de alerta: cuántas, cuáles y con qué separación",
    ),
    (
        "Examples:
  impulso alerts simulate --from 2025-06-01 --to 2025-06-08
  impulso alerts simulate --policy stricter.toml     (a settings file; its [alert] section counts)",
        "Ejemplos:
  impulso alerts simulate --from 2025-06-01 --to 2025-06-08
  impulso alerts simulate --policy stricter.toml     (un fichero de ajustes; cuenta su sección [alert])",
    ),
    ("Tokens of the API", "Claves de la API"),
    ("Make a token; it is shown once", "Crea una clave; se muestra una sola vez"),
    ("List the tokens; their text is kept nowhere", "Lista las claves; su texto no se guarda"),
    ("Take a token back", "Retira una clave"),
    (
        "Save state and history while the scanner runs",
        "Guarda una copia del estado y la historia con el escáner en marcha",
    ),
    ("Put a backup back; the scanner must not run", "Repone una copia; el escáner tiene que estar parado"),
    (
        "Ask the running scanner whether it is well; the exit code is 0 if it is",
        "Pregunta al escáner en marcha si está bien; el código de salida es 0 si lo está",
    ),
    ("Print a completion script for a shell", "Escribe el autocompletado para un intérprete de órdenes"),
    // Flags of the settings.
    (
        "Language of help, errors and lines: es or en; that of the system when left out",
        "Idioma de ayuda, errores y líneas: es o en; si falta, el del sistema",
    ),
    (
        "Settings file (default: ./impulso.toml if it is there)",
        "Fichero de ajustes (por defecto ./impulso.toml, si existe)",
    ),
    ("REST address of the exchange", "Dirección REST del mercado"),
    ("Stream address of the exchange", "Dirección de los flujos del mercado"),
    ("Port of page and API; 0 takes a free one", "Puerto de la página y la API; 0 toma uno libre"),
    ("Folder of what survives a restart", "Carpeta de lo que sobrevive a un reinicio"),
    (
        "Where history is kept: sqlite:PATH or clickhouse:http://USER@HOST:8123/DATABASE",
        "Dónde se guarda la historia: sqlite:RUTA o clickhouse:http://USUARIO@HOST:8123/BASE",
    ),
    ("Redis to publish to: redis://HOST:6379", "Redis en el que se publica: redis://HOST:6379"),
    (
        "Interval of the base candles: 1m, 3m, 5m, 15m, 30m, 1h",
        "Intervalo de las velas base: 1m, 3m, 5m, 15m, 30m, 1h",
    ),
    ("Seconds of market time between cycles", "Segundos de tiempo de mercado entre ciclos"),
    ("Log level: error, warn, info, debug, trace", "Nivel del registro: error, warn, info, debug, trace"),
    // Demo and exchange.
    (
        "Eligible pairs of the simulated market; some that are not come on top",
        "Pares analizables del mercado simulado; se añaden algunos que no lo son",
    ),
    (
        "Recorded market instead: folders of CSV.zst files or zips",
        "Un mercado grabado en su lugar: carpetas de ficheros CSV.zst o zip",
    ),
    (
        "Market time at the start, UTC (2025-06-18T06:00)",
        "Tiempo de mercado al empezar, UTC (2025-06-18T06:00)",
    ),
    ("How much faster than real the market runs", "Cuántas veces más deprisa va el mercado"),
    ("Seed of the simulated market", "Semilla del mercado simulado"),
    (
        "Seed of the simulated market: the same seed moves alike at whatever moment it starts",
        "Semilla del mercado simulado: con la misma, el mercado se mueve igual empiece cuando empiece",
    ),
    (
        "Port of page and API (default 8080; 0 takes a free one)",
        "Puerto de la página y la API (por defecto 8080; 0 toma uno libre)",
    ),
    (
        "Pairs that join and pairs that leave while it runs",
        "Pares que entran y pares que salen mientras está en marcha",
    ),
    (
        "Interval of the candles: 1m, or what the recorded market has",
        "Intervalo de las velas: 1m, o el del mercado grabado",
    ),
    ("Settings file", "Fichero de ajustes"),
    (
        "Recorded market: folders of CSV.zst files or zips",
        "Mercado grabado: carpetas de ficheros CSV.zst o zip",
    ),
    (
        "Simulated market with so many eligible pairs (default 500)",
        "Mercado simulado con tantos pares analizables (por defecto 500)",
    ),
    ("Interval of its candles", "Intervalo de sus velas"),
    (
        "Address to listen on; port 0 takes a free one",
        "Dirección en la que escucha; el puerto 0 toma uno libre",
    ),
    (
        "A fault as FAULT:TARGET:SECONDS[@AFTER_SECONDS]; may be given several times",
        "Un fallo como FALLO:DESTINO:SEGUNDOS[@TRAS_SEGUNDOS]; se puede dar varias veces",
    ),
    // History.
    ("Files or folders", "Ficheros o carpetas"),
    (
        "Interval of the candles, where the files do not show it",
        "Intervalo de las velas, si los ficheros no lo dicen",
    ),
    ("The pair", "El par"),
    ("Interval of the candles", "Intervalo de las velas"),
    ("First open time, UTC", "Primera apertura, UTC"),
    ("Up to before this open time, UTC", "Hasta antes de esta apertura, UTC"),
    ("How it is written", "Cómo se escribe"),
    ("Comma-separated, with a header", "Separado por comas, con cabecera"),
    ("One JSON object a line", "Un objeto JSON por línea"),
    (
        "File; `.zst` at its end compresses it. Standard output when left out",
        "Fichero; si acaba en `.zst` se comprime. Si falta, la salida estándar",
    ),
    ("Pairs; all of the universe when left out", "Pares; si faltan, todos los del universo"),
    ("First day, UTC", "Primer día, UTC"),
    ("Up to before this moment, UTC; now when left out", "Hasta antes de este momento, UTC; si falta, ahora"),
    (
        "Address of the bulk archive, such as https://data.binance.vision; REST when left out",
        "Dirección del archivo público, como https://data.binance.vision; si falta, REST",
    ),
    // Alerts and tokens.
    (
        "Name of the channel; without it the names are listed",
        "Nombre del canal; si falta, se listan los nombres",
    ),
    (
        "First cut, UTC; the oldest stored when left out",
        "Primer corte, UTC; si falta, el más antiguo guardado",
    ),
    ("Up to before this cut, UTC", "Hasta antes de este corte, UTC"),
    ("Settings file whose [alert] section is tried out", "Fichero de ajustes cuya sección [alert] se prueba"),
    ("Print every alert", "Muestra cada alerta"),
    ("A name to know it by", "Un nombre para reconocerla"),
    ("What it may do", "Lo que permite"),
    ("Read everything", "Leer todo"),
    (
        "Read, and change mutes, watchlist and the like",
        "Leer, y cambiar silencios, lista de seguimiento y demás",
    ),
    ("Its name", "Su nombre"),
    // Backup, restore, health, completions.
    (
        "Folder that gets the backup, in a folder of its own named after the moment",
        "Carpeta que recibe la copia, en una carpeta propia con el momento por nombre",
    ),
    (
        "Keep so many backups there and remove the older ones; all when left out",
        "Conserva tantas copias y borra las más viejas; si falta, todas",
    ),
    (
        "Folder of a backup, or of several, of which the newest is taken",
        "Carpeta de una copia, o de varias: entonces cuenta la más nueva",
    ),
    (
        "Ask only whether the process answers, not whether there is a full ranking",
        "Pregunta solo si el proceso responde, no si hay una clasificación completa",
    ),
    ("The shell", "El intérprete de órdenes"),
    // Learning.
    ("Train a model on recorded candles", "Entrena un modelo con velas grabadas"),
    (
        "Examples:
  impulso train --data recorded/spot-5m-2024 --out mine.json
  impulso train --data recorded/2023 recorded/2024 --step 60m --name mine --out mine.json
  impulso train --store sqlite:/data/history.db --out mine.json",
        "Ejemplos:
  impulso train --data recorded/spot-5m-2024 --out mine.json
  impulso train --data recorded/2023 recorded/2024 --step 60m --name mine --out mine.json
  impulso train --store sqlite:/data/history.db --out mine.json",
    ),
    (
        "Folders of recorded candles, each a period of its own; the ledger of the history store when left out",
        "Carpetas de velas grabadas, cada una un periodo aparte; si faltan, las predicciones del historial",
    ),
    ("Where the model is written", "Dónde se escribe el modelo"),
    ("Name of the model (default: the file's name)", "Nombre del modelo (por defecto, el del fichero)"),
    ("Between points", "Entre puntos"),
    (
        "First moment, UTC (default: the first with all features)",
        "Primer momento, UTC (por defecto, el primero con todas las variables)",
    ),
    ("End of the moments, UTC", "Fin de los momentos, UTC"),
    ("Trees of each of the three forests", "Árboles de cada uno de los tres bosques"),
    ("Models: show, compare, put in force", "Modelos: mostrar, comparar, poner en vigor"),
    (
        "What a model is, what it was trained on, and how it did out of time",
        "Qué es un modelo, con qué se entrenó y cómo le fue fuera de su periodo",
    ),
    (
        "Examples:
  impulso model show
  impulso model show mine.json",
        "Ejemplos:
  impulso model show
  impulso model show mine.json",
    ),
    ("`default` or a model file", "`default` o un fichero de modelo"),
    (
        "Two models side by side; on candles, `impulso backtest` with several --model compares them in pairs",
        "Dos modelos uno junto a otro; con velas, `impulso backtest` con varios --model los compara por pares",
    ),
    (
        "Put a model in force: checked, copied into the state folder, used from the next start",
        "Pone un modelo en vigor: se comprueba, se copia a la carpeta de estado y se usa desde el próximo arranque",
    ),
    (
        "Examples:
  impulso model activate mine.json
  impulso model activate default
  impulso model activate none          (alerts by the rule)",
        "Ejemplos:
  impulso model activate mine.json
  impulso model activate default
  impulso model activate none          (alertas por la regla)",
    ),
    ("`default`, `none` or a model file", "`default`, `none` o un fichero de modelo"),
    (
        "Hold scores, model and alert policy against recorded candles",
        "Contrasta puntuaciones, modelo y política de alertas con velas grabadas",
    ),
    (
        "Examples:
  impulso backtest --data recorded/spot-5m-2024
  impulso backtest --data recorded/spot-5m-2024 --from 2024-02-01 --to 2024-03-01 --model none --model default
  impulso backtest --data recorded/spot-5m-2024 --json report.json --html report.html
  impulso backtest --store sqlite:/data/history.db --from 2025-01-01
  impulso backtest lookahead-check --data recorded/spot-5m-2024",
        "Ejemplos:
  impulso backtest --data recorded/spot-5m-2024
  impulso backtest --data recorded/spot-5m-2024 --from 2024-02-01 --to 2024-03-01 --model none --model default
  impulso backtest --data recorded/spot-5m-2024 --json report.json --html report.html
  impulso backtest --store sqlite:/data/history.db --from 2025-01-01
  impulso backtest lookahead-check --data recorded/spot-5m-2024",
    ),
    (
        "Folder of recorded candles: SYMBOL.csv.zst, SYMBOL.csv or zips of the exchange's archive; the history store when left out",
        "Carpeta de velas grabadas: SYMBOL.csv.zst, SYMBOL.csv o zip del archivo del mercado; si falta, el historial",
    ),
    ("Between moments", "Entre momentos"),
    (
        "Settings file whose scoring profile is tried; may be given several times",
        "Fichero de ajustes cuyo perfil de puntuación se prueba; se puede dar varias veces",
    ),
    (
        "`default`, `none` (the rule) or a model file; may be given several times",
        "`default`, `none` (la regla) o un fichero de modelo; se puede dar varias veces",
    ),
    ("Does the calibration follow the market", "Si la calibración sigue al mercado"),
    ("On", "Sí"),
    ("Off", "No"),
    ("Fee of one side of a trade, percent", "Comisión de un lado de la operación, por ciento"),
    (
        "Spread and slippage of a whole trade, percent",
        "Horquilla y deslizamiento de la operación entera, por ciento",
    ),
    ("A fall of so many percent ends a trade", "Una caída de tanto por ciento cierra la operación"),
    ("Write the report as JSON", "Escribe el informe en JSON"),
    (
        "Write every scored pair at every moment of the first run, one JSON object a line",
        "Escribe cada par puntuado en cada momento de la primera prueba, un objeto JSON por línea",
    ),
    ("Write the report as one self-contained page", "Escribe el informe como una sola página"),
    ("A proof instead", "Una demostración en su lugar"),
    (
        "Prove that nothing looks ahead: cut the future off at random moments, and change it; nothing said before may change",
        "Demuestra que nada mira al futuro: se corta y se falsea en varios momentos; nada de lo dicho antes puede cambiar",
    ),
    ("Folder of recorded candles", "Carpeta de velas grabadas"),
    ("Moments that are tried", "Momentos que se prueban"),
];
