### What the commands report. Names of columns, rows and files are put in their places by the command.

## Reports of several commands

# $url (String)
page-at = page: { $url }
# $url (String)
operate-at = operate: { $url } (good once: the browser that opens it may change things)
# $url (String)
admin-at = admin: { $url }
# $place (String)
written-to = written to { $place }
# $from (String)
# $to (String)
from-to = { $from } to { $to }
# $share (String)
# $of (Number)
share-of = { $share } of { $of }
arm-in-force = in force
rows = rows

## Settings, market, health

settings-right = the settings are right
# $file (String)
config-nothing-to-migrate = { $file } needs no change
# $file (String)
# $backup (String)
config-migrated = { $file } is rewritten; what it was is in { $backup }
# $http (String)
# $streams (String)
exchange-at = exchange: { $http }  (streams: { $streams })
# $moment (String)
market-time = market time: { $moment }
# $url (String)
health-well = { $url } is well

## What is in progress

reading-recorded-market = reading the recorded market
reading-candles = reading candles
reading-ledger = reading the ledger
fetching-candles = fetching candles
replaying-scores = replaying scores
trying-profiles = trying profiles
training = training
backtest = backtest
backtest-left-out = backtest of periods left out
lookahead-check = lookahead check

## History

# $scores (Number)
# $candles (Number)
# $predictions (Number)
history-removed = removed { $scores } score rows and { $candles } candles; { $predictions } predictions summed up
# $scores (Number)
# $candles (Number)
# $predictions (Number)
history-would-remove = would remove { $scores } score rows and { $candles } candles, and sum up { $predictions } predictions; imported ranges stay
# $candles (Number)
history-range-removed = removed { $candles } candles
# $rows (Number)
# $unreadable (Number)
history-recovered = { $rows } rows recovered; { $unreadable } spans cannot be read
# $ranges (Number)
# $pairs (Number)
# $span (String)
history-imported-ranges = imported     { $ranges } ranges of { $pairs } pairs  { $span }
history-imported-stays = they stay, however old, until `impulso history remove`
# $candles (Number)
# $pairs (Number)
# $files (Number)
history-imported = { $candles } candles of { $pairs } pairs from { $files } files
# $candles (Number)
# $place (String)
history-exported = { $candles } candles in { $place }
# $candles (Number)
# $known (Number)
# $absent (Number)
history-fetched = { $candles } candles fetched; { $known } days were there already, { $absent } days have no data at the source
# $mib (String)
history-size = { $mib } MiB on the disk
# $mib (String)
# $rows (Number)
history-size-and-spill = { $mib } MiB on the disk, { $rows } rows wait in the local spill

## Alerts

# $names (String)
channels-are = channels: { $names }
# $channel (String)
channel-took-test = { $channel } took the test message
# $channel (String)
# $id (String)
channel-took-test-as = { $channel } took the test message as message { $id }
simulate-no-scores = no scores are stored for that span; see `impulso history stats`
# $cycles (Number)
# $from (String)
# $to (String)
simulate-cycles = { $cycles } cycles from { $from } to { $to }
# $alerts (Number)
# $messages (Number)
# $rate (String)
simulate-alerts = { $alerts } alerts in { $messages } messages, { $rate } alerts a day
# $shortest (String)
# $median (String)
simulate-gaps = between alerts of the same pair: { $shortest } min at least, { $median } min in the middle
# $rule (String)
# $count (Number)
simulate-held-back = held back by { $rule }: { $count }

## Tokens

token-none = no tokens; make one with `impulso token create NAME --scope operate`
# $moment (String)
token-created = created { $moment }
token-never-used = never used
# $moment (String)
token-used = used { $moment }
# $name (String)
token-revoked = token '{ $name }' is revoked
token-keep = keep it: it is not shown again

## Backups

# $name (String)
# $mib (String)
backup-saved = { $name } saved, { $mib } MiB
# $place (String)
backup-made = backup: { $place }
# $place (String)
restore-restored = { $place } restored
# $place (String)
restore-aside = what stood there is kept as { $place }
# $place (String)
restore-from = restored from { $place }

## Models

