package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"wshake/testdata/need"
)

// tool skips where a program is not installed.
func tool(t *testing.T, name string) {
	t.Helper()
	need.Program(t, name)
}

// Every flag and command is in the help, in the manual page and in the completions.
func TestDescriptionsAreWhole(t *testing.T) {
	_, help, _ := wshake("help")
	_, page, _ := wshake("man")
	_, bash, _ := wshake("completion", "bash")
	_, zsh, _ := wshake("completion", "zsh")
	_, fish, _ := wshake("completion", "fish")
	for _, f := range flagRows() {
		for where, spelt := range map[*string]string{&help: "--" + f.name, &page: `\-\-` + strings.ReplaceAll(f.name, "-", `\-`), &bash: "--" + f.name,
			&zsh: "'*--" + f.name, &fish: "-l " + f.name} {
			if !strings.Contains(*where, spelt) {
				t.Errorf("%s is missing in %.40q", spelt, *where)
			}
		}
		if f.short != "" && !strings.Contains(fish, "-l "+f.name+" -s "+f.short) {
			t.Errorf("-%s is missing for fish", f.short)
		}
		if habits[f.short] != "" {
			t.Errorf("-%s is a flag and has a hint that it is none", f.short)
		}
	}
	for _, c := range commands() {
		for where, spelt := range map[*string]string{&help: "wshake " + c.name, &page: "wshake " + c.name, &bash: c.name, &zsh: "'" + c.name + ":", &fish: "-a " + c.name} {
			if !strings.Contains(*where, spelt) {
				t.Errorf("%s is missing in %.40q", spelt, *where)
			}
		}
	}
	for _, line := range strings.Split(help, "\n") {
		if len(line) > 80 {
			t.Errorf("wider than 80 columns: %q", line)
		}
	}
}

// choices are words that the flags take.
func TestChoicesAreTaken(t *testing.T) {
	for i := range flagTable {
		for _, word := range choices(flagTable[i].name) {
			if _, err := parse([]string{"--" + flagTable[i].name + "=" + word, "file"}); err != nil {
				t.Errorf("%s: %v", flagTable[i].name, err)
			}
		}
	}
}

func TestBashCompletes(t *testing.T) {
	tool(t, "bash")
	_, script, _ := wshake("completion", "bash")
	file := filepath.Join(t.TempDir(), "wshake.bash")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ words, want string }{
		{"wshake ver", "version"},
		{"wshake --foll", "--follow"},
		{"wshake --output js", "json"},
		{"wshake -o js", "json"},
		{"wshake --fail-on = wa", "warning"},
		{"wshake --show handshakes,fra", "handshakes,frames"},
		{"wshake check proxy-str", "proxy-stripped-upgrade"},
		{"wshake completion z", "zsh"},
		{"wshake --jobs 4", ""},
	} {
		words := strings.Fields(c.words)
		// compopt fails outside a completion; the script passes over that.
		command := `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _wshake; printf '%s\n' "${COMPREPLY[@]}"`
		cmd := exec.Command("bash", append([]string{"-c", command, file}, words...)...)
		cmd.Dir = filepath.Dir(file)
		out, err := cmd.Output()
		if err != nil || strings.TrimSpace(string(out)) != c.want {
			t.Errorf("%s: %q, %v", c.words, out, err)
		}
	}
}

// The other shells take their scripts, and answer.
func TestZshAndFishComplete(t *testing.T) {
	for _, c := range []struct{ shell, command, want string }{
		{"zsh", `autoload -U compinit && compinit -u && source "$0" 2>/dev/null; whence -w _wshake`, "_wshake: function"},
		{"fish", `source $argv[1]; complete -C 'wshake --foll'; complete -C 'wshake --output js'; ` +
			`complete -C 'wshake vers'`, "(?s)--follow.*json.*version"},
	} {
		t.Run(c.shell, func(t *testing.T) {
			tool(t, c.shell)
			_, script, _ := wshake("completion", c.shell)
			file := filepath.Join(t.TempDir(), "_wshake")
			if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(c.shell, "-n", file).CombinedOutput(); err != nil {
				t.Fatalf("%s -n: %v\n%s", c.shell, err, out)
			}
			cmd := exec.Command(c.shell, "-c", c.command, file)
			cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
			if out, err := cmd.CombinedOutput(); !regexp.MustCompile(c.want).Match(out) {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
}

func TestManualPageIsSound(t *testing.T) {
	tool(t, "groff")
	_, page, _ := wshake("man")
	cmd := exec.Command("groff", "-man", "-Tutf8", "-ww", "-z")
	cmd.Stdin = strings.NewReader(page)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil || said.Len() > 0 {
		t.Errorf("groff: %v\n%s", err, said.String())
	}
}
