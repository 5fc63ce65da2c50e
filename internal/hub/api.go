package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// listingBytesMax is many times what the largest repositories answer.
const listingBytesMax = 64 << 20

// A listing is what a repository has at a revision.
type listing struct {
	Commit string `json:"sha"`
	Files  []struct {
		Name string `json:"rfilename"`
	} `json:"siblings"`
}

// list asks what a repository has.
func (c *client) list(ctx context.Context, spec Spec) (commit string, names []string, err error) {
	address := fmt.Sprintf("%s/api/models/%s/revision/%s", c.Endpoint, spec.Repo, url.PathEscape(spec.Revision))
	err = c.retry(ctx, func(ctx context.Context, _ func()) (int64, error) {
		resp, err := c.send(ctx, c.http, http.MethodGet, address, "")
		if err != nil {
			return 0, err
		}
		defer drop(resp)
		if resp.StatusCode != http.StatusOK {
			return 0, c.refusal(resp, spec, "")
		}
		text, err := io.ReadAll(io.LimitReader(resp.Body, listingBytesMax+1))
		switch {
		case err != nil:
			return 0, temporary{err}
		case len(text) > listingBytesMax:
			return 0, fmt.Errorf("the list of its files has more than %d bytes", listingBytesMax)
		}
		commit, names, err = parseListing(text)
		if err != nil {
			err = fmt.Errorf("%s does not answer like a hub: %w", c.Endpoint, err)
		}
		return 0, err
	})
	return commit, names, err
}

// parseListing reads the hub's answer. The names are as the hub gives them.
func parseListing(text []byte) (commit string, names []string, err error) {
	var l listing
	if err := json.Unmarshal(text, &l); err != nil {
		return "", nil, err
	}
	if !commitID.MatchString(l.Commit) {
		return "", nil, fmt.Errorf("the revision is commit %.60q", l.Commit)
	}
	for _, f := range l.Files {
		names = append(names, f.Name)
	}
	return l.Commit, names, nil
}

// A head is what the hub says of a file before it is fetched.
type head struct {
	spec      Spec
	name, url string
	etag      string
	size      int64
}

// hash returns the SHA-256 that the file must have, if the hub says so.
func (h *head) hash() string {
	if sha256ID.MatchString(h.etag) {
		return h.etag
	}
	return ""
}

// head asks what a file is. The answer can be a redirect to where the bytes
// are: then its own header is what counts.
func (c *client) head(ctx context.Context, spec Spec, commit, name string) (head, error) {
	h := head{spec: spec, name: name, url: c.Endpoint + "/" + spec.Repo + "/resolve/" + commit + "/" + escape(name)}
	err := c.retry(ctx, func(ctx context.Context, _ func()) (int64, error) {
		resp, err := c.send(ctx, c.nearby, http.MethodHead, h.url, "")
		if err != nil {
			return 0, err
		}
		defer drop(resp)
		if resp.StatusCode >= 400 {
			return 0, c.refusal(resp, spec, name)
		}
		if got := resp.Header.Get("X-Repo-Commit"); got != "" && got != commit {
			return 0, fmt.Errorf("%s: the hub has it from commit %.60q, want %s", name, got, commit)
		}
		return 0, h.read(resp)
	})
	return h, err
}

// read takes what h says from an answer.
func (h *head) read(resp *http.Response) error {
	etag := resp.Header.Get("X-Linked-Etag")
	if etag == "" {
		etag = resp.Header.Get("ETag")
	}
	h.etag = strings.Trim(strings.TrimPrefix(etag, "W/"), `"`)
	if !etagName.MatchString(h.etag) {
		return fmt.Errorf("%s: its entity tag %.150q cannot name a file", h.name, etag)
	}
	h.size = -1
	if size := resp.Header.Get("X-Linked-Size"); size != "" {
		n, err := strconv.ParseInt(size, 10, 64)
		if err != nil {
			return fmt.Errorf("%s: its size is %.40q", h.name, size)
		}
		h.size = n
	} else if resp.StatusCode == http.StatusOK {
		h.size = resp.ContentLength
	}
	if h.size < 0 || h.size > sizeMax {
		return fmt.Errorf("%s: the hub does not say how large it is, or says %d bytes", h.name, h.size)
	}
	return nil
}

// escape writes a path for an address.
func escape(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

// refusal returns what an answer other than a success means.
func (c *client) refusal(resp *http.Response, spec Spec, file string) error {
	status, code := resp.StatusCode, resp.Header.Get("X-Error-Code")
	page := c.Endpoint + "/" + spec.Repo
	switch {
	case status == http.StatusUnauthorized && c.Token == "":
		return fmt.Errorf("the hub wants to know who asks (401): the model is private or gated, or is not there; "+
			"make a token at %s/settings/tokens and set HF_TOKEN to it, and for a gated model accept its terms at %s",
			c.Endpoint, page)
	case status == http.StatusUnauthorized:
		return fmt.Errorf("the hub does not accept the token (401), or the model is not there; "+
			"make a token at %s/settings/tokens and set HF_TOKEN to it", c.Endpoint)
	case status == http.StatusForbidden:
		return fmt.Errorf("the model is gated or private, and the token in HF_TOKEN (or the lack of one) "+
			"gives no access to it (403): ask for it at %s", page)
	case status == http.StatusNotFound && (code == "EntryNotFound" || file != ""):
		return fmt.Errorf("there is no file %q at revision %s (404)", file, spec.Revision)
	case status == http.StatusNotFound && code == "RevisionNotFound":
		return fmt.Errorf("there is no revision %q (404)", spec.Revision)
	case status == http.StatusNotFound && (code == "RepoNotFound" || spec.Revision == "main"):
		return fmt.Errorf("there is no repository %s at %s (404)", spec.Repo, c.Endpoint)
	case status == http.StatusNotFound:
		return fmt.Errorf("there is no repository %s at %s, or it has no revision %q (404)",
			spec.Repo, c.Endpoint, spec.Revision)
	}
	what := "the hub"
	if file != "" {
		what = file + ": the hub"
	}
	err := fmt.Errorf("%s answers %d %s", what, status, http.StatusText(status))
	if status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout {
		return busy{temporary{err}, resp.Header.Get("Retry-After")}
	}
	return err
}

// drop ends an answer. A short rest is read, so that the connection can be used again.
func drop(resp *http.Response) {
	const restMax = 64 << 10
	_, _ = io.CopyN(io.Discard, resp.Body, restMax)
	_ = resp.Body.Close() // what was needed has been read
}

// errInsecure is a hub that sends us from https to http.
var errInsecure = errors.New("the hub sends us to an address without TLS")
