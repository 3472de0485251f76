package tls

import (
	"testing"

	"wshake/testdata/need"
)

func TestMain(m *testing.M) { need.Main(m, 400) }
