### The market page: facts, filters, table.

## Facts and the market band

facts = Market and scanner at a glance
link = Connection
feed = Exchange
coverage = Coverage
latency = Latency
cut = Cut UTC
age = Data age
btc = BTC 1 h
breadth = Pairs up 1 h
connecting = connecting
live = live
lost = reconnecting
frozen = no news
discarded = discarded
filtered = outside limits
warming = Still warming up:

## Filters

filters = Filters
search = Search pair
level = Level
every-level = All
min-volume = Min. volume (M)
min-price = Min. price
max-price = Max. price
watched = Watched
columns = Columns
reset = Clear filters
top = Top 10 a level
all = All listed
needs-script = Filters, chart and buttons need JavaScript; order and levels do not.

## The table

ranking = Momentum ranking
symbol = Symbol
price = Price
change = 1 h
score = Momentum
rule = Rule index
rule-hint = Index of the rule, 0 to 100: not a chance
calibrated = Prob +7.5 %
calibrated-hint = Learned, calibrated chance of +7.5 % within 24 h; – while there is no model
composite = Composite
volume = Volume 24h
data = Data
time = Last update
actions = Mute
empty = No pair with these filters.
shown = Pairs shown:
why-search = Why is it not here? See
state-live = live
state-refilled = refilled
state-stale = stale
state-halted = halted
state-warming = warming up
state-gap = refilling
part-rsi = RSI
part-macd = MACD
part-volume = volume
part-velocity = velocity
part-breakout = breakout
up = up
down = down
star = Watch
unstar = Stop watching
mute = Mute for 24 h
unmute = Unmute
new-top = New in FUERTE:
news-lost = Connection lost, reconnecting
news-back = Connection is back
failed = That failed:

## The market

trend = Last 6 h
level-hint = By the calibrated chance where there is a model, else by the score; alerts and track record go by it
unscored = Not scored
regime = Market mood
regime-up = rising
regime-down = falling
regime-flat = mixed

## How many such cases came true

# $hits (Number)
# $count (Number)
# $from (Number)
# $to (Number)
# $days (Number)
cases-own = { $hits } of { $count } such cases came true (chances of { $from } to { $to } %, own track record of { $days } days)
# $hits (Number)
# $count (Number)
# $from (Number)
# $to (Number)
cases-model = { $hits } of { $count } such cases came true (chances of { $from } to { $to } %, the model judged on days it had not seen)
# $least (Number)
cases-none = No count of such cases: the model file has none, and the own track record has fewer than { $least }
