"""The account that endpoints keep of what their applications sent: one line per connection in $truth/python.ndjson."""

import hashlib
import json
import os


class Account:
    """What both sides of the connection of one client port sent, complete data messages in order."""

    def __init__(self, client_port):
        self.client_port = client_port
        self.messages = {"client": [], "server": []}

    def sent(self, side, message):
        payload = message.encode() if isinstance(message, str) else message
        self.messages[side].append({
            "opcode": "text" if isinstance(message, str) else "binary",
            "length": len(payload),
            "sha256": hashlib.sha256(payload).hexdigest(),
        })

    def write(self):
        with open(os.path.join(os.environ["truth"], "python.ndjson"), "a") as lines:
            lines.write(json.dumps({"client_port": self.client_port, **self.messages}) + "\n")
