### The status page: connections, stores, losses, service levels, problems of the whole system.

## Status

all-well = All is well.
not-ready = No ranking has covered 95 % of the pairs so far.
some-wrong = Something needs a look.
glance = At a glance
connections = Data connections
name = Name
streams = Streams
open-for = Open for
silent-for = Silent for
reconnects = Reconnects
conn-live = live
conn-connecting = connecting
conn-silent = silent
conn-replacing = being replaced
conn-waiting = waiting
budget = REST budget
# $limit (Number)
# $queued (Number)
budget-used = of weight used in this minute, of a limit of { $limit }; { $queued } requests waiting.
# $until (String)
embargo = The exchange asked for a pause until { $until } UTC.
cycles = Cycles
# $published (Number)
# $missed (Number)
# $every (String)
cycle-counts = { $published } published · { $missed } missed · one every { $every }
uptime = Running for
restarts = Internal restarts
clients = Connected pages
drops = Losses by cause
no-drops = Nothing was lost.
stores = Stores
history-ok = The history store takes data.
history-bad = The history store takes no data just now; they wait on disk and are tried again.
redis-ok = Redis: no problem, or not in use.
redis-bad = Redis cannot be used just now; it is tried again.
not-analyzable = Pairs that cannot be analysed
none-such = Every pair can be analysed.
# $count (Number)
and-more = and more: { $count }
addresses = Exchange in use

## The measures

measures = Measures
measures-elsewhere = A read-only node keeps no measures; look at the scanner itself.
measure = Measure
target = Target
measure-now = Now
last-24h = Last 24 h
last-30d = 30 days
met = met
not-met = not met
measures-since = First start:
measures-note = Cycles are counted by the machine's clock since then: hours without the program or without data count as missed. Availability now is that of the last 10 minutes; latency is the median and the 99th percentile.
latency-measure = Cycle latency
precision-measure = Precision of FUERTE (+7.5 % in 24 h)
availability = Availability (cycles published/due)
pairs-measure = Pairs followed
lags = Lateness of closes
lags-text = Time from the end of each minute to the arrival of its closed candle.
# $count (Number)
lag-candles = Candles: { $count }
no-lags = No candle has closed so far.
# $rows (Number)
spilled = Rows waiting on disk: { $rows }

## Problems of the whole system

-without-network = (without a network, `impulso demo` runs everything against a simulated exchange)
# $url (String)
# $error (String)
system-exchange = the exchange at { $url } cannot be used: { $error }; it is tried again with back-off { -without-network }
# $connection (String)
# $url (String)
# $error (String)
system-stream = stream connection { $connection } to { $url } does not work: { $error }; it is tried again with back-off { -without-network }
# $url (String)
# $error (String)
system-redis = Redis at { $url } cannot be reached: { $error }; it is tried again
# $url (String)
system-no-scanner = no scanner has published to Redis at { $url } yet: start one with `impulso scan --redis URL`
# $seconds (Number)
system-quiet-scanner = the scanner has published nothing for { $seconds } s

## Losses by cause

drop-late-report = reports that came too late for the cycle
drop-no-report = pairs without a report in a cycle
drop-malformed = messages of the exchange that could not be read
drop-unknown-symbol = messages of unknown pairs
drop-untrusted-time = messages with an impossible time
drop-exchange-info = pairs whose data could not be read
drop-candle-entry = impossible candles of the exchange, left out
drop-ticker-entry = impossible 24 h figures of the exchange, left out
drop-connection = notes to a connection that did not take them
drop-backfill = refills of candles that had to be repeated
drop-outbox = failures of the outbox
drop-state = failures of the state on disk
drop-redis = messages to Redis
drop-alerts = alerts
drop-candles = candles for the history store
drop-scores = scores for the history store
