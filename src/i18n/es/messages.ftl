### What channels deliver and the Telegram bot answers. Names of the parts of a score stand in market.ftl.

## An alert

alert-score = puntos { $score } ({ $parts })
alert-calibrated = calibrada { $chance }%
alert-price = precio { $price }
alert-volume = volumen 24 h { $volume } USDT
alert-met = { $what } { $value }, línea { $line }
alert-held = { $what } { $value }: se entra con { $line } y se deja por debajo de { $left }
alert-was = antes { $level } { $value }
alert-by-score = puntuación
alert-by-chance = probabilidad calibrada
fact-score = Puntos
fact-volume = Volumen 24 h
open-page = Abrir en el panel
maybe-repeated = (puede ser repetido)

## Headlines

headline-digest = Resumen ALTA: { $count } pares
headline-summary = Muchas alertas a la vez: { $count } pares
headline-market-move = Un solo movimiento del mercado: { $episodes } pares en FUERTE en { $minutes } min
headline-notice = Aviso de Impulso
headline-test = Prueba de Impulso

## A market move

market-move-is-one = Los pares que suben juntos aciertan o fallan juntos: cuenta esto como un solo suceso, no como muchos.
market-move-own = En tales sucesos del historial propio acertaron { $hits } de { $judged } pares ({ $percent } %).
market-move-model = En tales sucesos de periodos que el modelo no había visto acertaron { $hits } de { $judged } pares ({ $percent } %).
market-move-unknown = Todavía no se sabe cuántos pares de tales sucesos aciertan.

## Notices

notice-channel-dead = El canal { $channel } no funciona: { $reason }. { $remedy } { $fate }
remedy-wait = Puede pasar por sí solo.
remedy-telegram-token = Crea un token nuevo con @BotFather y ponlo en los ajustes.
remedy-telegram-chat = Añade el bot al chat de nuevo, o escríbele /start; el número de los ajustes debe ser el del chat.
remedy-telegram-rights = Da al bot permiso para escribir en ese chat.
remedy-discord-webhook = Crea un webhook nuevo en los ajustes del canal de Discord y pon su dirección en los ajustes.
remedy-webhook-address = Revisa la dirección del webhook y lo que pide quien lo recibe.
remedy-mail-login = Revisa usuario y contraseña del servidor de correo; muchos proveedores piden una contraseña de aplicación.
remedy-mail-recipient = Corrige la dirección del destinatario en los ajustes.
remedy-mail-sender = Usa un remitente que el servidor de correo acepte de esta cuenta.
remedy-mail-server = Revisa dirección, puerto y protección (`security`) del servidor de correo, y su certificado.
remedy-refused = Su respuesta dice por qué; `impulso alerts test` también la muestra.
alerts-wait = Sus alertas esperan hasta que caducan, y se reintenta solo.
alerts-refused = Las alertas que rechazó se pierden; las que vengan se intentan.
notice-channel-back = El canal { $channel } vuelve a funcionar.
notice-drift = El mercado se ha alejado de lo que el modelo aprendió: sus probabilidades bajas se corrigen al máximo; tómalas con cautela.
notice-drift-over = El mercado ha vuelto a lo que el modelo aprendió.
notice-daily-cap = El canal { $channel } llegó a su tope de { $cap } mensajes de hoy: no hay más alertas hasta mañana.
notice-undelivered = El mensaje { $key } no se pudo entregar por { $channel }: { $reason }
channel-works = Este canal funciona: las alertas de Impulso llegarán aquí.

## The bot

bot-usage = Así se escribe:
bot-unmuted = { $symbol } ya no está silenciado
bot-not-muted = { $symbol } no estaba silenciado
bot-muted = { $symbol } silenciado por { $minutes } min
bot-may-not = Desde aquí no puedes cambiar nada: channels.telegram.command_users nombra a quienes pueden.
bot-failed = No se pudo hacer; mira el registro.
bot-unknown = { $symbol } no está entre los pares analizados
bot-no-ranking = Aún no hay ranking.
bot-not-analysed = sin análisis: { $reason } { $ready }/{ $needed }
bot-market = mercado: { $feed }
bot-coverage = cobertura: { $pairs }
bot-cycles = ciclos: { $count }
