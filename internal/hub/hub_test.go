package hub

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// checkFiles checks that the files of a model are those named, byte for byte.
func checkFiles(t *testing.T, f *fake, m *Model, names ...string) {
	t.Helper()
	var got []string
	root := m.Path
	for filepath.Base(filepath.Dir(root)) != "snapshots" {
		root = filepath.Dir(root)
	}
	for _, path := range m.Files {
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.ToSlash(name)
		got = append(got, name)
		content, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(content, f.files[name]) {
			t.Errorf("%s has %d bytes, %v, want %d", name, len(content), err, len(f.files[name]))
		}
	}
	slices.Sort(got)
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("files %q, want %q", got, names)
	}
}

// tidy checks that nothing is left of downloads.
func tidy(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "models--org--name", "*", "*incomplete*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestGetDirectory(t *testing.T) {
	f, dir := newFake(t, directory()), t.TempDir()
	m, err := get(t, f.client(dir), "hf:org/name")
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, f, m, "config.json", "tokenizer.json", "tokenizer.model", "chat_template.jinja",
		"model.safetensors.index.json", "model-lfs-1.safetensors", "model-lfs-2.safetensors")
	repo := filepath.Join(dir, "models--org--name")
	if want := filepath.Join(repo, "snapshots", commit1); m.Path != want || m.Commit != commit1 || m.Unasked != nil {
		t.Errorf("model %+v, want path %s", m, want)
	}
	if ref, err := os.ReadFile(filepath.Join(repo, "refs", "main")); err != nil || string(ref) != commit1 {
		t.Errorf("refs/main is %q, %v, want the commit alone", ref, err)
	}
	blob := etagOf(f.files["model-lfs-2.safetensors"])
	target, err := os.Readlink(filepath.Join(m.Path, "model-lfs-2.safetensors"))
	if want := filepath.Join("..", "..", "blobs", blob); err != nil || target != want {
		t.Errorf("the file links to %q, %v, want %q", target, err, want)
	}
	if parts := f.requests("model-lfs-2.safetensors bytes="); len(parts) != 2*10 {
		t.Errorf("asked for the parts of 100 bytes: %q", parts) // at the hub, and where it redirects to
	}
	tidy(t, dir)

	// All is there: one question, for the commit.
	again, err := get(t, f.client(dir), "hf:org/name")
	if err != nil || again.Path != m.Path {
		t.Errorf("a second time: %+v, %v", again, err)
	}
	if seen := f.requests(""); len(seen) != 1 {
		t.Errorf("a second time asked %q, want one question", seen)
	}
}

func TestGetFiles(t *testing.T) {
	for _, c := range []struct {
		spec, path string // path is that of the first file
		files      []string
	}{
		{"hf:org/name:q4_k_m", "x-Q4_K_M.gguf", []string{"x-Q4_K_M.gguf"}},
		{"hf:org/name", "x-Q4_K_M.gguf", []string{"x-Q4_K_M.gguf"}},
		{"hf:org/name:Q8_0", "Q8_0/x-lfs-00001-of-00002.gguf",
			[]string{"Q8_0/x-lfs-00001-of-00002.gguf", "Q8_0/x-lfs-00002-of-00002.gguf"}},
		{"hf:org/name@" + commit1 + ":Q8_0/x-lfs-00002-of-00002.gguf", "Q8_0/x-lfs-00001-of-00002.gguf",
			[]string{"Q8_0/x-lfs-00001-of-00002.gguf", "Q8_0/x-lfs-00002-of-00002.gguf"}},
		{"hf:org/name@refs/pr/1:stories 15M.bin", "stories 15M.bin", []string{"stories 15M.bin"}},
	} {
		f, dir := newFake(t, map[string][]byte{
			"x-Q4_K_M.gguf": numbers(25), "x-Q4_K_S.gguf": numbers(24), "mmproj-x-Q4_K_M.gguf": numbers(3),
			"Q8_0/x-lfs-00001-of-00002.gguf": numbers(35), "Q8_0/x-lfs-00002-of-00002.gguf": numbers(11),
			"stories 15M.bin": numbers(7), "README.md": numbers(1),
		}), t.TempDir()
		m, err := get(t, f.client(dir), c.spec)
		if err != nil {
			t.Errorf("%s: %v", c.spec, err)
			continue
		}
		checkFiles(t, f, m, c.files...)
		if want := filepath.Join(dir, "models--org--name", "snapshots", commit1, filepath.FromSlash(c.path)); m.Path != want {
			t.Errorf("%s: path %s, want %s", c.spec, m.Path, want)
		}
		tidy(t, dir)
	}
}

