package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// account is a user to become.
type account struct {
	name     string
	uid, gid int
	groups   []int
}

// lookUp finds a user by name or number, with the groups that a login would give.
func lookUp(name string) (*account, error) {
	u, err := user.Lookup(name)
	if err != nil {
		if byID, e := user.LookupId(name); e == nil {
			u = byID
		} else {
			return nil, fmt.Errorf("--drop-privileges: there is no user %q", name)
		}
	}
	a := &account{name: u.Username}
	if a.uid, err = strconv.Atoi(u.Uid); err != nil {
		return nil, err
	}
	if a.gid, err = strconv.Atoi(u.Gid); err != nil {
		return nil, err
	}
	if a.uid == 0 {
		return nil, fmt.Errorf("--drop-privileges: %s has all privileges", a.name)
	}
	ids, err := u.GroupIds()
	if err != nil {
		return nil, fmt.Errorf("--drop-privileges: the groups of %s: %w", a.name, err)
	}
	for _, id := range ids {
		group, err := strconv.Atoi(id)
		if err != nil {
			return nil, err
		}
		a.groups = append(a.groups, group)
	}
	return a, nil
}

// become makes the process, all its threads, that user for good: it can neither go back nor gain anything by executing
// a program.
func (a *account) become() error {
	if os.Geteuid() != 0 {
		return errors.New("--drop-privileges: only root can become another user; with setcap on the program nothing has to be dropped")
	}
	fail := func(what string, err error) error {
		return fmt.Errorf("--drop-privileges: cannot become %s: %s: %w", a.name, what, err)
	}
	if err := syscall.Setgroups(a.groups); err != nil {
		return fail("groups", err)
	}
	if err := syscall.Setresgid(a.gid, a.gid, a.gid); err != nil {
		return fail("group", err)
	}
	// The last of root's user ids takes all capabilities along (capabilities(7)).
	if err := syscall.Setresuid(a.uid, a.uid, a.uid); err != nil {
		return fail("user", err)
	}
	if err := noNewPrivileges(); err != nil {
		return fail("no_new_privs", err)
	}
	if left, err := capabilities(); err != nil || left {
		return fail("capabilities are left", err)
	}
	if syscall.Setuid(0) == nil || syscall.Setgid(0) == nil {
		return fmt.Errorf("--drop-privileges: having become %s, root could still be had back", a.name)
	}
	return nil
}

// noNewPrivileges sets no_new_privs (prctl(2)) on every thread. The attribute is a thread's own; a seccomp filter that
// is put on all of them takes it along (seccomp(2), SECCOMP_FILTER_FLAG_TSYNC). The filter itself allows everything.
func noNewPrivileges() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	allow := [1]unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}}
	program := unix.SockFprog{Len: uint16(len(allow)), Filter: &allow[0]}
	stray, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	runtime.KeepAlive(&allow)
	switch {
	case errno != 0:
		return errno
	case stray != 0:
		return fmt.Errorf("thread %d has a filter of its own", stray)
	}
	return nil
}

// capabilities reports whether the process still has any.
func capabilities() (bool, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return true, err
	}
	return sets[0].Effective|sets[0].Permitted|sets[1].Effective|sets[1].Permitted != 0, nil
}
