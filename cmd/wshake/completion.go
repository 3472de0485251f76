package main

import (
	"fmt"
	"strings"

	"wshake/analyze/check"
	"wshake/analyze/event"
	"wshake/analyze/query"
)

// choices are the words that the value of a flag is one of, for completions; nil where there is no such list.
func choices(flag string) []string {
	switch flag {
	case "output":
		return append([]string{"table"}, formatNames()...)
	case "show":
		return append(append([]string(nil), event.KindNames()...), "all")
	case "time":
		return clockWords
	case "color":
		return []string{"auto", "always", "never"}
	case "fail-on":
		return []string{"error", "warning", "note", "none"}
	case "redact":
		return []string{redactAll, redactHeaders}
	case "only":
		return query.Shorts()
	case "select", "ignore":
		return check.Words()
	}
	return nil
}

// namesFiles reports whether the value of a flag is the name of a file.
func (f *flagRow) namesFiles() bool {
	switch f.arg {
	case "FILE", "PAGE", "DIR":
		return true
	}
	return false
}

// namesInterfaces is the flag whose value wshake interfaces lists.
func (f *flagRow) namesInterfaces() bool { return f.name == "interface" }

// completions of a shell, "" where it is not known.
func completions(shell string) string {
	switch shell {
	case "bash":
		return bashCompletion()
	case "zsh":
		return zshCompletion()
	case "fish":
		return fishCompletion()
	}
	return ""
}

// runCompletion prints the completions of a shell.
func runCompletion(args []string, std stdio) int {
	if len(args) != 1 || completions(args[0]) == "" {
		std.complain("wshake completion takes one of bash, zsh, fish")
		fmt.Fprintln(std.err, "hint: bash: wshake completion bash > ~/.local/share/bash-completion/completions/wshake")
		fmt.Fprintln(std.err, "hint: zsh:  wshake completion zsh > a file _wshake in a directory of $fpath")
		fmt.Fprintln(std.err, "hint: fish: wshake completion fish > ~/.config/fish/completions/wshake.fish")
		return exitUsage
	}
	fmt.Fprint(std.out, completions(args[0]))
	return exitDone
}

// spelt lists how a flag may be typed.
func (f *describedFlag) spelt() []string {
	if f.short != "" {
		return []string{"-" + f.short, "--" + f.name}
	}
	return []string{"--" + f.name}
}

func bashCompletion() string {
	var b strings.Builder
	b.WriteString(`# Completions of wshake for bash, made by: wshake completion bash
_wshake() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words
  COMPREPLY=()
  if [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $cur == = ]]; then
    cur=
  fi
  case $prev in
`)
	var all []string
	for _, f := range flagRows() {
		all = append(all, "--"+f.name)
		if f.arg == "" {
			continue
		}
		pattern := strings.Join(f.spelt(), "|")
		switch list := choices(f.name); {
		case list != nil:
			fmt.Fprintf(&b, "    %s) _wshake_list %q; return ;;\n", pattern, strings.Join(list, " "))
		case f.namesFiles():
			fmt.Fprintf(&b, "    %s) COMPREPLY=($(compgen -f -- \"$cur\")); compopt -o filenames 2>/dev/null; return ;;\n", pattern)
		case f.namesInterfaces():
			fmt.Fprintf(&b, "    %s) COMPREPLY=($(compgen -W \"$(wshake interfaces 2>/dev/null | cut -d ' ' -f 1)\" -- \"$cur\")); return ;;\n", pattern)
		default:
			fmt.Fprintf(&b, "    %s) return ;;\n", pattern)
		}
	}
	fmt.Fprintf(&b, "    check|checks) COMPREPLY=($(compgen -W %q -- \"$cur\")); return ;;\n", strings.Join(check.Words(), " "))
	fmt.Fprintf(&b, "    completion) COMPREPLY=($(compgen -W \"bash zsh fish\" -- \"$cur\")); return ;;\n  esac\n")
	fmt.Fprintf(&b, "  if [[ $cur == -* ]]; then\n    COMPREPLY=($(compgen -W %q -- \"$cur\"))\n    return\n  fi\n", strings.Join(all, " "))
	fmt.Fprintf(&b, "  words=\n  [[ $COMP_CWORD -gt 1 ]] || words=%q\n", strings.Join(commandNames(), " "))
	b.WriteString(`  COMPREPLY=($(compgen -W "$words" -- "$cur") $(compgen -f -- "$cur"))
  compopt -o filenames 2>/dev/null
}
# a list of words with commas between
_wshake_list() {
  local before=
  [[ $cur == *,* ]] && before=${cur%,*},
  COMPREPLY=($(compgen -P "$before" -W "$1" -- "${cur##*,}"))
}
complete -F _wshake wshake
`)
	return b.String()
}

