. "$record/tls/peers.sh"
. "$record/node/firefox.sh"
shows 'Firefox loads a page over HTTPS from Node and the page talks to ws over TLS on port 8080; Firefox logs the secrets.'
make_certificate ec
export SSLKEYLOGFILE=$keys
firefox_page tls
