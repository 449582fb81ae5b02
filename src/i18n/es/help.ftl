### Help of the commands and their arguments; `cli/*` says where each stands.

help-about = Escáner de momentum en tiempo real para todos los pares USDT de Binance spot
help-examples =
    Ejemplos:
      impulso demo                      todo sobre un mercado simulado, sin red
      impulso scan                      el mercado real, datos públicos, sin clave
      impulso scan --cycle-interval 5   una clasificación cada 5 segundos
      impulso doctor                    si se llega al mercado y el reloj va bien
      impulso config show               cada ajuste en vigor y de dónde viene
help-lang = Idioma de ayuda, errores y líneas: es o en; si falta, el del sistema
help-scan = Analiza el mercado real (datos públicos, sin clave)
help-scan-examples =
    Ejemplos:
      impulso scan
      impulso scan --rest-url http://127.0.0.1:9000 --stream-url ws://127.0.0.1:9000
      impulso scan --base-interval 5m --port 0 --state-dir /tmp/impulso
      impulso scan --standby --redis redis://10.0.0.5:6379        (en dos máquinas)
help-demo = Un mercado simulado y el escáner sobre sockets reales: sin red y sin clave
help-demo-examples =
    Ejemplos:
      impulso demo
      impulso demo --symbols 100 --speed 10
      impulso demo --data recorded/um-1m --start 2025-06-18T06:00
help-exchange = Solo el mercado simulado
help-exchange-examples =
    Ejemplos:
      impulso exchange --synthetic 500
      impulso exchange --data recorded/um-1m --start 2025-06-18T06:00 --speed 10
      impulso exchange --synthetic 50 --fault stall:all:10@30 --fault 429:all:5@60
help-config = Comprueba, muestra o migra los ajustes
help-doctor = Comprueba si el mercado se puede usar desde aquí
help-doctor-examples =
    Ejemplo:
      impulso doctor --rest-url https://api.binance.com --stream-url wss://stream.binance.com:9443
help-web = Sirve página, REST y WebSocket solo desde Redis: un nodo de solo lectura, tantos como se quiera
help-web-examples =
    Ejemplo:
      impulso scan --redis redis://127.0.0.1:6379          (el escáner publica)
      impulso web --redis redis://127.0.0.1:6379 --port 8081
help-history = Velas y puntuaciones guardadas: import, export, fetch, remove, recover, vacuum, stats
help-open = Abre la página del escáner en marcha de modo que pueda cambiar cosas
help-open-examples =
    Ejemplos:
      impulso open
      impulso open --print --port 8081     solo la dirección, para un navegador en otro sitio
help-alerts = Prueba canales y reglas de alerta
help-train = Entrena un modelo con velas grabadas
help-train-examples =
    Ejemplos:
      impulso train --data recorded/spot-5m-2024 --out mine.json
      impulso train --data recorded/2023 recorded/2024 --step 60m --name mine --out mine.json
      impulso train --store sqlite:/data/history.db --out mine.json
help-model = Modelos: mostrar, comparar, poner en vigor
help-tune = Busca puntos, umbrales y pesos de la regla; lo que no se sostiene en días no vistos no se escribe
help-tune-examples =
    Ejemplos:
      impulso tune --data recorded/spot-5m-2024 --out challenger.toml
      impulso tune --data recorded/2023 recorded/2024 --candidates 1000
      impulso tune --store sqlite:/data/history.db --min-per-day 2
help-experiment = Brazos que puntúan en la sombra: mostrar, promover, volver atrás
help-backtest = Contrasta puntuaciones, modelo y política de alertas con velas grabadas
help-backtest-examples =
    Ejemplos:
      impulso backtest --data recorded/spot-5m-2024
      impulso backtest --data recorded/spot-5m-2024 --from 2024-02-01 --to 2024-03-01 --model none --model default
      impulso backtest --data recorded/spot-5m-2024 --json report.json --html report.html
      impulso backtest --store sqlite:/data/history.db --from 2025-01-01
      impulso backtest lookahead-check --data recorded/spot-5m-2024
