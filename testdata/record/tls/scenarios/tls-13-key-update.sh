. "$record/tls/openssl.sh"
software_node
software_npm ws
shows 'TLS 1.3 between openssl s_client and ws; the client changes its own keys, then both, several times between messages.'
make_certificate
node "$record/tls/echo.js" &
server=$!
listening 8443
capture
{
  printf "$upgrade"; sleep 0.5
  text 'under the first keys'; sleep 0.3
  echo k; sleep 0.3
  text 'under the second keys of the client'; sleep 0.3
  echo K; sleep 0.3
  text 'under new keys of both'; sleep 0.3
  echo K; sleep 0.3; echo k; sleep 0.3
  text 'and once more'; sleep 0.3
  printf "$close"; sleep 0.5
} | timeout 20 openssl s_client -connect 127.0.0.1:8443 -tls1_3 >"$work/client.log" 2>&1 || true
wait $server
