// The race detector would find nothing here: it does not watch the program that is tested.

//go:build linux && !race

package browsertest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wshake/analyze/dialogue"
	"wshake/testdata/need"
	"wshake/testdata/speed/traffic"
)

var root = filepath.Join("..", "..", "..", "..")

// chromium is where Debian and Ubuntu put the browser.
func chromium(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	need.Lacking(t, "chromium is not installed")
	return ""
}

// ready skips a test where the browser, node, or node's packages are missing.
func ready(t *testing.T) (browser string) {
	t.Helper()
	need.Long(t)
	browser = chromium(t)
	if _, err := exec.LookPath("node"); err != nil {
		need.Lacking(t, "node is not installed")
	}
	if err := exec.Command("node", "-e", `require("playwright-core"); require("axe-core")`).Run(); err != nil {
		need.Lacking(t, "node finds no packages playwright-core and axe-core; NODE_PATH may name the folder where they are")
	}
	return browser
}

// programDir is where the program is built once for all tests.
var programDir string

func TestMain(m *testing.M) {
	status := func() int {
		var err error
		if programDir, err = os.MkdirTemp("", "browsertest"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(programDir)
		defer theDriver.stop()
		return m.Run()
	}()
	os.Exit(status)
}

var built = sync.OnceValues(func() (string, error) {
	bin := filepath.Join(programDir, "wshake")
	if out, err := exec.Command("go", "build", "-o", bin, "wshake/cmd/wshake").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, nil
})

func wshake(t *testing.T) string {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// page makes the page of captures.
func page(t *testing.T, bin, path string, args ...string) string {
	t.Helper()
	if out, err := exec.Command(bin, append([]string{"--html", path}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("wshake --html %s: %v\n%s", path, err, out)
	}
	return path
}

// driver is drive.cjs and its browser, which are started when the first test needs them and serve all.
type driver struct {
	cmd   *exec.Cmd
	jobs  io.WriteCloser
	lines *bufio.Scanner
}

var theDriver driver

func (d *driver) start(browser string) error {
	if d.cmd != nil {
		return nil
	}
	cmd := exec.Command("node", "drive.cjs", browser)
	cmd.Stderr = os.Stderr
	jobs, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	*d = driver{cmd, jobs, bufio.NewScanner(out)}
	d.lines.Buffer(nil, 16<<20)
	return nil
}

func (d *driver) stop() {
	if d.cmd == nil {
		return
	}
	d.jobs.Close()
	killed := time.AfterFunc(time.Minute, func() { d.cmd.Process.Kill() })
	d.cmd.Wait()
	killed.Stop()
	d.cmd = nil
}

// drive runs scenarios of drive.cjs: each job has a name, a file and a scenario. What it prints are results.
func drive(t *testing.T, browser string, jobs []map[string]string) {
	t.Helper()
	d := &theDriver
	if err := d.start(browser); err != nil {
		t.Fatal(err)
	}
	hangs := time.AfterFunc(10*time.Minute, func() { d.cmd.Process.Kill() })
	defer hangs.Stop()
	if err := json.NewEncoder(d.jobs).Encode(jobs); err != nil {
		t.Fatal(err)
	}
	done := make(map[string]bool)
	for {
		if !d.lines.Scan() {
			t.Errorf("drive.cjs ended: %v", d.lines.Err())
			d.stop()
			break
		}
		var result struct {
			Name, Note string
			Problems   []string
		}
		if err := json.Unmarshal(d.lines.Bytes(), &result); err != nil {
			t.Errorf("drive.cjs printed %q", d.lines.Text())
			continue
		}
		if result.Name == "" {
			break
		}
		done[result.Name] = true
		for _, problem := range result.Problems {
			t.Errorf("%s: %s", result.Name, problem)
		}
		if result.Note != "" {
			t.Logf("%s: %s", result.Name, result.Note)
		}
	}
	for _, job := range jobs {
		if !done[job["name"]] {
			t.Errorf("%s: was not done", job["name"])
		}
	}
}

// The page of each recording opens, and each of its views, without a word on the console.
func TestPagesOfRecordings(t *testing.T) {
	browser := ready(t)
	bin, dir := wshake(t), t.TempDir()
	captures, err := filepath.Glob(filepath.Join(root, "testdata", "captures", "*.pcapng"))
	if err != nil || len(captures) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	var jobs []map[string]string
	for _, capture := range captures {
		name := strings.TrimSuffix(filepath.Base(capture), ".pcapng")
		args := []string{capture}
		if keys := strings.TrimSuffix(capture, ".pcapng") + ".keys"; exists(keys) {
			args = append(args, "--keylog", keys)
		}
		jobs = append(jobs, map[string]string{"name": name, "file": page(t, bin, filepath.Join(dir, name+".html"),
			args...), "scenario": "open"})
	}
	drive(t, browser, jobs)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Real clicks and keys reach everything, and axe finds no serious violation.
func TestUse(t *testing.T) {
	browser := ready(t)
	bin, dir := wshake(t), t.TempDir()
	captures := filepath.Join(root, "testdata", "captures")
	all := page(t, bin, filepath.Join(dir, "all.html"), captures)
	proxy := page(t, bin, filepath.Join(dir, "proxy.html"), filepath.Join(captures, "nginx-rewrites-origin.pcapng"))
	talk := page(t, bin, filepath.Join(dir, "talk.html"), filepath.Join(captures, "graphql-ws.pcapng"))
	pings := page(t, bin, filepath.Join(dir, "refused.html"), filepath.Join(captures, "nginx-wrong-variable.pcapng"))
	var jobs []map[string]string
	for _, job := range [][2]string{{"table", all}, {"timeline", all}, {"legs", proxy}, {"conversation", talk},
		{"keyboard", all}, {"touch", all}, {"paper", pings},
		{"axe", all}, {"axe-dark", pings}, {"axe-phone", proxy}} {
		jobs = append(jobs, map[string]string{"name": job[0], "file": job[1], "scenario": job[0]})
	}
	drive(t, browser, jobs)
}

// wshake view serves a page that asks for payloads when they are looked at.
func TestServedPage(t *testing.T) {
	browser := ready(t)
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, wshake(t), "view", filepath.Join(root, "testdata", "captures", "graphql-ws.pcapng"))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	drive(t, browser, []map[string]string{{"name": "served", "file": strings.TrimSpace(address), "scenario": "served"}})
	cancel()
	if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("wshake view: %v", err)
	}
}

// A page of 100,000 messages is small enough to send and answers at once. The figures are printed, not judged: the
// machine is shared.
func TestManyMessages(t *testing.T) {
	browser := ready(t)
	dir := t.TempDir()
	kind, err := traffic.Named("chat")
	if err != nil {
		t.Fatal(err)
	}
	kind.Packets = 165_000
	capture := filepath.Join(dir, "many.pcap")
	f, err := os.Create(capture)
	if err != nil {
		t.Fatal(err)
	}
	if err := kind.Write(f, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	path := page(t, wshake(t), filepath.Join(dir, "many.html"), capture)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 12e6 {
		t.Errorf("the page has %d octets", info.Size())
	}
	t.Logf("the page has %d octets", info.Size())
	drive(t, browser, []map[string]string{{"name": "many", "file": path, "scenario": "many"}})
}

// evil is in every field that a peer, or who names a file, chooses.
const evil = `</script><script>window.canary=1</script><img src=x onerror="window.canary=2"><svg onload=canary=3>'"` + "`" + `` +
	`javascript:canary=4 {{constructor.constructor('canary=5')()}} ${canary=6}` +
	" \u202egnp.exe\u2066 \u200b\u0085 \ufeff \x1b[31m\x07 \xff\xfe\xc0\xaf &lt;b&gt; \\u003cscript\\u003e"

// A hostile capture runs nothing: no script, no image, no request, and no character that turns text round.
func TestHostileCaptureRunsNothing(t *testing.T) {
	browser := ready(t)
	dir := t.TempDir()
	line := strings.NewReplacer("\x07", "", "\x1b", "").Replace(evil) // a head with controls is another test
	quoted := fmt.Sprintf("%q", evil)
	script := "hostile\nexpect:\n-- client --\nGET /chat?" + strings.ReplaceAll(line, " ", "+") + " HTTP/1.1\nHost: " +
		line + "\nUpgrade: websocket\nConnection: Upgrade\nOrigin: " + line + "\nUser-Agent: " + line +
		"\nX-" + strings.ReplaceAll(line, " ", "") + ": " + line + "\nSec-WebSocket-Protocol: " + line +
		"\nSec-WebSocket-Extensions: " + line +
		"\nSec-WebSocket-Key: 4tAjitqO9So2Wu8lkrsq3w==\nSec-WebSocket-Version: 13\n" +
		"-- server --\nHTTP/1.1 101 " + line + "\nUpgrade: websocket\nConnection: Upgrade\nServer: " + line +
		"\nSec-WebSocket-Protocol: " + line + "\nSec-WebSocket-Accept: {accept}\n" +
		"-- client frames --\ntext " + quoted + "\nping " + quoted[:100] + "\"\n-- server frames --\ntext " +
		fmt.Sprintf("%q", `{"type":"`+strings.ReplaceAll(line, `"`, `\"`)+`","a":[1,{"b":"`+"\u202e"+`"}]}`) +
		"\nbinary " + quoted + "\n-- server frames --\n" +
		"close 1000 \"</script><img src=x onerror=canary=7>\u202e\"\n-- client frames --\nclose 1000\n-- server fin --\n-- client fin --\n"
	s, err := dialogue.Parse([]byte(script))
	if err != nil {
		t.Fatal(err)
	}
	capture := filepath.Join(dir, "<img src=x onerror=canary=8>\u202e.pcap")
	if err := os.WriteFile(capture, dialogue.Pcap(s.Packets(1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	drive(t, browser, []map[string]string{{"name": "hostile", "file": page(t, wshake(t),
		filepath.Join(dir, "hostile.html"), capture), "scenario": "hostile"}})
}
