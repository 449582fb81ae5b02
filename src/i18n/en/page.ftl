### What every page has: head, navigation, footer, keyboard, sign-in.

## The shell

tagline = USDT momentum scanner
skip = Skip to content
nav = Sections
market = Market
alerts = Alerts
status = Status
theme = Switch between light and dark theme
other-lang = Español
admin = Admin route of the simulator:
problems = Problems
unknown = not known
since = since
stale-data = What you see is not up to date. Age of the data:
read-only = This node only shows what a scanner publishes; nothing is changed from here.
not-operator = To change something, sign in: open the address that `impulso open` prints on the scanner's machine, or use a token.
footer = Nothing here is advice to trade. Times are UTC.

## Keyboard

help = Keyboard
close = Close
key-search = search
key-move = next or former row
key-open = open the pair
key-star = watch the pair or stop watching it
key-all = top 10 or all
key-help = this help

## Sign-in

sign-in-again = Sign in with another token
sign-in = Sign in
sign-in-how = This page needs a token. On the scanner's machine: impulso token create NAME --scope read. To change things: --scope operate, or open the address that impulso open prints.
sign-in-token = Token