func TestRefusals(t *testing.T) {
	answer := func(status int, code string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("X-Error-Code", code)
			w.WriteHeader(status)
			return true
		}
	}
	onFile := func(then func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			return strings.Contains(r.URL.Path, "/resolve/") && then(w, r)
		}
	}
	for _, c := range []struct {
		spec, token string
		trouble     func(http.ResponseWriter, *http.Request) bool
		want        []string
	}{
		{"hf:org/name", "", answer(401, "RepoNotFound"), []string{"private or gated", "HF_TOKEN", "/settings/tokens"}},
		{"hf:org/name", token1, answer(401, ""), []string{"does not accept the token", "HF_TOKEN"}},
		{"hf:org/name", token1, onFile(answer(403, "GatedRepo")), []string{"gated", "ask for it at http", "/org/name"}},
		{"hf:org/name", "", answer(404, ""), []string{"no repository org/name"}},
		{"hf:org/name@v2", "", nil, []string{`no revision "v2"`}},
		{"hf:org/name@v2", "", answer(404, ""), []string{"no repository org/name", `or it has no revision "v2"`}},
		{"hf:org/name:config.json", "", onFile(answer(404, "")), []string{`no file "config.json" at revision main`}},
		{"hf:org/name:Q4_0", "", nil, []string{`no file "Q4_0"`, `"README.md"`}},
		{"hf:org/name", "", answer(418, ""), []string{"answers 418 I'm a teapot"}},
		{"hf:org/name", "", answer(503, ""), []string{"answers 503", "(6 tries)"}},
		{"hf:org/name", "", onFile(answer(302, "")), []string{"entity tag"}},
	} {
		f, dir := newFake(t, directory()), t.TempDir()
		f.trouble = c.trouble
		client := f.client(dir)
		client.Token = c.token
		m, err := get(t, client, c.spec)
		if err == nil {
			t.Errorf("%s, %q: %+v and no error", c.spec, c.want, m)
			continue
		}
		for _, text := range append(c.want, "hub: "+c.spec+": ") {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: error %q does not say %q", c.spec, err, text)
			}
		}
		if strings.Contains(err.Error(), token1) {
			t.Errorf("%s: error %q says the token", c.spec, err)
		}
	}
}

