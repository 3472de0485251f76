// Package reassembly turns captured packets into the ordered bytes of TCP connections.
package reassembly
