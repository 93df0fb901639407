"""A mail server by aiosmtpd, read by Python's own email package: a second opinion beside smtp.mjs.

    python3 aiosmtpd_peer.py KEY CERTIFICATE USER PASSWORD SECONDS

Takes mail after STARTTLS and PLAIN or LOGIN only, and SECONDS over each. Prints 'listening PORT' once it does and each mail it took as a line of JSON; ends
with its standard input.
"""

import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

logging.disable(logging.WARNING)  # a deprecation of its own at each sign-in


class Handler:
    def __init__(self, seconds):
        self.seconds = seconds

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.seconds)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "options": envelope.mail_options, "tls": session.ssl is not None,
            "messageId": mail["message-id"], "subject": mail["subject"], "defects": [repr(d) for p in mail.walk() for d in p.defects],
            "author": str(mail["from"].addresses[0].display_name),
            "text": mail.get_body(("plain",)).get_content().replace("\r\n", "\n"), "html": mail.get_body(("html",)).get_content(),
            "lines": envelope.content.decode("utf-8").split("\r\n"),
        }), flush=True)
        return "250 2.0.0 Ok"


async def main(key, certificate, user, password, seconds):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (user.encode(), password.encode()))

    def protocol():
        return SMTP(Handler(float(seconds)), tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate,
                    enable_SMTPUTF8=True, ident="second opinion")

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main(*sys.argv[1:]))