# $name (String)
model-activated = in force from the next start: model { $name }
model-activated-default = in force from the next start: the model in the program
model-activated-none = in force from the next start: the rule alone
# $name (String)
# $features (String)
model-features-alone = features of { $name } alone: { $features }
# $name (String)
model-no-features-alone = features of { $name } alone: none
# $name (String)
# $target (String)
model-name = model { $name }: { $target }
# $features (Number)
# $trees (Number)
# $hours (Number)
model-size = { $features } features, { $trees } trees, embargo { $hours } h
# $from (String)
# $to (String)
# $pairs (Number)
# $points (Number)
# $base (String)
model-trained-on = trained on { $from } to { $to }: { $pairs } pairs, { $points } points, base rate { $base } %
model-out-of-time = out of time
model-kind = kind
model-points = points
model-base = base %
# $least (String)
model-chance-above = chance >= { $least }
# $points (Number)
# $share (String)
model-points-hits = { $points } points, { $share } hits
model-left-out = left out of the training
model-all-periods = all periods
# $line (Number)
# $periods (String)
model-held = Seen to hold (FUERTE right in { $line } % and more): { $periods }
# $line (Number)
# $periods (String)
model-broke = Seen to break (FUERTE right in less than { $line } %): { $periods }
# $judged (Number)
# $periods (String)
model-cannot-say = Too few FUERTE to say ({ $judged } are needed): { $periods }
# $period (String)
# $base (String)
# $right (String)
model-weakest = Weakest: { $period }, base rate { $base } %: FUERTE right in { $right }

## Tuning

# $place (String)
tune-holds = it holds; written to { $place }
# $why (String)
tune-does-not-hold = it does not hold, nothing is written: { $why }
tune-fuerte-hits = FUERTE hits
tune-base = base
tune-a-day = a day
tune-winner-in-sample = winner, in sample
tune-winner-out-of-sample = winner, out of sample
tune-in-force = in force, the same days
tune-all-folds = all folds
tune-winners-out-of-sample = winners, out of sample
# $low (String)
# $high (String)
tune-difference = difference of FUERTE, 90 % by whole days: { $low } to { $high } points
# $profiles (Number)
tune-winner-overall = the winner over everything, of { $profiles } profiles
tune-in-sample = in sample (flattering)
# $judged (Number)
# $needed (Number)
tune-few-fuerte = only { $judged } FUERTE episodes were judged out of sample; { $needed } are needed
# $low (String)
# $high (String)
tune-not-better = out of sample FUERTE is not better for certain: the difference lies between { $low } and { $high } points
tune-nothing-to-compare = the profile in force had too few FUERTE episodes to compare with
# $own (String)
# $other (String)
tune-ranks-worse = out of sample the probability ranks the pairs of a day worse: ROC area { $own } against { $other }
tune-levels-disordered = out of sample a higher level is not right more often than a lower one
# $from (String)
# $to (String)
# $own (String)
# $other (String)
tune-worse-in-period = in { $from } - { $to }, which the choice had not seen, FUERTE was right in { $own } % where the profile in force had { $other } %

## Experiment

# $arm (String)
experiment-promote-ordered = ordered: { $arm } takes over within 10 s, or at the next start of the scanner
experiment-rollback-ordered = ordered: what was in force before comes back within 10 s, or at the next start of the scanner
experiment-arm = arm
experiment-model-profile = model / profile
experiment-brier = Brier own/base
experiment-standing = standing
# $days (Number)
# $samples (Number)
# $fuerte (Number)
experiment-rule = rule: { $days } days, { $samples } samples of both, { $fuerte } FUERTE of each; the 90 % interval by whole days must not touch 0
experiment-automatic = the scanner promotes and rolls back by itself
experiment-by-order = the scanner changes nothing without an order
# $who (String)
# $why (String)
experiment-by = by { $who }: { $why }
experiment-started = started
experiment-promoted = promoted
experiment-rolled-back = rolled_back
experiment-refused = refused
experiment-failed = failed
experiment-no-model = no model
standing-needs-days = needs more days
standing-needs-samples = needs more samples
standing-needs-fuerte = needs more judged FUERTE
standing-better = better for certain
standing-fuerte-worse = better chances, but FUERTE is right less often
standing-worse = worse for certain
standing-no-difference = no certain difference

