package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// A hub with one repository, org/name, of one file.
func serveHub(t *testing.T) *httptest.Server {
	const commit = "0123456789012345678901234567890123456789"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/models/org/name/revision/main", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"sha":%q,"siblings":[{"rfilename":"x-Q4_K_M.gguf"},{"rfilename":"README.md"}]}`, commit)
	})
	mux.HandleFunc("GET /org/name/resolve/"+commit+"/x-Q4_K_M.gguf", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("ETag", `"abc"`)
		fmt.Fprint(w, "the model")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Setenv("HF_ENDPOINT", server.URL)
	for _, name := range []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN",
		"HF_TOKEN_PATH", "HF_HUB_OFFLINE"} {
		t.Setenv(name, "")
	}
	return server
}

func TestPull(t *testing.T) {
	server, home := serveHub(t), t.TempDir()
	t.Setenv("HF_HOME", home)
	fail(t, 1, []string{"pull", "hf:org/name:q4_k_m"}, "hub: hf:org/name:q4_k_m: ", "gated", "HF_TOKEN")
	fail(t, 1, []string{"pull", "hf:org/other"}, "no repository org/other")
	fail(t, 1, []string{"pull", "hf:org/name:Q8_0"}, `no file "Q8_0"`, "x-Q4_K_M.gguf")
	fail(t, 2, []string{"pull", "org/name"}, "hf:")
	fail(t, 2, []string{"pull", "hf:../name"}, "not a repository")
	fail(t, 2, []string{"pull"}, "<model>")

	t.Setenv("HF_TOKEN", "secret")
	r := succeed(t, "", "pull", "hf:org/name:q4_k_m")
	path, folder := strings.TrimSuffix(r.stdout, "\n"), filepath.Join(home, "hub", "models--org--name")
	if !strings.HasPrefix(path, folder) || filepath.Base(path) != "x-Q4_K_M.gguf" ||
		string(read(t, path)) != "the model" || r.stderr != "" {
		t.Errorf("printed %q, and %q", r.stdout, r.stderr)
	}
	// What is there is found without the hub.
	t.Setenv("HF_HUB_OFFLINE", "1")
	if again := succeed(t, "", "pull", "hf:org/name:q4_k_m"); again.stdout != r.stdout || again.stderr != "" {
		t.Errorf("offline: printed %q, and %q", again.stdout, again.stderr)
	}
	fail(t, 1, []string{"pull", "hf:org/other"}, "not in the cache", "offline")
	t.Setenv("HF_HUB_OFFLINE", "")
	server.Close()
	again := succeed(t, "", "pull", "hf:org/name")
	if again.stdout != r.stdout || !strings.Contains(again.stderr, "cannot be reached") {
		t.Errorf("no hub: printed %q, and %q", again.stdout, again.stderr)
	}
}
