. "$record/tls/openssl.sh"
shows 'openssl s_client resumes a TLS 1.3 session and sends a request as early data (0-RTT): the server takes it the first time and rejects it the second.'
make_certificate
openssl_server() {
  openssl s_server -accept 127.0.0.1:8443 -cert "$certificate.pem" -key "$certificate.key" -tls1_3 -keylogfile "$keys" "$@" >"$work/server.log" 2>&1 <"$work/never" &
  server=$!
  exec 9>"$work/never"
  listening 8443
}
mkfifo "$work/never"
printf 'GET /early HTTP/1.1\r\nHost: localhost:8443\r\n\r\n' >"$work/request"
capture
openssl_server -early_data -max_early_data 1000 -naccept 3
{ echo 'the first connection'; sleep 1; } | timeout 20 openssl s_client -connect 127.0.0.1:8443 -sess_out "$work/session" >"$work/client.log" 2>&1
{ echo 'after the early data'; sleep 1; } | timeout 20 openssl s_client -connect 127.0.0.1:8443 -sess_in "$work/session" -sess_out "$work/session2" -early_data "$work/request" >>"$work/client.log" 2>&1
# A session serves once for early data: the second time the server rejects it.
{ echo 'the early data was rejected'; sleep 1; } | timeout 20 openssl s_client -connect 127.0.0.1:8443 -sess_in "$work/session" -early_data "$work/request" >>"$work/client.log" 2>&1
exec 9>&-
wait $server || true
