### What is said when something fails or is not allowed.

## Files

# $place (String)
cannot-read = { $place } cannot be read
# $place (String)
cannot-write = { $place } cannot be written
# $place (String)
cannot-make = { $place } cannot be made
# $place (String)
cannot-remove = { $place } cannot be removed
# $place (String)
cannot-replace = { $place } cannot be replaced
# $place (String)
cannot-copy = { $place } cannot be copied
# $place (String)
not-there = { $place } is not there
# $place (String)
settings-file-unreadable = the settings file { $place } cannot be read
# $place (String)
no-operator-code = no scanner of this user runs over the state folder { $place } (--state-dir, --config as it was started with)
# $place (String)
# $config (String)
local-file-unread = { $place } is not read by itself: name it with --config { $place }, or move it to { $config }
no-temporary-folder = no temporary folder for the demo's state
os-no-file = No such file or directory
os-not-allowed = Permission denied
os-no-folder = Not a directory
os-exists = File exists
os-refused = Connection refused
# $lines (Number)
# $bytes (Number)
table-too-large = more than { $lines } lines, or one of more than { $bytes } bytes: that is no table of candles
os-too-large = the file is larger than 1 MiB
# $what (String)
# $code (Number)
os-code = { $what } (os error { $code })

## Values that are typed

allowed-moment = a UTC moment such as 2025-06-18, 2025-06-18T06:00 or 2025-06-18T06:00:30
allowed-step = a span from 1m to 1d that divides a day, such as 1m, 30m or 60m
allowed-above-zero = a number above 0, such as 0.5 or 2
allowed-speed-number = a number such as 1 or 60
allowed-speed = between 0.1 and 3600
# $number (String)
# $range (String)
allowed-range = { $number } is not in { $range }
no-whole-number = invalid digit found in string
no-number-at-all = cannot parse integer from empty string
number-too-large = number too large to fit in target type
number-too-small = number too small to fit in target type
no-number = invalid float literal
no-socket-address = invalid socket address syntax
# $interval (String)
interval-unknown = interval '{ $interval }' is not known; allowed are 1m, 3m, 5m, 15m, 30m, 1h
# $fault (String)
# $allowed (String)
fault-unknown = fault '{ $fault }' is not known; allowed are { $allowed }
# $fault (String)
fault-form = '{ $fault }' is not of the form fault:target:seconds[@after_seconds]
fault-seconds = seconds must be between 0 and 86400
fault-target = target must be all, a symbol such as BTCUSDT, or a connection id
fault-size = the size of clock_offset must be whole milliseconds: clock_offset=2500
# $flag (String)
# $value (String)
backtest-percentage = { $flag } { $value }: allowed is a percentage from 0 to below 100

## Running

supervisor-died = the supervisor died; see the log
no-sigterm = SIGTERM and SIGHUP cannot be waited for
no-ctrl-c = Ctrl-C cannot be waited for
# $rows (Number)
lost-at-stop = stopped, but { $rows } rows of history could be neither written nor set aside and are lost; see the log
stopped-late = stopped, but not everything ended in time; see the log
no-metrics = the metrics recorder cannot be set up
which-redis = which Redis? Give --redis redis://HOST:6379, or the setting redis.url
# $place (String)
# $why (String)
state-folder-unusable = state folder { $place } not usable: { $why }; choose another with --state-dir
# $place (String)
# $pid (String)
state-folder-in-use = state folder { $place } is in use by another scanner (process { $pid }): stop that one, or give this one a folder of its own with --state-dir
# $place (String)
# $pid (String)
history-in-use = the history { $place } is written by another scanner (process { $pid }): stop that one, or give this one a history of its own with --store
# $limit (Number)
# $needed (Number)
too-few-files = the system allows this program { $limit } open files; it needs { $needed }: raise the hard limit (`ulimit -Hn { $needed }`, LimitNOFILE= of a systemd unit, ulimits of a container)
# $address (String)
address-in-use = { $address } is already in use: stop the other program or take another port with --port
# $address (String)
# $why (String)
cannot-listen = cannot listen on { $address }: { $why }; choose another address or port with --port
# $address (String)
# $why (String)
cannot-listen-exchange = cannot listen on { $address }: { $why }; choose another port or 0 for a free one
# $url (String)
health-no-answer = { $url } does not answer
# $url (String)
# $status (Number)
# $detail (String)
health-says = { $url } says { $status }: { $detail }

## Channels

# $name (String)
# $names (String)
channel-unknown = there is no channel '{ $name }'; there are: { $names }
# $channel (String)
channel-refused-test = { $channel } did not take it

## Tokens

