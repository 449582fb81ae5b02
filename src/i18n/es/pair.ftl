### The page of a pair.

## A pair

back = ← Mercado
unknown-pair = No hay tal par
unknown-pair-text = no está entre los pares USDT que sigue este escáner.
why-not = ¿Por qué no está en el ranking?
no-scores = Sin puntuación: el par no se puede analizar ahora.
pair-facts = Datos del par
volatility = Rango 24 h
resistance = Resistencia más cercana
no-resistance = ninguna por encima
updated = Datos hasta
chart = Últimas { $hours } h, velas de { $minutes } min
chart-open = apertura
chart-high = máximo
chart-low = mínimo
chart-close = cierre
chart-scores = Puntos
chart-none = Todavía no hay velas.
chart-script = El gráfico necesita JavaScript.
breakdown = Desglose de la puntuación
part = Parte
value = Valor
points = Puntos
lift = Qué daría más puntos
lift-none = ya tiene el máximo
total = Total
next-level = Nivel siguiente
top-level = Ya está en el nivel más alto.
reaches = alcanza
near-high = precio cerca del máximo anterior o sobre él
factors = Factores de la probabilidad por regla
factor = Factor
weight = Peso
share = Aporta
factor-volatility = Rango de 24 h
factor-momentum = Momentum
factor-resistance = Espacio hasta la resistencia
factor-btc = Empuje de BTC
factor-liquidity = Volumen de 24 h
btc-missing = BTCUSDT no se puede analizar: su factor queda neutro.
pause-jump = El precio saltó tras una pausa de negociación: un canje de tokens parece una subida.
pair-alerts = Alertas del par

## Why the model gives a chance

why-chance = Por qué esta probabilidad
why-chance-text = La probabilidad en puntos porcentuales, frente a los pares que están ahora en el ranking: lo que distingue a este par la sube o la baja. Las partes suman la probabilidad.
model = Modelo
trained-on = entrenado del
inputs-partial = Aún faltan horas de días anteriores: el modelo trabaja sin ellas.
why-points = Puntos porcentuales
why-base = Media de los pares del ranking
why-shift = Ajuste al mercado de los últimos días
why-rest = El resto
why-sum = Probabilidad
group-movement = Cuánto se mueve (ATR, rango, volatilidad)
group-record = Sus últimas semanas (cuántas veces llegó a +7,5 %)
group-trend = Cambios de precio
group-breakout = Máximos, ruptura y resistencia
group-volume = Volumen
group-momentum = RSI, MACD y la regla
group-market = Frente al mercado y a BTC

## A pair

breakout-line = Máximo de 20 velas
signal-line = Señal
chart-legend = Flechas: alertas; círculos: subidas de nivel (F y A: FUERTE y ALTA; ✓ acierto, ✗ fallo, … abierta). Debajo: RSI, MACD, momentum y probabilidad. Horas UTC.
chart-maker = Gráfico:
pair-predictions = Predicciones del par

## Why a pair is not listed, or not analysed

not-listed-volume = Su volumen de 24 h es de { $volume } USDT; hacen falta { $needed }.
not-listed-min-price = Su precio es { $price }; el mínimo es { $least }.
not-listed-max-price = Su precio es { $price }; el máximo es { $most }.
not-listed-discarded = Su momentum es { $score }; el nivel BAJA empieza en { $threshold }.
not-listed-no-chance = Lo que el modelo dice de él no es un número, así que no tiene probabilidad ni nivel.
not-listed-unlikely = Su probabilidad de +7,5 % es { $chance } %; el nivel BAJA empieza en { $threshold } %.
not-ready-warming = Tiene { $ready } de las { $needed } velas que hacen falta.
not-ready-gap = Faltan velas en medio; se han pedido al exchange.
not-ready-stale = No hay noticias suyas desde hace más de 120 s.
not-ready-halted = Su negociación está detenida.
need-price = precio ≥ { $price }
