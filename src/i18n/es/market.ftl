### The market page: facts, filters, table.

## Facts and the market band

facts = Resumen del mercado y del escáner
link = Conexión
feed = Exchange
coverage = Cobertura
latency = Latencia
cut = Corte UTC
age = Edad de los datos
btc = BTC 1 h
breadth = Pares al alza 1 h
connecting = conectando
live = en vivo
lost = reconectando
frozen = sin noticias
discarded = descartados
filtered = fuera de límites
warming = Aún calentando:

## Filters

filters = Filtros
search = Buscar par
level = Nivel
every-level = Todos
min-volume = Volumen mín. (M)
min-price = Precio mín.
max-price = Precio máx.
watched = Favoritos
columns = Columnas
reset = Quitar filtros
top = Top 10 por nivel
all = Todos los listados
needs-script = Los filtros, el gráfico y los botones necesitan JavaScript; el orden y los niveles no.

## The table

ranking = Ranking de momentum
symbol = Símbolo
price = Precio
change = 1 h
score = Momentum
rule = Índice de regla
rule-hint = Índice de la regla, de 0 a 100: no es una probabilidad
calibrated = Prob +7,5 %
calibrated-hint = Probabilidad aprendida y calibrada de +7,5 % en 24 h; – mientras no haya modelo
composite = Compuesto
volume = Volumen 24h
data = Datos
time = Última Act.
actions = Silencio
empty = Ningún par con estos filtros.
shown = Pares a la vista:
why-search = ¿Por qué no está? Ver
state-live = en vivo
state-refilled = rellenado
state-stale = sin noticias
state-halted = detenido
state-warming = calentando
state-gap = rellenando
part-rsi = RSI
part-macd = MACD
part-volume = volumen
part-velocity = velocidad
part-breakout = ruptura
up = sube
down = baja
star = Seguir
unstar = Dejar de seguir
mute = Silenciar 24 h
unmute = Quitar silencio
new-top = Nuevo en FUERTE:
news-lost = Conexión perdida, reconectando
news-back = Conexión recuperada
failed = No se pudo:

## The market

trend = Últimas 6 h
level-hint = Según la probabilidad calibrada si hay modelo; si no, según la puntuación; por él van las alertas y el historial
unscored = Sin puntuar
regime = Mercado
regime-up = al alza
regime-down = a la baja
regime-flat = sin rumbo

## How many such cases came true

cases-own = { $hits } de { $count } casos así se cumplieron (probabilidades del { $from } al { $to } %, historial propio de { $days } días)
cases-model = { $hits } de { $count } casos así se cumplieron (probabilidades del { $from } al { $to } %, el modelo juzgado en días que no había visto)
cases-none = Sin recuento de casos así: el archivo del modelo no lo trae y el historial propio tiene menos de { $least }
