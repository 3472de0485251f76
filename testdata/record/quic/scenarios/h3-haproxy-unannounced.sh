. "$record/quic/peers.sh"
. "$record/quic/translate.sh"
shows 'The client asks HAProxy for a WebSocket over HTTP/3 though it announced no support: HAProxy resets the stream.'
backend
haproxy_translates
translated_peer
