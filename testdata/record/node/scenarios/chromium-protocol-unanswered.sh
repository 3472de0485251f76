. "$record/node/chromium.sh"
shows 'Chromium offers two subprotocols, the server answers 101 without choosing one, and Chromium fails the connection (RFC 6455 leaves it open; the WHATWG WebSocket standard demands it).'
chromium_page protocol-unanswered
