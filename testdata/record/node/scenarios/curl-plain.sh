. "$record/node/curl.sh"
shows 'curl makes seven plain requests over one kept connection, and one more over another; there is no WebSocket.'
node_server site
capture
site=http://127.0.0.1:8080
curl -sS -o /dev/null $site/ -o /dev/null $site/gzip -o /dev/null $site/list -o /dev/null $site/unchanged -o /dev/null $site/missing \
  --next -sS -o /dev/null -d name=value $site/upload --next -sS -o /dev/null -I $site/
curl -sS -o /dev/null --http1.0 $site/
