package main

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"wshake/testdata/need"
)

// nobody is the account of that name.
func nobody(t *testing.T) *account {
	t.Helper()
	if _, err := user.Lookup("nobody"); err != nil {
		need.Lacking(t, err.Error())
	}
	a, err := lookUp("nobody")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Every thread is that user's, without capabilities and without a way to get any, and the capture goes on.
func TestDropPrivileges(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire")
	a := nobody(t)
	dir := filepath.Join(t.TempDir(), "kept")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for path := dir; len(path) > len(os.TempDir()); path = filepath.Dir(path) {
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	s := w.sniff(1, "-i", "wire", "-o", "json", "--drop-privileges", "nobody", "--write", filepath.Join(dir, "kept.pcapng"), "--rotate-size", "4kB")
	first := filepath.Join(dir, "kept-00001.pcapng")
	s.until("it writes", func() bool { _, err := os.Stat(first); return err == nil })

	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", s.command.Process.Pid))
	if err != nil || len(tasks) < 2 {
		t.Fatalf("threads: %v, %v", tasks, err)
	}
	uid, gid := strconv.Itoa(a.uid), strconv.Itoa(a.gid)
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if os.IsNotExist(err) {
			continue // the thread has ended
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`Uid:(\t` + uid + `){4}`, `Gid:(\t` + gid + `){4}`, `Groups:\t` + gid + ` `, `CapPrm:\t0+`, `CapEff:\t0+`, `CapInh:\t0+`, `CapAmb:\t0+`, `NoNewPrivs:\t1`} {
			if !regexp.MustCompile(`(?m)^` + want + `$`).Match(text) {
				t.Errorf("%s has no line %s:\n%s", task, want, text)
			}
		}
	}

	for port := 4001; port < 4011; port++ {
		w.play("wire", upgrade(fmt.Sprintf("10.0.0.1:%d", port)))
	}
	s.signal(os.Interrupt)
	e := s.finish()
	e.said(exitDone)
	if n := len(e.events("handshake")); n != 10 {
		t.Errorf("%d handshakes", n)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 2 {
		t.Errorf("files: %v, %v", files, err)
	}
	for _, f := range files {
		var stat unix.Stat_t
		if err := unix.Stat(f, &stat); err != nil || int(stat.Uid) != a.uid || int(stat.Gid) != a.gid {
			t.Errorf("%s belongs to %d:%d, %v", f, stat.Uid, stat.Gid, err)
		}
	}
}

func TestDropPrivilegesRefusals(t *testing.T) {
	t.Parallel()
	w := newWires(t, "wire")
	nobody(t)
	private := filepath.Join(t.TempDir(), "kept.pcapng") // in a folder of root's
	if err := os.Chmod(filepath.Dir(private), 0o700); err != nil {
		t.Fatal(err)
	}
	asNobody := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, AmbientCaps: []uintptr{unix.CAP_NET_RAW, unix.CAP_NET_ADMIN}}
	for _, c := range []struct {
		name       string
		attributes *syscall.SysProcAttr
		args       []string
		status     int
		stderr     string
	}{
		{"no such user", nil, []string{"-i", "wire", "--drop-privileges", "mr-nobody"}, exitUsage, `there is no user "mr-nobody"\n`},
		{"root", nil, []string{"-i", "wire", "--drop-privileges", "root"}, exitUsage, `root has all privileges\n`},
		{"files", nil, []string{"--drop-privileges", "nobody", "x.pcap"}, exitUsage, `--drop-privileges goes with -i\n`},
		{"not root", asNobody, []string{"-i", "wire", "--drop-privileges", "nobody"}, exitInput, `only root can become another user`},
		{"a folder of root's", nil, []string{"-i", "wire", "--drop-privileges", "nobody", "--write", private}, exitInput, private + `: permission denied\n`},
	} {
		e := w.launch(c.attributes, c.args...).finish() // no test of its own: that would be in another namespace
		if e.status != c.status || e.out != "" || !regexp.MustCompile(c.stderr).MatchString(e.stderr) {
			t.Errorf("%s: status %d, %q\n%s", c.name, e.status, e.out, e.stderr)
		}
	}
}
