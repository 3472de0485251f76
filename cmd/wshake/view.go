package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"time"

	"wshake/analyze/report/html"
)

// viewPayload is how many octets of each message wshake view keeps, if the user does not say otherwise.
const viewPayload = 256 << 10

// newSpool makes a file that has no name any more where the system allows that, and is readable by its owner only.
func newSpool() (*os.File, error) {
	f, err := os.CreateTemp("", "wshake-view-*")
	if err == nil && runtime.GOOS != "windows" {
		err = os.Remove(f.Name())
	}
	return f, err
}

// show serves the page on this machine until ctx is done, and opens it in a browser where the user sits at a terminal.
func (p *page) show(ctx context.Context, std stdio) error {
	defer os.Remove(p.spool.Name())
	defer p.spool.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	host := listener.Addr().String()
	handler, err := html.NewServer(p.spool, p.Page, host, rand.Text())
	if err != nil {
		listener.Close()
		return err
	}
	address := "http://" + host + "/" + handler.Token + "/"
	fmt.Fprintln(std.out, address)
	std.complain("the page is there until ^C")
	if columns(std.out) > 0 {
		defer open(address, std)()
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// open tells the desktop to show address, by a file that only the user can read: in the arguments of a program all
// users of the machine would see the token. What it returns removes the file.
func open(address string, std stdio) func() {
	f, err := os.CreateTemp("", "wshake-open-*.html")
	if err != nil {
		return func() {}
	}
	remove := func() { os.Remove(f.Name()) }
	fmt.Fprintf(f, `<!doctype html><meta charset=utf-8><title>wshake</title><meta http-equiv=refresh content="0;url=%s">
<a href="%s">wshake</a>
`, address, address)
	if err := f.Close(); err != nil {
		return remove
	}
	opener := map[string][]string{"darwin": {"open"}, "windows": {"rundll32", "url.dll,FileProtocolHandler"}}[runtime.GOOS]
	if opener == nil {
		opener = []string{"xdg-open"}
	}
	if err := exec.Command(opener[0], append(opener[1:], f.Name())...).Start(); err != nil {
		std.complain("no browser was opened: %v", err)
	}
	return remove
}
