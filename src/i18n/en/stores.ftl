### Why the files and servers of state and history fail.

# $place (String)
# $why (String)
history-damaged = { $place } is damaged ({ $why }); the scanner moves the file away at its next start and begins a new one; 'impulso history recover FILE' brings what can be read of it into that
# $why (String)
# $error (String)
history-damaged-stays = it is damaged ({ $why }) and cannot be moved away: { $error }
# $place (String)
# $why (String)
history-not-opened = { $place } cannot be opened: { $why }
# $place (String)
# $why (String)
history-not-set-aside = { $place }: rows cannot be set aside: { $why }
# $schema (Number)
history-newer = it was written by a newer version of impulso (schema { $schema })
# $most (Number)
history-too-many-pairs = more than { $most } pairs
history-odd-row = a row cannot be read or written
# $moment (String)
history-odd-moment = the moment { $moment } is out of range
history-broke-off = a job broke off
history-no-answer = no answer in time
# $why (String)
history-spill-unusable = the spill cannot be used: { $why }
history-spill-taken = another process has the spill
clickhouse-database = the name of the ClickHouse database is not usable
# $address (String)
clickhouse-address = { $address }: only http:// and https:// are spoken with ClickHouse
# $place (String)
# $found (String)
# $needed (String)
clickhouse-too-old = { $place }: ClickHouse { $found } is too old, { $needed } is needed
sqlite-full = the disk is full
sqlite-busy = it is locked, another process goes on writing to it
sqlite-read-only = it may not be written
