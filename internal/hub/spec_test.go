package hub

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseSpec(t *testing.T) {
	for _, c := range []struct {
		text string
		want Spec
	}{
		{"hf:org/name", Spec{"org/name", "main", ""}},
		{"hf:gpt2", Spec{"gpt2", "main", ""}},
		{"hf:org/Name-1.5_b:Q4_K_M", Spec{"org/Name-1.5_b", "main", "Q4_K_M"}},
		{"hf:org/name@v1.0", Spec{"org/name", "v1.0", ""}},
		{"hf:org/name@refs/pr/1:sub/x@y.gguf", Spec{"org/name", "refs/pr/1", "sub/x@y.gguf"}},
	} {
		got, err := ParseSpec(c.text)
		if err != nil || got != c.want || got.String() != c.text {
			t.Errorf("%q: %+v (%s), %v, want %+v", c.text, got, got, err, c.want)
		}
	}
	for _, text := range []string{"", "org/name", "hf:", "hf:/", "hf:/name", "hf:org/", "hf:a/b/c", "hf:../b", "hf:a/..",
		"hf:a/b..c", "hf:a/b--c", "hf:.a/b", "hf:-a/b", "hf:a b/c", "hf:a/b@", "hf:a/b@../c", "hf:a/b@/c", "hf:a/b:",
		"hf:a/b:../c", "hf:a/b:/c", "hf:a/b:c\\d", "hf:a/b:c:d", "hf:a/b:c\x00", "hf:a/b:\xff", "hf:a/b:.",
		"hf:" + strings.Repeat("a", 97), "hf:é/b", "HF:a/b"} {
		if got, err := ParseSpec(text); err == nil {
			t.Errorf("%q: %+v and no error", text, got)
		}
	}
}

func FuzzParseSpec(f *testing.F) {
	for _, s := range []string{"hf:org/name@refs/pr/1:Q4_K_M", "hf:gpt2", "hf:a/b@../c", "hf:a/b:..\\c"} {
		f.Add(s)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSpec(text)
		if err != nil {
			return
		}
		if again, err := ParseSpec(s.String()); err != nil || again != s {
			t.Fatalf("%q is %+v, which is written %q and read %+v, %v", text, s, s, again, err)
		}
		c := newCache(dir, s.Repo)
		for _, path := range []string{c.dir, c.locks, c.file("1", s.Revision), c.file("1", s.File+"x")} {
			if rel, err := filepath.Rel(dir, path); err != nil || !filepath.IsLocal(rel) {
				t.Fatalf("%q leads to %q", text, path)
			}
		}
		if filepath.Dir(c.dir) != dir {
			t.Fatalf("%q is in folder %q", text, c.dir)
		}
	})
}

func TestFromEnv(t *testing.T) {
	home := t.TempDir()
	at := func(elem ...string) string { return filepath.Join(append([]string{home}, elem...)...) }
	cache := at(".cache", "huggingface")
	for _, c := range []struct {
		env  map[string]string
		want Config
	}{
		{nil, Config{Dir: filepath.Join(cache, "hub"), Endpoint: DefaultEndpoint}},
		{map[string]string{"XDG_CACHE_HOME": at("x")}, Config{Dir: at("x", "huggingface", "hub"), Endpoint: DefaultEndpoint}},
		{map[string]string{"HF_HOME": "~/h", "XDG_CACHE_HOME": at("x"), "HF_ENDPOINT": "http://a.b:1/c/"},
			Config{Dir: at("h", "hub"), Endpoint: "http://a.b:1/c", Token: "file"}},
		{map[string]string{"HF_HOME": at("h"), "HF_HUB_CACHE": at("c"), "HF_TOKEN": " env\n", "HF_HUB_OFFLINE": "TRUE"},
			Config{Dir: at("c"), Endpoint: DefaultEndpoint, Token: "env", Offline: true}},
		{map[string]string{"HF_TOKEN_PATH": at("h", "token"), "HF_HUB_OFFLINE": "0"},
			Config{Dir: filepath.Join(cache, "hub"), Endpoint: DefaultEndpoint, Token: "file"}},
	} {
		if err := os.MkdirAll(at("h"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at("h", "token"), []byte("file\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := FromEnv(func(name string) string { return c.env[name] }, home)
		if err != nil || got.Dir != c.want.Dir || got.Endpoint != c.want.Endpoint || got.Token != c.want.Token ||
			got.Offline != c.want.Offline {
			t.Errorf("%v: %+v, %v, want %+v", c.env, got, err, c.want)
		}
	}
	for _, env := range []map[string]string{
		{"HF_ENDPOINT": "huggingface.co"}, {"HF_ENDPOINT": "ftp://a"}, {"HF_ENDPOINT": "http://u:p@a"},
		{"HF_ENDPOINT": "http://a?b"}, {"HF_ENDPOINT": ":"}, {"HF_TOKEN": "a\nb"}, {"HF_TOKEN_PATH": home},
	} {
		if got, err := FromEnv(func(name string) string { return env[name] }, home); err == nil {
			t.Errorf("%v: %+v and no error", env, got)
		}
	}
}
