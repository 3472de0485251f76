// Program nexus is a WAMP router on port 8080 with the realm realm1.
package main

import (
	"log"
	"net/http"

	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
)

func main() {
	r, err := router.NewRouter(&router.Config{RealmConfigs: []*router.RealmConfig{
		{URI: wamp.URI("realm1"), AnonymousAuth: true, AllowDisclose: true},
	}}, nil)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", router.NewWebsocketServer(r)))
}