// Without the hub, the cache answers, and says so if it was not asked to.
func TestOffline(t *testing.T) {
	f, dir := newFake(t, directory()), t.TempDir()
	offline := func() *client {
		c := f.client(dir)
		c.Offline = true
		return c
	}
	if _, err := get(t, offline(), "hf:org/name"); err == nil || !strings.Contains(err.Error(), "not in the cache") {
		t.Errorf("offline, nothing cached: error %v", err)
	}
	m, err := get(t, f.client(dir), "hf:org/name")
	if err != nil {
		t.Fatal(err)
	}
	f.requests("")
	for _, spec := range []string{"hf:org/name", "hf:org/name@" + commit1} {
		got, err := get(t, offline(), spec)
		if err != nil || got.Path != m.Path || len(got.Files) != len(m.Files) || got.Unasked != nil {
			t.Errorf("offline, %s: %+v, %v", spec, got, err)
		}
	}
	if _, err := get(t, offline(), "hf:org/name:Q4_0"); err == nil || !strings.Contains(err.Error(), "offline") {
		t.Errorf("offline, another file: error %v", err)
	}
	if seen := f.requests(""); len(seen) > 0 {
		t.Errorf("offline, the hub was asked %q", seen)
	}
	f.hub.Close()
	got, err := get(t, f.client(dir), "hf:org/name")
	if err != nil || got.Path != m.Path || got.Unasked == nil {
		t.Errorf("no hub: %+v, %v, want the cache's answer and why", got, err)
	}
	_, err = get(t, f.client(t.TempDir()), "hf:org/name")
	if err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("no hub, nothing cached: error %v", err)
	}
	// A shard that is gone is named.
	if err := os.Remove(filepath.Join(m.Path, "model-lfs-2.safetensors")); err != nil {
		t.Fatal(err)
	}
	_, err = get(t, offline(), "hf:org/name")
	if err == nil || !strings.Contains(err.Error(), `"model-lfs-2.safetensors"`) {
		t.Errorf("offline, a shard is gone: error %v", err)
	}
}

// Names from the hub never lead out of the cache.
func TestEvilNames(t *testing.T) {
	index := func(name string) []byte { return fmt.Appendf(nil, `{"weight_map":{"a":%q}}`, name) }
	for _, evil := range []string{"../../x.gguf", "/etc/x.gguf", `..\x.gguf`, "a/../../x.gguf", "x\x00.gguf", "c:x.gguf",
		"a//x.gguf", "./x.gguf", "x\n.gguf", strings.Repeat("x", 2000) + ".gguf"} {
		f, dir := newFake(t, map[string][]byte{evil: numbers(5)}), t.TempDir()
		m, err := get(t, f.client(filepath.Join(dir, "a", "b")), "hf:org/name")
		if err == nil || !strings.Contains(err.Error(), "not fetched") {
			t.Errorf("%.40q: %+v, error %v", evil, m, err)
		}
		f = newFake(t, map[string][]byte{evil: numbers(5), configFile: numbers(1), indexFile: index(evil)})
		m, err = get(t, f.client(filepath.Join(dir, "a", "b")), "hf:org/name")
		if err == nil {
			t.Errorf("%.40q in an index: %+v", evil, m)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 1 {
			t.Errorf("%.40q: left %q, %v", evil, left, err)
		}
	}
}

// Nor do its entity tags and commits.
func TestEvilHeaders(t *testing.T) {
	for _, c := range []struct {
		key, value, want string
	}{
		{"X-Linked-Etag", "../../x", "cannot name a file"},
		{"X-Linked-Etag", "", "cannot name a file"},
		{"X-Linked-Etag", ".x", "cannot name a file"},
		{"X-Linked-Etag", strings.Repeat("x", 129), "cannot name a file"},
		{"X-Linked-Size", "-1", "how large"},
		{"X-Linked-Size", "1e9", "its size is"},
		{"X-Linked-Size", "9223372036854775807", "how large"},
		{"X-Repo-Commit", "2222222222222222222222222222222222222222", "want " + commit1},
	} {
		f := newFake(t, map[string][]byte{"x.gguf": numbers(5)})
		f.trouble = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodHead {
				return false
			}
			if c.key != "X-Linked-Etag" {
				w.Header().Set("X-Linked-Etag", "abc")
			}
			w.Header().Set(c.key, c.value)
			return true
		}
		m, err := get(t, f.client(t.TempDir()), "hf:org/name")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.40q: %+v, error %v, want %q", c.key, c.value, m, err, c.want)
		}
	}
	for _, listing := range []string{``, `[]`, `{}`, `{"sha":"../../x"}`, `{"sha":1}`, `{"sha":"main"}`} {
		f := newFake(t, nil)
		f.trouble = func(w http.ResponseWriter, r *http.Request) bool {
			_, _ = w.Write([]byte(listing))
			return true
		}
		m, err := get(t, f.client(t.TempDir()), "hf:org/name")
		if err == nil || !strings.Contains(err.Error(), "does not answer like a hub") {
			t.Errorf("listing %q: %+v, error %v", listing, m, err)
		}
	}
}

