### What is said when something fails or is not allowed.

## Files

cannot-read = { $place } no se puede leer
cannot-write = { $place } no se puede escribir
cannot-make = { $place } no se puede crear
cannot-remove = { $place } no se puede borrar
cannot-replace = { $place } no se puede sustituir
cannot-copy = { $place } no se puede copiar
not-there = { $place } no existe
settings-file-unreadable = el fichero de ajustes { $place } no se puede leer
no-operator-code = ningún escáner de este usuario corre sobre la carpeta de estado { $place } (--state-dir y --config, como se arrancó)
local-file-unread = { $place } no se lee por sí solo: indícalo con --config { $place }, o muévelo a { $config }
no-temporary-folder = no hay carpeta temporal para el estado de la demo
os-no-file = No existe el fichero o la carpeta
os-not-allowed = Permiso denegado
os-no-folder = No es una carpeta
os-exists = El fichero ya existe
os-refused = Conexión rechazada
table-too-large = más de { $lines } líneas, o una de más de { $bytes } bytes: eso no es una tabla de velas
os-too-large = el fichero pasa de 1 MiB
os-code = { $what } (os error { $code })

## Values that are typed

allowed-moment = un momento UTC como 2025-06-18, 2025-06-18T06:00 o 2025-06-18T06:00:30
allowed-step = un lapso de 1m a 1d que divida el día, como 1m, 30m o 60m
allowed-above-zero = un número mayor que 0, como 0.5 o 2
allowed-speed-number = un número como 1 o 60
allowed-speed = entre 0.1 y 3600
allowed-range = { $number } no está en { $range }
no-whole-number = no es un número entero
no-number-at-all = está vacío y debe ser un número entero
number-too-large = es un número demasiado grande
number-too-small = es un número demasiado pequeño
no-number = no es un número
no-socket-address = no es una dirección como 127.0.0.1:9000
interval-unknown = el intervalo '{ $interval }' no existe; se admiten 1m, 3m, 5m, 15m, 30m, 1h
fault-unknown = el fallo '{ $fault }' no existe; se admiten { $allowed }
fault-form = '{ $fault }' no tiene la forma fallo:destino:segundos[@tras_segundos]
fault-seconds = los segundos van de 0 a 86400
fault-target = el destino es all, un par como BTCUSDT o el número de una conexión
fault-size = el tamaño de clock_offset son milisegundos enteros: clock_offset=2500
backtest-percentage = { $flag } { $value }: se admite un porcentaje de 0 a menos de 100

## Running

supervisor-died = el supervisor ha caído; mira el registro
no-sigterm = no se puede esperar a SIGTERM y SIGHUP
no-ctrl-c = no se puede esperar a Ctrl-C
lost-at-stop = detenido, pero { $rows } filas del historial no se han podido escribir ni apartar y se han perdido; mira el registro
stopped-late = detenido, pero no todo ha acabado a tiempo; mira el registro
no-metrics = no se puede preparar el registro de métricas
which-redis = ¿qué Redis? Da --redis redis://HOST:6379, o el ajuste redis.url
state-folder-unusable = la carpeta de estado { $place } no sirve: { $why }; elige otra con --state-dir
state-folder-in-use = la carpeta de estado { $place } la usa otro escáner (proceso { $pid }): para ese, o da a este una carpeta propia con --state-dir
history-in-use = el historial { $place } lo escribe otro escáner (proceso { $pid }): para ese, o da a este un historial propio con --store
too-few-files = el sistema permite a este programa { $limit } ficheros abiertos; necesita { $needed }: sube el límite duro (`ulimit -Hn { $needed }`, LimitNOFILE= de una unidad de systemd, ulimits de un contenedor)
address-in-use = { $address } ya está en uso: para el otro programa o toma otro puerto con --port
cannot-listen = no se puede escuchar en { $address }: { $why }; elige otra dirección u otro puerto con --port
cannot-listen-exchange = no se puede escuchar en { $address }: { $why }; elige otro puerto, o 0 para uno libre
health-no-answer = { $url } no responde
health-says = { $url } dice { $status }: { $detail }

## Channels

channel-unknown = no existe el canal '{ $name }'; hay: { $names }
channel-refused-test = { $channel } no lo aceptó

## Tokens

