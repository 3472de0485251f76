# Varnish on port 8080 in front of the backend on port 9000.
. "$record/proxies/peers.sh"
software varnish "$(varnishd -V 2>&1 | sed -n 's/.*varnish-\([0-9.]*\).*/\1/p')"

# varnish_server VCL starts Varnish with the given subroutines.
varnish_server() {
  printf 'vcl 4.1;\nbackend node { .host = "127.0.0.1"; .port = "9000"; }\n%s\n' "$*" >"$work/default.vcl"
  mkdir -p "$work/varnish"
  varnishd -F -n "$work/varnish" -a 127.0.0.1:8080 -f "$work/default.vcl" -s malloc,16m -j none >"$work/varnish.log" 2>&1 &
  varnish=$!
  timeout 60 bash -c "until ss -Htln 'sport = :8080' | grep -q .; do sleep 0.1; done" || { cat "$work/varnish.log" >&2; exit 1; }
}
