### Help of the commands and their arguments; `cli/*` says where each stands.

help-about = Real-time momentum scanner for all USDT pairs on Binance spot
help-examples =
    Examples:
      impulso demo                      everything against a simulated exchange, no network needed
      impulso scan                      the live market, public data, no key
      impulso scan --cycle-interval 5   a ranking every 5 seconds
      impulso doctor                    can the exchange be reached, is the clock right
      impulso config show               every setting in force and where it comes from
help-lang = Language of help, errors and lines: es or en; that of the system when left out
help-scan = Scan the live market (public data, no key)
help-scan-examples =
    Examples:
      impulso scan
      impulso scan --rest-url http://127.0.0.1:9000 --stream-url ws://127.0.0.1:9000
      impulso scan --base-interval 5m --port 0 --state-dir /tmp/impulso
      impulso scan --standby --redis redis://10.0.0.5:6379        (on two machines)
help-demo = Run a simulated exchange and the scanner over real sockets: no network, no key
help-demo-examples =
    Examples:
      impulso demo
      impulso demo --symbols 100 --speed 10
      impulso demo --data recorded/um-1m --start 2025-06-18T06:00
help-exchange = Run the simulated exchange alone
help-exchange-examples =
    Examples:
      impulso exchange --synthetic 500
      impulso exchange --data recorded/um-1m --start 2025-06-18T06:00 --speed 10
      impulso exchange --synthetic 50 --fault stall:all:10@30 --fault 429:all:5@60
help-config = Check, show or migrate the settings
help-doctor = Check whether the exchange can be used from here
help-doctor-examples =
    Example:
      impulso doctor --rest-url https://api.binance.com --stream-url wss://stream.binance.com:9443
help-web = Serve page, REST and WebSocket from Redis alone: a read-only node, as many as you like
help-web-examples =
    Example:
      impulso scan --redis redis://127.0.0.1:6379          (the scanner publishes)
      impulso web --redis redis://127.0.0.1:6379 --port 8081
help-history = Stored candles and scores: import, export, fetch, remove, recover, vacuum, stats
help-open = Open the page of the running scanner so that it may change things
help-open-examples =
    Examples:
      impulso open
      impulso open --print --port 8081     only the address, for a browser elsewhere
help-alerts = Try out channels and alert policies
help-train = Train a model on recorded candles
help-train-examples =
    Examples:
      impulso train --data recorded/spot-5m-2024 --out mine.json
      impulso train --data recorded/2023 recorded/2024 --step 60m --name mine --out mine.json
      impulso train --store sqlite:/data/history.db --out mine.json
help-model = Models: show, compare, put in force
help-tune = Search points, thresholds and weights of the rule; what does not hold on unseen days is not written
help-tune-examples =
    Examples:
      impulso tune --data recorded/spot-5m-2024 --out challenger.toml
      impulso tune --data recorded/2023 recorded/2024 --candidates 1000
      impulso tune --store sqlite:/data/history.db --min-per-day 2
help-experiment = Arms that score in the shadow: show, promote, roll back
help-backtest = Hold scores, model and alert policy against recorded candles
help-backtest-examples =
    Examples:
      impulso backtest --data recorded/spot-5m-2024
      impulso backtest --data recorded/spot-5m-2024 --from 2024-02-01 --to 2024-03-01 --model none --model default
      impulso backtest --data recorded/spot-5m-2024 --json report.json --html report.html
      impulso backtest --store sqlite:/data/history.db --from 2025-01-01
      impulso backtest lookahead-check --data recorded/spot-5m-2024
help-token = Tokens of the API
help-backup = Save state and history while the scanner runs
help-backup-examples =
    Examples:
      impulso backup --to /var/backups/impulso
      impulso backup --to /var/backups/impulso --keep 14
help-restore = Put a backup back; the scanner must not run
help-restore-examples =
    Examples:
      impulso restore --from /var/backups/impulso
      impulso restore --from /var/backups/impulso/impulso-20260718T060000Z
help-health = Ask the running scanner whether it is well; the exit code is 0 if it is
help-health-examples =
    Examples:
      impulso health
      impulso health --alive --port 8081
help-completions = Print a completion script for a shell
help-completions-examples =
    Example:
      impulso completions bash > ~/.local/share/bash-completion/completions/impulso
help-completions-shell = The shell
help-config-check = Say whether they are right
help-config-show = Print those in force as TOML, each with its origin
help-config-migrate = Rewrite a settings file whose settings have old names
help-config-migrate-examples =
    Examples:
      impulso config migrate impulso.toml      in its place, with a backup beside it
      impulso config migrate old.toml --dry-run > new.toml
