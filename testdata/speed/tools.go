package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// tool is one way to analyse a capture.
type tool struct {
	name string
	args []string // FILE stands for the capture, DIR for where output may go
	out  string   // file in DIR that takes standard output; "" for none
	keys []string // that come first where there is a key log; KEYS stands for it
}

// slowest is the kind of tool that is run once only: it takes longer than all others together.
const slowest = "tshark"

// tools finds those that are installed. wshake is built from this tree. The environment variable SURICATA names one
// that is not in the path.
func tools(dir string) ([]tool, error) {
	if err := buildWshake(dir); err != nil {
		return nil, err
	}
	wshake := filepath.Join(dir, "wshake")
	list := []tool{
		{standard, []string{wshake, "FILE"}, "table", []string{"--keylog", "KEYS"}},
		{everything, []string{wshake, "--output", "json", "--show", "all", "FILE"}, "json", []string{"--keylog", "KEYS"}},
	}
	if path, err := exec.LookPath("tcpdump"); err == nil {
		list = append(list, tool{name: floor, args: []string{path, "-n", "-r", "FILE", "ether proto 0x9999"}})
	}
	path, err := exec.LookPath("suricata")
	if set := os.Getenv("SURICATA"); set != "" {
		path, err = set, nil
	}
	if err == nil {
		if err := os.WriteFile(filepath.Join(dir, "suricata.yaml"), []byte(suricataConfig), 0o666); err != nil {
			return nil, err
		}
		for _, mode := range []string{"single", "autofp"} {
			list = append(list, tool{name: "Suricata " + mode,
				args: []string{path, "-c", "DIR/suricata.yaml", "-S", os.DevNull, "-l", "DIR", "-r", "FILE", "--runmode", mode}})
		}
	}
	if path, err := exec.LookPath("zeek"); err == nil {
		list = append(list, tool{name: "Zeek", args: []string{path, "-C", "-r", "FILE", "Log::default_logdir=DIR"}})
	}
	if path, err := exec.LookPath(slowest); err == nil {
		list = append(list, tool{slowest, []string{path, "-n", "-r", "FILE", "-Y", "websocket", "-T", "fields",
			"-e", "frame.number", "-e", "websocket.opcode"}, "fields", []string{"-o", "tls.keylog_file:KEYS"}})
	}
	return list, nil
}

// buildWshake makes DIR/wshake from this tree.
func buildWshake(dir string) error {
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "wshake"), "./cmd/wshake").CombinedOutput(); err != nil {
		return fmt.Errorf("building wshake, from the root of the module: %w\n%s", err, out)
	}
	return nil
}

// suricataConfig has it write one line per frame and nothing else.
const suricataConfig = `%YAML 1.1
---
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types: [websocket]
app-layer:
  protocols:
    http: {enabled: yes}
    tls: {enabled: yes}
    websocket: {enabled: yes}
`

// command makes the command that reads a capture.
func (t *tool) command(dir, capture string) (*exec.Cmd, error) {
	args := t.args[1:]
	keys := capture + ".keys"
	if _, err := os.Stat(keys); err == nil {
		args = slices.Concat(t.keys, args)
	}
	names := strings.NewReplacer("FILE", capture, "DIR", dir, "KEYS", keys)
	cmd := exec.Command(names.Replace(t.args[0]))
	for _, a := range args {
		cmd.Args = append(cmd.Args, names.Replace(a))
	}
	if t.out != "" {
		f, err := os.Create(filepath.Join(dir, t.out))
		if err != nil {
			return nil, err
		}
		cmd.Stdout = f
	}
	// Suricata appends to what an earlier run wrote.
	if err := os.Remove(filepath.Join(dir, "eve.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return cmd, nil
}

var number = regexp.MustCompile(`\d+(\.\d+)+`)

// versions says what was compared.
func versions(list []tool) string {
	var said []string
	seen := make(map[string]bool)
	for _, t := range list {
		name, _, _ := strings.Cut(t.name, " ")
		if name == "wshake" || seen[name] {
			continue
		}
		seen[name] = true
		flag := "--version"
		if name == "Suricata" {
			flag = "-V"
		}
		out, _ := exec.Command(t.args[0], flag).CombinedOutput()
		said = append(said, name+" "+string(number.Find(out)))
	}
	return strings.Join(said, ", ")
}