token-unknown = no existe la clave '{ $name }'; mira `impulso token list`
token-bad-name = '{ $name }' no vale como nombre de clave: letras, cifras, - _ . y 64 como mucho
token-taken = ya existe una clave '{ $name }'; retírala antes o elige otro nombre
token-no-random = la máquina no da números al azar

## Backups

backup-nothing = no hay nada que guardar en { $place }; mira --state-dir
backup-busy = otra copia está escribiendo en { $place }
backup-none = { $place } no contiene ninguna copia
backup-no-list = { $place } no es la lista de una copia
backup-newer = { $place } es de una versión más nueva de impulso ({ $version })
schema-newer = { $place } es de una versión más nueva de impulso (esquema { $schema })
backup-nothing-of-use = la copia no contiene ningún fichero que usen estos ajustes
backup-changed = { $place } no es lo que se guardó: su SHA-256 es otro
backup-damaged = { $place } está dañado
backup-in-use = { $place } está en uso: para antes el escáner
backup-no-name = ningún nombre libre

## Candles and history

pairs-unreadable = la lista de pares no se puede leer
candles-unfetched = no se pueden traer velas
candles-none-given = no hay velas: da ficheros .zip, .csv o .csv.zst, o carpetas que los contengan
candles-none-in-folder = { $place }: no hay velas; debe contener SYMBOL.csv.zst, SYMBOL.csv o zip del archivo del mercado (las carpetas 1h y 1d contienen historia más larga junto a ellas)
candles-other-interval = { $place }: no son velas de { $interval }; una carpeta llamada { $interval } contiene historia más larga de ese intervalo
candles-interval-hidden = { $place }: no se ve el intervalo; dilo con --interval
candles-unknown-file = { $place } no es .zip, .csv ni .csv.zst
candles-off-start = { $place }: la apertura { $moment } no es el comienzo de una vela de { $interval }
candles-bad-line = { $place }: línea { $line }: se esperaba open_time,open,high,low,close,volume[,quote_volume]
history-no-candles = no hay velas de { $interval } de { $pair } en ese periodo; mira `impulso history stats`
history-empty = el historial { $store } no tiene velas de { $interval }; llénalo con `impulso history import` o `fetch`
history-no-thread = no hay hilo para el historial
history-unavailable = el almacén de la historia no está disponible: { $why }
history-unusable = el almacén de la historia no sirve: { $why }
password-file-unreadable = history.password_file { $place } no se puede leer
ca-file-unreadable = channels.email.ca_file { $place } no se puede leer

## Learning

points-none-between = { $place }: no queda ningún punto entre --from y --to: hacen falta velas de 26 h antes, y de 24 h después para el resultado
points-none-to-tune = no queda ningún punto entre --from y --to: hacen falta velas de 26 h antes, y 24 h después para el resultado
points-none-to-train = { $place }: no queda ningún punto; hacen falta velas de 17 días antes de --from para las variables y de 24 h después de --to para los resultados
points-too-many = más de { $most } puntos: usa un --step más largo o menos tiempo entre --from y --to
points-too-few = { $points } puntos juzgados son pocos para { $blocks } bloques de al menos 5 días; graba más días o usa menos --folds
ledger-empty = todavía no hay muestras juzgadas con variables; un escáner con historial las hace cada hora
lookahead-too-short = { $place }: hacen falta más de 27 h de velas
lookahead-not-reached = no se llegó al momento { $moment }
model-default = el modelo del programa
model-named = el modelo { $name }
model-unreadable = el modelo { $name } no se puede leer (se admite default, none o un fichero de modelo)
model-none-to-show = none es la regla: no hay modelo que mostrar
model-no-json = no es un fichero de modelo: { $why }; haz uno con `impulso train`
model-format = el formato de modelo { $found } no se conoce (este programa lee el { $known }); entrena el modelo de nuevo
model-feature = este programa no conoce la variable '{ $name }'; entrena el modelo de nuevo
model-unsound = las partes del modelo no cuadran; entrénalo de nuevo
model-checksum = la suma de comprobación no cuadra: el fichero se cambió o se cortó; usa una copia entera o entrena de nuevo

## Experiment

experiment-none = en esta carpeta de estado no ha habido todavía ningún experimento; `impulso scan` empieza uno con experiment.enabled
experiment-no-previous = nada estuvo en vigor antes: todavía no se ha promovido ningún brazo
experiment-unknown-arm = no hay brazo '{ $arm }'; hay: { $arms }
experiment-no-arms = no hay brazo '{ $arm }'; no hay ninguno

