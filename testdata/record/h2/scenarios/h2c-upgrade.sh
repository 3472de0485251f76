. "$record/h2/peers.sh"
. "$record/proxies/peers.sh"
software nghttpx "$(nghttpx --version | sed 's/.*\///')"
shows 'From HTTP/1.1 to HTTP/2 by Upgrade: h2c with nghttpx on port 8080: the request becomes stream 1, then a WebSocket on stream 3, which nghttpx passes on to ws on port 9000.'
backend
nghttpx --conf=/dev/null --workers=1 --no-server-push -f'127.0.0.1,8080;no-tls' -b'127.0.0.1,9000' --errorlog-file="$work/nghttpx.log" &
listening 8080
capture
raw h2c-upgrade
