package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"wshake/analyze/check"
	"wshake/analyze/suggest"
)

// leaks are words of Go and its packages that mean nothing to a user.
var leaks = regexp.MustCompile(`strconv|\bstat |\bopen |invalid syntax|Parse|pflag|token`)

// What a user may type by habit or by mistake is understood, or answered with what to type.
func TestMistakesAreAnsweredInPlainWords(t *testing.T) {
	file := recording("nginx-wrong-variable")
	for _, c := range []struct {
		args   string
		status int
		said   string // on standard error
	}{
		{"--outptu json FILE", exitUsage, "there is no flag --outptu; did you mean --output?"},
		{"--frobnicate FILE", exitUsage, "there is no flag --frobnicate\n"},
		{"-v FILE", exitUsage, "there is no -v; to see frames and messages too, type --show all; for the version, --version"},
		{"-A FILE", exitUsage, "type --show messages --payload 256"},
		{"-9 FILE", exitUsage, "there is no flag -9\n"},
		{"--count x FILE", exitUsage, `--count "x" is not a whole number`},
		{"--gap-timeout 5 FILE", exitUsage, `--gap-timeout "5" is not a time such as 90s, 5m or 2h`},
		{"--max-memory x FILE", exitUsage, `--max-memory "x" is not a size such as`},
		{"--follow x FILE", exitUsage, `--follow "x" is not a connection: give its number in the table`},
		{"--follow 0 FILE", exitUsage, `is not a connection`},
		{"--follow 99 FILE", exitUsage, "--follow 99: there is no such WebSocket conversation"},
		{"--follow 1,127.0.0.1:1 FILE", exitUsage, "--follow 127.0.0.1:1: there is no"},
		{"FILE --follow", exitUsage, "--follow needs a value: --follow CONN"},
		{"--show frame FILE", exitUsage, "did you mean frames?"},
		{"-o jsno FILE", exitUsage, "did you mean json?"},
		{"--fail-on warn FILE", exitUsage, "did you mean warning?"},
		{"--select acept-mismatch FILE", exitUsage, "did you mean accept-mismatch?"},
		{"--ignore MIDD-* FILE", exitUsage, `there is no check, id, group or level "MIDD-*"`},
		{"check acept-mismatch", exitUsage, "did you mean accept-mismatch?"},
		{"help jsonn", exitUsage, `there is no flag, command or check "jsonn"`},
		{"explain accept-mismatch", exitInput, "hint: did you mean the command wshake check?"},
		{"tcp port 80 FILE", exitUsage, "is taken for a filter, which goes after the files: " +
			"wshake FILE... tcp port 80"},
		{"chekc", exitInput, "chekc: no such file or directory\nhint: did you mean the command wshake check?"},
		{"nowhere.pcap", exitInput, "wshake: nowhere.pcap: no such file or directory\n"},
		{"--keylog nowhere FILE", exitInput, "wshake: --keylog nowhere: no such file or directory\n"},
		{"--payload -1 FILE", exitUsage, "--payload takes no number below 0"},
		{"--rotate-time -5s FILE", exitUsage, "--rotate-time takes no number below 0"},
		{"--case nowhere/case.json FILE", exitInput, "--case nowhere/case.json: there is no such directory"},
		{"FILE tcp prot 80", exitUsage, `--filter: "prot" stands where and, or,`},
		{"--where conn== FILE", exitUsage, "the expression ends too early"},
		{"--where (conn==1)) FILE", exitUsage, `")" is not expected here`},
		{"-f tcp FILE tcp port 80", exitUsage, "there are two filters"},
		{"FILE tcp port", exitUsage, "--filter: "},
		{"-i lo FILE", exitUsage, "-i listens, and"},
		{"check nosuch", exitUsage, `"nosuch"; wshake check lists them`},
		{"help --folow", exitUsage, "did you mean follow?"},
		{"help nosuch", exitUsage, "wshake help lists flags and commands"},
		{"--where host==example.org FILE", exitUsage, `if a text is meant, it stands in quotes: '... == "example"'`},
		{"--where host__matches__\"(\" FILE", exitUsage, "--where: column 6: missing closing )"},
		{"--grep ( FILE", exitUsage, "--fixed-strings searches for the text as it stands"},
		{"--template {{.clint}} FILE", exitUsage, `--template: there is no name "clint"; did you mean client?`},
		{"--template {{.client FILE", exitUsage, "--template: line 1: unclosed action"},
		{"--keylog FILE FILE", exitDone, "is not a key log: none of its"},
		{"--keylog . FILE", exitInput, "wshake: --keylog .: is a directory\n"},
		{"-o jsno FILE", exitUsage, "\nhint: wshake help output explains --output\n"},
		{"--outptu json FILE", exitUsage, "\nhint: wshake help lists the commands and flags\n"},
		{"completion tcsh", exitUsage, "one of bash, zsh, fish"},
	} {
		t.Run(c.args, func(t *testing.T) {
			args := strings.Fields(c.args)
			for i := range args {
				args[i] = strings.NewReplacer("FILE", file, "__", " ").Replace(args[i])
			}
			status, _, said := wshake(args...)
			if status != c.status || !strings.Contains(said, c.said) {
				t.Errorf("status %d, %q", status, said)
			}
			if leak := leaks.FindString(said); leak != "" {
				t.Errorf("%q in %q", leak, said)
			}
		})
	}
}