## The exchange

connection-failed = falló la conexión: { $why }
no-connection = sin conexión: { $why }
connection-broke = se cortó la conexión: { $why }
cannot-reach-host = no se llega a la máquina: { $why }
body-broke-off = el cuerpo se cortó: { $why }
rest-address-unusable = la dirección REST '{ $url }' no sirve: { $why }; debe ser como https://host[:puerto]
protocol-broken = protocolo roto: { $why }
stream-address-unusable = la dirección de flujos '{ $url }' no sirve: { $why }; debe ser como wss://host[:puerto]
address-no-websocket = no empieza por ws:// ni wss://
address-no-host = no nombra ninguna máquina
closed-by-other-side = el otro lado cerró la conexión
closed-without-reason = sin motivo
closed-with-code = código { $code }: { $reason }
takes-no-data = el otro lado no acepta datos
ended-without-close = cortada sin aviso de cierre
stream-silent = ningún dato en { $ms } ms aunque la conexión está abierta
stream-subscriptions-missing = faltan { $missing } suscripciones, entre ellas { $example }
stream-control-refused = el exchange rechazó un mensaje de control (código { $code }): { $message }
stream-control-unanswered = un mensaje de control quedó sin respuesta en { $ms } ms
stream-unreadable = { $count } mensajes ilegibles en un minuto
stream-closed = cerrada: { $why }
redis-address-senseless = la dirección de Redis no tiene sentido
redis-lost = se perdió la conexión
redis-no-answer = sin respuesta a tiempo
redis-lease-given-up = se renunció al turno
redis-odd = no se entiende lo que Redis guarda del otro escáner
redis-state-too-large = el estado es demasiado grande para que el otro escáner lo siga
redis-not-understood = no se entiende: { $why }
state-replaced = otro archivo ocupó el lugar de { $place }; reinicia el escáner
state-gone = { $place } ya no está ({ $why }); reinicia el escáner
history-not-ended = una escritura no termina desde hace { $seconds } s
not-connected-in-time = sin conexión en { $ms } ms
no-answer-in-time = sin respuesta en { $ms } ms
exchange-failed = el mercado falló con el estado { $status }: { $message }
exchange-refused = el mercado rechazó la petición (estado { $status }, código { $code }): { $message }
exchange-refused-handshake = el mercado respondió al saludo WebSocket con el estado { $status }
exchange-limit = límite de peticiones alcanzado; se esperan { $seconds } s, como pide el mercado
exchange-banned = esta dirección está bloqueada { $seconds } s por pasarse del límite; hasta entonces no se envía nada
exchange-firewall = el cortafuegos del mercado rechazó la petición (403); se esperan cinco minutos
exchange-restricted = el mercado no sirve a este lugar en esta dirección (451); usa --rest-url https://data-api.binance.vision para los datos de mercado, o prueba `impulso demo`
exchange-not-understood = respuesta no entendida: { $why }
exchange-too-large = respuesta de más de { $bytes } bytes

## The simulated market

market-missing = '{ $place }' no existe; da una carpeta de ficheros SÍMBOLO.csv.zst o un zip de data.binance.vision
market-empty = no hay ningún SÍMBOLO.csv.zst ni .zip en { $places }; da una carpeta que los contenga
market-unreadable = no se puede leer '{ $place }': { $why }; quita o sustituye el fichero
market-too-long = { $symbol }: entre su primera y su última vela hay { $days } días, más de lo que cabe en memoria; busca una fila con una hora equivocada
market-interval = { $pair } contiene velas de { $minutes } min y se pidió { $asked }; pon el intervalo base a { $minutes }m
market-start-outside = el comienzo { $start } queda fuera de los datos, que van de { $from } a { $to } (ms UTC: de { $from-ms } a { $to-ms })

simulator-speed = la velocidad debe ser mayor que 0 y de 10000 como mucho
simulator-not-loaded = no se pudo cargar el mercado: { $why }
simulator-faults = se pueden planear 256 fallos como mucho
simulator-symbols = los símbolos deben ser de 1 a 5000, y los pares que entran y salen 1000 como mucho
simulator-start = un mercado inventado necesita un momento de comienzo
