### What the commands report. Names of columns, rows and files are put in their places by the command.

## Reports of several commands

page-at = página: { $url }
operate-at = operar: { $url } (vale una vez: el navegador que la abra puede cambiar cosas)
admin-at = administración: { $url }
written-to = escrito en { $place }
from-to = { $from } a { $to }
share-of = { $share } de { $of }
arm-in-force = en vigor
rows = filas

## Settings, market, health

settings-right = los ajustes están bien
config-nothing-to-migrate = { $file } no necesita cambios
config-migrated = { $file } está reescrito; lo que era está en { $backup }
exchange-at = mercado: { $http }  (flujos: { $streams })
market-time = tiempo de mercado: { $moment }
health-well = { $url } está bien

## What is in progress

reading-recorded-market = leyendo el mercado grabado
reading-candles = leyendo velas
reading-ledger = leyendo las predicciones
fetching-candles = trayendo velas
replaying-scores = repasando puntuaciones
trying-profiles = probando perfiles
training = entrenando
backtest = backtest
backtest-left-out = backtest de los periodos no entrenados
lookahead-check = comprobación del futuro

## History

history-removed = borradas { $scores } filas de puntuaciones y { $candles } velas; { $predictions } predicciones sumadas
history-would-remove = se borrarían { $scores } filas de puntuaciones y { $candles } velas, y se sumarían { $predictions } predicciones; lo importado se queda
history-range-removed = borradas { $candles } velas
history-recovered = { $rows } filas recuperadas; { $unreadable } tramos no se pueden leer
history-imported-ranges = imported     { $ranges } tramos de { $pairs } pares  { $span }
history-imported-stays = se quedan, por antiguas que sean, hasta `impulso history remove`
history-imported = { $candles } velas de { $pairs } pares de { $files } ficheros
history-exported = { $candles } velas en { $place }
history-fetched = { $candles } velas traídas; { $known } días ya estaban, { $absent } días no tienen datos en el origen
history-size = { $mib } MiB en el disco
history-size-and-spill = { $mib } MiB en el disco, { $rows } filas esperan en el desbordamiento local

## Alerts

channels-are = canales: { $names }
channel-took-test = { $channel } aceptó el mensaje de prueba
channel-took-test-as = { $channel } aceptó el mensaje de prueba como mensaje { $id }
simulate-no-scores = no hay puntuaciones guardadas de ese periodo; mira `impulso history stats`
simulate-cycles = { $cycles } ciclos de { $from } a { $to }
simulate-alerts = { $alerts } alertas en { $messages } mensajes, { $rate } alertas al día
simulate-gaps = entre alertas del mismo par: { $shortest } min como mínimo, { $median } min de mediana
simulate-held-back = retenidas por { $rule }: { $count }

## Tokens

token-none = no hay claves; crea una con `impulso token create NOMBRE --scope operate`
token-created = creada { $moment }
token-never-used = sin usar
token-used = usada { $moment }
token-revoked = la clave '{ $name }' está retirada
token-keep = guárdala: no se vuelve a mostrar

## Backups

backup-saved = { $name } guardado, { $mib } MiB
backup-made = copia: { $place }
restore-restored = { $place } repuesto
restore-aside = lo que había se conserva como { $place }
restore-from = repuesto de { $place }

## Models

model-activated = en vigor desde el próximo arranque: el modelo { $name }
model-activated-default = en vigor desde el próximo arranque: el modelo del programa
model-activated-none = en vigor desde el próximo arranque: solo la regla
model-features-alone = variables solo de { $name }: { $features }
model-no-features-alone = variables solo de { $name }: ninguna
model-name = modelo { $name }: { $target }
model-size = { $features } variables, { $trees } árboles, embargo de { $hours } h
model-trained-on = entrenado de { $from } a { $to }: { $pairs } pares, { $points } puntos, tasa base { $base } %
model-out-of-time = fuera de tiempo
model-kind = tipo
model-points = puntos
model-base = base %
model-chance-above = probabilidad >= { $least }
model-points-hits = { $points } puntos, { $share } aciertos
model-left-out = fuera del entrenamiento
model-all-periods = todos los periodos
model-held = Se sostuvo (FUERTE acertó en el { $line } % o más): { $periods }
model-broke = Falló (FUERTE acertó en menos del { $line } %): { $periods }
model-cannot-say = Muy pocos FUERTE para decirlo (hacen falta { $judged }): { $periods }
model-weakest = El más débil: { $period }, tasa base { $base } %: FUERTE acertó en { $right }

## Tuning

tune-holds = se sostiene; escrito en { $place }
tune-does-not-hold = no se sostiene, no se escribe nada: { $why }
tune-fuerte-hits = aciertos FUERTE
tune-base = base
tune-a-day = al día
tune-winner-in-sample = ganador, en muestra
tune-winner-out-of-sample = ganador, fuera de muestra
tune-in-force = en vigor, los mismos días
tune-all-folds = todos los bloques
tune-winners-out-of-sample = ganadores, fuera de muestra
tune-difference = diferencia de FUERTE, 90 % por días enteros: de { $low } a { $high } puntos
tune-winner-overall = el ganador con todo, de { $profiles } perfiles
tune-in-sample = en muestra (halagador)
tune-few-fuerte = solo se juzgaron { $judged } episodios FUERTE fuera de muestra; hacen falta { $needed }
tune-not-better = fuera de muestra FUERTE no es mejor con certeza: la diferencia está entre { $low } y { $high } puntos
tune-nothing-to-compare = el perfil en vigor tuvo muy pocos episodios FUERTE con que comparar
tune-ranks-worse = fuera de muestra la probabilidad ordena peor los pares de un día: área ROC { $own } frente a { $other }
tune-levels-disordered = fuera de muestra un nivel más alto no acierta más que uno más bajo
tune-worse-in-period = en { $from } - { $to }, que la elección no había visto, FUERTE acertó el { $own } % y el perfil en vigor el { $other } %