help-migrate-file = Settings file
help-migrate-dry-run = Print the new file, change nothing
help-settings-config = Settings file (default: ~/.config/impulso/impulso.toml, else /etc/impulso/impulso.toml)
help-settings-market-speed = How fast the exchange's clock runs; 1, but for a replay
help-settings-rest-url = REST address of the exchange
help-settings-stream-url = Stream address of the exchange
help-settings-port = Port of page and API; 0 takes a free one
help-settings-state-dir = Folder of what survives a restart
help-settings-store = Where history is kept: sqlite:PATH or clickhouse:http://USER@HOST:8123/DATABASE
help-scan-standby = One of two scanners with the same Redis: one sends the alerts, the other takes over when it ends
help-settings-redis = Redis to publish to: redis://HOST:6379
help-settings-base-interval = Interval of the base candles: 1m, 3m, 5m, 15m, 30m, 1h
help-cycle-interval = Seconds of market time between cycles
help-log-level = Log level: error, warn, info, debug, trace
help-demo-symbols = Eligible pairs of the simulated market; some that are not come on top
help-demo-data = Recorded market instead: folders of CSV.zst files or zips
help-market-start = Market time at the start, UTC (2025-06-18T06:00)
help-market-speed = How much faster than real the market runs
help-demo-seed = Seed of the simulated market: the same seed moves alike at whatever moment it starts
help-demo-port = Port of page and API (default 8080; 0 takes a free one)
help-market-listings = Pairs that join and pairs that leave while it runs
help-demo-base-interval = Interval of the candles: 1m, or what the recorded market has
help-demo-config = Settings file
help-exchange-data = Recorded market: folders of CSV.zst files or zips
help-exchange-synthetic = Simulated market with so many eligible pairs (default 500)
help-exchange-base-interval = Interval of its candles
help-exchange-seed = Seed of the simulated market
help-exchange-listen = Address to listen on; port 0 takes a free one
help-exchange-fault = A fault as FAULT:TARGET:SECONDS[@AFTER_SECONDS]; may be given several times
help-backup-to = Folder that gets the backup, in a folder of its own named after the moment
help-backup-keep = Keep so many backups there and remove the older ones; all when left out
help-restore-from = Folder of a backup, or of several, of which the newest is taken
help-health-alive = Ask only whether the process answers, not whether there is a full ranking
help-open-print = Only print the address, open no browser
help-history-import = Read candles from files: data.binance.vision zips, CSV, CSV.zst, or folders of them
help-history-import-examples =
    Examples:
      impulso history import BTCUSDT-1m-2025-01.zip
      impulso history import candles/ --interval 5m --store sqlite:/data/history.db
help-history-export = Write one pair's candles to a file
help-history-export-examples =
    Examples:
      impulso history export --symbol BTCUSDT --interval 1m --from 2025-06-01 --to 2025-06-02 --out btc.csv
      impulso history export --symbol BTCUSDT --format jsonl
help-history-fetch = Fetch candles that the store lacks, by REST under the weight budget or from the bulk archive
help-history-fetch-examples =
    Examples:
      impulso history fetch --symbol BTCUSDT,ETHUSDT --interval 1m --from 2025-06-01 --to 2025-06-08
      impulso history fetch --interval 5m --from 2025-01-01 --to 2025-02-01 --archive https://data.binance.vision
help-history-remove = Remove candles of pairs, imported ones too, which the retention leaves
help-history-remove-examples =
    Examples:
      impulso history remove --symbol BTCUSDT --interval 1m --from 2024-01-01 --to 2025-01-01
help-history-recover = Bring what can be read of a damaged history file into the store
help-history-recover-examples =
    Examples:
      impulso history recover ~/.local/state/impulso/history.db.corrupt-1
help-history-vacuum = Apply the retention and give unused space back to the disk
help-history-stats = Show what is stored
help-import-paths = Files or folders
help-import-interval = Interval of the candles, where the files do not show it
help-format-csv = Comma-separated, with a header
help-format-jsonl = One JSON object a line
help-export-symbol = The pair
help-candle-interval = Interval of the candles
help-export-from = First open time, UTC
help-export-to = Up to before this open time, UTC
help-export-format = How it is written
help-export-out = File; `.zst` at its end compresses it. Standard output when left out
help-remove-symbol = Pairs, by name
help-recover-file = The damaged file, such as history.db.corrupt-1
help-vacuum-dry-run = Only say what would be removed
help-fetch-symbol = Pairs; all of the universe when left out
help-fetch-from = First day, UTC
help-fetch-to = Up to before this moment, UTC; now when left out
help-fetch-archive = Address of the bulk archive, such as https://data.binance.vision; REST when left out
help-alerts-test = Send a test message over a channel and say what became of it
help-alerts-test-examples =
    Example:
      impulso alerts test --channel telegram:-1001234567890
