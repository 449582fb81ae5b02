### The page of a pair.

## A pair

back = ← Market
unknown-pair = There is no such pair
unknown-pair-text = is not among the USDT pairs that this scanner follows.
why-not = Why is it not in the ranking?
no-scores = No scores: the pair cannot be analysed just now.
pair-facts = Facts of the pair
volatility = 24 h range
resistance = Nearest resistance
no-resistance = none above
updated = Data up to
# $hours (String)
# $minutes (String)
chart = Last { $hours } h, { $minutes } min candles
chart-open = open
chart-high = high
chart-low = low
chart-close = close
chart-scores = Points
chart-none = There are no candles yet.
chart-script = The chart needs JavaScript.
breakdown = Breakdown of the score
part = Part
value = Value
points = Points
lift = What would give more points
lift-none = it has the most already
total = Total
next-level = Next level
top-level = It is at the highest level already.
reaches = reaches
near-high = price near its former high or above it
factors = Factors of the probability by rule
factor = Factor
weight = Weight
share = Adds
factor-volatility = 24 h range
factor-momentum = Momentum
factor-resistance = Room to the resistance
factor-btc = Push from BTC
factor-liquidity = 24 h volume
btc-missing = BTCUSDT cannot be analysed: its factor is neutral.
pause-jump = The price jumped across a pause in trading: a token swap looks like a pump.
pair-alerts = Alerts of the pair

## Why the model gives a chance

why-chance = Why this chance
why-chance-text = The chance in percentage points, held against the pairs that are listed now: what sets this one apart from them raises or lowers it. The parts add up to the chance.
model = Model
trained-on = trained from
inputs-partial = Hours of earlier days are still missing: the model does without them.
why-points = Percentage points
why-base = Mean of the listed pairs
why-shift = Adaptation to the market of the last days
why-rest = The rest
why-sum = Chance
group-movement = How much it moves (ATR, range, volatility)
group-record = Its last weeks (how often it reached +7.5 %)
group-trend = Price changes
group-breakout = Highs, breakout and resistance
group-volume = Volume
group-momentum = RSI, MACD and the rule
group-market = Against the market and BTC

## A pair

breakout-line = High of 20 candles
signal-line = Signal
chart-legend = Arrows: alerts; circles: rises of level (F and A: FUERTE and ALTA; ✓ hit, ✗ miss, … open). Below: RSI, MACD, momentum and probability. Times are UTC.
chart-maker = Chart:
pair-predictions = Predictions of the pair

## Why a pair is not listed, or not analysed

# $volume (String)
# $needed (String)
not-listed-volume = Its 24 h volume is { $volume } USDT; { $needed } are needed.
# $price (String)
# $least (String)
not-listed-min-price = Its price is { $price }; the lowest listed is { $least }.
# $price (String)
# $most (String)
not-listed-max-price = Its price is { $price }; the highest listed is { $most }.
# $score (String)
# $threshold (String)
not-listed-discarded = Its momentum is { $score }; the level BAJA begins at { $threshold }.
not-listed-no-chance = What the model says of it is no number, so it has no chance and no level.
# $chance (String)
# $threshold (String)
not-listed-unlikely = Its chance of +7.5 % is { $chance } %; the level BAJA begins at { $threshold } %.
# $ready (Number)
# $needed (Number)
not-ready-warming = It has { $ready } of the { $needed } candles that are needed.
not-ready-gap = Candles are missing in between; the exchange was asked for them.
not-ready-stale = There was no news of it for more than 120 s.
not-ready-halted = Its trading is halted.
# $price (String)
need-price = price ≥ { $price }