## Experiment

experiment-promote-ordered = ordenado: { $arm } entra en vigor en 10 s, o en el próximo arranque del escáner
experiment-rollback-ordered = ordenado: lo que había antes vuelve en 10 s, o en el próximo arranque del escáner
experiment-arm = brazo
experiment-model-profile = modelo / perfil
experiment-brier = Brier propio/base
experiment-standing = situación
experiment-rule = regla: { $days } días, { $samples } muestras de ambos, { $fuerte } FUERTE de cada uno; el intervalo del 90 % por días enteros no debe tocar 0
experiment-automatic = el escáner promueve y vuelve atrás por sí mismo
experiment-by-order = el escáner no cambia nada sin una orden
experiment-by = por { $who }: { $why }
experiment-started = empieza
experiment-promoted = promovido
experiment-rolled-back = vuelto atrás
experiment-refused = rechazado
experiment-failed = fallido
experiment-no-model = sin modelo
standing-needs-days = faltan días
standing-needs-samples = faltan muestras
standing-needs-fuerte = faltan FUERTE juzgados
standing-better = mejor, con certeza
standing-fuerte-worse = mejores probabilidades, pero FUERTE acierta menos
standing-worse = peor, con certeza
standing-no-difference = sin diferencia segura

## Backtest

backtest-speed = { $candles } velas en { $seconds } s: { $millions } M velas/s
backtest-compared = { $a } frente a { $b }: diferencia de errores al cuadrado { $difference } { $interval }, mejor: { $better }
backtest-interval = (90 %: de { $low } a { $high })
backtest-summary = { $name }: { $points } puntos, tasa base { $base } %, AUC { $auc }, Brier { $brier }, error de calibración { $ece }
backtest-episodes = episodios
backtest-rule = regla
backtest-alerts-a-day = alertas al día: FUERTE { $fuerte }, ALTA { $alta }
backtest-month = { $points } puntos, base { $base } %, error de calibración { $ece }, FUERTE { $share } de { $of }
backtest-trades = alertas FUERTE como operaciones tras costes: { $trades }, media { $mean } %, ganadoras { $winners } %, caída máxima { $drawdown } % de lo apostado
backtest-in-training = el modelo se entrenó con { $from } a { $to }: las cifras de esos días lo favorecen
backtest-size = FUERTE en sucesos de { $size } pares ({ $events }): { $share }
backtest-levels-disordered = los niveles no están en orden de precisión: aquí no son de fiar
lookahead-found = algo mira al futuro: los valores de arriba cambian con lo que viene después
lookahead-clean = nada mira al futuro: { $moments } momentos de { $pairs } pares, { $reports } informes idénticos bit a bit con el futuro cortado y con uno falso
lookahead-cut = el futuro cortado
lookahead-false = un futuro falso
lookahead-pairs = en { $moment }: { $pairs } pares informados, { $others } con { $change }
lookahead-report = en { $moment }: { $pair } dice otra cosa con { $change } ({ $other })
lookahead-chance = en { $moment }: la probabilidad de { $pair } cambia con { $change }

## Doctor

doctor-ok = bien
doctor-failed = mal
doctor-rest = rest
doctor-clock = reloj
doctor-weight = peso
doctor-universe = universo
doctor-streams = flujos
doctor-answers = { $url } responde en { $ms } ms
doctor-check-network = comprueba la red y --rest-url; sin red, prueba `impulso demo`
doctor-pairs-needed = la lista de pares hace falta para empezar; mira la línea de arriba
doctor-behind = esta máquina va { $ms } ms atrasada
doctor-ahead = esta máquina va { $ms } ms adelantada
doctor-synchronise = sincroniza el reloj (timedatectl set-ntp true); las puntuaciones usan la hora del mercado y siguen bien
doctor-weight-left = quedan { $left } de { $limit } por minuto
doctor-weight-used = usados { $used } de { $limit } en este minuto
doctor-weight-shared = otro programa usa el límite de esta dirección: el arranque puede tardar minutos
doctor-weight-unknown = el mercado no lo dice
doctor-binance = ¿es una dirección compatible con Binance?
doctor-pairs = { $pairs } pares de { $asset } de { $all } listados
doctor-few-pairs = pocos pares: comprueba exchange.quote_asset y exchange.max_min_notional
doctor-check-streams = comprueba la red y --stream-url (el puerto 9443 puede estar cerrado: el 443 también sirve)
doctor-sent-data = { $url } envió datos tras { $ms } ms
doctor-closed = { $url } cerró enseguida
doctor-silent = { $url } está abierto pero no envió nada en 10 s
