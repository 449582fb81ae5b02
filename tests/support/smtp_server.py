"""A real SMTP server in three forms: PLAIN, STARTTLS and TLS port, FOLDER for its certificates.

Says "up", then one line of JSON a mail, read by Python's own mail parser. Recipients choose how it behaves:
busy@ (451), nobody@ (550), full@ (452 after the message), spam@ (554 after it), drop@ (hangs up after it),
slow@ (never answers to it).
"""

import asyncio
import email
import email.policy
import json
import logging
import pathlib
import ssl
import subprocess
import sys
import threading
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

COMMANDS = """
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj '/CN=test ca' \
  -addext basicConstraints=critical,CA:TRUE
openssl req -newkey rsa:2048 -nodes -keyout srv.key -out srv.csr -subj /CN=localhost
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' > ext
openssl x509 -req -in srv.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out srv.pem -days 30 -extfile ext
"""


class Handler:
    """Behaves as the recipient says."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("busy@"):
            return "451 4.3.0 try again later"
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        if address.startswith("quota@"):
            return "550 5.4.5 Daily user sending limit exceeded"
        if address.startswith("blocked@"):
            return "554 5.7.1 Your address is blocked for a while"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        tricks = {to.split("@")[0] for to in envelope.rcpt_tos}
        if "full" in tricks:
            return "452 4.2.2 mailbox full"
        if "spam" in tricks:
            return "554 5.7.1 not wanted"
        print(json.dumps(described(server, session, envelope)), flush=True)
        if "drop" in tricks:
            server.transport.abort()
        if "slow" in tricks:
            await asyncio.sleep(60)
        return "250 OK"


def described(server, session, envelope):
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    parts = []
    for part in mail.walk():
        entry = {"type": part.get_content_type(), "cid": part["content-id"]}
        if part.get_content_maintype() == "text":
            entry["text"] = part.get_content()
        elif not part.is_multipart():
            entry["hex"] = part.get_content().hex()
        parts.append(entry)
    return {
        "from": envelope.mail_from, "to": envelope.rcpt_tos, "subject": str(mail["subject"]),
        "id": mail["message-id"], "tls": server.transport.get_extra_info("ssl_object") is not None, "user": bool(session.authenticated),
        "defects": [str(d) for d in mail.defects], "parts": parts,
    }


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"user" and data.password == b"pass-Secret"
    return AuthResult(success=good, handled=good)


def main():
    # Sessions that break off are what the tests are about.
    logging.disable()
    warnings.simplefilter("ignore")
    plain, starttls, tls = (int(port) for port in sys.argv[1:4])
    folder = pathlib.Path(sys.argv[4])
    subprocess.run(["sh", "-ec", COMMANDS], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "srv.pem", folder / "srv.key")
    login = {"authenticator": authenticate, "auth_required": True}
    Controller(Handler(), hostname="127.0.0.1", port=plain).start()
    Controller(
        Handler(), hostname="127.0.0.1", port=starttls, tls_context=context, require_starttls=True, **login
    ).start()
    Controller(
        Handler(), hostname="127.0.0.1", port=tls, ssl_context=context, auth_require_tls=False, **login
    ).start()
    print("up", flush=True)
    threading.Event().wait()


main()
