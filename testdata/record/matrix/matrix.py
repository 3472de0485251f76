"""matrix.py server: echo servers of websockets on port 8103, aiohttp on 8104, tornado on 8105.
matrix.py client ROUNDS PORT...: clients of the three, one conversation after the other."""

import asyncio
import sys

import aiohttp
import websockets
from aiohttp import web
from tornado import httpserver, websocket
from tornado import web as tornado_web

MESSAGE = "Grüße an alle " * 8


async def serve():
    async def echo(ws, *_):
        async for message in ws:
            await ws.send(message)

    async def aiohttp_echo(request):
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        async for message in ws:
            await ws.send_str(message.data)
        return ws

    class Echo(websocket.WebSocketHandler):
        def check_origin(self, origin):
            return True

        def get_compression_options(self):
            return {}

        async def on_message(self, message):
            await self.write_message(message)

    await websockets.serve(echo, "127.0.0.1", 8103)
    app = web.Application()
    app.router.add_get("/echo", aiohttp_echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 8104).start()
    httpserver.HTTPServer(tornado_web.Application([("/echo", Echo)])).listen(8105, "127.0.0.1")
    await asyncio.Event().wait()


async def client(rounds, ports):
    async with aiohttp.ClientSession() as session:
        for _ in range(rounds):
            for port in ports:
                url = f"ws://127.0.0.1:{port}/echo"
                async with websockets.connect(url) as ws:
                    await ws.send(MESSAGE)
                    await ws.recv()
                async with session.ws_connect(url, compress=15) as ws:
                    await ws.send_str(MESSAGE)
                    await ws.receive()
                ws = await websocket.websocket_connect(url, compression_options={})
                await ws.write_message(MESSAGE)
                await ws.read_message()
                ws.close(1000)
                await ws.read_message()


if sys.argv[1] == "server":
    asyncio.run(serve())
else:
    asyncio.run(client(int(sys.argv[2]), sys.argv[3:]))
