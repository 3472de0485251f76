# Headless Chromium against ws on port 8080.
. "$record/node/peers.sh"
software chromium "$(chromium --version 2>/dev/null | grep -oE '[0-9.]+' | head -n 1)"

# chromium_page VARIANT records browser.js with Chromium.
chromium_page() {
  node_peers browser "HOME=$work chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --user-data-dir=$work/chromium" "$1"
}
