// Package hostile makes traffic as an attacker would send it, for tests: floods that try to fill memory, and small
// conversations that break every rule at random, also in tunnels, over HTTP/2 and in damaged pcapng.
//
// All of it is made by code when it is needed and depends on nothing but its arguments.
package hostile
