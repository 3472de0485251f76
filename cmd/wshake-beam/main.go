// Wshake-beam analyses more captures than one machine can, with Apache Beam. Without a runner of its own it runs on
// Prism, which is inside.
package main

import (
	"context"
	"os"
)

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }
