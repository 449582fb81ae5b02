### The alerts page: history, mutes, channels, policy, notifications.

## Alerts

history = Historial de alertas
no-alerts = Todavía no hay alertas.
when = Cuándo (UTC)
reason = Motivo
deliveries = Entregas
no-delivery = sin entrega
delivery-tries = { $attempts } intentos
older = Más antiguas
newest = Las más recientes
unreadable = No se puede leer el estado ahora; mira el registro.
pending = en espera
sending = enviando
sent = entregada
uncertain = quizá entregada
dead = abandonada
mutes = Silencios
no-mutes = Nada está silenciado.
everything = todos los pares
until = Hasta (UTC)
for-good = sin fin
muted-by = Quién
mute-all = Silenciar todo 1 h
channels = Canales
no-channels = No hay canales de alertas.
channel = Canal
channel-ok = funciona
channel-dead = no funciona
delivered = Entregadas
waiting = En espera
maybe = Inciertas
given-up = Abandonadas
last-sent = Última entrega (UTC)
last-error = Último fallo
test = Enviar prueba
test-sent = Prueba en camino por
never = nunca

## Notifications and the policy

notify = Avisos y sonido en este navegador
notify-on = Activados: suena y avisa con cada alerta FUERTE nueva.
notify-off = Desactivados.
notify-blocked = Solo sonido: el navegador no permite avisos de esta página.
policy = Política en vigor
policy-levels = Niveles que avisan (puntuación)
policy-levels-chance = Niveles que avisan (probabilidad de +7,5 %)
policy-confirm = Un nivel debe durar
policy-breakout = Puntos de ruptura que bastan con un ciclo
policy-hysteresis = Puntos por debajo para salir del nivel
policy-cooldown = Pausa entre alertas de un par
policy-escalation = Puntos de subida que repiten la alerta
policy-digest = ALTA se junta durante
policy-summary = Alertas a la vez que van en un resumen
policy-move = Movimiento del mercado
policy-move-is = { $episodes } FUERTE en 60 min son un solo suceso; los que se suman se avisan cada { $span }
policy-quiet = Horas de silencio
policy-watchlist = Solo favoritos
policy-no-quiet-hours = ninguna
policy-watchlist-only-yes = sí
policy-watchlist-only-no = no, todos los pares
