### What is wrong with a setting, and what it may say.

# $key (String)
# $place (String)
# $hint (String)
# $allowed (String)
setting-unknown = unknown setting '{ $key }' in { $place }; { $hint }allowed there: { $allowed }
# $key (String)
setting-did-you-mean = did you mean '{ $key }'?
setting-in-environment = the environment (IMPULSO__SECTION__KEY)
# $name (String)
# $right (String)
variable-misnamed = the environment variable { $name } is no setting: it is called { $right }, with two underscores
# $name (String)
variable-unknown = the environment variable { $name } is no setting: names have two underscores, IMPULSO__SECTION__KEY; `impulso config show` lists all keys
# $key (String)
# $place (String)
# $new (String)
setting-renamed = setting '{ $key }' in { $place } is called '{ $new }' now; `impulso config migrate FILE` rewrites a settings file
# $place (String)
# $old (String)
# $new (String)
setting-both-names = { $place } has both '{ $old }' and its new name '{ $new }'; remove one of them
# $key (String)
# $found (String)
# $allowed (String)
setting-wrong = setting '{ $key }' is { $found }; allowed: { $allowed }
# $why (String)
setting-wrong-type = setting not usable: { $why }
# $place (String)
# $why (String)
setting-no-toml = settings file { $place } cannot be read: { $why }
setting-empty = empty
setting-not-usable = not usable
setting-nothing-new = what is in force
# $low (String)
# $high (String)
allowed-from-to = { $low } to { $high }
allowed-decimal = a number
allowed-whole = a whole number
allowed-list = a list
allowed-text = a text
# $examples (String)
allowed-like = values such as { $examples }
# $allowed (String)
allowed-or-empty = { $allowed }, or empty
allowed-file = a file that can be read
allowed-bot-token = the bot's token (or token_file), from @BotFather
allowed-chats = at least one chat such as ["-1001234567890"]
allowed-discord-url = at least one webhook address (or webhook_urls_file)
allowed-mail-server = the mail server
allowed-sender = the sender's address
allowed-recipients = at least one address
allowed-webhook-url = an http:// or https:// address (or url_file)
# $minutes (Number)
allowed-bar = a multiple of the base interval ({ $minutes } min)
# $found (String)
# $base (String)
setting-with-base = { $found } with exchange.base_interval = { $base }
allowed-cycle = a divisor of an hour, so that cycles fall on the same UTC moments each hour
allowed-standby = true only with a Redis that both scanners use: `redis.url`, or `--redis redis://HOST:6379`
allowed-levels = fuerte > alta > media > baja, all within 0 to 100
allowed-arm = a profile, a model or both
allowed-arm-name = a name of letters, digits, - and _, other than rule, previous, challenger-model, challenger-rule
# $low (String)
# $high (String)
allowed-number = a number from { $low } to { $high }
allowed-band = two numbers from 0 to 100, the lower one first
allowed-steps = steps with 'from' falling from one to the next
allowed-weights = weights of 0 or more that sum to 1
allowed-most-points = at most 100
allowed-liquidity-end = a number above liquidity_log10_from, at most 18

channel-webhook-address = the address of the webhook must look like http(s)://host[:port]/..
channel-bot-address = the address of the Bot API must look like http(s)://host[:port]/..
channel-bot-token = the token must look like 123456:ABC..
# $chat (String)
channel-chat = the chat '{ $chat }' must be a number or @name
channel-no-recipient = there is no recipient
channel-half-login = user name and password belong together
channel-no-server = the name of the server is empty
channel-no-pem = the certificate authority is no PEM
proxy-unknown = the proxy is not understood: it must be http://HOST:PORT or socks5h://HOST:PORT
# $address (String)
channel-no-mail-address = '{ $address }' is no mail address
