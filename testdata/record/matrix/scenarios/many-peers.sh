. "$record/node/peers.sh"
software_npm socket.io
software python "$(/usr/bin/python3 -c 'import platform; print(platform.python_version())')"
for package in websockets aiohttp tornado; do
  software "$package" "$(/usr/bin/python3 -c "import importlib.metadata; print(importlib.metadata.version('$package'))")"
done
software go "$(go env GOVERSION | sed 's/^go//')"
for module in github.com/gorilla/websocket github.com/coder/websocket github.com/gobwas/ws; do
  software "$module" "$(cd "$record/peers" && go list -m -f '{{.Version}}' "$module")"
done
software chromium "$(chromium --version 2>/dev/null | grep -oE '[0-9.]+' | head -n 1)"
software firefox "$(firefox-esr --version | sed 's/.* //')"
shows 'Ten clients and eight servers, each client with each server, 300 conversations and more: ws, socket.io, websockets, aiohttp, tornado, gorilla, coder, gobwas, Chromium, Firefox.'
compressed=yes
export -n truth
(cd "$record/peers" && go build -o "$work/matrix" ./matrix)
node "$record/matrix/matrix.js" server >"$work/node.log" 2>&1 &
servers=$!
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$record/matrix/matrix.py" server >"$work/python.log" 2>&1 &
servers+=" $!"
"$work/matrix" server >"$work/go.log" 2>&1 &
servers+=" $!"
listening 8100 8101 8102 8103 8104 8105 8106 8107 8108
capture -i lo tcp portrange 8101-8108
echoes='8101 8103 8104 8105 8106 8107 8108'
rounds=5
timeout 120 node "$record/matrix/matrix.js" client $rounds $echoes 8102 8102 8102 8102
PYTHONDONTWRITEBYTECODE=1 timeout 120 /usr/bin/python3 "$record/matrix/matrix.py" client $rounds $echoes
timeout 120 "$work/matrix" client $rounds $echoes
query=rounds=$rounds$(printf '&port=%s' $echoes)
timeout 120 node "$record/matrix/matrix.js" browse "HOME=$work chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --user-data-dir=$work/chromium" "$query"
mkdir "$work/firefox"
cat >"$work/firefox/user.js" <<'PREFERENCES'
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
PREFERENCES
timeout 120 node "$record/matrix/matrix.js" browse "HOME=$work firefox-esr --headless --no-remote --profile $work/firefox" "$query"
kill $servers
