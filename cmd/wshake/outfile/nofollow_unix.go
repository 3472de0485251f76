//go:build unix

package outfile

import "syscall"

// noFollow keeps a symbolic link that appeared since the check from being followed.
const noFollow = syscall.O_NOFOLLOW