help-token = Claves de la API
help-backup = Guarda una copia del estado y la historia con el escáner en marcha
help-backup-examples =
    Ejemplos:
      impulso backup --to /var/backups/impulso
      impulso backup --to /var/backups/impulso --keep 14
help-restore = Repone una copia; el escáner tiene que estar parado
help-restore-examples =
    Ejemplos:
      impulso restore --from /var/backups/impulso
      impulso restore --from /var/backups/impulso/impulso-20260718T060000Z
help-health = Pregunta al escáner en marcha si está bien; el código de salida es 0 si lo está
help-health-examples =
    Ejemplos:
      impulso health
      impulso health --alive --port 8081
help-completions = Escribe el autocompletado para un intérprete de órdenes
help-completions-examples =
    Ejemplo:
      impulso completions bash > ~/.local/share/bash-completion/completions/impulso
help-completions-shell = El intérprete de órdenes
help-config-check = Dice si están bien
help-config-show = Muestra los que están en vigor como TOML, cada uno con su origen
help-config-migrate = Reescribe un fichero de ajustes cuyos ajustes tienen nombres antiguos
help-config-migrate-examples =
    Ejemplos:
      impulso config migrate impulso.toml      en su sitio, con una copia al lado
      impulso config migrate viejo.toml --dry-run > nuevo.toml
help-migrate-file = Fichero de ajustes
help-migrate-dry-run = Muestra el fichero nuevo y no cambia nada
help-settings-config = Fichero de ajustes (por defecto ~/.config/impulso/impulso.toml o /etc/impulso/impulso.toml)
help-settings-market-speed = A qué velocidad corre el reloj del mercado; 1, salvo en una reproducción
help-settings-rest-url = Dirección REST del mercado
help-settings-stream-url = Dirección de los flujos del mercado
help-settings-port = Puerto de la página y la API; 0 toma uno libre
help-settings-state-dir = Carpeta de lo que sobrevive a un reinicio
help-settings-store = Dónde se guarda la historia: sqlite:RUTA o clickhouse:http://USUARIO@HOST:8123/BASE
help-scan-standby = Uno de dos escáneres con el mismo Redis: uno envía las alertas, el otro toma el relevo cuando termina
help-settings-redis = Redis en el que se publica: redis://HOST:6379
help-settings-base-interval = Intervalo de las velas base: 1m, 3m, 5m, 15m, 30m, 1h
help-cycle-interval = Segundos de tiempo de mercado entre ciclos
help-log-level = Nivel del registro: error, warn, info, debug, trace
help-demo-symbols = Pares analizables del mercado simulado; se añaden algunos que no lo son
help-demo-data = Un mercado grabado en su lugar: carpetas de ficheros CSV.zst o zip
help-market-start = Tiempo de mercado al empezar, UTC (2025-06-18T06:00)
help-market-speed = Cuántas veces más deprisa va el mercado
help-demo-seed = Semilla del mercado simulado: con la misma, el mercado se mueve igual empiece cuando empiece
help-demo-port = Puerto de la página y la API (por defecto 8080; 0 toma uno libre)
help-market-listings = Pares que entran y pares que salen mientras está en marcha
help-demo-base-interval = Intervalo de las velas: 1m, o el del mercado grabado
help-demo-config = Fichero de ajustes
help-exchange-data = Mercado grabado: carpetas de ficheros CSV.zst o zip
help-exchange-synthetic = Mercado simulado con tantos pares analizables (por defecto 500)
help-exchange-base-interval = Intervalo de sus velas
help-exchange-seed = Semilla del mercado simulado
help-exchange-listen = Dirección en la que escucha; el puerto 0 toma uno libre
help-exchange-fault = Un fallo como FALLO:DESTINO:SEGUNDOS[@TRAS_SEGUNDOS]; se puede dar varias veces
help-backup-to = Carpeta que recibe la copia, en una carpeta propia con el momento por nombre
help-backup-keep = Conserva tantas copias y borra las más viejas; si falta, todas
help-restore-from = Carpeta de una copia, o de varias: entonces cuenta la más nueva
help-health-alive = Pregunta solo si el proceso responde, no si hay una clasificación completa
help-open-print = Muestra solo la dirección, sin abrir ningún navegador
help-history-import = Lee velas de ficheros: zip de data.binance.vision, CSV, CSV.zst o carpetas de ellos
help-history-import-examples =
    Ejemplos:
      impulso history import BTCUSDT-1m-2025-01.zip
      impulso history import candles/ --interval 5m --store sqlite:/data/history.db
