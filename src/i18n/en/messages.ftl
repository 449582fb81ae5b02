### What channels deliver and the Telegram bot answers. Names of the parts of a score stand in market.ftl.

## An alert

# $score (String)
# $parts (String)
alert-score = score { $score } ({ $parts })
# $chance (String)
alert-calibrated = calibrated { $chance }%
# $price (String)
alert-price = price { $price }
# $volume (String)
alert-volume = 24 h volume { $volume } USDT
# $what (String)
# $value (String)
# $line (String)
alert-met = { $what } { $value }, line { $line }
# $what (String)
# $value (String)
# $line (String)
# $left (String)
alert-held = { $what } { $value }: entered at { $line }, left below { $left }
# $level (String)
# $value (String)
alert-was = was { $level } { $value }
alert-by-score = score
alert-by-chance = calibrated chance
fact-score = Score
fact-volume = 24 h volume
open-page = Open in the dashboard
maybe-repeated = (may be a repetition)

## Headlines

# $count (Number)
headline-digest = ALTA digest: { $count } pairs
# $count (Number)
headline-summary = Many alerts at once: { $count } pairs
# $episodes (String)
# $minutes (String)
headline-market-move = One market move: { $episodes } pairs at FUERTE within { $minutes } min
headline-notice = Impulso notice
headline-test = Impulso test

## A market move

market-move-is-one = Pairs that rise together are right or wrong together: count this as one event, not as many.
# $hits (Number)
# $judged (Number)
# $percent (String)
market-move-own = In such events of the own track record { $hits } of { $judged } pairs came true ({ $percent } %).
# $hits (Number)
# $judged (Number)
# $percent (String)
market-move-model = In such events of periods that the model had not seen { $hits } of { $judged } pairs came true ({ $percent } %).
market-move-unknown = How many pairs of such events come true is not known yet.

## Notices

# $channel (String)
# $reason (String)
# $remedy (String)
# $fate (String)
notice-channel-dead = Channel { $channel } does not work: { $reason }. { $remedy } { $fate }
remedy-wait = It may pass by itself.
remedy-telegram-token = Make a new token with @BotFather and put it into the settings.
remedy-telegram-chat = Add the bot to the chat again, or write /start to it; the number in the settings must be that of the chat.
remedy-telegram-rights = Give the bot the right to write in that chat.
remedy-discord-webhook = Make a new webhook in the channel's settings in Discord and put its address into the settings.
remedy-webhook-address = Check the address of the webhook and what its receiver asks for.
remedy-mail-login = Check name and password of the mail server; many providers want a password made for one app.
remedy-mail-recipient = Correct the address of the recipient in the settings.
remedy-mail-sender = Use a sender that the mail server accepts from this account.
remedy-mail-server = Check address, port and protection (`security`) of the mail server, and its certificate.
remedy-refused = Its answer says why; `impulso alerts test` shows it as well.
alerts-wait = Its alerts wait until they expire, and it is tried again by itself.
alerts-refused = The alerts that it refused are lost; those that come are tried.
# $channel (String)
notice-channel-back = Channel { $channel } works again.
notice-drift = The market has left what the model was trained on: its low chances are corrected as far as is allowed; take them with care.
notice-drift-over = The market is back at what the model was trained on.
# $channel (String)
# $cap (Number)
notice-daily-cap = Channel { $channel } reached its cap of { $cap } messages today: no more alerts until tomorrow.
# $key (String)
# $channel (String)
# $reason (String)
notice-undelivered = Message { $key } could not be delivered over { $channel }: { $reason }
channel-works = This channel works: Impulso's alerts will arrive here.

## The bot

bot-usage = Write it like this:
# $symbol (String)
bot-unmuted = { $symbol } is not muted any more
# $symbol (String)
bot-not-muted = { $symbol } was not muted
# $symbol (String)
# $minutes (Number)
bot-muted = { $symbol } muted for { $minutes } min
bot-may-not = You may not change anything from here: channels.telegram.command_users names who may.
bot-failed = It could not be done; see the log.
# $symbol (String)
bot-unknown = { $symbol } is not among the scanned pairs
bot-no-ranking = There is no ranking yet.
# $reason (String)
# $ready (Number)
# $needed (Number)
bot-not-analysed = not analysed: { $reason } { $ready }/{ $needed }
# $feed (String)
bot-market = market: { $feed }
# $pairs (String)
bot-coverage = coverage: { $pairs }
# $count (Number)
bot-cycles = cycles: { $count }
