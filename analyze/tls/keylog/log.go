package keylog

import (
	"bufio"
	"io"
	"sync"
)

// MaxSecrets is how many secrets a Log keeps. Each takes about 120 octets.
const MaxSecrets = 1 << 18

// Log holds secrets by their names. Its zero value is empty. It is safe for concurrent use. No error of it holds a
// secret.
type Log struct {
	mu      sync.RWMutex
	secrets map[[32]byte]*secret // by the random of their names
	held    int                  // how many those are
	traffic [][32]byte           // randoms of connections with secrets of their traffic, as they came
	rsa     bool                 // some have Premaster
	later   []func()             // given to Later, not called yet
	loading sync.Mutex
}

// secret is a secret and its name. Once it is held nothing of it changes but next.
type secret struct {
	next   *secret // another one of the same random
	label  Label
	update uint8
	size   uint8
	octets [MasterSize]byte
}

// find gives the secret of a name, nil if it is not held.
func (k *Log) find(name *Name) *secret {
	for s := k.secrets[name.Random]; s != nil; s = s.next {
		if s.label == name.Label && s.update == name.Update {
			return s
		}
	}
	return nil
}

// Add reads a whole key log, such as a file or the payload of a pcapng Decryption Secrets Block. The error is r's;
// what was read before it counts.
func (k *Log) Add(r io.Reader) (Tally, error) {
	f := Feed{keys: k}
	_, err := io.Copy(&f, bufio.NewReader(r))
	f.Close()
	return f.tally, err
}

// Later has load called before the next secret is looked up; load adds to k. Where no secret is asked for it is never
// called.
func (k *Log) Later(load func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.later = append(k.later, load)
}

// load calls what Later was given.
func (k *Log) load() {
	k.loading.Lock()
	defer k.loading.Unlock()
	k.mu.RLock()
	list := k.later
	k.mu.RUnlock()
	for _, load := range list {
		load()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.later = k.later[len(list):] // only now: who asks for a secret meanwhile has to wait
}

// NewFeed returns a Feed for a key log that grows.
func (k *Log) NewFeed() *Feed { return &Feed{keys: k} }

// put keeps a secret, the last one of its name.
func (k *Log) put(random [32]byte, s *secret) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	name := Name{Label: s.label, Update: s.update, Random: random}
	before := k.find(&name)
	switch {
	case before != nil:
		k.remove(random, before)
	case k.held >= MaxSecrets:
		return false
	case k.secrets == nil:
		k.secrets = make(map[[32]byte]*secret)
	}
	if other, is := traffic[s.label]; is && before == nil && s.update == 0 &&
		k.find(&Name{Label: other, Random: random}) == nil {
		k.traffic = append(k.traffic, random)
	}
	s.next = k.secrets[random]
	k.secrets[random] = s
	k.held++
	k.rsa = k.rsa || s.label == Premaster
	return true
}

// remove forgets a secret.
func (k *Log) remove(random [32]byte, old *secret) {
	k.held--
	if k.secrets[random] == old {
		k.secrets[random] = old.next
		return
	}
	for s := k.secrets[random]; s != nil; s = s.next {
		if s.next == old {
			s.next = old.next
		}
	}
}

// MayHavePremasters tells whether any pre-master secret is known, or may be once the functions given to Later were
// called. k may be nil.
func (k *Log) MayHavePremasters() bool {
	if k == nil {
		return false
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.rsa || len(k.later) > 0
}

// Given tells whether there are secrets, or functions given to Later that may have some. k may be nil.
func (k *Log) Given() bool {
	if k == nil {
		return false
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.held > 0 || len(k.later) > 0
}

// traffic is the other one of the two labels of a connection's traffic.
var traffic = map[Label]Label{ClientTraffic: ServerTraffic, ServerTraffic: ClientTraffic}

// Connections gives the client randoms of the connections of TLS 1.3 whose traffic some secret is of, in the order in
// which they came. It must not be changed. k may be nil.
func (k *Log) Connections() [][32]byte {
	if k == nil {
		return nil
	}
	k.mu.RLock()
	list, all := k.traffic, len(k.later) == 0
	k.mu.RUnlock()
	if all {
		return list
	}
	k.load()
	return k.Connections()
}

// Len is how many secrets are held.
func (k *Log) Len() int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.held
}

// Secret returns the secret of that name, nil if it is not known. It must not be changed. k may be nil.
func (k *Log) Secret(name *Name) []byte {
	if k == nil {
		return nil
	}
	k.mu.RLock()
	s, all := k.find(name), len(k.later) == 0
	k.mu.RUnlock()
	switch {
	case !all:
		k.load()
		return k.Secret(name)
	case s == nil:
		return nil
	}
	return s.octets[:s.size]
}
