. "$record/tls/openssl.sh"
shows 'TLS 1.2 between openssl s_client and s_server; the client renegotiates, with new randoms and keys.'
make_certificate
mkfifo "$work/never"
openssl s_server -accept 127.0.0.1:8443 -cert "$certificate.pem" -key "$certificate.key" -tls1_2 -client_renegotiation -rev -naccept 1 -keylogfile "$keys" >"$work/server.log" 2>&1 <"$work/never" &
server=$!
exec 9>"$work/never"
listening 8443
capture
{
  sleep 0.5; echo 'under the first keys'; sleep 0.3
  echo R; sleep 0.5
  echo 'under the second keys'; sleep 1
} | timeout 20 openssl s_client -connect 127.0.0.1:8443 -tls1_2 >"$work/client.log" 2>&1 || true
exec 9>&-
wait $server || true
