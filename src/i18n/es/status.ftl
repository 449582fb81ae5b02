### The status page: connections, stores, losses, service levels, problems of the whole system.

## Status

all-well = Todo funciona.
not-ready = Ningún ranking ha cubierto todavía el 95 % de los pares.
some-wrong = Hay algo que mirar.
glance = De un vistazo
connections = Conexiones de datos
name = Nombre
streams = Flujos
open-for = Abierta
silent-for = Sin noticias
reconnects = Reconexiones
conn-live = en vivo
conn-connecting = conectando
conn-silent = en silencio
conn-replacing = relevándose
conn-waiting = en espera
budget = Presupuesto REST
budget-used = de peso usados en este minuto, del límite de { $limit }; { $queued } peticiones en espera.
embargo = El exchange pidió una pausa hasta las { $until } UTC.
cycles = Ciclos
cycle-counts = { $published } publicados · { $missed } perdidos · uno cada { $every }
uptime = En marcha
restarts = Reinicios internos
clients = Páginas conectadas
drops = Pérdidas por causa
no-drops = No se ha perdido nada.
stores = Almacenes
history-ok = El historial acepta datos.
history-bad = El historial no acepta datos ahora; esperan en disco y se reintenta.
redis-ok = Redis: sin problemas, o no se usa.
redis-bad = No se puede usar Redis ahora; se reintenta.
not-analyzable = Pares que no se pueden analizar
none-such = Todos los pares se pueden analizar.
and-more = y más: { $count }
addresses = Exchange en uso

## The measures

measures = Medidas
measures-elsewhere = Un nodo de solo lectura no guarda medidas; míralas en el escáner.
measure = Medida
target = Objetivo
measure-now = Ahora
last-24h = 24 h
last-30d = 30 días
met = se cumple
not-met = no se cumple
measures-since = Primer arranque:
measures-note = Los ciclos se cuentan por el reloj de la máquina desde entonces: las horas sin programa o sin datos cuentan como perdidas. «Ahora» en disponibilidad son los últimos 10 minutos; la latencia es la mediana y el percentil 99.
latency-measure = Latencia de ciclo
precision-measure = Precisión de FUERTE (+7,5 % en 24 h)
availability = Disponibilidad (ciclos publicados/debidos)
pairs-measure = Pares seguidos
lags = Retraso de los cierres
lags-text = Tiempo entre el fin de cada minuto y la llegada de su vela cerrada.
lag-candles = Velas: { $count }
no-lags = Todavía no ha cerrado ninguna vela.
spilled = Filas que esperan en disco: { $rows }

## Problems of the whole system

-without-network = (sin red, `impulso demo` lo ejecuta todo contra un exchange simulado)
system-exchange = no se puede usar el exchange en { $url }; se reintenta con pausas crecientes { -without-network }. Detalle: { $error }
system-stream = la conexión de datos { $connection } con { $url } no funciona; se reintenta con pausas crecientes { -without-network }. Detalle: { $error }
system-redis = no se puede llegar a Redis en { $url }; se sigue intentando. Detalle: { $error }
system-no-scanner = ningún escáner ha publicado todavía en Redis en { $url }: inicia uno con `impulso scan --redis URL`
system-quiet-scanner = el escáner no publica nada desde hace { $seconds } s

## Losses by cause

drop-late-report = informes que llegaron tarde al ciclo
drop-no-report = pares sin informe en un ciclo
drop-malformed = mensajes del exchange ilegibles
drop-unknown-symbol = mensajes de pares desconocidos
drop-untrusted-time = mensajes con hora imposible
drop-exchange-info = pares con datos ilegibles
drop-candle-entry = velas imposibles del exchange, descartadas
drop-ticker-entry = cifras de 24 h imposibles del exchange, descartadas
drop-connection = avisos a una conexión que no los tomó
drop-backfill = relleno de velas que hubo que repetir
drop-outbox = fallos de la bandeja de salida
drop-state = fallos del estado en disco
drop-redis = envíos a Redis
drop-alerts = alertas
drop-candles = velas para el historial
drop-scores = puntuaciones para el historial
