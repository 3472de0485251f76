//go:build !linux

package main

import "errors"

// account is a user to become.
type account struct{}

func lookUp(string) (*account, error) {
	return nil, errors.New("--drop-privileges works on Linux only")
}

func (*account) become() error { return nil }
