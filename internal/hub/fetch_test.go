package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// large returns a hub with one file of so many bytes, and the path of its blob.
func large(t *testing.T, size int) (f *fake, dir, blob string) {
	content := numbers(size)
	f, dir = newFake(t, map[string][]byte{"x-lfs.gguf": content}), t.TempDir()
	return f, dir, filepath.Join(dir, "models--org--name", "blobs", etagOf(content))
}

// isRange reports whether a request is for bytes of a large file.
func isRange(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/x-lfs")
}

// An answer can end before its time, or be an error for a while.
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		name    string
		trouble func(w http.ResponseWriter, r *http.Request, content []byte)
	}{
		{"busy", func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusServiceUnavailable) }},
		{"too many", func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusTooManyRequests) }},
		{"cut off", func(http.ResponseWriter, *http.Request, []byte) { panic(http.ErrAbortHandler) }},
		{"short read", func(w http.ResponseWriter, r *http.Request, content []byte) {
			var lo, hi int
			_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &lo, &hi)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", lo, hi, len(content)))
			w.Header().Set("Content-Length", strconv.Itoa(hi+1-lo))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(content[lo : (lo+hi)/2])
			panic(http.ErrAbortHandler)
		}},
		{"short answer", func(w http.ResponseWriter, r *http.Request, content []byte) {
			var lo, hi int
			_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &lo, &hi)
			hi = (lo + hi) / 2
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", lo, hi, len(content)))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(content[lo : hi+1])
		}},
	} {
		f, dir, blob := large(t, 95)
		var times atomic.Int64
		f.trouble = func(w http.ResponseWriter, r *http.Request) bool {
			if !isRange(r) || times.Add(1) > 3 {
				return false
			}
			c.trouble(w, r, f.files["x-lfs.gguf"])
			return true
		}
		m, err := get(t, f.client(dir), "hf:org/name")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		checkFiles(t, f, m, "x-lfs.gguf")
		if _, err := os.Stat(blob); err != nil {
			t.Error(err)
		}
		tidy(t, dir)
	}
}

// A hub that is broken for good is given up, and what has come in is kept.
func TestGivesUp(t *testing.T) {
	f, dir, blob := large(t, 95)
	f.trouble = func(w http.ResponseWriter, r *http.Request) bool {
		if isRange(r) && r.Header.Get("Range") == "bytes=50-59" {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		return false
	}
	c := f.client(dir)
	c.workers = 1
	var waits []time.Duration
	c.sleep = func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}
	_, err := get(t, c, "hf:org/name")
	if err == nil || !strings.Contains(err.Error(), "x-lfs.gguf: the hub answers 502 Bad Gateway (6 tries)") {
		t.Errorf("error %v", err)
	}
	want := []time.Duration{1e9, 2e9, 4e9, 8e9, 16e9}
	if !slices.Equal(waits, want) {
		t.Errorf("waited %v, want %v", waits, want)
	}
	if _, err := os.Stat(blob); err == nil {
		t.Error("a file of which a part is missing has its name")
	}
	// The next one fetches what is missing, also after a kill.
	f.trouble = nil
	f.requests("")
	c = f.client(dir)
	var least int64 = 95
	c.Progress = func(_ string, done, _ int64) { least = min(least, done) }
	c.free = func(string) (int64, bool) { return 64<<20 + 45, true } // enough for the rest
	m, err := get(t, c, "hf:org/name")
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, f, m, "x-lfs.gguf")
	if parts := f.requests("GET /x-lfs.gguf bytes="); len(parts) != 5 || least <= 50 {
		t.Errorf("went on with %q and %d bytes, want the 5 parts that were missing", parts, least)
	}
	tidy(t, dir)
}

func TestDelay(t *testing.T) {
	after := func(s string) error { return fmt.Errorf("x: %w", busy{temporary{errTest}, s}) }
	for _, c := range []struct {
		tries int
		err   error
		want  time.Duration
	}{
		{1, errTest, time.Second}, {5, errTest, 16 * time.Second}, {6, errTest, 30 * time.Second},
		{1, after("7"), 7 * time.Second}, {5, after("7"), 16 * time.Second}, {1, after("86400"), 30 * time.Second},
		{1, after("-1"), time.Second}, {1, after("soon"), time.Second}, {1, after("9999999999999999999"), time.Second},
	} {
		if got := delay(c.tries, c.err); got != c.want {
			t.Errorf("after try %d, %v: %v, want %v", c.tries, c.err, got, c.want)
		}
	}
}

