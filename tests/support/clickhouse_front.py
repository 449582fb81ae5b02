#!/usr/bin/env python3
"""ClickHouse's HTTP interface on 127.0.0.1 in front of the real engine, which chdb brings as a library.

clickhouse_front.py PORT DATA_DIR   (PORT 0: a free one; the line on standard output names it)
Users: "default" without a password and "scanner" with "s3cret". Ends with the process that started it.
"""
import base64
import gzip
import json
import os
import re
import struct
import sys
import tempfile
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import lz4.block
from chdb.state.sqlitelike import connect
from clickhouse_cityhash.cityhash import CityHash128

USERS = {"default": "", "scanner": "s3cret"}
NOT_SETTINGS = {
    "query", "database", "default_format", "user", "password", "compress", "decompress", "query_id",
    "session_id", "session_timeout", "session_check", "quota_key", "stacktrace", "buffer_size",
    "wait_end_of_query", "role", "enable_http_compression", "client_protocol_version",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms",
    "cancel_http_readonly_queries_on_client_close",
}
INSERT = re.compile(rb"^\s*(INSERT\s+INTO\s+.*?)\s+FORMAT\s+(\w+)[ \t]*(?:\n|$)(.*)$", re.I | re.S)
STATUS = {27: 400, 33: 400, 46: 404, 47: 404, 53: 400, 60: 404, 62: 400, 81: 404, 117: 400,
          192: 403, 241: 500, 497: 403, 516: 403}
DATA = sys.argv[2]
os.makedirs(DATA, exist_ok=True)
BASE = connect(DATA)
VERSION = BASE.query("SELECT version()", "TSV").bytes().decode().strip()


def compressed(data, block=1 << 20):
    out = bytearray()
    for at in range(0, len(data), block):
        raw = data[at:at + block]
        packed = lz4.block.compress(raw, store_size=False)
        body = struct.pack("<BII", 0x82, len(packed) + 9, len(raw)) + packed
        digest = CityHash128(body)
        out += struct.pack("<QQ", digest >> 64, digest & (2**64 - 1)) + body
    return bytes(out)


def decompressed(data):
    out, at = bytearray(), 0
    while at < len(data):
        wanted = struct.unpack_from("<QQ", data, at)
        method, size, raw_size = struct.unpack_from("<BII", data, at + 16)
        body = data[at + 16:at + 16 + size]
        digest = CityHash128(body)
        if (digest >> 64, digest & (2**64 - 1)) != wanted:
            raise ValueError("Code: 40. DB::Exception: Checksum doesn't match. (CHECKSUM_DOESNT_MATCH)")
        if method == 0x82:
            out += lz4.block.decompress(body[9:], uncompressed_size=raw_size)
        elif method == 0x02:
            out += body[9:]
        else:
            raise ValueError("Code: 89. DB::Exception: Unknown compression method")
        at += 16 + size
    return bytes(out)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = bytearray()
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            if size == 0:
                while self.rfile.readline() not in (b"\r\n", b""):
                    pass
                return bytes(body)
            chunk = self.rfile.read(size)
            if len(chunk) < size:
                raise ConnectionError("the client went away")
            body += chunk
            self.rfile.readline()

    def answer(self, status, data, headers=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.respond()

    def do_POST(self):
        self.respond()

    def check_user(self, query):
        user = self.headers.get("X-ClickHouse-User") or query.get("user")
        key = self.headers.get("X-ClickHouse-Key") or query.get("password") or ""
        basic = self.headers.get("Authorization", "")
        if basic.startswith("Basic "):
            user, _, key = base64.b64decode(basic[6:]).decode().partition(":")
        user = user or "default"
        if USERS.get(user) != key:
            raise RuntimeError(
                f"Code: 516. DB::Exception: {user}: Authentication failed: password is incorrect, "
                "or there is no user with such name. (AUTHENTICATION_FAILED)")

    def statement(self, query, body):
        """Text of the statement with its data; parts of a form (statement, param_*) are put into `query`."""
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if query.get("decompress") == "1":
            body = decompressed(body)
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/form-data"):
            boundary = b"--" + kind.split("boundary=", 1)[1].strip('"').encode()
            for part in body.split(boundary)[1:-1]:
                head, _, value = part.partition(b"\r\n\r\n")
                name = re.search(rb'name="([^"]*)"', head).group(1).decode()
                query[name] = value[:-2].decode()
            body = b""
        if "query" in query:
            return query["query"].encode() + (b"\n" + body if body else b"")
        return body

    def execute(self, query, sql, form):
        connection, data_file = connect(DATA), None
        try:
            if query.get("database"):
                connection.query(f"USE `{query['database']}`")
            for name, value in query.items():
                if name in NOT_SETTINGS or name.startswith("param_"):
                    continue
                if not re.fullmatch(r"\w+", name):
                    raise RuntimeError("Code: 115. DB::Exception: Unknown setting. (UNKNOWN_SETTING)")
                escaped = value.replace("\\", "\\\\").replace("'", "\\'")
                connection.query(f"SET {name} = '{escaped}'")
            match = INSERT.match(sql)
            if match and match.group(2).upper() != b"VALUES":
                with tempfile.NamedTemporaryFile(delete=False, dir=DATA, suffix=".ins") as file:
                    file.write(match.group(3))
                data_file = file.name
                sql = match.group(1) + b" FROM INFILE '" + data_file.encode() + b"' FORMAT " + match.group(2)
            params = {name[6:]: value for name, value in query.items() if name.startswith("param_")}
            more = {"params": params} if params else {}
            return connection.query(sql.decode("utf-8", "surrogateescape"), form, **more)
        finally:
            connection.close()
            if data_file:
                os.unlink(data_file)

    def respond(self):
        address, body, began = urlsplit(self.path), self.body(), time.time_ns()
        if address.path in ("/ping", "/replicas_status"):
            return self.answer(200, b"Ok.\n")
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        headers = {
            "X-ClickHouse-Server-Display-Name": "front", "X-ClickHouse-Timezone": "UTC",
            "X-ClickHouse-Query-Id": query.get("query_id") or str(uuid.uuid4()), "Connection": "Keep-Alive",
        }
        try:
            self.check_user(query)
            sql = self.statement(query, body)
            form = self.headers.get("X-ClickHouse-Format") or query.get("default_format") or "TabSeparated"
            result = self.execute(query, sql, form)
            data = result.bytes()
            summary = {
                "read_rows": str(result.rows_read()), "read_bytes": str(result.bytes_read()),
                "written_rows": "0", "written_bytes": "0", "elapsed_ns": str(time.time_ns() - began),
            }
            if query.get("compress") == "1":
                data = compressed(data)
            headers |= {"X-ClickHouse-Summary": json.dumps(summary), "X-ClickHouse-Format": form,
                        "Content-Type": "application/octet-stream"}
            self.answer(200, data, headers)
        except ConnectionError:
            self.close_connection = True
        except Exception as error:  # what the engine says is the answer
            text = str(error)
            found = re.search(r"Code:\s*(\d+)", text)
            code = int(found.group(1)) if found else 1000
            headers |= {"X-ClickHouse-Exception-Code": str(code), "Content-Type": "text/plain; charset=UTF-8"}
            self.answer(STATUS.get(code, 500), f"{text.rstrip()} (version {VERSION})\n".encode(), headers)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def end_with(parent):
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
SERVER = Server(("127.0.0.1", int(sys.argv[1])), Handler)
print(f"ClickHouse {VERSION} on http://127.0.0.1:{SERVER.server_port}", flush=True)
SERVER.serve_forever()
