package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/pflag"

	"wshake/analyze/check"
	"wshake/analyze/suggest"
)

// configFile is what wshake.toml holds: a team's policy, and values for flags that are not on the command line.
type configFile struct {
	Flags  map[string]any `toml:"flags"`
	Policy struct {
		Origins      []string `toml:"origins"`
		Subprotocols []string `toml:"subprotocols"`
		Host         []struct {
			Host         string   `toml:"host"`
			Origins      []string `toml:"origins"`
			Subprotocols []string `toml:"subprotocols"`
		} `toml:"host"`
		Ignore []struct {
			Checks []string `toml:"checks"`
			Host   string   `toml:"host"`
			Reason string   `toml:"reason"`
		} `toml:"ignore"`
	} `toml:"policy"`
}

// exampleConfig is a config file with every key.
//
//go:embed example.toml
var exampleConfig string

// noConfig is the word for --config that reads no file.
const noConfig = "none"

// configPath is the file to read, and whether it may be missing (XDG Base Directory Specification).
func configPath(asked string) (path string, optional bool) {
	switch asked {
	case noConfig:
		return "", true
	case "":
	default:
		return asked, false
	}
	dir := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) { // others are to be ignored
		home, err := os.UserHomeDir()
		if err != nil {
			return "", true
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "wshake", "wshake.toml"), true
}

// configLimit bounds a config file, octets.
const configLimit = 1 << 20

// readConfig reads the config file, sets flags that were not given, and returns the policy.
func readConfig(r *raw, set *pflag.FlagSet) (*check.Policy, error) {
	policy := new(check.Policy)
	path, optional := configPath(r.config)
	if path == "" {
		return policy, nil
	}
	info, err := os.Stat(path)
	if optional && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)) { // of another user's home
		return policy, nil
	}
	if err != nil {
		return nil, fmt.Errorf("--config %s", plainly(err))
	}
	if info.Size() > configLimit {
		return nil, fmt.Errorf("--config %s: a file of %d octets is too large for a config file", path, info.Size())
	}
	var c configFile
	meta, err := toml.DecodeFile(path, &c)
	if err != nil {
		return nil, &configError{path, errors.New(strings.TrimPrefix(plainly(err), "toml: "))}
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		key := unknown[0]
		known := []string{"flags", "policy", "policy.origins", "policy.subprotocols", "policy.host", "policy.host.host", "policy.host.origins",
			"policy.host.subprotocols", "policy.ignore", "policy.ignore.checks", "policy.ignore.host", "policy.ignore.reason"}
		return nil, &configError{path, fmt.Errorf("there is no key %s%s", key, suggest.Meant(key.String(), known))}
	}
	r.config = path
	if r.configFlags, err = c.setFlags(set); err != nil {
		return nil, &configError{path, err}
	}
	if policy, err = c.policy(); err != nil {
		return nil, &configError{path, err}
	}
	return policy, nil
}

// configError is something wrong in a config file.
type configError struct {
	path string
	err  error
}

func (e *configError) Error() string { return e.path + ": " + e.err.Error() }
func (e *configError) Unwrap() error { return e.err }

// blameConfig names the config file where an error is about a flag that has its value from there.
func (r *raw) blameConfig(err error) error {
	if err == nil {
		return nil
	}
	if name := flagFirst.FindStringSubmatch(err.Error()); name != nil && slices.Contains(r.configFlags, name[1]) {
		return &configError{r.config, err}
	}
	return err
}

// setFlags gives the flags that were not given the values of the file, and names them.
func (c *configFile) setFlags(set *pflag.FlagSet) (given []string, err error) {
	names := make([]string, 0, len(c.Flags))
	for name := range c.Flags {
		names = append(names, name)
	}
	slices.Sort(names) // for the first error
	for _, name := range names {
		flag := set.Lookup(name)
		if flag == nil {
			return nil, fmt.Errorf("flags: %w", mistakenName(name))
		}
		if slices.Contains([]string{"config", "help", "version", "read"}, name) {
			return nil, fmt.Errorf("flags: %s is for the command line only", name)
		}
		if flag.Changed {
			continue
		}
		values, is := c.Flags[name].([]any)
		if !is {
			values = []any{c.Flags[name]}
		}
		for _, v := range values {
			if err := flag.Value.Set(fmt.Sprint(v)); err != nil {
				return nil, fmt.Errorf("flags: %s %q is not %s", name, fmt.Sprint(v), wanted(flag))
			}
		}
		flag.Changed = true
		given = append(given, name)
	}
	return given, nil
}

// policy checks the rules and gives them in the order of the file.
func (c *configFile) policy() (*check.Policy, error) {
	p := new(check.Policy)
	if all := c.Policy; all.Origins != nil || all.Subprotocols != nil {
		p.Hosts = append(p.Hosts, check.HostPolicy{Origins: all.Origins, Subprotocols: all.Subprotocols})
	}
	for i, h := range c.Policy.Host {
		if h.Host == "" {
			return nil, fmt.Errorf("policy.host number %d has no host", i+1)
		}
		p.Hosts = append(p.Hosts, check.HostPolicy{Host: h.Host, Origins: h.Origins, Subprotocols: h.Subprotocols})
	}
	for i, g := range c.Policy.Ignore {
		switch {
		case len(g.Checks) == 0:
			return nil, fmt.Errorf("policy.ignore number %d names no checks", i+1)
		case strings.TrimSpace(g.Reason) == "":
			return nil, fmt.Errorf("policy.ignore number %d has no reason", i+1)
		}
		if err := unknownChecks(fmt.Sprintf("policy.ignore number %d", i+1), g.Checks); err != nil {
			return nil, err
		}
		p.Ignore = append(p.Ignore, check.Ignored{Checks: g.Checks, Host: g.Host, Reason: g.Reason})
	}
	for _, h := range p.Hosts {
		if _, err := filepath.Match(h.Host, ""); err != nil {
			return nil, fmt.Errorf("policy.host %q is no pattern", h.Host)
		}
	}
	return p, nil
}
