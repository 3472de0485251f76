# Headless Firefox against ws on port 8080.
. "$record/node/peers.sh"
software firefox "$(firefox-esr --version | sed 's/.* //')"

# firefox_page VARIANT records browser.js with Firefox, without the services that it would call.
firefox_page() {
  mkdir "$work/firefox"
  cat >"$work/firefox/user.js" <<'PREFERENCES'
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.aboutwelcome.enabled", false);
PREFERENCES
  if [ -n "${certificate:-}" ]; then # known as an exception, by host and port
    printf '127.0.0.1:8080:\tOID.2.16.840.1.101.3.4.2.1\t%s\t\n' "$(openssl x509 -in "$certificate.pem" -noout -fingerprint -sha256 | sed 's/.*=//')" >"$work/firefox/cert_override.txt"
  fi
  node_peers browser "HOME=$work firefox-esr --headless --no-remote --profile $work/firefox" "$1"
}