// A wrong value is answered with the flag's name and no word of Go's.
func TestEveryFlagAnswersAWrongValue(t *testing.T) {
	file := recording("nginx-wrong-variable")
	takesAny := map[string]bool{"read": true, "interface": true, "grep": true, "allow-origin": true, "template": true}
	for _, f := range flagRows() {
		status, _, said := wshake("--"+f.name+"=nowhere/nothing", file)
		if !takesAny[f.name] && (status == exitDone || !strings.HasPrefix(said, "wshake: --"+f.name)) {
			t.Errorf("--%s: status %d, %q", f.name, status, said)
		}
		if leak := leaks.FindString(said); leak != "" {
			t.Errorf("--%s: %q in %q", f.name, leak, said)
		}
	}
}

func TestHabitsOfTcpdump(t *testing.T) {
	file := recording("nginx-wrong-variable")
	_, all, _ := wshake("-o", "json", file)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-nn", "-r", file}, "2 handshakes"},
		{[]string{"-n", "-r", file, "tcp", "port", "9000"}, "1 handshake:"},
		{[]string{file, "tcp port 9000"}, "1 handshake:"},
		{[]string{"-c", "5", file}, "5 packets"},
		{[]string{"--select", "MID-*", file}, "1 finding"},
		{[]string{"--select", "mid", file}, "1 finding"},
		{[]string{"--select", "proxy-*", file}, "1 finding"},
		{[]string{"--ignore", "MID,note", file}, "1 finding"},
		{[]string{"--follow", "127.0.0.1:50666", file}, "connection 6 "},
		{[]string{"--follow", "1", "--follow", "6", file}, "connection 1 "},
		{[]string{"help"}, "Usage:"},
		{[]string{"help", "-w"}, "--write FILE"},
		{[]string{"help", "MID-01"}, "proxy-stripped-upgrade"},
		{[]string{"version"}, "wshake "},
		{[]string{"check", "MID-01"}, "proxy-stripped-upgrade"},
	} {
		status, out, errs := wshake(c.args...)
		if status != exitDone || !strings.Contains(out, c.want) {
			t.Errorf("%v: status %d, %q, %q; all: %d octets", c.args, status, errs, out, len(all))
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"outptu", "output", 1}, {"frame", "frames", 1}, {"kitten", "sitting", 3}, {"abc", "abc", 0}} {
		if got := suggest.Distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// The list of checks is a line for each where a program reads it, and folded to the terminal where a person does.
func TestListOfChecks(t *testing.T) {
	for _, width := range []int{0, 60, 80, 120} {
		var b bytes.Buffer
		listChecks(stdio{out: &b}, width)
		list := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if width == 0 && len(list) != len(check.Catalogue) {
			t.Errorf("%d lines for %d checks", len(list), len(check.Catalogue))
		}
		for _, line := range list {
			if width > 0 && len(line) > width {
				t.Errorf("%q is wider than %d columns", line, width)
			}
		}
		const one = "POL-01 warning origin-not-allowed the config file lists"
		if all := strings.Join(strings.Fields(b.String()), " "); !strings.Contains(all, one) {
			t.Errorf("width %d: %s", width, all)
		}
	}
}
