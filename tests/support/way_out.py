"""A way out of the machine: TLS_PORT in front of UPSTREAM_PORT under the name exchange.test, which no resolver knows, with a
certificate of an authority of its own in FOLDER; HTTP_PORT and SOCKS_PORT, proxies that know the name and ask for user:pass.

Says "up", then a line for each connection that a proxy made: `http NAME:PORT` or `socks NAME:PORT`.
"""

import asyncio
import base64
import pathlib
import ssl
import subprocess
import sys

COMMANDS = """
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj '/CN=test ca' \
  -addext basicConstraints=critical,CA:TRUE
openssl req -newkey rsa:2048 -nodes -keyout srv.key -out srv.csr -subj /CN=exchange.test
printf 'subjectAltName=DNS:exchange.test,DNS:localhost,IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' > ext
openssl x509 -req -in srv.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out srv.pem -days 30 -extfile ext
"""
NAME = "exchange.test"
LOGIN = base64.b64encode(b"user:pass").decode()


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def join(reader, writer, port):
    try:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer), return_exceptions=True)


def made(kind, host, port):
    print(f"{kind} {host}:{port}", flush=True)
    return host == NAME


async def http(reader, writer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    method, place, _ = head.split("\r\n")[0].split(" ")
    host, port = place.rsplit(":", 1)
    if f"proxy-authorization: basic {LOGIN}".lower() not in head.lower():
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        return writer.close()
    if method != "CONNECT" or not made("http", host, port):
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
        return writer.close()
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await join(reader, writer, int(port))


async def socks(reader, writer):
    _, count = await reader.readexactly(2)
    await reader.readexactly(count)
    writer.write(b"\x05\x02")
    _, length = await reader.readexactly(2)
    user = await reader.readexactly(length)
    password = await reader.readexactly((await reader.readexactly(1))[0])
    good = (user, password) == (b"user", b"pass")
    writer.write(b"\x01\x00" if good else b"\x01\x01")
    _, _, _, kind = await reader.readexactly(4)
    # A name alone: an address would mean that the asker's own resolver was asked.
    host = (await reader.readexactly((await reader.readexactly(1))[0])).decode() if kind == 3 else "address"
    port = int.from_bytes(await reader.readexactly(2), "big")
    known = good and made("socks", host, port)
    writer.write(bytes([5, 0 if known else 4, 0, 1, 0, 0, 0, 0, 0, 0]))
    if known:
        await join(reader, writer, port)
    else:
        writer.close()


async def main():
    tls_port, http_port, socks_port, upstream = (int(port) for port in sys.argv[1:5])
    folder = pathlib.Path(sys.argv[5])
    subprocess.run(["sh", "-ec", COMMANDS], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "srv.pem", folder / "srv.key")

    async def front(reader, writer):
        await join(reader, writer, upstream)

    await asyncio.start_server(front, "127.0.0.1", tls_port, ssl=context)
    await asyncio.start_server(http, "127.0.0.1", http_port)
    await asyncio.start_server(socks, "127.0.0.1", socks_port)
    print("up", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
