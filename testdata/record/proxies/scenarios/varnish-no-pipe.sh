. "$record/proxies/varnish.sh"
shows 'Varnish on port 8080 without pipe does not pass Upgrade on to the backend on port 9000, which answers 426 on both legs.'
varnish_server
backend
capture
client
kill "$varnish"
