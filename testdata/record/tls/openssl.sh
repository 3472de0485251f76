# openssl s_client and s_server.
. "$record/tls/peers.sh"
software_openssl

# The parts of a WebSocket conversation that s_client is fed, with masks of zero.
upgrade='GET /feed HTTP/1.1\r\nHost: localhost:8443\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: d3NoYWtlLXJlY29yZGluZw==\r\n\r\n'
text() { printf '\x81'"$(printf '\\x%02x' $((0x80 + ${#1})))"'\0\0\0\0%s' "$1"; }
close='\x88\x82\0\0\0\0\x03\xe8'
