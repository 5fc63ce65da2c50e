// Command gotest turns the output of go test -json into a page for people. It
// prints what failed with its output, every test that was skipped with its
// reason, a line for each package, and how many tests passed and failed. Where
// CRIA_REQUIRE_DATA is set, a test skipped for want of data, or of clang, has failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// An event is a line that go test -json prints.
type event struct {
	Action, Package, ImportPath, Test, Output string
}

// wantsData matches the reason of a skip for want of data, or of the compiler of the simulated GPU.
var wantsData = regexp.MustCompile(`no test data|CRIA_DATA|no clang`)

// message matches what a test logs, to find why it was skipped.
var message = regexp.MustCompile(`^\s*\w+\.go:\d+: (.*)`)

// A report gathers the events of a run.
type report struct {
	output                  map[string][]string // of each test and package
	packages, skips, fails  []string
	passed, failed, skipped int
}

func main() {
	r := report{output: map[string][]string{}}
	if err := r.read(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		os.Exit(2)
	}
	r.print(os.Stdout)
	if r.failed > 0 {
		os.Exit(1)
	}
}

func (r *report) read(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(out, lines.Text()) // not of a test: the go command's own
			continue
		}
		r.add(e, out)
	}
	return lines.Err()
}

func (r *report) add(e event, out io.Writer) {
	key := e.Package + " " + e.Test
	switch {
	case e.Action == "build-output":
		fmt.Fprint(out, e.Output)
	case e.Action == "output":
		r.output[key] = append(r.output[key], e.Output)
	case e.Test == "":
		r.endPackage(e, out)
	case e.Action == "pass":
		r.passed++
	case e.Action == "fail":
		r.fail(e, out)
	case e.Action == "skip":
		r.skip(e)
	}
	switch e.Action {
	case "pass", "fail", "skip":
		delete(r.output, key)
	}
}

// fail prints a failed test at once, so that a run that is cut short has told.
func (r *report) fail(e event, out io.Writer) {
	r.failed++
	r.fails = append(r.fails, e.Package+" "+e.Test)
	fmt.Fprintf(out, "--- %s %s\n%s", e.Package, e.Test, strings.Join(r.output[e.Package+" "+e.Test], ""))
}

func (r *report) skip(e event) {
	reason := "no reason given"
	for _, line := range r.output[e.Package+" "+e.Test] {
		if m := message.FindStringSubmatch(line); m != nil {
			reason = m[1]
		}
	}
	line := fmt.Sprintf("%s %s: %s", e.Package, e.Test, reason)
	if os.Getenv("CRIA_REQUIRE_DATA") != "" && wantsData.MatchString(reason) {
		r.failed++
		r.fails = append(r.fails, line)
		return
	}
	r.skipped++
	r.skips = append(r.skips, line)
}

// endPackage keeps the closing line of a package, and prints all that one
// printed which failed outside its tests.
func (r *report) endPackage(e event, out io.Writer) {
	if e.Action != "pass" && e.Action != "fail" && e.Action != "skip" {
		return
	}
	for _, line := range r.output[e.Package+" "] {
		if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "?") {
			r.packages = append(r.packages, line)
		}
	}
	inTests := slices.ContainsFunc(r.fails, func(s string) bool { return strings.HasPrefix(s, e.Package+" ") })
	if e.Action == "fail" && !inTests {
		r.fail(e, out)
	}
}

func (r *report) print(out io.Writer) {
	for _, s := range r.skips {
		fmt.Fprintln(out, "skipped:", s)
	}
	for _, s := range r.fails {
		fmt.Fprintln(out, "failed:", s)
	}
	for _, s := range r.packages {
		fmt.Fprint(out, s)
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
}
