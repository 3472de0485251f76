. "$record/quic/translate.sh"
shows 'Chromium opens three WebSockets over HTTP/3 with permessage-deflate, and Caddy translates them to HTTP/1.1 for ws on port 9000.'
backend deflate=yes sockets=3 page="$record/h2/page.html"
caddy_translates
chromium_opens