## Backtest

# $candles (Number)
# $seconds (String)
# $millions (String)
backtest-speed = { $candles } candles in { $seconds } s: { $millions } M candles/s
# $a (String)
# $b (String)
# $difference (String)
# $interval (String)
# $better (String)
backtest-compared = { $a } against { $b }: difference of the squared errors { $difference } { $interval }, better: { $better }
# $low (String)
# $high (String)
backtest-interval = (90 %: { $low } to { $high })
# $name (String)
# $points (Number)
# $base (String)
# $auc (String)
# $brier (String)
# $ece (String)
backtest-summary = { $name }: { $points } points, base rate { $base } %, AUC { $auc }, Brier { $brier }, calibration error { $ece }
backtest-episodes = episodes
backtest-rule = rule
# $fuerte (String)
# $alta (String)
backtest-alerts-a-day = alerts a day: FUERTE { $fuerte }, ALTA { $alta }
# $points (String)
# $base (String)
# $ece (String)
# $share (String)
# $of (Number)
backtest-month = { $points } points, base { $base } %, calibration error { $ece }, FUERTE { $share } of { $of }
# $trades (Number)
# $mean (String)
# $winners (String)
# $drawdown (String)
backtest-trades = FUERTE alerts as trades after costs: { $trades }, mean { $mean } %, winners { $winners } %, drawdown { $drawdown } % of a stake
# $from (String)
# $to (String)
backtest-in-training = the model was trained on { $from } to { $to }: figures over these days flatter it
# $size (String)
# $events (Number)
# $share (String)
backtest-size = FUERTE in events of { $size } pairs ({ $events }): { $share }
backtest-levels-disordered = the levels are not in order of precision: they are not to be trusted here
lookahead-found = something looks ahead: the values above change with what comes later
# $moments (Number)
# $pairs (Number)
# $reports (Number)
lookahead-clean = nothing looks ahead: { $moments } moments of { $pairs } pairs, { $reports } reports equal to the bit with the future cut off and with a false one
lookahead-cut = the future cut off
lookahead-false = a false future
# $moment (Number)
# $pairs (Number)
# $others (Number)
# $change (String)
lookahead-pairs = at { $moment }: { $pairs } pairs reported, { $others } with { $change }
# $moment (Number)
# $pair (String)
# $change (String)
# $other (String)
lookahead-report = at { $moment }: { $pair } says something else with { $change } ({ $other })
# $moment (Number)
# $pair (String)
# $change (String)
lookahead-chance = at { $moment }: the chance of { $pair } changes with { $change }

## Doctor

doctor-ok = ok
doctor-failed = failed
doctor-rest = rest
doctor-clock = clock
doctor-weight = weight
doctor-universe = universe
doctor-streams = streams
# $url (String)
# $ms (Number)
doctor-answers = { $url } answers in { $ms } ms
doctor-check-network = check network and --rest-url; without a network try `impulso demo`
doctor-pairs-needed = the list of pairs is needed to begin; see the line above
# $ms (Number)
doctor-behind = this machine is { $ms } ms behind
# $ms (Number)
doctor-ahead = this machine is { $ms } ms ahead
doctor-synchronise = synchronise the clock (timedatectl set-ntp true); scores use the exchange's time and stay right
# $left (Number)
# $limit (Number)
doctor-weight-left = { $left } of { $limit } a minute left
# $used (Number)
# $limit (Number)
doctor-weight-used = { $used } of { $limit } used in this minute
doctor-weight-shared = another program uses the limit of this address: a start may take minutes
doctor-weight-unknown = the exchange does not tell
doctor-binance = is this a Binance-compatible address?
# $pairs (Number)
# $asset (String)
# $all (Number)
doctor-pairs = { $pairs } { $asset } pairs of { $all } listed
doctor-few-pairs = few pairs: check exchange.quote_asset and exchange.max_min_notional
doctor-check-streams = check network and --stream-url (port 9443 may be closed: 443 works too)
# $url (String)
# $ms (Number)
doctor-sent-data = { $url } sent data after { $ms } ms
# $url (String)
doctor-closed = { $url } closed at once
# $url (String)
doctor-silent = { $url } is open but sent nothing in 10 s
