package hub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	commit1 = "1111111111111111111111111111111111111111"
	token1  = "hf_secret"
)

// A fake plays the hub: small files come from itself, large ones, those of
// "lfs" in the name, from another host to which it redirects.
type fake struct {
	t     *testing.T
	hub   *httptest.Server
	bytes *httptest.Server // of large files
	files map[string][]byte

	// What goes wrong; nil if nothing does. It answers itself and returns true, or returns false.
	trouble func(w http.ResponseWriter, r *http.Request) bool

	mu   sync.Mutex
	seen []string // what was asked: "HEAD /path" "GET host /path bytes=0-9"
}

func newFake(t *testing.T, files map[string][]byte) *fake {
	f := &fake{t: t, files: files}
	f.hub = httptest.NewServer(http.HandlerFunc(f.serveHub))
	f.bytes = httptest.NewServer(http.HandlerFunc(f.serveBytes))
	t.Cleanup(f.hub.Close)
	t.Cleanup(f.bytes.Close)
	return f
}

// note records a request, and reports whether trouble has answered it.
func (f *fake) note(w http.ResponseWriter, r *http.Request) bool {
	f.mu.Lock()
	f.seen = append(f.seen, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("Range")))
	trouble := f.trouble
	f.mu.Unlock()
	return trouble != nil && trouble(w, r)
}

// requests returns those noted so far that contain a text, and forgets all.
func (f *fake) requests(text string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := slices.DeleteFunc(f.seen, func(s string) bool { return !strings.Contains(s, text) })
	f.seen = nil
	return seen
}

func etagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func (f *fake) serveHub(w http.ResponseWriter, r *http.Request) {
	if f.note(w, r) {
		return
	}
	if revision, ok := strings.CutPrefix(r.URL.EscapedPath(), "/api/models/org/name/revision/"); ok {
		if revision != "main" && revision != "refs%2Fpr%2F1" && revision != commit1 {
			w.Header().Set("X-Error-Code", "RevisionNotFound")
			w.WriteHeader(http.StatusNotFound)
			return
		}
		type sibling struct {
			Name string `json:"rfilename"`
		}
		list := []sibling{}
		for name := range f.files {
			list = append(list, sibling{name})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"sha": commit1, "siblings": list, "private": false})
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, "/org/name/resolve/"+commit1+"/")
	content, there := f.files[name]
	if !ok || !there {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("X-Repo-Commit", commit1)
	if strings.Contains(name, "lfs") {
		w.Header().Set("X-Linked-Etag", `"`+etagOf(content)+`"`)
		w.Header().Set("X-Linked-Size", strconv.Itoa(len(content)))
		http.Redirect(w, r, f.bytes.URL+"/"+name+"?signature=private", http.StatusFound)
		return
	}
	w.Header().Set("ETag", `W/"`+etagOf(content)[:40]+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func (f *fake) serveBytes(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		f.t.Errorf("the token went to another host: %s %s", r.Method, r.URL)
	}
	if !f.note(w, r) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.files[strings.TrimPrefix(r.URL.Path, "/")]))
	}
}

// client returns one with parts of 10 bytes that never waits.
func (f *fake) client(dir string) *client {
	f.t.Helper()
	c, err := newClient(Config{Dir: dir, Endpoint: f.hub.URL + "/", Token: token1})
	if err != nil {
		f.t.Fatal(err)
	}
	c.partBytes = 10
	c.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	f.t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// get is client.get of a spec as text.
func get(t *testing.T, c *client, spec string) (*Model, error) {
	t.Helper()
	s, err := ParseSpec(spec)
	if err != nil {
		t.Fatal(err)
	}
	return c.get(t.Context(), s)
}

// numbers returns n bytes that differ from place to place.
func numbers(n int) []byte {
	var b []byte
	for i := 0; len(b) < n; i++ {
		b = fmt.Appendf(b, "%d ", i)
	}
	return b[:n]
}

// directory is a sharded model and what lies around it.
func directory() map[string][]byte {
	return map[string][]byte{
		"config.json":         []byte(`{"model_type":"llama"}`),
		"tokenizer.json":      numbers(33),
		"tokenizer.model":     numbers(10),
		"chat_template.jinja": {},
		"model.safetensors.index.json": []byte(`{"weight_map":{"a":"model-lfs-1.safetensors",` +
			`"b":"model-lfs-2.safetensors","c":"model-lfs-1.safetensors"}}`),
		"model-lfs-1.safetensors":      numbers(95),
		"model-lfs-2.safetensors":      numbers(100),
		"consolidated-lfs.safetensors": numbers(200),
		"pytorch_model.bin":            numbers(300),
		"onnx/config.json":             numbers(5),
		"README.md":                    numbers(5),
	}
}

var errTest = errors.New("a test's own error")
