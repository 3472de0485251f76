package tls

import (
	"bytes"
	"crypto/rsa"
	gotls "crypto/tls"
	"fmt"
	"strings"
	"testing"
	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
)

// rsaConversations are conversations of crypto/tls under every suite with RSA key exchange, all with the extended
// master secret, and their key logs of RSA lines, made with the server's key from what was sent.
func rsaConversations(t *testing.T, test func(t *testing.T, d dialogue, log string, said [2][]byte)) {
	t.Helper()
	n := 0
	all := configurations()
	suite := []uint16{gotls.TLS_RSA_WITH_AES_256_GCM_SHA384}
	all["TLS_RSA_WITH_ a client certificate"] = [2]*gotls.Config{
		{MaxVersion: gotls.VersionTLS12, CipherSuites: suite, Certificates: certificates()},
		{MaxVersion: gotls.VersionTLS12, CipherSuites: suite, ClientAuth: gotls.RequireAnyClientCert},
	}
	for name, configs := range all {
		if !strings.HasPrefix(name, "TLS_RSA_WITH_") {
			continue
		}
		n++
		t.Run(name, func(t *testing.T) {
			d, _, said := converse(t, configs[0], configs[1])
			test(t, d, premasterLine(t, d), said)
		})
	}
	if n < 6 {
		t.Errorf("%d suites", n)
	}
}

// premasterLine is the line of a key log for the ClientKeyExchange in d.
func premasterLine(t *testing.T, d dialogue) string {
	t.Helper()
	for _, r := range d.records() {
		if p := r.octets[headerSize:]; r.side == event.Client && record(r.octets).kind() == handshake && messageType(p[0]) == typeClientKeyExchange {
			encrypted := p[messageHeader+2:]
			premaster, err := certificates()[0].PrivateKey.(*rsa.PrivateKey).Decrypt(nil, encrypted, nil) // RSAES-PKCS1-v1_5
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("RSA %x %x\n", encrypted[:8], premaster)
		}
	}
	t.Fatal("no ClientKeyExchange")
	return ""
}

// heard tells whether r was told all that was said, and nothing else.
func (r *recorder) heard(said [2][]byte) bool {
	return bytes.Equal(r.data[event.Client].Bytes(), said[event.Client]) && bytes.Equal(r.data[event.Server].Bytes(), said[event.Server]) && !strings.Contains(r.String(), "undecryptable")
}

func TestPremasterSecret(t *testing.T) {
	rsaConversations(t, func(t *testing.T, d dialogue, log string, said [2][]byte) {
		for name, d := range map[string]dialogue{"as sent": d, "octets": d.cut(1), "client first": d.apart(event.Client), "server first": d.apart(event.Server)} {
			if r := d.play(t, keysOf(t, log), Config{MaxHeld: 1 << 20}); !r.heard(said) {
				t.Errorf("%s: %d and %d octets of %d and %d\n%s", name, r.data[0].Len(), r.data[1].Len(), len(said[0]), len(said[1]), r)
			}
		}
		if told := d.play(t, keysOf(t, wrong(log)), Config{}).String(); strings.Count(told, WrongSecret.String()) != 2 {
			t.Error(told)
		}
		if told := d.play(t, keysOf(t, "RSA 0011223344556677 "+strings.Repeat("11", 48)), Config{}).String(); strings.Count(told, NoSecret.String()) != 2 {
			t.Error(told)
		}
	})
}

// The line comes when everything has been said, or between any two records.
func TestLatePremasterSecret(t *testing.T) {
	rsaConversations(t, func(t *testing.T, d dialogue, log string, said [2][]byte) {
		records := d.records()
		for _, d := range []dialogue{records, d.apart(event.Client).records(), d.apart(event.Server).records()} {
			for when := range min(len(d), 15) + 1 {
				if when == 15 {
					when = len(d)
				}
				keys, r := new(keylog.Log), &recorder{t: t}
				c := New(keys, Config{Secrets: SecretsLater, MaxHeld: 1 << 20}, r)
				for i, call := range d {
					if i == when {
						keys.Add(strings.NewReader(log))
						c.Retry()
					}
					c.Data(call.side, At{Ordinal: uint64(i), Acked: -1}, call.octets)
				}
				c.End(event.Client, At{}, 1)
				c.End(event.Server, At{}, 1)
				if when == len(d) {
					if !c.Waits() || len(r.log) > 0 {
						t.Errorf("told without secrets:\n%s", r)
					}
					keys.Add(strings.NewReader(log))
					c.Retry()
				}
				if !r.heard(said) || !c.Done() {
					t.Fatalf("behind record %d:\n%s", when, r)
				}
			}
		}
	})
}

