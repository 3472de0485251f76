package main

import (
	"runtime"
	"runtime/debug"
)

// released is the version that packaging/release sets (-ldflags -X main.released); commit likewise.
var released, commit string

// version names the version and the commit that the program was built from, as far as they are known.
func version() string {
	v, revision, dirty := released, commit, ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v == "" {
			v = info.Main.Version
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && revision == "":
				revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				dirty = ", changed"
			}
		}
	}
	if v == "" || v == "(devel)" {
		v = "development version"
	}
	if revision == "" {
		revision = "unknown"
	}
	return "wshake " + v + " (commit " + revision[:min(len(revision), 12)] + dirty + ", " + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")"
}
