//go:build !linux

package main

import "errors"

var errNotLinux = errors.New("network namespaces are Linux's")

func replay([]string) error { return errNotLinux }

func soak([]string) error { return errNotLinux }