help-alerts-simulate = Replay stored scores through an alert policy: how many alerts, which, how far apart
help-alerts-simulate-examples =
    Examples:
      impulso alerts simulate --from 2025-06-01 --to 2025-06-08
      impulso alerts simulate --policy stricter.toml     (a settings file; its [alert] section counts)
help-alerts-test-channel = Name of the channel; without it the names are listed
help-alerts-simulate-from = First cut, UTC; the oldest stored when left out
help-alerts-simulate-to = Up to before this cut, UTC
help-alerts-simulate-policy = Settings file whose [alert] section is tried out
help-alerts-simulate-list = Print every alert
help-token-create = Make a token; it is shown once
help-token-create-examples =
    Example:
      impulso token create laptop --scope operate
help-token-list = List the tokens; their text is kept nowhere
help-token-revoke = Take a token back
help-scope-read = Read everything
help-scope-operate = Read, and change mutes, watchlist and the like
help-token-create-name = A name to know it by
help-token-create-scope = What it may do
help-token-name = Its name
help-train-data = Folders of recorded candles, each a period of its own, with longer history in 1h/ where there is some; the ledger of the history store when left out
help-train-out = Where the model is written
help-train-name = Name of the model (default: the file's name)
help-step-points = Between points
help-from-all-features = First moment, UTC (default: the first with all features)
help-to-moment = End of the moments, UTC
help-train-rounds = Trees of each of the three forests
help-train-day-weights = What counts each day alike instead of each point
help-weighed-none = nothing
help-weighed-line = the logistic regression
help-weighed-trees = the trees
help-weighed-calibration = the calibration
help-model-show = What a model is, what it was trained on, and how it did out of time
help-model-show-examples =
    Examples:
      impulso model show
      impulso model show mine.json
help-model-file = `default` or a model file
help-model-compare = Two models side by side; on candles, `impulso backtest` with several --model compares them in pairs
help-model-activate = Put a model in force: checked, copied into the state folder, used from the next start
help-model-activate-examples =
    Examples:
      impulso model activate mine.json
      impulso model activate default
      impulso model activate none          (alerts by the rule)
help-model-or-none = `default`, `none` or a model file
help-tune-data = Folders of recorded candles, each a period of its own (files in 1h/ and 1d/ are not of it); the history store when left out
help-tune-from = First moment, UTC (default: the first after a warm-up)
help-step-moments = Between moments
help-tune-candidates = Profiles tried at random; as many again refine the best
help-tune-folds = Blocks of days; each but the first is judged by what came before it. Several periods are judged each by all others instead
help-tune-min-per-day = FUERTE episodes a day, at least
help-tune-seed = The same seed finds the same
help-tune-out = Where the settings file with the profile is written, if it holds
help-tune-json = Write everything as JSON, whether it holds or not
help-experiment-show = What is in force beside the arms in its shadow, the rule that decides, and the book of changes
help-print-json = Print JSON
help-experiment-promote = Put an arm in force: the running scanner does so within 10 s and writes it into the book
help-experiment-promote-examples =
    Examples:
      impulso experiment promote challenger-model
      impulso experiment promote rule             (alerts by the rule alone)
help-experiment-promote-arm = Its name, as `impulso experiment show` gives it
help-experiment-rollback = Put what was in force before in force again
help-on = On
help-off = Off
help-backtest-data = Folder of recorded candles: SYMBOL.csv.zst, SYMBOL.csv or zips of the exchange's archive, and in 1h/ the hours that REST would answer; the history store when left out
help-backtest-profile = Settings file whose scoring profile is tried; may be given several times
help-backtest-model = `default`, `none` (the rule) or a model file; may be given several times
help-backtest-adapt = Does the calibration follow the market
help-backtest-fee = Fee of one side of a trade, percent
help-backtest-spread = Spread and slippage of a whole trade, percent
help-backtest-stop = A fall of so many percent ends a trade
help-backtest-json = Write the report as JSON
help-backtest-rows = Write every scored pair at every moment of the first run, one JSON object a line
help-backtest-html = Write the report as one self-contained page
help-backtest-lookahead-check = Prove that nothing looks ahead: cut the future off at random moments, and change it; nothing said before may change
help-lookahead-data = Folder of recorded candles, with longer history in 1h/ where there is some
help-lookahead-moments = Moments that are tried
