package app

import (
	"bytes"
	"slices"
	"strings"

	"wshake/analyze/event"
)

// JSON-RPC 2.0, https://www.jsonrpc.org/specification, and the Language Server Protocol, which is made of it.
var (
	jsonRPC = protocol{name: "json-rpc", subprotocols: []string{"jsonrpc", "jsonrpc2.0", "jsonrpc-2.0", "json-rpc", "json-rpc-2.0"},
		opens: opensJSONRPC, read: func(_ *Talk, m *Message) *event.App { return readJSONRPC("json-rpc", m) }}
	lsp = protocol{name: "lsp", subprotocols: []string{"lsp", "jsonrpc-lsp"}, opens: opensLSP,
		read: func(_ *Talk, m *Message) *event.App { return readJSONRPC("lsp", m) }}
)

func opensJSONRPC(m *Message) bool {
	if !bytes.Contains(m.First, []byte(`"jsonrpc"`)) {
		return false
	}
	p := blanks(m.First)
	if len(p) > 0 && p[0] == '[' {
		p = element(elements(p, 1), 0)
	}
	return m.Opcode == event.OpText && str(member(p, "jsonrpc")) == "2.0"
}

// opensLSP: a method of the language server protocol, or its initialize with the capabilities of an editor.
func opensLSP(m *Message) bool {
	if !bytes.Contains(m.First, []byte(`"jsonrpc"`)) {
		return false
	}
	p := lspContent(m.First)
	if str(member(p, "jsonrpc")) != "2.0" {
		return false
	}
	if method := str(member(p, "method")); method != "initialize" {
		for _, area := range []string{"textDocument/", "workspace/", "window/", "$/setTrace", "$/logTrace"} {
			if strings.HasPrefix(method, area) {
				return true
			}
		}
		return false
	}
	params := member(p, "params")
	return member(params, "processId") != nil || member(params, "rootUri") != nil || path(params, "capabilities", "textDocument") != nil
}

// lspContent is what follows the head of LSP's base protocol, where there is one.
func lspContent(p []byte) []byte {
	if hasPrefix(p, "Content-Length: ") || hasPrefix(p, "Content-Type: ") {
		_, p, _ = bytes.Cut(p, []byte("\r\n\r\n"))
	}
	return blanks(p)
}

func readJSONRPC(protocol string, m *Message) *event.App {
	p := lspContent(m.First)
	batch := ""
	if len(p) > 0 && p[0] == '[' {
		p, batch = element(elements(p, 1), 0), "first of a batch"
	}
	if str(member(p, "jsonrpc")) != "2.0" {
		return nil
	}
	id, method := text(member(p, "id")), str(member(p, "method"))
	switch {
	case method != "" && id != "":
		return said(protocol, "request", id, method, "", join("request", id+":", method), batch)
	case method != "":
		return said(protocol, "notification", "", method, "", join("notification", method), batch)
	}
	if failure := member(p, "error"); failure != nil && string(failure) != "null" {
		why := reason(failure)
		code := text(member(failure, "code"))
		return said(protocol, "error", id, "", why, join("error", id), labelled("code", code), quoted("", why), batch)
	}
	if slices.ContainsFunc([]string{"result", "id"}, func(key string) bool { return member(p, key) != nil }) {
		return said(protocol, "response", id, "", "", join("response", id), batch)
	}
	return nil
}
