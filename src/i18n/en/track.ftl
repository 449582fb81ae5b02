### The track record: predictions, calibration, the model in force.

## The track record

track = Track record
track-intro = Every prediction is held, 4 and 24 hours later, against what happened: did the price rise by 7.5 %? Misses count and are shown just like hits.
days = Days
untrusted = The levels are not to be trusted just now: a higher one does no better than a lower one.
trusted = Each level does better than the one below it.
# $least (Number)
too-few = Too few predictions are judged to say anything about the levels: it takes { $least } a level, and each takes 24 hours.
# $day (String) - the day
levels-since = Counted from { $day } (UTC) on: before, levels were made in another way, and those predictions are marked in the list below.
former-definition = former
former-definition-text = Made when levels were made in another way; not counted in the track record.
no-history = No history is kept here, so no prediction is judged.
history-silent = The history store does not answer just now; see the log.
base-rate = Base rate
base-rate-text = the same question, asked every hour of every analysed pair within the limits
by-episode = Precision by level: each time a pair rose to it
by-alert = Precision by level: each alert sent
no-record = No prediction is judged yet: this scanner's own record begins now, and the first outcomes come after 4 and 24 hours.
interval-text = In parentheses the range in which 90 % of the draws of whole days lie; from five judged days on.
by-size = FUERTE alone and in market moves
size = Size
# $from (Number)
size-alone = alone: fewer than { $from } within 60 min
# $from (Number)
# $to (Number)
size-event = market move of { $from } to { $to } pairs
# $from (Number)
size-large = market move of { $from } pairs and more
events = Events
by-month = FUERTE by month
month = Month (UTC)
open-now = Open
opened = Opened
void = Void
within-4h = +7.5 % in 4 h
within-24h = +7.5 % in 24 h
time-to-hit = Time to +7.5 %
mean-rise = Greatest rise (mean)
mean-fall = Deepest fall (mean)
# $hits (Number)
# $count (Number)
hits-of = { $hits } of { $count }
reliability = Calibration: what was said and what came
reliability-said = chance said
reliability-came = what came
reliability-none = No samples are judged so far.
rule-curve = Rule (not a chance)
calibrated-curve = Calibrated model
# $error (String)
ece = calibration error { $error }
# $count (Number)
sample-count = { $count } samples
predictions = Predictions
no-predictions = No predictions of this kind so far.
kind = Kind
kind-all = Every kind
kind-episode = Level rise
kind-alert = Alert
kind-sample = Hourly sample
outcome = Outcome
outcome-open = open
outcome-hit = hit
outcome-miss = miss
outcome-void = void
rise = Greatest rise
fall = Deepest fall
csv = Download CSV
# $span (String)
outcome-after = after { $span }

## The model in force

model-in-force = The model in force
no-model = No model is in force: levels and alerts go by the rule.
drift-now = The market has left what the model was trained on: take its chances with care.
# $count (Number)
model-features = { $count } features
# $count (Number)
model-pairs = { $count } pairs
# $count (Number)
trained-periods = { $count } periods
shift-now = Adaptation to the market
as-trained = none yet: outcomes are missing
# $version (Number)
calibration-version = version { $version }
# $slope (String)
calibration-slope = slope { $slope }
shift-text = The adaptation adds to low chances what the outcomes of the last days ask for and spreads or narrows them (slope), within bounds; high ones stay as learned.
out-of-time = What the model was worth on periods that it had not seen (not this scanner's own record)
out-of-time-text = Judged on recorded candles by models that had not seen those days. The own record, below, is what counts here.
judged-on = Judged on
judged-points = Points
roc-area = ROC area
calibration-error = Calibration error
of-points = of the points at 60 % and more
split-walk-forward = what came after, by models of what came before
split-blocks = blocks of days, by models of all others
split-left-out = periods left out, by models of all others
retrained = Last retraining
retuned = Last tuning of the rule
run-waiting = not due yet
run-made = a challenger is in the shadow
run-refused = no challenger
run-failed = failed
