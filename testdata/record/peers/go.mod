module wshake.test/peers

go 1.26

require (
	github.com/coder/websocket v1.8.15
	github.com/gobwas/httphead v0.1.0
	github.com/gobwas/ws v1.5.0
	github.com/gorilla/websocket v1.5.3
)

require (
	github.com/gammazero/nexus/v3 v3.2.2
	github.com/ugorji/go/codec v1.2.11 // indirect
	golang.org/x/crypto v0.17.0 // indirect
)
