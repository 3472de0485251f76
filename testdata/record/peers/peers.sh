# Go programs with one WebSocket module on both ends, on port 8080.
export truth
software go "$(go env GOVERSION | sed 's/^go//')"

# go_peers MODULE PROGRAM VARIANT builds PROGRAM of the module in this folder, which run has downloaded, and records it.
go_peers() {
  software "$1" "$(cd "$record/peers" && go list -m -f '{{.Version}}' "$1")"
  (cd "$record/peers" && go build -o "$work/$2" "./$2")
  capture
  timeout 30 "$work/$2" "$3"
}
