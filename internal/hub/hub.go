package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
)

// A Model is what a Spec stands for, in the cache.
type Model struct {
	Path   string   // what to open: a file, of several the first, or a model's directory
	Files  []string // all of its files
	Commit string   // the revision that they are of

	// Unasked is why the cache answered without the hub, which may have a newer
	// revision: it could not be reached. It is nil if the hub was asked, or was not to be.
	Unasked error
}

var errNotCached = errors.New("is not in the cache")

// Get returns what spec stands for, and fetches into the cache what is missing
// there. Only whole files are seen by others, and they have the size and hash that the hub says.
func Get(ctx context.Context, config Config, spec Spec) (*Model, error) {
	c, err := newClient(config)
	if err != nil {
		return nil, err
	}
	defer c.http.CloseIdleConnections()
	return c.get(ctx, spec)
}

func (c *client) get(ctx context.Context, spec Spec) (*Model, error) {
	r := &repository{client: c, cache: newCache(c.Dir, spec.Repo), spec: spec}
	var commit string
	var names []string
	var err, unasked error
	if !c.Offline {
		commit, names, err = c.list(ctx, spec)
	}
	if errors.Is(err, errUnreachable) {
		unasked, err = err, nil
	}
	if err == nil && commit == "" {
		r.isOffline = true
		commit, names, err = r.cached()
		if err != nil && unasked != nil {
			err = fmt.Errorf("%w; %w", unasked, err)
		}
	}
	var m *Model
	if err == nil {
		m, err = r.model(ctx, commit, names)
	}
	if err != nil {
		return nil, fmt.Errorf("hub: %s: %w", spec, err)
	}
	m.Unasked = unasked
	return m, nil
}

// A repository is the place of a Spec, at the hub and in the cache.
type repository struct {
	*client
	cache
	spec      Spec
	isOffline bool
}

// cached returns the commit and files that the cache has.
func (r *repository) cached() (commit string, names []string, err error) {
	if commit, err = r.commit(r.spec.Revision); err == nil {
		names, err = r.names(commit)
	}
	if errors.Is(err, errNotCached) {
		err = fmt.Errorf("revision %s %w at %s, and the hub is not asked (offline)", r.spec.Revision, err, r.Dir)
	}
	return commit, names, err
}

// model fetches what is missing of the spec's files.
func (r *repository) model(ctx context.Context, commit string, names []string) (*Model, error) {
	which, err := choose(r.spec, names)
	if err != nil && r.isOffline {
		return nil, fmt.Errorf("the cache, at %s, %w (offline: the hub is not asked)", r.snapshot(commit), err)
	}
	if err != nil {
		return nil, err
	}
	files := which.files
	if which.index {
		// What it names decides what else to fetch.
		if err := r.fetchAll(ctx, commit, files[:1]); err != nil {
			return nil, err
		}
		shards, err := r.shards(commit, names)
		if err != nil {
			return nil, err
		}
		files = append(files, shards...)
	}
	if err := r.fetchAll(ctx, commit, files); err != nil {
		return nil, err
	}
	if err := r.setCommit(r.spec.Revision, commit); err != nil {
		return nil, err
	}
	m := &Model{Commit: commit}
	for _, name := range files {
		m.Files = append(m.Files, r.file(commit, name))
	}
	m.Path = m.Files[0]
	if which.isDir {
		m.Path = r.snapshot(commit)
	}
	return m, nil
}

// shards returns the files that a commit's index names.
func (r *repository) shards(commit string, names []string) ([]string, error) {
	text, err := os.ReadFile(r.file(commit, indexFile))
	if err != nil {
		return nil, err
	}
	var index struct {
		Shard map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		return nil, fmt.Errorf("%s: %w", indexFile, err)
	}
	var list []string
	for _, name := range index.Shard {
		list = append(list, name)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	for _, name := range list {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("%s names %.100q, which is not there", indexFile, name)
		}
	}
	return list, nil
}

// fetchAll makes names files of a commit in the cache. It asks how large those
// are that are missing before it fetches any.
func (r *repository) fetchAll(ctx context.Context, commit string, names []string) error {
	var heads []head
	for _, name := range names {
		if err := checkPath(name); err != nil {
			return fmt.Errorf("the hub has a file that %w: it is not fetched", err)
		}
		if r.has(commit, name) {
			continue
		}
		if r.isOffline {
			return fmt.Errorf("%s %w (offline: the hub is not asked)", name, errNotCached)
		}
		h, err := r.head(ctx, r.spec, commit, name)
		if err != nil {
			return err
		}
		heads = append(heads, h)
	}
	if err := r.checkSpace(heads); err != nil {
		return err
	}
	for _, h := range heads {
		if err := r.fetch(ctx, r.cache, h); err != nil {
			return err
		}
		if err := r.link(h.etag, commit, h.name, r.symlink); err != nil {
			return err
		}
	}
	return nil
}

// checkSpace returns an error with both numbers if the disk cannot hold what is to be fetched.
func (r *repository) checkSpace(heads []head) error {
	const rest = 64 << 20 // which a disk should never be without
	var need int64
	for _, h := range heads {
		if _, err := os.Stat(r.blob(h.etag)); err != nil {
			need += min(h.size-r.arrived(r.blob(h.etag), h), math.MaxInt64-rest-need)
		}
	}
	if len(heads) == 0 || need <= 0 {
		return nil
	}
	if err := os.MkdirAll(r.dir, 0o777); err != nil {
		return err
	}
	if free, known := r.free(r.dir); known && free-rest < need {
		return fmt.Errorf("%d MB are to be fetched, and the disk of %s has %d MB left", need/1e6, filepath.Clean(r.dir),
			free/1e6)
	}
	return nil
}
