. "$record/h2/peers.sh"
software chromium "$(chromium --version 2>/dev/null | grep -oE '[0-9.]+' | head -n 1)"
shows 'Chromium loads a page over HTTP/2 from Node and the page opens three WebSockets on the same connection (RFC 8441), with permessage-deflate, and fetches in between.'
make_certificate ec
server tls=yes deflate=yes heard=yes sockets=3
capture
HOME=$work chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync \
  --ignore-certificate-errors --user-data-dir="$work/chromium" https://127.0.0.1:8080/page >"$work/browser.log" 2>&1 &
browser=$!
timeout 20 tail --pid=$server -f /dev/null
kill $browser
wait $browser || true
