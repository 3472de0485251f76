"""tornado on both ends: tornado_peers.py [deflate|plain]."""

import asyncio
import sys

from tornado import httpserver, web, websocket

from messages import CLIENT, SERVER
from truth import Account


async def main(variant):
    compression = {} if variant == "deflate" else None
    accounts = []
    closed = asyncio.get_running_loop().create_future()

    class Feed(websocket.WebSocketHandler):
        def get_compression_options(self):
            return compression

        def open(self):
            accounts.append(Account(self.ws_connection.stream.socket.getpeername()[1]))
            self.answers = iter(SERVER)

        async def on_message(self, _):
            answer = next(self.answers)
            accounts[0].sent("server", answer)
            await self.write_message(answer, binary=isinstance(answer, bytes))

        def on_close(self):
            closed.set_result(None)

    server = httpserver.HTTPServer(web.Application([("/feed", Feed)]))
    server.listen(8888, "127.0.0.1")
    ws = await websocket.websocket_connect("ws://127.0.0.1:8888/feed", compression_options=compression)
    for message in CLIENT:
        await ws.write_message(message, binary=isinstance(message, bytes))
        await ws.read_message()
        accounts[0].sent("client", message)
    ws.close(1000, "bye")
    await closed
    server.stop()
    await server.close_all_connections()
    accounts[0].write()


asyncio.run(main(sys.argv[1]))
