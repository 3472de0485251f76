"""Client and server of the package websockets: websockets_peers.py deflate|plain|fragments [wss]."""

import asyncio
import os
import ssl
import sys

import websockets

from messages import CLIENT, SERVER
from truth import Account


def tls():
    """The options of the two ends for TLS."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(os.environ["certificate"] + ".pem", os.environ["certificate"] + ".key")
    client = ssl.create_default_context(cafile=os.environ["certificate"] + ".pem")
    client.keylog_filename = os.environ["keys"]
    return {"ssl": server}, {"ssl": client}


async def main(variant, scheme="ws"):
    done = asyncio.get_running_loop().create_future()
    accounts = {}

    async def serve(ws):
        answers = iter(SERVER)
        account = accounts.setdefault(ws.remote_address[1], Account(ws.remote_address[1]))
        async for _ in ws:
            answer = next(answers)
            account.sent("server", answer)
            await ws.send(answer)
        done.set_result(None)

    options = {"compression": "deflate" if variant != "plain" else None}
    of_server, of_client = tls() if scheme == "wss" else ({}, {})
    async with websockets.serve(serve, "127.0.0.1", 8765, **options, **of_server):
        async with websockets.connect(f"{scheme}://127.0.0.1:8765/", **options, **of_client) as ws:
            account = accounts.setdefault(ws.local_address[1], Account(ws.local_address[1]))
            await (await ws.ping())
            for message in CLIENT:
                account.sent("client", message)
                # An iterable is sent as one message in fragments.
                await ws.send(pieces(message) if variant == "fragments" else message)
                await ws.recv()
        await done
    account.write()


def pieces(message, length=700):
    return [message[at:at + length] for at in range(0, len(message), length)] or [message]


asyncio.run(main(*sys.argv[1:]))
