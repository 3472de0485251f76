"""aiohttp on both ends: aiohttp_peers.py [deflate|plain]."""

import asyncio
import sys

import aiohttp
from aiohttp import web

from messages import CLIENT, SERVER
from truth import Account


async def send(ws, message):
    await (ws.send_str(message) if isinstance(message, str) else ws.send_bytes(message))


async def main(variant):
    accounts = []

    async def serve(request):
        account = Account(request.transport.get_extra_info("peername")[1])
        accounts.append(account)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        answers = iter(SERVER)
        async for _ in ws:
            answer = next(answers)
            account.sent("server", answer)
            await send(ws, answer)
        return ws

    application = web.Application()
    application.add_routes([web.get("/feed", serve)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 8080).start()
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect("http://127.0.0.1:8080/feed", compress=15 if variant == "deflate" else 0) as ws:
            for message in CLIENT:
                accounts[0].sent("client", message)
                await send(ws, message)
                await ws.receive()
            await ws.ping(b"still there?")
            await ws.close(code=1000, message=b"bye")
    await runner.cleanup()
    accounts[0].write()


asyncio.run(main(sys.argv[1]))
