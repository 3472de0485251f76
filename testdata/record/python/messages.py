"""Payloads to send, the same on every run: what a client says, and what a server answers to each."""

import json
import random


def records(count, seed):
    """JSON whose records resemble each other."""
    dice = random.Random(seed)
    return json.dumps([
        {"sensor": dice.choice(["Küche", "Keller", "台所"]), "celsius": round(dice.uniform(-5, 30), 2), "sequence": seed + n}
        for n in range(count)
    ], ensure_ascii=False)


def noise(size, seed):
    """Bytes that do not compress."""
    return random.Random(seed).randbytes(size)


CLIENT = ["", "x", records(3, 1), records(3, 1), records(60, 2), noise(2000, 3), b"", bytes(range(256)) * 20, records(1000, 4)]
SERVER = ["", "y", records(3, 5), records(60, 5), noise(2000, 6), records(3, 5), b"", records(1000, 7), "Grüße, 世界"]
