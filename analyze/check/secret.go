package check

import (
	"encoding/base64"
	"fmt"
	"strings"
	"wshake/analyze/event"
)

// Secrets in places that are written to logs: RFC 9110 §17.9.

var checkSecretInHandshake = Check{
	ID: "SEC-04", Name: "secret-in-handshake", Level: event.Note, Fault: event.ClientFault, Citation: "RFC 9110 §17.9",
	When: "a secret token stands in the query or in a subprotocol",
	Description: "Browsers cannot set Authorization on a WebSocket, so tokens are put into the query or into a " +
		"subprotocol. Proxies and servers write both to their logs, and a URL is also kept in histories and " +
		"monitoring; who reads them can connect as the user for as long as the token lives. wshake prints the " +
		"value redacted. Kubernetes does this by design, with base64url.bearer.authorization.k8s.io.",
	Advice: "use a short-lived ticket for one connection, a cookie with Secure and SameSite, or send the " +
		"token in the first message; keep the query out of access logs",
	Needs:    Asked,
	Exchange: secretInHandshake,
}

func secretInHandshake(x *Exchange, report Report) {
	for _, p := range x.ProtocolsOffered.Value {
		if SecretToken(p) {
			report(Detail{
				At: x.Request.Last,
				Text: fmt.Sprintf("the subprotocol %s carries a token, which proxies and servers write to their "+
					"logs", quote(Redacted(p))),
				Seen: Redacted(p),
			})
		}
	}
	_, query, _ := strings.Cut(x.Request.Target, "?")
	for _, pair := range strings.Split(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); SecretParam(name, value) {
			report(Detail{
				At: x.Request.Last,
				Text: fmt.Sprintf("the query parameter %s carries a secret (%s), which proxies and servers write "+
					"to their logs", quote(name), Redacted(value)),
				Seen: name + "=" + Redacted(value),
			})
		}
	}
}

// Redacted stands for a secret: its length, nothing of its text.
func Redacted(s string) string { return fmt.Sprintf("[redacted, %s]", count(len(s), "character")) }

// secretNames are query parameters whose values are secrets.
var secretNames = map[string]bool{
	"token": true, "access_token": true, "accesstoken": true, "id_token": true, "auth_token": true, "authtoken": true, "refresh_token": true,
	"jwt": true, "auth": true, "authorization": true, "bearer": true, "api_key": true, "apikey": true, "api-key": true, "x-api-key": true,
	"secret": true, "client_secret": true, "password": true, "passwd": true, "pwd": true, "x-amz-security-token": true, "x-amz-signature": true,
	"access-token": true, "auth-token": true, "session_token": true,
}

// SecretParam says that a query parameter carries a secret: by its name, or because its value is a JSON Web Token.
func SecretParam(name, value string) bool {
	return secretNames[strings.ToLower(name)] && len(value) >= 8 || jwt(value)
}

// SecretToken says that a subprotocol is not the name of a protocol but a token: a JWT, alone or behind a name, or
// what Kubernetes calls a base64url bearer.
func SecretToken(p string) bool {
	return jwt(p) || strings.HasPrefix(p, "base64url.bearer.authorization.") || strings.HasPrefix(p, "Bearer.")
}

// jwt finds a JSON Web Token in s: three base64url parts of which the first is a JSON object (RFC 7519 §3).
func jwt(s string) bool {
	i := strings.Index(s, "eyJ")
	if i < 0 {
		return false
	}
	parts := strings.Split(s[i:], ".")
	if len(parts) < 3 {
		return false
	}
	head, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[0], "="))
	return err == nil && strings.Contains(string(head), `"alg"`) || err == nil && strings.Contains(string(head), `"typ"`)
}
