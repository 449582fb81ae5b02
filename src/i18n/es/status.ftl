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
not-analyzable = Pares que no se pueden analizar
none-such = Todos los pares se pueden analizar.
and-more = y más: { $count }
addresses = Exchange en uso

## Two machines

failover = Dos máquinas
role-standby = En espera: esta máquina escanea y no envía nada; lo hace la otra.
role-taking-over = Está tomando el relevo de la otra máquina.
role-active = Envía esta máquina; la otra está en espera.
role-name-standby = en espera
role-name-taking-over = tomando el relevo
role-name-active = activa
fence-number = relevo n.º { $fence }
other-machine = La otra máquina: { $name }, { $role }, última señal hace { $ago }.
no-other-machine = Aún no se sabe nada de otra máquina.

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
system-exchange = el exchange en { $url } no responde como debe: { $error }
system-exchange-means = Donde los datos en vivo funcionan, el ranking sigue; las velas que faltan no se pueden pedir y los pares nuevos no se ven.
system-exchange-remedy = Se reintenta con pausas crecientes. Si dura: revisa la red y `exchange.rest_url` { -without-network }.
system-banned = el exchange en { $url } ha vetado esta dirección hasta las { $until } UTC
system-limited = el exchange en { $url } no quiere peticiones antes de las { $until } UTC
system-limited-means = Los pares a los que faltan velas quedan fuera del ranking hasta entonces; los datos en vivo siguen.
system-limited-remedy = Se respeta solo. Si ocurre a menudo: otros programas piden desde esta dirección, o `exchange.weight_share` es demasiado alto.
system-stream = la conexión de datos { $connection } con { $url } no funciona: { $error }
system-stream-means = Sus pares no reciben velas en vivo; los que no tienen novedades salen del ranking.
system-stream-remedy = Se conecta de nuevo con pausas crecientes. Si dura: revisa la red y `exchange.stream_url` { -without-network }.
system-silent-streams = el exchange no envía datos en vivo
system-silent-streams-means = El ranking sigue con el reloj de esta máquina, con precios que envejecen.
system-silent-streams-remedy = Se conecta de nuevo y se piden las velas sin hacer nada. Si dura: mira si el exchange tiene una avería.
system-no-ranking = no ha llegado ningún ranking cuando tocaban tres
system-no-ranking-means = Lo que muestran páginas y API es viejo y no llegan alertas nuevas.
system-no-ranking-remedy = Los otros problemas pueden decir por qué. Si no hay ninguno: reinicia el escáner y guarda su registro.
system-low-coverage = solo se pueden analizar { $analyzable } de { $universe } pares
system-low-coverage-means = Los demás no están en ningún ranking ni dan alertas.
system-low-coverage-remedy = La página de estado dice el motivo par por par; las velas que faltan se piden solas.
system-no-chance = de { $pairs } pares, entre ellos { $example }, la respuesta del modelo no es un número
system-no-chance-means = No tienen probabilidad ni nivel: no están en el ranking ni dan alertas.
system-no-chance-remedy = Mira sus velas; si son correctas, usa otro modelo (`impulso model activate default`).
system-machine-clock-ahead = el reloj de esta máquina va { $seconds } s por delante del del exchange
system-machine-clock-behind = el reloj de esta máquina va { $seconds } s por detrás del del exchange
system-machine-clock-means = Ranking y alertas siguen la hora del exchange y son correctos; la caducidad de las claves, el fin de un veto y las horas de los envíos siguen este reloj.
system-machine-clock-remedy = Ponlo en hora por NTP (`timedatectl set-ntp true`). No hace falta reiniciar nada.
system-behind = la parte «{ $reader }» va con retraso: { $cycles } ciclos la esperan en el disco
system-behind-means = No se pierde nada, pero lo que hace llega tarde: alertas, historial de aciertos o datos guardados.
system-behind-remedy = Se pone al día sola. Si dura: el disco o el procesador es demasiado lento para este intervalo; mira los otros problemas o usa un `cycle.interval_s` más largo.
system-state = no se puede usar el archivo de estado: { $error }
system-state-means = No se pueden enviar alertas ni guardar silencios y demás, y una caída perdería lo que espera.
system-outbox = alertas que esperan en memoria porque no se puede escribir la bandeja de salida: { $waiting } ({ $error })
system-outbox-means = Se envían en cuanto se pueda escribir; una caída antes las pierde.
system-ledger = predicciones que esperan en memoria porque no se puede escribir el fichero de estado: { $waiting } ({ $error })
system-ledger-means = Se escriben en cuanto se pueda; una caída antes las pierde.
system-state-damaged = el fichero de estado estaba dañado y ahora es { $file }
system-state-damaged-means = Uno nuevo tiene lo que se pudo leer de él; pueden faltar alertas, silencios, claves o predicciones abiertas.
system-state-damaged-remedy = Mira el disco. Si falta mucho, para el escáner y restaura la copia más reciente. Después llévate { $file } de ahí.
system-history-damaged = el historial estaba dañado y ahora es { $file }
system-history-damaged-means = Se ha empezado uno nuevo: gráficos, historial de aciertos y aprendizaje carecen de lo anterior.
system-history-damaged-remedy = `impulso history recover { $file }` trae lo que se pueda leer. Después llévate ese fichero de ahí, y mira el disco.
system-history = el historial no acepta datos: { $error }
system-history-given-up = el historial no acepta datos: { $error }. Son tantas las filas que esperan que se han abandonado las { $rows } muestras horarias más antiguas
system-history-means = Ranking y alertas siguen. Los datos esperan en memoria; más allá del límite se pierden las velas, puntuaciones y muestras horarias más antiguas.
system-disk-remedy = Se reintenta solo. Haz sitio en el disco, o termina lo que bloquea el archivo o el servidor.
system-redis = no se puede llegar a Redis en { $url }: { $error }
system-old-page-means = Lo que muestra esta página es lo último que llegó, y envejece.
system-redis-remedy = Se reintenta solo. Inicia Redis, o revisa su dirección y contraseña.
system-no-scanner = ningún escáner ha publicado todavía en Redis en { $url }
system-no-scanner-means = No hay nada que mostrar.
system-no-scanner-remedy = Inicia uno con `impulso scan --redis URL`.
system-quiet-scanner = el escáner no publica nada desde hace { $seconds } s
system-quiet-scanner-remedy = Mira la página y el registro del propio escáner.
system-redis-publisher = no se puede usar Redis: { $error }
system-redis-publisher-means = Los nodos de solo lectura muestran datos viejos; este escáner sigue sin él.
system-no-lease = Redis en { $url } no dice cuál de las dos máquinas envía: { $error }
system-no-lease-means = Esta máquina no envía alertas. Esperan, y salen cuando una de las dos pueda enviar.
system-no-standby = no se sabe nada de la otra máquina desde hace { $seconds } s
system-no-standby-means = Las alertas siguen. Si también falla esta máquina, nadie las envía.
system-no-standby-remedy = Inicia la otra con `impulso scan --standby` y el mismo Redis, o mira su registro.
system-copy-behind = el estado no se copia entre las dos máquinas desde hace { $seconds } s: { $error }
system-copy-behind-means = Las alertas esperan hasta que se copie: lo que la otra máquina no sabe no se envía.
system-channel = el canal { $name } no funciona: { $error }
system-channel-remedy = `impulso alerts test --channel { $name }` dice qué falla.

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
drop-samples = muestras horarias para el historial