func zshCompletion() string {
	quote := strings.NewReplacer("'", `'\''`, "[", `\[`, "]", `\]`, ":", `\:`)
	var b strings.Builder
	b.WriteString("#compdef wshake\n# Completions of wshake for zsh, made by: wshake completion zsh\n_wshake() {\n  local -a flags\n  flags=(\n")
	for _, f := range flagRows() {
		for _, name := range f.spelt() {
			value := ""
			if f.arg != "" {
				action := " "
				switch list := choices(f.name); {
				case list != nil:
					action = "_values -s , " + f.name + " " + strings.Join(list, " ")
				case f.namesFiles():
					action = "_files"
				case f.namesInterfaces():
					action = `($(wshake interfaces 2>/dev/null | cut -d " " -f 1))`
				}
				value = ":" + f.arg + ":" + action
				if f.optional {
					value = ":" + value
				}
			}
			equals := ""
			if f.arg != "" && strings.HasPrefix(name, "--") {
				equals = "="
			}
			fmt.Fprintf(&b, "    '*%s%s[%s]%s'\n", name, equals, quote.Replace(f.help), value)
		}
	}
	b.WriteString("  )\n  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n    local -a commands\n    commands=(\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "      '%s:%s'\n", c.name, strings.NewReplacer("'", `'\''`, ":", `\:`).Replace(c.help))
	}
	b.WriteString("    )\n    _describe command commands\n  fi\n  case $words[2] in\n")
	fmt.Fprintf(&b, "    check|checks) _values check %s; return ;;\n", strings.Join(check.Words(), " "))
	b.WriteString("    completion) _values shell bash zsh fish; return ;;\n  esac\n  _arguments -s $flags '*:capture:_files'\n}\n_wshake \"$@\"\n")
	return b.String()
}

func fishCompletion() string {
	quote := strings.NewReplacer(`\`, `\\`, "'", `\'`)
	var b strings.Builder
	b.WriteString("# Completions of wshake for fish, made by: wshake completion fish\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "complete -c wshake -n __fish_use_subcommand -a %s -d '%s'\n", c.name, quote.Replace(c.help))
	}
	fmt.Fprintf(&b, "complete -c wshake -n '__fish_seen_subcommand_from check checks' -f -a '%s'\n", strings.Join(check.Words(), " "))
	b.WriteString("complete -c wshake -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n")
	for _, f := range flagRows() {
		fmt.Fprintf(&b, "complete -c wshake -l %s", f.name)
		if f.short != "" {
			fmt.Fprintf(&b, " -s %s", f.short)
		}
		switch list := choices(f.name); {
		case f.arg == "":
		case list != nil:
			fmt.Fprintf(&b, " -x -a '(__fish_append , %s)'", strings.Join(list, " "))
		case f.namesFiles():
			b.WriteString(" -r -F")
		case f.namesInterfaces():
			b.WriteString(` -x -a '(wshake interfaces 2>/dev/null | string split -f 1 " ")'`)
		default:
			b.WriteString(" -x")
		}
		fmt.Fprintf(&b, " -d '%s'\n", quote.Replace(f.help))
	}
	return b.String()
}