help-history-export = Escribe las velas de un par en un fichero
help-history-export-examples =
    Ejemplos:
      impulso history export --symbol BTCUSDT --interval 1m --from 2025-06-01 --to 2025-06-02 --out btc.csv
      impulso history export --symbol BTCUSDT --format jsonl
help-history-fetch = Trae las velas que faltan, por REST dentro del límite de peso o del archivo público
help-history-fetch-examples =
    Ejemplos:
      impulso history fetch --symbol BTCUSDT,ETHUSDT --interval 1m --from 2025-06-01 --to 2025-06-08
      impulso history fetch --interval 5m --from 2025-01-01 --to 2025-02-01 --archive https://data.binance.vision
help-history-remove = Borra velas de pares, también las importadas, que los plazos de conservación respetan
help-history-remove-examples =
    Ejemplos:
      impulso history remove --symbol BTCUSDT --interval 1m --from 2024-01-01 --to 2025-01-01
help-history-recover = Lleva al almacén lo que se pueda leer de un fichero de historial dañado
help-history-recover-examples =
    Ejemplos:
      impulso history recover ~/.local/state/impulso/history.db.corrupt-1
help-history-vacuum = Aplica los plazos de conservación y devuelve al disco el espacio sin usar
help-history-stats = Muestra lo que hay guardado
help-import-paths = Ficheros o carpetas
help-import-interval = Intervalo de las velas, si los ficheros no lo dicen
help-format-csv = Separado por comas, con cabecera
help-format-jsonl = Un objeto JSON por línea
help-export-symbol = El par
help-candle-interval = Intervalo de las velas
help-export-from = Primera apertura, UTC
help-export-to = Hasta antes de esta apertura, UTC
help-export-format = Cómo se escribe
help-export-out = Fichero; si acaba en `.zst` se comprime. Si falta, la salida estándar
help-remove-symbol = Pares, por su nombre
help-recover-file = El fichero dañado, como history.db.corrupt-1
help-vacuum-dry-run = Solo dice qué se borraría
help-fetch-symbol = Pares; si faltan, todos los del universo
help-fetch-from = Primer día, UTC
help-fetch-to = Hasta antes de este momento, UTC; si falta, ahora
help-fetch-archive = Dirección del archivo público, como https://data.binance.vision; si falta, REST
help-alerts-test = Envía un mensaje de prueba por un canal y dice qué fue de él
help-alerts-test-examples =
    Ejemplo:
      impulso alerts test --channel telegram:-1001234567890
help-alerts-simulate = Repasa las puntuaciones guardadas con unas reglas de alerta: cuántas, cuáles y con qué separación
help-alerts-simulate-examples =
    Ejemplos:
      impulso alerts simulate --from 2025-06-01 --to 2025-06-08
      impulso alerts simulate --policy stricter.toml     (un fichero de ajustes; cuenta su sección [alert])
help-alerts-test-channel = Nombre del canal; si falta, se listan los nombres
help-alerts-simulate-from = Primer corte, UTC; si falta, el más antiguo guardado
help-alerts-simulate-to = Hasta antes de este corte, UTC
help-alerts-simulate-policy = Fichero de ajustes cuya sección [alert] se prueba
help-alerts-simulate-list = Muestra cada alerta
help-token-create = Crea una clave; se muestra una sola vez
help-token-create-examples =
    Ejemplo:
      impulso token create laptop --scope operate
