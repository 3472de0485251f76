package check

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"wshake/analyze/ws"
)

// Every mistake that explainAccept knows is found by what it gives.
func TestExplainAccept(t *testing.T) {
	const key, other = "4tAjitqO9So2Wu8lkrsq3w==", "NVwjmQUcWCenfWu98asDmg=="
	right := ws.Accept(key)
	raw, _ := base64.StdEncoding.DecodeString(key)
	sum, long := sha1.Sum([]byte(key+ws.GUID)), sha256.Sum256([]byte(key+ws.GUID))
	of := func(text string) string { s := sha1.Sum([]byte(text)); return base64.StdEncoding.EncodeToString(s[:]) }
	for name, c := range map[string]struct {
		accept string
		keys   []string // key where empty
		want   string
	}{
		"merged":          {accept: right + ", " + ws.Accept(other), want: "two values merged"},
		"mergedBehind":    {accept: ws.Accept(other) + "," + right, want: "two values merged"},
		"empty":           {accept: "", want: "is empty"},
		"sample":          {accept: sampleAccept, want: "sample answer"},
		"keyBack":         {accept: key, want: "the key itself"},
		"noPadding":       {accept: strings.TrimRight(right, "="), want: "wrong padding"},
		"morePadding":     {accept: right + "=", want: "wrong padding"},
		"base64url":       {accept: "NE-Wx09QJsWGcjGIozkm5sDrCz8=", keys: []string{"0x2sc6MnpuMRQ1kxoKWLdg=="}, want: "base64url"},
		"quotes":          {accept: `"` + right + `"`, want: "in quotes"},
		"case":            {accept: strings.ToLower(right), want: "case of letters"},
		"cut":             {accept: right[:20], want: "cut off after 20 characters"},
		"appended":        {accept: right + "xy", want: `"xy" appended`},
		"inFront":         {accept: "v1 " + right, want: `"v1 " in front`},
		"noGUID":          {accept: of(key), want: "without the GUID"},
		"GUIDOnly":        {accept: of(ws.GUID), want: "GUID alone"},
		"GUIDFirst":       {accept: of(ws.GUID + key), want: "wrong way round"},
		"GUIDLower":       {accept: of(key + strings.ToLower(ws.GUID)), want: "GUID in lower case"},
		"GUIDNoHyphens":   {accept: of(key + strings.ReplaceAll(ws.GUID, "-", "")), want: "without its hyphens"},
		"GUIDBraces":      {accept: of(key + "{" + ws.GUID + "}"), want: "in braces"},
		"GUIDCRLF":        {accept: of(key + ws.GUID + "\r\n"), want: "line end after the GUID"},
		"GUIDLF":          {accept: of(key + ws.GUID + "\n"), want: "line end after the GUID"},
		"GUIDZero":        {accept: of(key + ws.GUID + "\x00"), want: "zero octet after the GUID"},
		"keyCRLF":         {accept: of(key + "\r\n" + ws.GUID), want: "key with its line end"},
		"keyCR":           {accept: of(key + "\r" + ws.GUID), want: "CR after it"},
		"keyLF":           {accept: of(key + "\n" + ws.GUID), want: "line end after it"},
		"keyBlankBehind":  {accept: of(key + " " + ws.GUID), want: "blank after it"},
		"keyBlankBefore":  {accept: of(" " + key + ws.GUID), want: "blank before it"},
		"keyBlankCRLF":    {accept: of(" " + key + "\r\n" + ws.GUID), want: "blank before it and its line end"},
		"keyQuotes":       {accept: of(`"` + key + `"` + ws.GUID), want: "key in quotes"},
		"keyNoPadding":    {accept: of(strings.TrimRight(key, "=") + ws.GUID), want: "without its padding"},
		"keyLower":        {accept: of(strings.ToLower(key) + ws.GUID), want: "key in lower case"},
		"keyUpper":        {accept: of(strings.ToUpper(key) + ws.GUID), want: "key in upper case"},
		"keyFieldLine":    {accept: of("Sec-WebSocket-Key: " + key + ws.GUID), want: "whole field line"},
		"keyDecoded":      {accept: of(string(raw) + ws.GUID), want: "decoded octets of the key"},
		"keyDecodedAlone": {accept: of(string(raw)), want: "decoded key without the GUID"},
		"twoMistakes":     {accept: base64OfHex(key + strings.ToLower(ws.GUID)), want: "lower case, and the hex digits"},
		"secondKey":       {accept: ws.Accept(other), keys: []string{key, other}, want: "another Sec-WebSocket-Key of the request"},
		"joinedBlank":     {accept: of(key + ", " + other + ws.GUID), keys: []string{key, other}, want: `joined by ", "`},
		"joinedComma":     {accept: of(key + "," + other + ws.GUID), keys: []string{key, other}, want: `joined by ","`},
		"joined":          {accept: of(key + other + ws.GUID), keys: []string{key, other}, want: `joined by ""`},
		"hexEncoded":      {accept: base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(sum[:]))), want: "base64 of the digest's hex digits"},
		"hexCapitals":     {accept: base64.StdEncoding.EncodeToString([]byte(strings.ToUpper(hex.EncodeToString(sum[:])))), want: "base64 of the digest's hex digits"},
		"hex":             {accept: hex.EncodeToString(sum[:]), want: "digest in hex"},
		"raw":             {accept: string(sum[:]), want: "20 raw octets"},
		"SHA256":          {accept: base64.StdEncoding.EncodeToString(long[:]), want: "SHA-256"},
		"notBase64":       {accept: "accepted!", want: "not even base64"},
		"short":           {accept: "AAAA", want: "3 octets long after decoding"},
		"GUIDWrongDigit":  {accept: of(key + strings.Replace(ws.GUID, "47DA", "47DB", 1)), want: "258EAFA5-E914-47DB-95CA-C5AB0DC85B11"},
		"GUIDSwapped":     {accept: of(key + strings.Replace(ws.GUID, "95CA", "95AC", 1)), want: "258EAFA5-E914-47DA-95AC-C5AB0DC85B11"},
		"GUIDCut":         {accept: of(key + ws.GUID[:35]), want: "misspelt GUID, 258EAFA5-E914-47DA-95CA-C5AB0DC85B1"},
		"GUIDTwice":       {accept: of(key + strings.Replace(ws.GUID, "E914", "EE914", 1)), want: "258EAFA5-EE914-47DA-95CA-C5AB0DC85B11"},
		"unknown":         {accept: of("something else"), want: ""},
	} {
		keys := c.keys
		if keys == nil {
			keys = []string{key}
		}
		got := explainAccept(keys, c.accept)
		if got == "" {
			got = misspeltAccept(keys, c.accept)
		}
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: explained as %q, want %q in it", name, got, c.want)
		}
	}
}

// The right value is never explained as a mistake, whatever the key looks like.
func TestExplainAcceptOfOddKeys(t *testing.T) {
	for _, key := range []string{"", "abc", "nopadding", "LOWERCASE==", "lowercase==", "dGhlIHNhbXBsZSBub25jZQ=="} {
		for _, explain := range []func([]string, string) string{otherText, otherKey} {
			if why := explain([]string{key}, ws.Accept(key)); why != "" {
				t.Errorf("key %q: the right value %s", key, why)
			}
		}
	}
}
