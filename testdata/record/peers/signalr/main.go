// Program signalr is a SignalR server on port 8080 with a hub at /hub.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/philippseith/signalr"
)

// hub is what clients invoke.
type hub struct{ signalr.Hub }

// Say answers with how long a text is, and tells it to all.
func (h *hub) Say(text string) int {
	h.Clients().All().Send("Said", text)
	return len(text)
}

// Count is a stream of numbers.
func (h *hub) Count(to int) <-chan int {
	numbers := make(chan int)
	go func() {
		defer close(numbers)
		for i := range to {
			numbers <- i
		}
	}()
	return numbers
}

func main() {
	server, err := signalr.NewServer(context.Background(), signalr.SimpleHubFactory(new(hub)), signalr.EnableDetailedErrors(true))
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	server.MapHTTP(signalr.WithHTTPServeMux(mux), "/hub")
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", mux))
}
