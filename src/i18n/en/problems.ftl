### Errors of the API: a title for each kind, a detail for each cause.

## Titles

title-bad-query = Bad query parameter
title-bad-body = Bad request body
title-unknown-symbol = Unknown symbol
title-unknown-route = Unknown route
title-method = Method not allowed
title-unauthorized = Token needed
title-forbidden = Not allowed
title-not-found = Not found
title-no-chance = No chance
title-foreign-origin = Foreign origin
title-too-many-requests = Too many requests
title-read-only = Read-only node
title-standby = On standby
title-no-scanner = No scanner
title-state = State not usable
title-no-snapshot = No ranking yet
title-not-ready = Not ready
title-no-answer = No answer
title-no-history = No history
title-history = History not readable
title-no-experiment = No experiment
title-no-report = No report yet
title-clients-full = Too many live clients
title-too-large = Body too large
title-answers-unread = Answers not taken
title-foreign-host = Foreign host
title-late = Body too late
title-media-type = Kind of body not understood
title-bad-request = Request not understood

## Query parameters

# $error (String)
problem-query-unreadable = the query string cannot be read: { $error }
# $key (String)
problem-unknown-parameter = parameter '{ $key }' is not known here
# $key (String)
problem-repeated-parameter = parameter '{ $key }' stands twice; give it once
# $key (String)
# $value (String)
problem-unknown-value = { $key } '{ $value }' is not known
# $key (String)
# $value (String)
problem-not-understood = { $key } '{ $value }' is not understood
# $key (String)
# $value (String)
# $least (Number)
# $most (Number)
problem-not-whole = { $key } '{ $value }' is not a whole number from { $least } to { $most }
# $value (String)
problem-no-span = '{ $value }' is no span of time
# $interval (String)
problem-interval-not-served = interval '{ $interval }' is not served
# $rows (Number)
# $most (Number)
problem-too-many-rows = that is { $rows } rows, the most is { $most }: ask for less, or thin it
# $error (String)
problem-no-handshake = /ws takes a WebSocket handshake: { $error }

## Bodies, routes and methods

# $error (String)
problem-body-unreadable = the body is not understood: { $error }
# $encoding (String)
problem-encoded-body = the body is compressed ({ $encoding }): send it as it is, without Content-Encoding
problem-body-late = the body did not come in time
# $path (String)
problem-unknown-route = there is nothing at '{ $path }'; GET /openapi.json lists all routes
# $method (String)
# $allowed (String)
problem-method = { $method } is not possible here: use { $allowed }
or = or

## Who may do what

# $origin (String)
# $host (String)
problem-foreign-origin = Origin '{ $origin }' is not this server ('{ $host }'): open the page from here, or add it to web.cors_origins
# $host (String)
problem-foreign-host = Host '{ $host }' is no name of this server: ask it by its address, add the name to web.hosts, or send a token
problem-token-needed = this route needs 'Authorization: Bearer TOKEN'; make one with `impulso token create NAME --scope operate`
problem-code-used = this link was used already or is not of this run; `impulso open` makes a new one
# $name (String)
problem-may-only-read = token '{ $name }' may only read
problem-reading-needs-token = reading needs 'Authorization: Bearer TOKEN'; make one with `impulso token create NAME --scope read`, or open it to all with web.public_read = true
problem-token-unknown = this token is not known; `impulso token list` shows those that are
# $after-s (Number)
problem-too-many-requests = too many requests of this token or address; try again in { $after-s } s
problem-read-only = this node only shows what a scanner publishes; ask the scanner itself
problem-standby = this machine is on standby and follows the other one: change it there
problem-read-only-levels = a read-only node keeps no measures: ask the scanner itself
problem-read-only-model = a read-only node has no model; ask the scanner itself

## What is not there

# $name (String)
problem-unknown-symbol = '{ $name }' is not in the universe; GET /api/v1/symbols lists all pairs
# $name (String)
problem-no-chance = '{ $name }' has no chance just now: no model, not analyzable, or outside the limits
# $symbol (String)
problem-not-muted = '{ $symbol }' is not muted; GET /api/v1/mutes lists what is
# $symbol (String)
problem-not-watched = '{ $symbol }' is not on the watchlist
# $name (String)
# $all (String)
problem-unknown-channel = there is no channel '{ $name }'; there are: { $all }
# $arm (String)
# $all (String)
problem-unknown-arm = there is no arm '{ $arm }'; there are: { $all }
problem-nothing-before = nothing was in force before: no arm was promoted so far

## What is not there yet, or not now

# $symbol (String)
problem-no-answer = { $symbol } does not answer just now
problem-no-snapshot = no cycle has been published: the pairs are warming up; see /api/v1/status
problem-not-ready = no ranking has covered 95 % of the universe so far; see /api/v1/status
problem-state = the state cannot be used just now; see the log
problem-tokens-unreadable = tokens cannot be read just now
problem-no-history = no history is kept here (history.enabled), so nothing is judged
problem-history = the history store does not answer just now; see the log
problem-no-experiment = there is no experiment here (experiment.enabled, history.enabled; never on a read-only node)
problem-no-report = there is no report yet: it comes some seconds after the first ranking
# $most (Number)
problem-clients-full = all { $most } places for live clients are taken
problem-answers-unread = too many answers wait to be read by this client or by others; read them, then ask again
# $most (Number)
problem-own-clients-full = this address or token has its { $most } places for live clients