// A session that resumes one of RSA has no key exchange, and waits for none.
func TestResumedWithoutPremasterSecret(t *testing.T) {
	config := &gotls.Config{MaxVersion: gotls.VersionTLS12, CipherSuites: []uint16{gotls.TLS_RSA_WITH_AES_128_GCM_SHA256}, ClientSessionCache: gotls.NewLRUClientSessionCache(1)}
	server := config.Clone()
	d, _, said := converse(t, config, server)
	log := premasterLine(t, d)
	if r := d.play(t, keysOf(t, log), Config{}); !r.heard(said) {
		t.Fatal(r)
	}
	again, _, _ := converse(t, config, server)
	r := &recorder{t: t}
	c := New(keysOf(t, log), Config{}, r)
	for i, call := range again {
		c.Data(call.side, At{Ordinal: uint64(i)}, call.octets)
	}
	if told := r.String(); r.hello.Session != Resumed || strings.Count(told, "undecryptable: "+NoSecret.String()) != 2 || !c.Done() {
		t.Error(told)
	}
}

// A message that is lost is said to be why, unless the key log has no pre-master secret anyway.
func TestLostBeforePremasterSecret(t *testing.T) {
	config := &gotls.Config{MaxVersion: gotls.VersionTLS12, CipherSuites: []uint16{gotls.TLS_RSA_WITH_AES_128_GCM_SHA256}}
	d, log, _ := converse(t, config, config.Clone())
	premaster := premasterLine(t, d)
	records := d.records()
	for i, r := range records {
		kind := messageType(r.octets[headerSize])
		if record(r.octets).kind() != handshake || kind != typeCertificate && kind != typeServerHelloDone && kind != typeClientKeyExchange {
			continue
		}
		holed := append(dialogue{}, records...)
		holed[i] = call{side: r.side, gap: uint64(len(r.octets))}
		for name, test := range map[string]struct {
			log string
			why Reason
		}{
			"of the session": {premaster, ExchangeMissing},
			"none":           {"", NoSecret},
			"the master":     {log, 0},
		} {
			told := holed.play(t, keysOf(t, test.log), Config{}).String()
			if n := strings.Count(told, "undecryptable: "+test.why.String()); test.why != 0 && n != 2 || test.why == 0 && strings.Contains(told, "undecryptable") {
				t.Errorf("message %d lost, %s:\n%s", kind, name, told)
			}
		}
	}
}

// hello12 is the hello of a side that has RSA key exchange and the extended master secret in TLS 1.2.
func hello12(side event.Side) []byte {
	body := append([]byte{3, 3}, bytes.Repeat([]byte{byte(side)}, 32)...)
	body = append(body, vector(1)...)
	extensions := vector(2, extensionOf(extensionExtendedMaster)...)
	if side == event.Client {
		body = append(body, vector(2, 0, 0x9c)...)
		body = append(body, vector(1, 0)...)
		return handshakeMessage(typeClientHello, append(body, extensions...))
	}
	return handshakeMessage(typeServerHello, append(append(body, 0, 0x9c, 0), extensions...))
}

// However long the handshake, what is kept of it is bounded, and given back when it is too long.
func TestTranscriptIsBounded(t *testing.T) {
	for name, kind := range map[string]messageType{"certificates": typeCertificate, "messages that are empty": 99} {
		c := New(keysOf(t, "RSA 0011223344556677 "+strings.Repeat("11", keylog.MasterSize)), Config{}, &recorder{t: t})
		c.Data(event.Client, At{}, plainRecord(handshake, hello12(event.Client)))
		c.Data(event.Server, At{}, plainRecord(handshake, hello12(event.Server)))
		x := c.directions[event.Client].messages.exchange
		if x == nil || !x.extended || x.suite == nil {
			t.Fatal("no exchange")
		}
		var size int
		if kind == typeCertificate {
			size = 16000
		}
		record := plainRecord(handshake, bytes.Repeat(handshakeMessage(kind, make([]byte, size)), 16000/(size+messageHeader)+1)[:16000+messageHeader])
		for range 20 {
			c.Data(event.Server, At{}, record)
			kept := 0
			for _, part := range x.transcript {
				kept += cap(part)
			}
			if kept > 2*maxTranscript {
				t.Fatalf("%s: %d octets are kept", name, kept)
			}
		}
		if !x.lost || len(x.transcript[1]) > 0 {
			t.Errorf("%s: still kept", name)
		}
	}
}

// Without pre-master secrets nothing is kept for them, unless they may come.
func TestTranscriptOnlyForPremasters(t *testing.T) {
	put := new(keylog.Log)
	put.Later(func() {})
	for name, test := range map[string]struct {
		keys    *keylog.Log
		secrets Secrets
		want    bool
	}{
		"no key log": {nil, SecretsNow, false}, "none in it": {keysOf(t, scriptKeyLog()), SecretsNow, false},
		"may come": {new(keylog.Log), SecretsLater, true}, "not loaded": {put, SecretsNow, true},
	} {
		c := New(test.keys, Config{Secrets: test.secrets}, &recorder{t: t})
		c.Data(event.Client, At{}, plainRecord(handshake, hello12(event.Client)))
		if x := c.directions[event.Client].messages.exchange; (x != nil) != test.want {
			t.Errorf("%s: %+v", name, x)
		}
	}
}

// leadsToMaster tells whether the master secret depends on a record behind the hellos, besides the pre-master secret.
func leadsToMaster(r record, extended bool) bool {
	if r.kind() != handshake {
		return false
	}
	switch messageType(r.fragment()[0]) {
	case typeClientKeyExchange:
		return true
	case typeCertificate, typeServerHelloDone:
		return extended
	}
	return false
}
