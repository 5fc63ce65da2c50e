package hub

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Config says where the hub and its cache are.
type Config struct {
	Dir      string // of the cache, "~/.cache/huggingface/hub" by custom
	Endpoint string // "https://huggingface.co"
	Token    string // of the user, if not empty; sent to the endpoint only
	Offline  bool   // answer from the cache alone

	// Progress, if not nil, is called now and then while a file comes in, with its
	// name and bytes; never by two goroutines at once.
	Progress func(file string, done, total int64)
}

// DefaultEndpoint is where models come from if nobody says otherwise.
const DefaultEndpoint = "https://huggingface.co"

// FromEnv returns what the variables of the Hugging Face world ask for: HF_HUB_CACHE,
// HF_HOME and XDG_CACHE_HOME; HF_ENDPOINT; HF_TOKEN or the file HF_TOKEN_PATH,
// by default "token" in HF_HOME; HF_HUB_OFFLINE. home is the user's folder.
func FromEnv(getenv func(string) string, home string) (Config, error) {
	first := func(names ...string) string {
		for _, name := range names {
			if v := strings.TrimSpace(getenv(name)); v != "" {
				return v
			}
		}
		return ""
	}
	dir := func(fallback string, names ...string) string {
		d := first(names...)
		if d == "~" || strings.HasPrefix(d, "~/") {
			d = filepath.Join(home, d[1:])
		}
		if d == "" {
			d = fallback
		}
		return d
	}
	hfHome := dir(filepath.Join(dir(filepath.Join(home, ".cache"), "XDG_CACHE_HOME"), "huggingface"), "HF_HOME")
	c := Config{
		Dir:      dir(filepath.Join(hfHome, "hub"), "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"),
		Endpoint: first("HF_ENDPOINT"),
		Token:    first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
		Offline:  slices.Contains([]string{"1", "on", "yes", "true"}, strings.ToLower(first("HF_HUB_OFFLINE"))),
	}
	if c.Endpoint == "" {
		c.Endpoint = DefaultEndpoint
	}
	if c.Token == "" {
		path := dir(filepath.Join(hfHome, "token"), "HF_TOKEN_PATH")
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Config{}, fmt.Errorf("hub: the token: %w", err)
		}
		c.Token = strings.TrimSpace(string(text))
	}
	return c, c.check()
}

// check brings c into its usual form, and returns an error if it cannot be used.
func (c *Config) check() error {
	c.Endpoint = strings.TrimRight(c.Endpoint, "/")
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("hub: endpoint %q is not an address like %s", c.Endpoint, DefaultEndpoint)
	}
	if c.Dir == "" {
		return errors.New("hub: no folder for the cache is given")
	}
	if strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("hub: the token has characters that no token has")
	}
	return nil
}
