package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func configWith(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wshake.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A team's rules become findings, what it ignores is counted with the reason, and flags win.
func TestConfig(t *testing.T) {
	file := recording("node-ws")
	policy := configWith(t, `# of the team
[flags]
output = "json"
fail-on = "warning"
show = ["findings", "caveats"]

[policy]
subprotocols = ["chat.v9"]

[[policy.host]]
host = "127.0.0.1:*"
origins = ["https://app.example.org"]
`)
	status, out, errs := wshake("--config", policy, file)
	if status != exitFindings || !strings.Contains(out, `"name":"policy-subprotocol"`) || errs != "" {
		t.Errorf("status %d, %q, %q", status, out, errs)
	}
	if status, out, _ = wshake("--config", policy, "--fail-on", "none", "-o", "table", file); status != exitDone || !strings.Contains(out, "warning policy-subprotocol (POL-02") {
		t.Errorf("flags do not win: status %d, %q", status, out)
	}
	if status, out, _ = wshake("--config", "none", file); status != exitDone || strings.Contains(out, "policy-") {
		t.Errorf("none: status %d, %q", status, out)
	}
	ignore := configWith(t, `[policy]
subprotocols = ["chat.v9"]
[[policy.ignore]]
checks = ["POL-*"]
host = "127.0.0.1"
reason = "moves to v9 in May"
`)
	if _, out, _ = wshake("--config", ignore, file); strings.Contains(out, "policy-subprotocol (") || !strings.Contains(out, "findings-ignored") || !strings.Contains(out, "moves to v9 in May") {
		t.Errorf("ignored: %q", out)
	}
}

// A client that offers no subprotocol breaks the rule on both legs of a proxy, and the proxy is not to blame.
func TestPolicyDoesNotBlameTheProxy(t *testing.T) {
	policy := configWith(t, "[policy]\nsubprotocols = [\"chat.v9\"]\n")
	_, out, _ := wshake("--config", policy, "--all", recording("nginx-right"))
	if strings.Count(out, "warning policy-subprotocol") != 2 || strings.Contains(out, "fix the proxy") {
		t.Error(out)
	}
}

func TestConfigIsFoundByXDG(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	file := recording("node-ws")
	if status, _, errs := wshake(file); status != exitDone || errs != "" {
		t.Errorf("no file: status %d, %q", status, errs)
	}
	if err := os.MkdirAll(filepath.Join(dir, "wshake"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "wshake", "wshake.toml"), []byte("[flags]\nshow = \"summary\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, out, _ := wshake(file); strings.Contains(out, "conn ") || !strings.Contains(out, "handshake") {
		t.Errorf("printed %q", out)
	}
}

// The example that the README and the help show is one.
func TestExampleConfig(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil || !strings.Contains(string(readme), "```toml\n"+exampleConfig+"```") {
		t.Errorf("the README does not show example.toml, %v", err)
	}
	if _, out, _ := wshake("help", "config"); !strings.HasSuffix(out, exampleConfig) {
		t.Errorf("help prints %q", out)
	}
	if status, _, errs := wshake("--config", configWith(t, exampleConfig), recording("node-ws")); errs != "" {
		t.Errorf("status %d, %q", status, errs)
	}
}

func TestConfigMistakes(t *testing.T) {
	for text, said := range map[string]string{
		"[flags]\noutptu = \"json\"": "there is no flag --outptu; did you mean --output?",
		"[flags]\ncount = \"x\"":     `flags: count "x" is not a whole number`,
		"[flags]\nhelp = true":       "for the command line only",
		"[polcy]\norigins = []":      "there is no key polcy; did you mean policy?",
		"[policy]\nallow = []": "wshake help config shows all that such a " +
			"file may hold",
		"[policy]\norigin = []":                                          "did you mean policy.origins?",
		"[[policy.ignore]]\nchecks = [\"MID-*\"]":                        "has no reason",
		"[[policy.ignore]]\nreason = \"x\"":                              "names no checks",
		"[[policy.ignore]]\nchecks = [\"close-mising\"]\nreason = \"x\"": "did you mean close-missing?",
		"[[policy.host]]\norigins = []":                                  "has no host",
		"[policy\n":                                                      "line 2",
		"[flags]\nfail-on = " +
			"\"warnings\"": `wshake.toml: --fail-on "warnings" is none of`,
	} {
		status, _, errs := wshake("--config", configWith(t, text), recording("node-ws"))
		if status != exitUsage || !strings.Contains(errs, said) {
			t.Errorf("%q: status %d, %q", text, status, errs)
		}
	}
	if status, _, errs := wshake("--config", "nowhere.toml", recording("node-ws")); status != exitUsage || !strings.Contains(errs, "nowhere.toml: no such file") {
		t.Errorf("status %d, %q", status, errs)
	}
}