func TestNoSpace(t *testing.T) {
	f, dir := newFake(t, directory()), t.TempDir()
	c := f.client(dir)
	c.free = func(string) (int64, bool) { return 64<<20 + 100, true }
	m, err := get(t, c, "hf:org/name")
	if err == nil || !strings.Contains(err.Error(), "67 MB left") {
		t.Errorf("%+v, error %v, want one with both numbers", m, err)
	}
	if got := f.requests("GET /model-lfs"); len(got) > 0 {
		t.Errorf("fetched without space: %q", got)
	}
}

// Where there are no symbolic links, there are files.
func TestNoSymlinks(t *testing.T) {
	f, dir := newFake(t, directory()), t.TempDir()
	c := f.client(dir)
	c.symlink = func(string, string) error { return errTest }
	m, err := get(t, c, "hf:org/name:config.json")
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, f, m, "config.json")
	if info, err := os.Lstat(m.Path); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%s is %v, %v, want a regular file", m.Path, info.Mode(), err)
	}
}

// A link that leads nowhere, because somebody deleted its blob, is mended.
func TestDanglingLink(t *testing.T) {
	f, dir := newFake(t, directory()), t.TempDir()
	for range 2 {
		m, err := get(t, f.client(dir), "hf:org/name:config.json")
		if err != nil {
			t.Fatal(err)
		}
		checkFiles(t, f, m, "config.json")
		blob, err := filepath.EvalSymlinks(m.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(blob); err != nil {
			t.Fatal(err)
		}
	}
}

// Two who want the same file fetch it once.
func TestConcurrent(t *testing.T) {
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("no locks on " + runtime.GOOS)
	}
	f, dir := newFake(t, map[string][]byte{"x-lfs.gguf": numbers(100)}), t.TempDir()
	// The bytes come when the second has found the file locked.
	locked, done := make(chan struct{}), make(chan struct{})
	f.trouble = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Range") != "" {
			<-locked
		}
		return false
	}
	var foundLocked, isDone sync.Once
	models := make([]*Model, 2)
	var work sync.WaitGroup
	for i := range models {
		c := f.client(dir)
		c.sleep = func(context.Context, time.Duration) error {
			foundLocked.Do(func() { close(locked) })
			<-done // of the first
			return nil
		}
		work.Go(func() {
			m, err := get(t, c, "hf:org/name")
			if err != nil {
				t.Error(err)
			}
			models[i] = m
			isDone.Do(func() { close(done) })
		})
	}
	work.Wait()
	for _, m := range models {
		checkFiles(t, f, m, "x-lfs.gguf")
	}
	parts := f.requests("GET /x-lfs.gguf bytes=")
	slices.Sort(parts)
	if n := len(slices.Compact(parts)); n != 10 || len(parts) != 10 {
		t.Errorf("%d parts were fetched %d times, want 10 once: %q", n, len(parts), parts)
	}
	tidy(t, dir)
}

func TestProgress(t *testing.T) {
	f, dir := newFake(t, directory()), t.TempDir()
	c, ends := f.client(dir), map[string]int64{}
	c.Progress = func(file string, done, total int64) {
		if done <= ends[file] || done > total || total != int64(len(f.files[file])) {
			t.Errorf("%s: %d of %d after %d", file, done, total, ends[file])
		}
		ends[file] = done
	}
	if _, err := get(t, c, "hf:org/name"); err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"config.json": 22, "tokenizer.json": 33, "tokenizer.model": 10,
		"model.safetensors.index.json": int64(len(f.files[indexFile])), "model-lfs-1.safetensors": 95,
		"model-lfs-2.safetensors": 100}
	if !maps.Equal(ends, want) {
		t.Errorf("progress ends with %v, want %v", ends, want)
	}
}
