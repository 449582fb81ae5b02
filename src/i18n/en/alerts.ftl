### The alerts page: history, mutes, channels, policy, notifications.

## Alerts

history = Alert history
no-alerts = No alerts so far.
when = When (UTC)
reason = Reason
deliveries = Deliveries
no-delivery = not delivered
# $attempts (Number)
delivery-tries = { $attempts } tries
older = Older
newest = Newest
unreadable = The state cannot be read just now; see the log.
pending = waiting
sending = being sent
sent = delivered
uncertain = maybe delivered
dead = given up
mutes = Mutes
no-mutes = Nothing is muted.
everything = all pairs
until = Until (UTC)
for-good = for good
muted-by = Who
mute-all = Mute all for 1 h
channels = Channels
no-channels = There are no alert channels.
channel = Channel
channel-ok = works
channel-dead = does not work
delivered = Delivered
waiting = Waiting
maybe = Uncertain
given-up = Given up
last-sent = Last delivery (UTC)
last-error = Last failure
test = Send a test
test-sent = Test on its way over
never = never

## Notifications and the policy

notify = Notifications and sound in this browser
notify-on = On: each new FUERTE alert sounds and notifies.
notify-off = Off.
notify-blocked = Sound only: the browser does not allow notifications from this page.
policy = Policy in force
policy-levels = Levels that alert (score)
policy-levels-chance = Levels that alert (chance of +7.5 %)
policy-confirm = A level must hold for
policy-breakout = Breakout points that need one cycle only
policy-hysteresis = Points below to leave a level
policy-cooldown = Pause between alerts of a pair
policy-escalation = Rise in points that alerts again
policy-digest = ALTA is gathered for
policy-summary = Alerts at once that become a summary
policy-move = Market move
# $episodes (Number)
# $span (String)
policy-move-is = { $episodes } FUERTE within 60 min are one event; more of it are told every { $span }
policy-quiet = Quiet hours
policy-watchlist = Watched pairs only
policy-no-quiet-hours = none
policy-watchlist-only-yes = yes
policy-watchlist-only-no = no, every pair
