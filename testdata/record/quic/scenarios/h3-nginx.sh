. "$record/quic/translate.sh"
shows 'Chromium loads a page from nginx over HTTP/3, where no WebSocket is allowed, and opens its three WebSockets over HTTP/1.1.'
backend deflate=yes sockets=3 page="$record/h2/page.html"
nginx_translates
chromium_opens
