. "$record/quic/peers.sh"
shows 'Two connections; the second resumes the first and asks for its WebSocket in 0-RTT, whose secret is in the key log.'
# Go itself writes all secrets but this one: the peer is built with a crypto/tls that does.
tls=$(go env GOROOT)/src/crypto/tls/handshake_client.go
sed '/c.quicSetWriteSecret(QUICEncryptionLevelEarly, suite.id, earlyTrafficSecret)/a\
		c.config.writeKeyLog("CLIENT_EARLY_TRAFFIC_SECRET", hello.random, earlyTrafficSecret)' "$tls" >"$work/handshake_client.go"
cmp -s "$tls" "$work/handshake_client.go" && { echo "$name: nothing was changed" >&2; exit 1; }
printf '{"Replace": {"%s": "%s"}}' "$tls" "$work/handshake_client.go" >"$work/overlay.json"
export GOFLAGS="${GOFLAGS-} -overlay=$work/overlay.json"
quic_peer connections=2 resume=yes sockets=2 longest=700
