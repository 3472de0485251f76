package tls

import (
	"wshake/analyze/event"
	"wshake/analyze/tls/keylog"
)

// stage is what an epoch is for.
type stage uint8

const (
	stageEarly stage = iota
	stageHandshake
	stageApplication // and in TLS 1.2 everything behind a ChangeCipherSpec
)

// epoch is the time during which one direction uses the same keys.
type epoch struct {
	stage      stage
	version    uint16
	side       event.Side
	suite      *parameters
	name       keylog.Name
	update     int         // with stageApplication in TLS 1.3: how many key updates came before
	secret     []byte      // of TLS 1.3, once known; an epoch can be unlocked by that of the one before it
	randoms    [2][32]byte // of TLS 1.2
	etm        bool        // of TLS 1.2
	exchange   *exchange   // of TLS 1.2 with RSA, while locked
	protection protection  // nil while locked
	aead       aead13      // in TLS 1.3 protection points at it
	proven     bool        // a record authenticated
}

// data tells whether records of the epoch carry application data.
func (e *epoch) data() bool { return e != nil && e.stage != stageHandshake }

// ready tells whether records of the epoch can be opened.
func (e *epoch) ready() bool { return e != nil && e.protection != nil }

// unlock looks for the secret, unless it is known, and tells whether records of the epoch can be opened.
func (e *epoch) unlock(keys *keylog.Log) bool {
	if e == nil || e.protection != nil {
		return e != nil
	}
	secret := e.secret
	if secret == nil {
		secret = keys.Secret(&e.name)
	}
	if secret == nil {
		secret = e.exchange.master(keys, &e.randoms)
	}
	switch {
	case secret == nil:
	case e.version == versionTLS12:
		e.protection = newProtection12(e.suite, secret, &e.randoms, e.side, e.etm)
		e.exchange = nil
	case len(secret) == e.suite.secretSize:
		e.secret = secret
		if e.aead.derive(e.suite, secret) {
			e.protection = &e.aead
		}
	}
	return e.protection != nil
}

// following is the epoch of TLS 1.3 behind e (RFC 8446 §7.2 for a key update).
func (e *epoch) following() epoch {
	next := epoch{stage: e.stage, version: e.version, side: e.side, suite: e.suite, name: e.name}
	switch e.stage {
	case stageEarly:
		next.stage, next.name.Label = stageHandshake, handshakeLabels[e.side]
	case stageHandshake:
		next.stage, next.name.Label = stageApplication, applicationLabels[e.side]
	case stageApplication:
		next.update = e.update + 1
		next.name.Update = uint8(min(next.update, keylog.MaxUpdate+1)) // none is known by a name beyond
		if e.secret != nil {
			next.secret = expandLabel(e.secret, "traffic upd", len(e.secret))
		}
	}
	return next
}

// The labels of secrets by side.
var (
	handshakeLabels   = [...]keylog.Label{keylog.ClientHandshake, keylog.ServerHandshake}
	applicationLabels = [...]keylog.Label{keylog.ClientTraffic, keylog.ServerTraffic}
)

// newEpoch13 is the first epoch of a side in TLS 1.3, early or handshake.
func newEpoch13(s stage, side event.Side, suite *parameters, random [32]byte) epoch {
	name := keylog.Name{Label: keylog.EarlyTraffic, Random: random}
	if s == stageHandshake {
		name.Label = handshakeLabels[side]
	}
	return epoch{stage: s, version: versionTLS13, side: side, suite: suite, name: name}
}

// newEpoch12 is what a ChangeCipherSpec begins in TLS 1.2.
func newEpoch12(side event.Side, suite *parameters, randoms [2][32]byte, etm bool, x *exchange) epoch {
	name := keylog.Name{Label: keylog.Master, Random: randoms[event.Client]}
	return epoch{stage: stageApplication, version: versionTLS12, side: side, suite: suite, name: name, randoms: randoms,
		etm: etm, exchange: x}
}
