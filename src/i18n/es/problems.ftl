### Errors of the API: a title for each kind, a detail for each cause.

## Titles

title-bad-query = Parámetro de consulta incorrecto
title-bad-body = Cuerpo de la petición incorrecto
title-unknown-symbol = Par desconocido
title-unknown-route = Ruta desconocida
title-method = Método no permitido
title-unauthorized = Hace falta un token
title-forbidden = No permitido
title-not-found = No encontrado
title-no-chance = Sin probabilidad
title-foreign-origin = Origen ajeno
title-too-many-requests = Demasiadas peticiones
title-read-only = Nodo de solo lectura
title-standby = En espera
title-no-scanner = Sin escáner
title-state = Estado no utilizable
title-no-snapshot = Aún no hay ranking
title-not-ready = Aún no está listo
title-no-answer = Sin respuesta
title-no-history = Sin historial
title-history = Historial no legible
title-no-experiment = Sin experimento
title-no-report = Aún no hay informe
title-clients-full = Demasiados clientes en vivo
title-too-large = Cuerpo demasiado grande
title-answers-unread = Respuestas sin recoger
title-foreign-host = Host ajeno
title-late = Cuerpo demasiado tarde
title-media-type = Tipo de cuerpo no entendido
title-bad-request = Petición no entendida

## Query parameters

problem-query-unreadable = la consulta no se puede leer: { $error }
problem-unknown-parameter = el parámetro '{ $key }' no se conoce aquí
problem-repeated-parameter = el parámetro '{ $key }' está dos veces; ponlo una vez
problem-unknown-value = { $key } '{ $value }' no se conoce
problem-not-understood = { $key } '{ $value }' no se entiende
problem-not-whole = { $key } '{ $value }' no es un número entero de { $least } a { $most }
problem-no-span = '{ $value }' no es un intervalo de tiempo
problem-interval-not-served = el intervalo '{ $interval }' no se sirve
problem-too-many-rows = son { $rows } filas, como mucho pueden ser { $most }: pide menos o sepáralas más
problem-no-handshake = /ws espera un saludo de WebSocket: { $error }

## Bodies, routes and methods

problem-body-unreadable = el cuerpo no se entiende: { $error }
problem-encoded-body = el cuerpo está comprimido ({ $encoding }): envíalo tal cual, sin Content-Encoding
problem-body-late = el cuerpo no llegó a tiempo
problem-unknown-route = no hay nada en '{ $path }'; GET /openapi.json lista todas las rutas
problem-method = { $method } no es posible aquí: usa { $allowed }
or = o

## Who may do what

problem-foreign-origin = el origen '{ $origin }' no es este servidor ('{ $host }'): abre la página desde aquí, o añádelo a web.cors_origins
problem-foreign-host = el Host '{ $host }' no es un nombre de este servidor: pídelo por su dirección, añade el nombre a web.hosts o envía un token
problem-token-needed = esta ruta necesita 'Authorization: Bearer TOKEN'; crea uno con `impulso token create NOMBRE --scope operate`
problem-code-used = este enlace ya se usó o no es de esta ejecución; `impulso open` crea uno nuevo
problem-may-only-read = el token '{ $name }' solo puede leer
problem-reading-needs-token = leer necesita 'Authorization: Bearer TOKEN'; crea uno con `impulso token create NOMBRE --scope read`, o ábrelo a todos con web.public_read = true
problem-token-unknown = este token no se conoce; `impulso token list` muestra los que hay
problem-too-many-requests = demasiadas peticiones de este token o esta dirección; inténtalo de nuevo dentro de { $after-s } s
problem-read-only = este nodo solo muestra lo que publica un escáner; pídeselo al propio escáner
problem-standby = esta máquina está en espera y sigue a la otra: cámbialo allí
problem-read-only-levels = un nodo de solo lectura no guarda medidas; pídelas al propio escáner
problem-read-only-model = un nodo de solo lectura no tiene modelo; pregunta al escáner

## What is not there

problem-unknown-symbol = '{ $name }' no está en el universo; GET /api/v1/symbols lista todos los pares
problem-no-chance = '{ $name }' no tiene probabilidad ahora mismo: no hay modelo, no se puede analizar o queda fuera de los límites
problem-not-muted = '{ $symbol }' no está silenciado; GET /api/v1/mutes lista los que lo están
problem-not-watched = '{ $symbol }' no está entre los favoritos
problem-unknown-channel = no hay canal '{ $name }'; hay: { $all }
problem-unknown-arm = no hay brazo '{ $arm }'; hay: { $all }
problem-nothing-before = nada estuvo en vigor antes: todavía no se ha promovido ningún brazo

## What is not there yet, or not now

problem-no-answer = { $symbol } no responde en este momento
problem-no-snapshot = aún no se ha publicado ningún ciclo: los pares están calentando; mira /api/v1/status
problem-not-ready = ningún ranking ha cubierto aún el 95 % del universo; mira /api/v1/status
problem-state = el estado no se puede usar en este momento; mira el registro
problem-tokens-unreadable = los tokens no se pueden leer en este momento
problem-no-history = aquí no se guarda historial (history.enabled), así que no se juzga nada
problem-history = el historial no responde ahora; mira el registro
problem-no-experiment = aquí no hay experimento (experiment.enabled, history.enabled; nunca en un nodo de solo lectura)
problem-no-report = todavía no hay informe: aparece unos segundos después de la primera clasificación
problem-clients-full = los { $most } puestos para clientes en vivo están ocupados
problem-answers-unread = demasiadas respuestas esperan a que las lea este cliente u otros; léelas y vuelve a pedir
problem-own-clients-full = esta dirección o este token ya tiene sus { $most } puestos para clientes en vivo
