. "$record/h2/peers.sh"
software firefox "$(firefox-esr --version | sed 's/.* //')"
shows 'Firefox loads a page over HTTP/2 from Node and the page opens three WebSockets on the same connection (RFC 8441), with permessage-deflate, and fetches in between.'
make_certificate ec
mkdir "$work/firefox"
cat >"$work/firefox/user.js" <<'PREFERENCES'
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
PREFERENCES
# known as an exception, by host and port
printf '127.0.0.1:8080:\tOID.2.16.840.1.101.3.4.2.1\t%s\t\n' "$(openssl x509 -in "$certificate.pem" -noout -fingerprint -sha256 | sed 's/.*=//')" >"$work/firefox/cert_override.txt"
server tls=yes deflate=yes heard=yes sockets=3
capture
HOME=$work firefox-esr --headless --no-remote --profile "$work/firefox" https://127.0.0.1:8080/page >"$work/browser.log" 2>&1 &
browser=$!
timeout 30 tail --pid=$server -f /dev/null
kill $browser
wait $browser || true
