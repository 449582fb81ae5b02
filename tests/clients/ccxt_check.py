"""ccxt against the address given as HOST:PORT: markets, candles, tickers and watched candles."""
import asyncio
import sys

import ccxt.pro as ccxt

HOST = sys.argv[1]


async def main():
    exchange = ccxt.binance({"options": {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False}})
    exchange.has["fetchCurrencies"] = False
    for name in ("public", "private", "v1", "sapi", "sapiV2", "sapiV3", "sapiV4"):
        exchange.urls["api"][name] = f"http://{HOST}/api/v3"
    exchange.urls["api"]["ws"]["spot"] = f"ws://{HOST}/ws"
    try:
        markets = await exchange.load_markets()
        assert "BTC/USDT" in markets
        rows = await exchange.fetch_ohlcv("BTC/USDT", "1m", limit=10)
        assert len(rows) == 10, rows
        tickers = await exchange.fetch_tickers()
        assert tickers["BTC/USDT"]["last"] > 0
        live = await asyncio.wait_for(exchange.watch_ohlcv("BTC/USDT", "1m"), 20)
        assert live, live
    finally:
        await exchange.close()


asyncio.run(main())
print("ok")
