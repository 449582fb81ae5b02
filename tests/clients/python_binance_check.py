"""python-binance against the address given as HOST:PORT: klines and one kline socket event."""
import asyncio
import sys

from binance import AsyncClient, BinanceSocketManager

HOST = sys.argv[1]
AsyncClient.API_URL = f"http://{HOST}/api"
BinanceSocketManager.STREAM_URL = f"ws://{HOST}/"


async def main():
    client = await AsyncClient.create()
    try:
        rows = await client.get_klines(symbol="BTCUSDT", interval="1m", limit=10)
        assert len(rows) == 10 and len(rows[0]) == 12, rows
        async with BinanceSocketManager(client).kline_socket("BTCUSDT", interval="1m") as stream:
            event = await asyncio.wait_for(stream.recv(), 20)
        assert event["e"] == "kline" and event["s"] == "BTCUSDT", event
    finally:
        await client.close_connection()


asyncio.run(main())
print("ok")