// A hub that sends nothing for too long is asked again.
func TestStall(t *testing.T) {
	f, dir, _ := large(t, 15)
	var times atomic.Int64
	f.trouble = func(w http.ResponseWriter, r *http.Request) bool {
		if !isRange(r) || times.Add(1) > 2 {
			return false
		}
		if times.Load() == 1 {
			w.(http.Flusher).Flush() // a header, and then silence
		}
		<-r.Context().Done()
		return true
	}
	c := f.client(dir)
	c.stall = 50 * time.Millisecond
	m, err := get(t, c, "hf:org/name")
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, f, m, "x-lfs.gguf")
}

// A download that was killed left a file, which may be of any kind.
func TestResume(t *testing.T) {
	content := numbers(95)
	half := append(append(slices.Clone(content[:50]), make([]byte, 45)...), 1, 1, 1, 1, 1, 0, 0, 0, 0, 0)
	for _, c := range []struct {
		name  string
		left  []byte
		parts int // that are fetched
	}{
		{"nothing", nil, 10}, {"half", half, 5}, {"half of another size", half[:100], 10},
		{"a part only", content[:50], 10}, {"unknown flags", bytes.ReplaceAll(half, []byte{1}, []byte{7}), 10},
		{"all", append(slices.Clone(content), bytes.Repeat([]byte{1}, 10)...), 0},
	} {
		f, dir, blob := large(t, 95)
		if err := os.MkdirAll(filepath.Dir(blob), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(blob+incompleteSuffix, c.left, 0o666); err != nil {
			t.Fatal(err)
		}
		m, err := get(t, f.client(dir), "hf:org/name")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		checkFiles(t, f, m, "x-lfs.gguf")
		if parts := f.requests("GET /x-lfs.gguf bytes="); len(parts) != c.parts {
			t.Errorf("%s: fetched %q, want %d parts", c.name, parts, c.parts)
		}
		tidy(t, dir)
	}
}

// A file with another hash is an error that says both, and does not stay.
func TestWrongHash(t *testing.T) {
	f, dir, blob := large(t, 95)
	content := f.files["x-lfs.gguf"]
	evil := slices.Clone(content)
	evil[94]++
	f.trouble = func(w http.ResponseWriter, r *http.Request) bool {
		if isRange(r) {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(evil))
		}
		return isRange(r)
	}
	_, err := get(t, f.client(dir), "hf:org/name")
	if !errors.Is(err, errWrongHash) || !strings.Contains(err.Error(), etagOf(content)) ||
		!strings.Contains(err.Error(), etagOf(evil)) {
		t.Errorf("error %v, want one with both hashes", err)
	}
	if _, err := os.Stat(blob); err == nil {
		t.Error("the file is in the cache")
	}
	tidy(t, dir)
	f.trouble = nil
	if m, err := get(t, f.client(dir), "hf:org/name"); err != nil {
		t.Error(err)
	} else {
		checkFiles(t, f, m, "x-lfs.gguf")
	}
}

// A hub that ignores ranges sends the file in one piece, again if that breaks.
func TestNoRanges(t *testing.T) {
	for _, size := range []int{9, 95} {
		f, dir, _ := large(t, size)
		var whole atomic.Int64
		f.trouble = func(w http.ResponseWriter, r *http.Request) bool {
			if !isRange(r) {
				return false
			}
			content := f.files["x-lfs.gguf"]
			w.Header().Set("Content-Length", strconv.Itoa(size))
			if r.Header.Get("Range") == "" && whole.Add(1) == 1 {
				_, _ = w.Write(content[:size/2])
				panic(http.ErrAbortHandler)
			}
			_, _ = w.Write(content)
			return true
		}
		c, last := f.client(dir), int64(0)
		c.Progress = func(_ string, done, _ int64) { last = done }
		m, err := get(t, c, "hf:org/name")
		if err != nil {
			t.Fatal(err)
		}
		checkFiles(t, f, m, "x-lfs.gguf")
		if last != int64(size) {
			t.Errorf("progress ends with %d of %d", last, size)
		}
		tidy(t, dir)
	}
}

