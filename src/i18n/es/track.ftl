### The track record: predictions, calibration, the model in force.

## The track record

track = Resultados
track-intro = Cada predicción se compara, 4 y 24 horas después, con lo que pasó: ¿llegó el precio a subir un 7,5 %? Los fallos cuentan y se muestran igual que los aciertos.
days = Días
untrusted = Los niveles no son de fiar ahora mismo: un nivel alto no acierta más que uno más bajo.
trusted = Cada nivel acierta más que el de debajo.
too-few = Aún hay pocas predicciones juzgadas para decir algo de los niveles: hacen falta { $least } por nivel, y cada una tarda 24 horas.
levels-since = Se cuenta desde el { $day } (UTC): antes los niveles se formaban de otro modo, y esas predicciones llevan una marca en la lista.
former-definition = anterior
former-definition-text = De cuando los niveles se formaban de otro modo; no cuenta en el historial de aciertos.
no-history = Aquí no se guarda historial, así que no se juzga ninguna predicción.
history-silent = El historial no responde ahora; mira el registro.
base-rate = Tasa base
base-rate-text = la misma pregunta, hecha cada hora a todos los pares analizados dentro de los límites
by-episode = Precisión por nivel: cada vez que un par subió de nivel
by-alert = Precisión por nivel: cada alerta enviada
opened = Abiertas
void = Nulas
within-4h = +7,5 % en 4 h
within-24h = +7,5 % en 24 h
time-to-hit = Tiempo hasta +7,5 %
mean-rise = Mayor subida (media)
mean-fall = Mayor caída (media)
hits-of = { $hits } de { $count }
reliability = Calibración: lo que se dijo y lo que pasó
reliability-said = probabilidad dicha
reliability-came = lo que pasó
reliability-none = Todavía no hay muestras juzgadas.
rule-curve = Regla (no es una probabilidad)
calibrated-curve = Modelo calibrado
ece = error de calibración { $error }
sample-count = { $count } muestras
predictions = Predicciones
no-predictions = Todavía no hay predicciones de este tipo.
kind = Tipo
kind-all = Todas
kind-episode = Subida de nivel
kind-alert = Alerta
kind-sample = Muestra horaria
outcome = Resultado
outcome-open = abierta
outcome-hit = acierto
outcome-miss = fallo
outcome-void = nula
rise = Mayor subida
fall = Mayor caída
csv = Descargar CSV
outcome-after = tras { $span }

## The model in force

model-in-force = El modelo en vigor
no-model = No hay modelo en vigor: niveles y alertas van por la regla.
drift-now = El mercado se ha alejado de lo que el modelo aprendió: toma sus probabilidades con cautela.
model-features = { $count } variables
model-pairs = { $count } pares
shift-now = Ajuste al mercado
as-trained = ninguno todavía: faltan resultados
calibration-version = versión { $version }
calibration-slope = pendiente { $slope }
shift-text = El ajuste suma a las probabilidades bajas lo que los resultados de los últimos días piden y las separa o junta (pendiente), con límites; las altas quedan como se aprendieron.
retrained = Último reentrenamiento
retuned = Último reajuste de la regla
run-waiting = aún no ha tocado
run-made = hay aspirante en la sombra
run-refused = sin aspirante
run-failed = falló
