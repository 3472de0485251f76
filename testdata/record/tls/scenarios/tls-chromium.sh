. "$record/tls/peers.sh"
. "$record/node/chromium.sh"
shows 'Chromium loads a page over HTTPS from Node and the page talks to ws over TLS on port 8080; Chromium logs the secrets.'
make_certificate ec
node_peers browser "HOME=$work SSLKEYLOGFILE=$keys chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --ignore-certificate-errors --user-data-dir=$work/chromium" tls
