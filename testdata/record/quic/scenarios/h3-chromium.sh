. "$record/quic/peers.sh"
software chromium "$(chromium --version 2>/dev/null | grep -oE '[0-9.]+' | head -n 1)"
shows 'Chromium loads a page over HTTP/3 from quic-go and the page opens three WebSockets on the same connection (RFC 9220), with permessage-deflate, and fetches in between.'
quic_chromium "$record/h2/page.html" sockets=3 deflate=yes
