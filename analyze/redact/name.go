package redact

import (
	"net/url"
	"slices"
	"strings"
)

// Name reports whether a name says that its value is a secret: that of a field, a parameter, a cookie, a segment of a
// path. It is looked at in every spelling: percent-encoded, in any case, with any separators.
func Name(name string) bool {
	for range maxDecoded {
		if nameSays(name) {
			return true
		}
		decoded, err := url.QueryUnescape(name)
		if err != nil || decoded == name {
			return false
		}
		name = decoded
	}
	return nameSays(name)
}

// maxDecoded is how often an encoding inside another is undone.
const maxDecoded = 3

func nameSays(name string) bool {
	parts := parts(name)
	if slices.ContainsFunc(parts, partSays) {
		return true
	}
	joined := strings.Join(parts, "")
	return slices.ContainsFunc(anywhere, func(s string) bool { return strings.Contains(joined, s) })
}

// anywhere are words that mean a secret wherever they stand in a name.
var anywhere = []string{"token", "secret", "session", "sessid", "passw", "passphrase", "passcode", "jwt", "bearer", "ticket", "credential", "cookie",
	"authoriz", "authoris", "authentic", "oauth", "signature", "apikey", "accesskey", "csrf", "xsrf", "saml", "assertion", "challenge", "clientcert"}

// wholeParts are words that mean one only when they are a whole part of the name.
var wholeParts = []string{"auth", "sig", "sign", "code", "pass", "pwd", "pw", "sid", "sess", "otp", "totp", "pin", "mac", "hmac", "cred", "creds",
	"nonce", "hash", "sso"}

// harmlessKeys end in "key" and are none, or begin with it.
var harmlessKeys = []string{"monkey", "donkey", "turkey", "hockey", "jockey", "whiskey"}

// partSays judges a part of a name, which is in lower case.
func partSays(part string) bool {
	switch {
	case slices.Contains(wholeParts, part):
		return true
	case part == "keys" || strings.HasSuffix(part, "key"):
		return !slices.Contains(harmlessKeys, part)
	case strings.HasSuffix(part, "auth"), strings.HasPrefix(part, "auth") && !strings.HasPrefix(part, "author"):
		return true
	}
	return false
}

// parts takes a name apart where a letter or digit does not follow another, and where a capital follows a small
// letter: X-Auth-Token, authToken, auth_token.
func parts(name string) (list []string) {
	begin, small := -1, false
	end := func(at int) {
		if begin >= 0 {
			list = append(list, strings.ToLower(name[begin:at]))
		}
		begin = -1
	}
	for i := range len(name) {
		c := name[i]
		capital := 'A' <= c && c <= 'Z'
		switch {
		case !capital && !('a' <= c && c <= 'z') && !('0' <= c && c <= '9'):
			end(i)
		case begin >= 0 && capital && small:
			end(i)
			begin = i
		case begin < 0:
			begin = i
		}
		small = 'a' <= c && c <= 'z'
	}
	end(len(name))
	return list
}