help-token-list = Lista las claves; su texto no se guarda
help-token-revoke = Retira una clave
help-scope-read = Leer todo
help-scope-operate = Leer, y cambiar silencios, lista de seguimiento y demás
help-token-create-name = Un nombre para reconocerla
help-token-create-scope = Lo que permite
help-token-name = Su nombre
help-train-data = Carpetas de velas grabadas, cada una un periodo aparte, con historia más larga en 1h/ si la hay; si faltan, las predicciones del historial
help-train-out = Dónde se escribe el modelo
help-train-name = Nombre del modelo (por defecto, el del fichero)
help-step-points = Entre puntos
help-from-all-features = Primer momento, UTC (por defecto, el primero con todas las variables)
help-to-moment = Fin de los momentos, UTC
help-train-rounds = Árboles de cada uno de los tres bosques
help-train-day-weights = Qué da el mismo peso a cada día y no a cada punto
help-weighed-none = nada
help-weighed-line = la regresión logística
help-weighed-trees = los árboles
help-weighed-calibration = la calibración
help-model-show = Qué es un modelo, con qué se entrenó y cómo le fue fuera de su periodo
help-model-show-examples =
    Ejemplos:
      impulso model show
      impulso model show mine.json
help-model-file = `default` o un fichero de modelo
help-model-compare = Dos modelos uno junto a otro; con velas, `impulso backtest` con varios --model los compara por pares
help-model-activate = Pone un modelo en vigor: se comprueba, se copia a la carpeta de estado y se usa desde el próximo arranque
help-model-activate-examples =
    Ejemplos:
      impulso model activate mine.json
      impulso model activate default
      impulso model activate none          (alertas por la regla)
help-model-or-none = `default`, `none` o un fichero de modelo
help-tune-data = Carpetas de velas grabadas, cada una un periodo propio (los ficheros de 1h/ y 1d/ no son de él); si faltan, el historial
help-tune-from = Primer momento, UTC (por defecto, el primero tras el calentamiento)
help-step-moments = Entre momentos
help-tune-candidates = Perfiles probados al azar; otros tantos afinan los mejores
help-tune-folds = Bloques de días; cada uno menos el primero se juzga con lo que vino antes. De varios periodos, cada uno se juzga con todos los demás
help-tune-min-per-day = Episodios FUERTE al día, como mínimo
help-tune-seed = La misma semilla encuentra lo mismo
help-tune-out = Dónde se escribe el fichero de ajustes con el perfil, si se sostiene
help-tune-json = Escribe todo como JSON, se sostenga o no
help-experiment-show = Lo que está en vigor junto a los brazos en su sombra, la regla que decide y el libro de cambios
help-print-json = Muestra JSON
help-experiment-promote = Pone un brazo en vigor: el escáner en marcha lo hace en 10 s y lo anota en el libro
help-experiment-promote-examples =
    Ejemplos:
      impulso experiment promote challenger-model
      impulso experiment promote rule             (alertas por la regla sola)
help-experiment-promote-arm = Su nombre, tal como lo da `impulso experiment show`
help-experiment-rollback = Vuelve a poner en vigor lo que había antes
help-on = Sí
help-off = No
help-backtest-data = Carpeta de velas grabadas: SYMBOL.csv.zst, SYMBOL.csv o zip del archivo del mercado, y en 1h/ las horas que respondería REST; si falta, el historial
help-backtest-profile = Fichero de ajustes cuyo perfil de puntuación se prueba; se puede dar varias veces
help-backtest-model = `default`, `none` (la regla) o un fichero de modelo; se puede dar varias veces
help-backtest-adapt = Si la calibración sigue al mercado
help-backtest-fee = Comisión de un lado de la operación, por ciento
help-backtest-spread = Horquilla y deslizamiento de la operación entera, por ciento
help-backtest-stop = Una caída de tanto por ciento cierra la operación
help-backtest-json = Escribe el informe en JSON
help-backtest-rows = Escribe cada par puntuado en cada momento de la primera prueba, un objeto JSON por línea
help-backtest-html = Escribe el informe como una sola página
help-backtest-lookahead-check = Demuestra que nada mira al futuro: se corta y se falsea en varios momentos; nada de lo dicho antes puede cambiar
help-lookahead-data = Carpeta de velas grabadas, con historia más larga en 1h/ si la hay
help-lookahead-moments = Momentos que se prueban
