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
not-analyzable = Pairs that cannot be analysed
none-such = Every pair can be analysed.
# $count (Number)
and-more = and more: { $count }
addresses = Exchange in use

## Two machines

failover = Two machines
role-standby = On standby: this machine scans and sends nothing; the other one does.
role-taking-over = Taking over from the other machine.
role-active = This machine sends; the other one is on standby.
role-name-standby = standby
role-name-taking-over = taking over
role-name-active = active
# $fence (Number)
fence-number = takeover no. { $fence }
# $name (String)
# $role (String)
# $ago (String)
other-machine = The other machine: { $name }, { $role }, heard of { $ago } ago.
no-other-machine = Nothing was heard of another machine so far.

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
system-exchange = the exchange at { $url } does not answer as it should: { $error }
system-exchange-means = Where the streams work they carry the ranking on; candles that are missing cannot be fetched, and new pairs are not seen.
system-exchange-remedy = It is tried again with back-off. If it lasts: check the network and `exchange.rest_url` { -without-network }.
# $url (String)
# $until (String)
system-banned = the exchange at { $url } has banned this address until { $until } UTC
# $url (String)
# $until (String)
system-limited = the exchange at { $url } wants no request before { $until } UTC
system-limited-means = Pairs with missing candles stay out of the ranking until then; the streams go on.
system-limited-remedy = It is obeyed by itself. If it comes often: other programs ask from this address, or `exchange.weight_share` is too high.
# $connection (String)
# $url (String)
# $error (String)
system-stream = stream connection { $connection } to { $url } does not work: { $error }
system-stream-means = Its pairs get no live candles; those without news leave the ranking.
system-stream-remedy = It is connected again with back-off. If it lasts: check the network and `exchange.stream_url` { -without-network }.
system-silent-streams = the streams of the exchange say nothing
system-silent-streams-means = The ranking goes on by the clock of this machine, with prices that grow old.
system-silent-streams-remedy = Connections are made anew and candles asked for by themselves. If it lasts: see whether the exchange has an outage.
system-no-ranking = no ranking has come while three were due
system-no-ranking-means = What pages and API show is old, and no new alert comes.
system-no-ranking-remedy = The other problems may say why. If there is none: restart the scanner and keep its log.
# $analyzable (Number)
# $universe (Number)
system-low-coverage = only { $analyzable } of { $universe } pairs can be analysed
system-low-coverage-means = The others are in no ranking and give no alert.
system-low-coverage-remedy = The status page says why pair by pair; missing candles are fetched by themselves.
# $pairs (Number)
# $example (String)
system-no-chance = of { $pairs } pairs, { $example } among them, the model's answer is no number
system-no-chance-means = They have no chance and no level: they are not listed and give no alert.
system-no-chance-remedy = Look at their candles; if those are right, another model (`impulso model activate default`).
# $seconds (Number)
system-machine-clock-ahead = the clock of this machine is { $seconds } s ahead of the exchange's
# $seconds (Number)
system-machine-clock-behind = the clock of this machine is { $seconds } s behind the exchange's
system-machine-clock-means = Ranking and alerts go by the exchange's time and are right; the expiry of tokens, the end of a ban and the times of deliveries go by this clock.
system-machine-clock-remedy = Set it by NTP (`timedatectl set-ntp true`). Nothing has to be started again.
# $reader (String)
# $cycles (Number)
system-behind = the part "{ $reader }" is behind: { $cycles } cycles wait for it on the disk
system-behind-means = Nothing is lost, but what it does comes late: alerts, the track record or the history.
system-behind-remedy = It catches up by itself. If it lasts: the disk or the processor is too slow for this interval; see the other problems, or take a longer `cycle.interval_s`.
# $error (String)
system-state = the state file cannot be used: { $error }
system-state-means = Alerts cannot be sent, mutes and the like not be kept, and a crash would lose what waits.
# $waiting (Number)
# $error (String)
system-outbox = alerts that wait in memory because the outbox cannot be written: { $waiting } ({ $error })
system-outbox-means = They are sent once it can be written; a crash before that loses them.
# $waiting (Number)
# $error (String)
system-ledger = predictions that wait in memory because the state file cannot be written: { $waiting } ({ $error })
system-ledger-means = They are written once it can be; a crash before that loses them.
# $file (String)
system-state-damaged = the state file was damaged and is now { $file }
system-state-damaged-means = A new one has what could be read of it; alerts, mutes, tokens or open predictions may be missing.
# $file (String)
system-state-damaged-remedy = Look at the disk. Where much is missing, stop the scanner and restore the newest backup. Then move { $file } away.
# $file (String)
system-history-damaged = the history was damaged and is now { $file }
system-history-damaged-means = A new one was begun: charts, track record and learning lack what was before.
# $file (String)
system-history-damaged-remedy = `impulso history recover { $file }` brings back what can be read. Then move that file away, and look at the disk.
# $error (String)
system-history = the history store takes no data: { $error }
# $error (String)
# $rows (Number)
system-history-given-up = the history store takes no data: { $error }. So many rows wait for it that the { $rows } oldest hourly samples were given up
system-history-means = Ranking and alerts go on. Data waits in memory; beyond the bound the oldest candles, scores and hourly samples are dropped.
system-disk-remedy = It is tried again by itself. Make room on the disk, or end what holds the file or the server back.
# $url (String)
# $error (String)
system-redis = Redis at { $url } cannot be reached: { $error }
system-old-page-means = What this page shows is the newest that came, and grows old.
system-redis-remedy = It is tried again by itself. Start Redis, or check its address and password.
# $url (String)
system-no-scanner = no scanner has published to Redis at { $url } yet
system-no-scanner-means = There is nothing to show.
system-no-scanner-remedy = Start one with `impulso scan --redis URL`.
# $seconds (Number)
system-quiet-scanner = the scanner has published nothing for { $seconds } s
system-quiet-scanner-remedy = Look at the scanner's own page and log.
# $error (String)
system-redis-publisher = Redis cannot be used: { $error }
system-redis-publisher-means = Read-only nodes show old data; this scanner goes on without it.
# $url (String)
# $error (String)
system-no-lease = Redis at { $url } does not say which of the two machines sends: { $error }
system-no-lease-means = This machine sends no alerts. They wait, and go out once one of the two may send.
# $seconds (Number)
system-no-standby = nothing was heard of the other machine for { $seconds } s
system-no-standby-means = Alerts go on. If this machine fails as well, nobody sends them.
system-no-standby-remedy = Start the other one with `impulso scan --standby` and the same Redis, or look at its log.
# $seconds (Number)
# $error (String)
system-copy-behind = the state has not been copied between the two machines for { $seconds } s: { $error }
system-copy-behind-means = Alerts wait until it is: what the other machine does not know is not sent.
# $name (String)
# $error (String)
system-channel = channel { $name } does not work: { $error }
# $name (String)
system-channel-remedy = `impulso alerts test --channel { $name }` says what is wrong.

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
drop-samples = hourly samples for the history store
