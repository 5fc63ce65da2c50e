package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"cria/internal/gpu/sim"
)

// terminal returns a terminal and a function that closes it and returns what was shown.
func terminal(t *testing.T) (*os.File, func() string) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err) // a system without terminals
	}
	t.Cleanup(func() { _ = screen.Close() })
	if err := unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(screen) // which ends with an error when the other side closes
		shown <- string(text)
	}()
	return tty, func() string {
		_ = tty.Close()
		return <-shown
	}
}

// TestLoadBar: on a terminal, and there alone, a bar shows how weights go to a device, for run and for bench.
func TestLoadBar(t *testing.T) {
	device := []string{"--device", "cuda", "--cuda-library", sim.Library(t)}
	for _, args := range [][]string{
		{"run", "-n", "1", "-c", "16", "-p", "x", "--no-stats"},
		{"bench", "--synthetic", "260K", "--type", "f16", "--pp", "0", "--tg", "1", "--rounds", "1"},
	} {
		tty, shown := terminal(t)
		err := newApp(strings.NewReader(""), io.Discard, tty).run(context.Background(), append(args, device...))
		if text := shown(); err != nil || !strings.Contains(text, "loading") {
			t.Errorf("%s: error %v, %q was shown", args[0], err, text)
		}
		if r := succeed(t, "", append(args, device...)...); strings.Contains(r.stderr, "loading") {
			t.Errorf("%s without a terminal: %q", args[0], r.stderr)
		}
	}
}
