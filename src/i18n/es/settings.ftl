### What is wrong with a setting, and what it may say.

setting-unknown = ajuste desconocido '{ $key }' en { $place }; { $hint }allí se admiten: { $allowed }
setting-did-you-mean = ¿será '{ $key }'?
setting-in-environment = el entorno (IMPULSO__SECCIÓN__CLAVE)
setting-wrong = el ajuste '{ $key }' es { $found }; se admite: { $allowed }
setting-wrong-type = un ajuste no sirve: { $why }
setting-no-toml = el fichero de ajustes { $place } no se puede leer: { $why }
setting-empty = vacío
setting-not-usable = no sirve
setting-nothing-new = lo que está en vigor
allowed-from-to = de { $low } a { $high }
allowed-language = es, en, o vacío para alert.language
allowed-own-language = es, en, o vacío para el idioma del sistema
allowed-alert-level = ALTA o FUERTE
allowed-file = un fichero que se pueda leer
allowed-chat = un número de chat o @nombre, con /TEMA donde hay temas
allowed-bot-token = la clave del bot (o token_file), que da @BotFather
allowed-chats = al menos un chat como ["-1001234567890"]
allowed-discord-url = al menos una dirección de webhook (o webhook_urls_file)
allowed-mail-server = el servidor de correo
allowed-sender = la dirección del remitente
allowed-recipients = al menos una dirección
allowed-webhook-url = una dirección http:// o https:// (o url_file)
allowed-asset = un activo como USDT
allowed-quiet-hours = un intervalo como 23:00-07:30, o vacío
allowed-bind = DIRECCIÓN:PUERTO como 127.0.0.1:8080
allowed-scheme = una dirección que empiece por { $one } o { $other }
allowed-bar = un múltiplo del intervalo base ({ $minutes } min)
setting-with-base = { $found } con exchange.base_interval = { $base }
allowed-cycle = un divisor de una hora, para que los ciclos caigan en los mismos momentos UTC cada hora
allowed-time-zone = un nombre de la base de zonas horarias IANA como UTC o Europe/Madrid
allowed-log-level = error, warn, info, debug, trace, o directivas como "info,impulso=debug"
allowed-store = sqlite:RUTA, sqlite: (en la carpeta de estado) o clickhouse:http://[USUARIO[:CLAVE]@]HOST[:8123][/BASE]
allowed-redis = redis://[USUARIO:CLAVE@]HOST[:6379][/BASE], o vacío
allowed-model = default, none o un fichero de modelo
allowed-levels = fuerte > alta > media > baja, todos entre 0 y 100
allowed-arm = un perfil, un modelo o ambos
allowed-arm-name = un nombre de letras, cifras, - y _, distinto de rule, previous, challenger-model y challenger-rule
allowed-origins = orígenes como https://example.org o http://localhost:3000, sin ruta ni comodín
allowed-number = un número de { $low } a { $high }
allowed-band = dos números de 0 a 100, el menor primero
allowed-steps = escalones con 'from' decreciente de uno al siguiente
allowed-weights = pesos de 0 o más que sumen 1
allowed-most-points = 100 como mucho
allowed-liquidity-end = un número mayor que liquidity_log10_from, 18 como mucho

channel-webhook-address = la dirección del webhook debe ser como http(s)://host[:puerto]/..
channel-bot-address = la dirección de la Bot API debe ser como http(s)://host[:puerto]/..
channel-bot-token = la clave debe ser como 123456:ABC..
channel-chat = el chat '{ $chat }' debe ser un número o @nombre
channel-no-recipient = no hay ningún destinatario
channel-half-login = el usuario y la contraseña van juntos
channel-no-server = falta el nombre del servidor
channel-no-pem = la autoridad de certificación no es un PEM
channel-no-mail-address = '{ $address }' no es una dirección de correo