// Answers that are not what was asked for are errors at once.
func TestWrongAnswers(t *testing.T) {
	for _, c := range []struct{ name, contentRange, body, want string }{
		{"another range", "bytes 10-19/15", "0123456789", "want bytes 0-9/15"},
		{"another size", "bytes 0-9/16", "0123456789", "want bytes 0-9/15"},
		{"no size", "bytes 0-9/*", "0123456789", "want bytes 0-9/15"},
		{"no range", "", "0123456789", "want bytes 0-9/15"},
		{"too many bytes", "bytes 0-9/15", "0123456789a", "sends more than the 15 bytes"},
	} {
		f, dir, _ := large(t, 15)
		f.trouble = func(w http.ResponseWriter, r *http.Request) bool {
			if !isRange(r) {
				return false
			}
			w.Header().Set("Content-Range", c.contentRange)
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, c.body)
			return true
		}
		client := f.client(dir)
		client.workers = 1
		if m, err := get(t, client, "hf:org/name"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, error %v, want %q", c.name, m, err, c.want)
		}
	}
}

func TestCancel(t *testing.T) {
	f, dir, blob := large(t, 95)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := f.client(dir)
	c.Progress = func(_ string, done, _ int64) {
		if done >= 50 {
			cancel()
		}
	}
	_, err := c.get(ctx, Spec{Repo: "org/name", Revision: "main"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if _, err := os.Stat(blob); err == nil {
		t.Error("a file that was interrupted has its name")
	}
	// While another has the lock, too.
	ctx, cancel = context.WithCancel(t.Context())
	c = f.client(t.TempDir())
	lock := filepath.Join(c.Dir, ".locks", "models--org--name", filepath.Base(blob)+".lock")
	if err := os.MkdirAll(filepath.Dir(lock), 0o777); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(lock)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if ok, err := tryLock(file); !ok || err != nil {
		t.Fatalf("cannot lock: %v, %v", ok, err)
	}
	c.sleep = func(ctx context.Context, d time.Duration) error {
		cancel()
		return sleep(ctx, time.Hour)
	}
	if _, err := c.get(ctx, Spec{Repo: "org/name", Revision: "main"}); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for a lock: error %v, want %v", err, context.Canceled)
	}
}

// The token goes to the hub, through redirects inside it too, and to nobody else,
// not even when others redirect back. fake checks the other host.
func TestTokenStaysHome(t *testing.T) {
	f, dir, _ := large(t, 15)
	var with, back atomic.Int64
	f.trouble = func(w http.ResponseWriter, r *http.Request) bool {
		isHub := r.Host == strings.TrimPrefix(f.hub.URL, "http://")
		has := r.Header.Get("Authorization") == "Bearer "+token1
		switch {
		case r.URL.Path == "/back":
			back.Add(1)
			if r.Header.Get("Authorization") != "" {
				t.Error("the token went to a redirect of another host")
			}
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.files["x-lfs.gguf"]))
			return true
		case !isHub && isRange(r):
			http.Redirect(w, r, f.hub.URL+"/back", http.StatusFound)
			return true
		case isHub && !has:
			t.Errorf("the hub was asked without the token: %s", r.URL)
		case isHub && !strings.Contains(r.URL.RawQuery, "moved"):
			http.Redirect(w, r, r.URL.EscapedPath()+"?moved", http.StatusTemporaryRedirect)
			return true
		}
		with.Add(1)
		return false
	}
	m, err := get(t, f.client(dir), "hf:org/name")
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, f, m, "x-lfs.gguf")
	if with.Load() == 0 || back.Load() != 2 {
		t.Errorf("%d requests with the token, %d back at the hub: the test tests nothing", with.Load(), back.Load())
	}
}

func TestInsecureRedirect(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.RedirectHandler(plain.URL, http.StatusFound))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of the client that does not trust it
	secure.StartTLS()
	defer secure.Close()
	c, err := newClient(Config{Dir: t.TempDir(), Endpoint: secure.URL})
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport = secure.Client().Transport
	if _, err := get(t, c, "hf:org/name"); !errors.Is(err, errInsecure) {
		t.Errorf("error %v, want %v", err, errInsecure)
	}
	// Who cannot prove to be the hub is not asked twice.
	c, err = newClient(Config{Dir: t.TempDir(), Endpoint: secure.URL})
	if err != nil {
		t.Fatal(err)
	}
	c.sleep = func(context.Context, time.Duration) error { return errTest }
	if _, err := get(t, c, "hf:org/name"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error %v, want one about the certificate", err)
	}
}