# $name (String)
token-unknown = there is no token '{ $name }'; see `impulso token list`
# $name (String)
token-bad-name = '{ $name }' is no name for a token: letters, digits, - _ . and at most 64 of them
# $name (String)
token-taken = a token named '{ $name }' exists already; revoke it first or choose another name
token-no-random = the machine gives no random numbers

## Backups

# $place (String)
backup-nothing = there is nothing to save in { $place }; see --state-dir
# $place (String)
backup-busy = another backup writes to { $place } just now
# $place (String)
backup-none = { $place } holds no backup
# $place (String)
backup-no-list = { $place } is no list of a backup
# $place (String)
# $version (String)
backup-newer = { $place } was written by a newer version of impulso ({ $version })
# $place (String)
# $schema (Number)
schema-newer = { $place } was written by a newer version of impulso (schema { $schema })
backup-nothing-of-use = the backup holds no file that these settings use
# $place (String)
backup-changed = { $place } is not what was saved: its SHA-256 differs
# $place (String)
backup-damaged = { $place } is damaged
# $place (String)
backup-in-use = { $place } is in use: stop the scanner first
backup-no-name = no free name

## Candles and history

pairs-unreadable = the list of pairs cannot be read
candles-unfetched = candles cannot be fetched
candles-none-given = no candles found: give .zip, .csv or .csv.zst files, or folders that hold them
# $place (String)
candles-none-in-folder = { $place }: no candles found; it must hold SYMBOL.csv.zst, SYMBOL.csv or zips of the exchange's archive (folders named 1h and 1d hold longer history beside them)
# $place (String)
# $interval (String)
candles-other-interval = { $place }: these are not candles of { $interval }; a folder named { $interval } holds longer history of that interval
# $place (String)
candles-interval-hidden = { $place }: the interval does not show; name it with --interval
# $place (String)
candles-unknown-file = { $place } is neither .zip, .csv nor .csv.zst
# $place (String)
# $moment (Number)
# $interval (String)
candles-off-start = { $place }: open time { $moment } is no start of a { $interval } candle
# $place (String)
# $line (Number)
candles-bad-line = { $place }: line { $line }: expected open_time,open,high,low,close,volume[,quote_volume]
# $interval (String)
# $pair (String)
history-no-candles = there are no { $interval } candles of { $pair } in that span; see `impulso history stats`
# $store (String)
# $interval (String)
history-empty = the history store { $store } has no { $interval } candles; fill it with `impulso history import` or `fetch`
history-no-thread = no thread for the history store
# $why (String)
history-unavailable = history store not available: { $why }
# $why (String)
history-unusable = history store not usable: { $why }
# $place (String)
password-file-unreadable = history.password_file { $place } cannot be read
# $place (String)
ca-file-unreadable = channels.email.ca_file { $place } cannot be read

## Learning

# $place (String)
points-none-between = { $place }: no point is left between --from and --to: candles of 26 h before are needed, and 24 h after for the outcome
points-none-to-tune = no point is left between --from and --to: candles of 26 h before are needed, and 24 h after for the outcome
# $place (String)
points-none-to-train = { $place }: no point is left; candles of 17 days before --from are needed for the features, 24 h after --to for the outcomes
# $most (Number)
points-too-many = more than { $most } points: take a longer --step, or less time between --from and --to
# $points (Number)
# $blocks (Number)
points-too-few = { $points } judged points are too few for { $blocks } blocks of at least 5 days; record more days or take fewer --folds
ledger-empty = the ledger has no judged samples with features yet; a scanner with history makes them every hour
# $place (String)
lookahead-too-short = { $place }: more than 27 h of candles are needed
# $moment (Number)
lookahead-not-reached = the moment { $moment } was not reached
model-default = the model in the program
# $name (String)
model-named = the model { $name }
# $name (String)
model-unreadable = the model { $name } cannot be read (allowed are default, none or a model file)
model-none-to-show = none is the rule: there is no model to show
# $why (String)
model-no-json = no model file: { $why }; make one with `impulso train`
# $found (Number)
# $known (Number)
model-format = model format { $found } is not known (this program reads { $known }); train the model anew
# $name (String)
model-feature = feature '{ $name }' is not known to this program; train the model anew
model-unsound = the model's parts do not fit together; train it anew
model-checksum = the checksum does not fit: the file was changed or cut off; take a whole copy or train anew

## Experiment

experiment-none = no experiment was run from this state folder yet; `impulso scan` begins one with experiment.enabled
experiment-no-previous = nothing was in force before: no arm was promoted so far
# $arm (String)
# $arms (String)
experiment-unknown-arm = there is no arm '{ $arm }'; there are: { $arms }
# $arm (String)
experiment-no-arms = there is no arm '{ $arm }'; there are: none

