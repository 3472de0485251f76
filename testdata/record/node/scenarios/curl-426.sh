. "$record/node/curl.sh"
shows 'curl asks a ws server for a page without asking for an upgrade and is told 426.'
node_server echo
capture
curl -sS -o /dev/null http://127.0.0.1:8080/
