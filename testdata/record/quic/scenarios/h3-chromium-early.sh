. "$record/quic/peers.sh"
software chromium "$(chromium --version 2>/dev/null | grep -oE '[0-9.]+' | head -n 1)"
shows 'Chromium comes back to quic-go when its connection has gone idle: it resumes, sends requests in 0-RTT, and writes the secret of that into its key log.'
quic_chromium "$record/quic/early.html" sockets=2 idle=1000
