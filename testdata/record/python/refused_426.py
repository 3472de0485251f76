"""A tornado server gets an upgrade of a version it does not speak; the client is http.client."""

import asyncio
import http.client

from tornado import httpserver, web, websocket


def ask():
    connection = http.client.HTTPConnection("127.0.0.1", 8888)
    connection.request("GET", "/feed", headers={
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "99",
        "Sec-WebSocket-Key": "d3NoYWtlLXJlY29yZGluZw==",
    })
    connection.getresponse().read()
    connection.close()


async def main():
    server = httpserver.HTTPServer(web.Application([("/feed", websocket.WebSocketHandler)]))
    server.listen(8888, "127.0.0.1")
    await asyncio.get_running_loop().run_in_executor(None, ask)
    server.stop()
    await server.close_all_connections()


asyncio.run(main())
