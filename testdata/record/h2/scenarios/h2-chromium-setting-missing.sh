. "$record/h2/peers.sh"
software chromium "$(chromium --version 2>/dev/null | grep -oE '[0-9.]+' | head -n 1)"
shows 'The server never announces SETTINGS_ENABLE_CONNECT_PROTOCOL: Chromium has loaded the page over HTTP/2 and opens HTTP/1.1 connections for its WebSockets.'
make_certificate ec
server tls=yes connect=no http1=yes sockets=3
capture
HOME=$work chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync \
  --ignore-certificate-errors --user-data-dir="$work/chromium" https://127.0.0.1:8080/page >"$work/browser.log" 2>&1 &
browser=$!
timeout 20 tail --pid=$server -f /dev/null
kill $browser
wait $browser || true
