. "$record/proxies/nginx.sh"
shows 'nginx on port 8080 as Debian configures it: the request to the backend on port 9000 is HTTP/1.0 with Connection: close and without Upgrade, so the backend answers 426 on both legs.'
nginx_server '
    location / {
      proxy_pass http://127.0.0.1:9000;
    }'
backend
capture
client