## The exchange

# $why (String)
connection-failed = connection failed: { $why }
# $why (String)
no-connection = no connection: { $why }
# $why (String)
connection-broke = connection broke: { $why }
# $why (String)
cannot-reach-host = Failed to connect to host: { $why }
# $why (String)
body-broke-off = body broke off: { $why }
# $url (String)
# $why (String)
rest-address-unusable = REST address '{ $url }' not usable: { $why }; it must look like https://host[:port]
# $why (String)
protocol-broken = protocol broken: { $why }
# $url (String)
# $why (String)
stream-address-unusable = stream address '{ $url }' not usable: { $why }; it must look like wss://host[:port]
address-no-websocket = it does not begin with ws:// or wss://
address-no-host = it names no host
closed-by-other-side = the other side closed the connection
closed-without-reason = without a reason
# $code (Number)
# $reason (String)
closed-with-code = code { $code }: { $reason }
takes-no-data = the other side takes no data
ended-without-close = cut without a close frame
# $ms (Number)
stream-silent = no event for { $ms } ms although the connection is open
# $missing (Number)
# $example (String)
stream-subscriptions-missing = { $missing } subscriptions are missing, { $example } among them
# $code (Number)
# $message (String)
stream-control-refused = the exchange refused a control message (code { $code }): { $message }
# $ms (Number)
stream-control-unanswered = a control message was not answered within { $ms } ms
# $count (Number)
stream-unreadable = { $count } unreadable frames within a minute
# $why (String)
stream-closed = closed: { $why }
redis-address-senseless = the address of Redis makes no sense
redis-lost = the connection was lost
redis-no-answer = no answer in time
redis-lease-given-up = the lease was given up
redis-odd = what Redis holds of the other scanner is not understood
redis-state-too-large = the state is too large for the other scanner to follow
# $why (String)
redis-not-understood = not understood: { $why }
# $place (String)
state-replaced = { $place } was replaced by another file; restart the scanner
# $place (String)
# $why (String)
state-gone = { $place } is gone ({ $why }); restart the scanner
# $seconds (Number)
history-not-ended = a write has not ended for { $seconds } s
# $ms (Number)
not-connected-in-time = not connected within { $ms } ms
# $ms (Number)
no-answer-in-time = no answer within { $ms } ms
# $status (Number)
# $message (String)
exchange-failed = the exchange failed with status { $status }: { $message }
# $status (Number)
# $code (Number)
# $message (String)
exchange-refused = the exchange refused the request (status { $status }, code { $code }): { $message }
# $status (Number)
exchange-refused-handshake = the exchange answered the WebSocket handshake with status { $status }
# $seconds (Number)
exchange-limit = request limit reached; waiting { $seconds } s as the exchange asks
# $seconds (Number)
exchange-banned = this address is banned for { $seconds } s for going over the limit; nothing is sent before
exchange-firewall = the exchange's firewall refused the request (403); waiting five minutes
exchange-restricted = the exchange does not serve this location at this address (451); use --rest-url https://data-api.binance.vision for market data, or try `impulso demo`
# $why (String)
exchange-not-understood = answer not understood: { $why }
# $bytes (Number)
exchange-too-large = answer larger than { $bytes } bytes

## The simulated market

# $place (String)
market-missing = '{ $place }' does not exist; give a folder of SYMBOL.csv.zst files or a data.binance.vision zip
# $places (String)
market-empty = no SYMBOL.csv.zst and no .zip file in { $places }; give a folder that holds some
# $place (String)
# $why (String)
market-unreadable = cannot read '{ $place }': { $why }; remove or replace the file
# $symbol (String)
# $days (Number)
market-too-long = { $symbol }: { $days } days lie between its first and its last candle, more than fit into memory; look for a row with a wrong time
# $pair (String)
# $minutes (Number)
# $asked (String)
market-interval = { $pair } holds candles of { $minutes } min, asked for was { $asked }; set the base interval to { $minutes }m
# $start (String)
# $from (String)
# $to (String)
# $from-ms (Number)
# $to-ms (Number)
market-start-outside = start { $start } is outside the data, which reaches from { $from } to { $to } (ms UTC: { $from-ms } to { $to-ms })

simulator-speed = speed must be above 0 and at most 10000
# $why (String)
simulator-not-loaded = loading the market failed: { $why }
simulator-faults = at most 256 faults can be planned
simulator-symbols = symbols must be 1 to 5000, listings at most 1000
simulator-start = a made-up market needs a start moment
