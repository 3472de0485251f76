//go:build !unix

package outfile

// noFollow is nothing here: O_EXCL alone refuses a name that exists.
const noFollow = 0
