. "$record/h2/peers.sh"
. "$record/proxies/peers.sh"
software nghttpx "$(nghttpx --version | sed 's/.*\///')"
shows 'nghttpx on port 8080 translates: WebSockets on streams of HTTP/2 in front, HTTP/1.1 with Upgrade to ws on port 9000 behind.'
backend deflate=yes
nghttpx --conf=/dev/null --workers=1 --no-server-push -f'127.0.0.1,8080;no-tls' -b'127.0.0.1,9000' --errorlog-file="$work/nghttpx.log" &
listening 8080
capture
timeout 20 node "$record/h2/client.js" paths=/echo,/other deflate=yes heard=yes greeted=yes
