package hub

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A cache is one repository's folder, see the package's comment.
type cache struct{ dir, locks string }

func newCache(dir, repo string) cache {
	folder := "models--" + strings.ReplaceAll(repo, "/", "--")
	return cache{dir: filepath.Join(dir, folder), locks: filepath.Join(dir, ".locks", folder)}
}

var (
	commitID = regexp.MustCompile(`^[0-9a-f]{40}$`)
	sha256ID = regexp.MustCompile(`^[0-9a-f]{64}$`)
	// An entity tag names a file of the cache.
	etagName = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$`)
)

func (c cache) blob(etag string) string { return filepath.Join(c.dir, "blobs", etag) }

func (c cache) snapshot(commit string) string { return filepath.Join(c.dir, "snapshots", commit) }

func (c cache) file(commit, name string) string {
	return filepath.Join(c.snapshot(commit), filepath.FromSlash(name))
}

// has reports whether a file of a commit is there, all of it.
func (c cache) has(commit, name string) bool {
	info, err := os.Stat(c.file(commit, name))
	return err == nil && info.Mode().IsRegular()
}

// commit returns what a revision was when it was last asked for.
func (c cache) commit(revision string) (string, error) {
	if commitID.MatchString(revision) {
		return revision, nil
	}
	text, err := os.ReadFile(filepath.Join(c.dir, "refs", filepath.FromSlash(revision)))
	if errors.Is(err, fs.ErrNotExist) {
		return "", errNotCached
	}
	if err != nil {
		return "", err
	}
	commit := strings.TrimSpace(string(text))
	if !commitID.MatchString(commit) {
		return "", fmt.Errorf("the cache says that %s is commit %.60q", revision, commit)
	}
	return commit, nil
}

// setCommit records what a revision is.
func (c cache) setCommit(revision, commit string) error {
	if old, err := c.commit(revision); err == nil && old == commit {
		return nil
	}
	path := filepath.Join(c.dir, "refs", filepath.FromSlash(revision))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return replace(path, strings.NewReader(commit))
}

// names returns the files that are there of a commit.
func (c cache) names(commit string) ([]string, error) {
	root, err := os.OpenRoot(c.snapshot(commit))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNotCached
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // it was only read
	var list []string
	err = fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && c.has(commit, path) {
			list = append(list, path)
		}
		return err
	})
	return list, err
}

// link makes a blob a file of a commit: by a relative link, or where there are
// none, by a second name or, in the end, a copy.
func (c cache) link(etag, commit, name string, symlink func(target, path string) error) error {
	path, blob := c.file(commit, name), c.blob(etag)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	target, err := filepath.Rel(filepath.Dir(path), blob)
	if err != nil {
		return err
	}
	// What is there and leads nowhere is left of a blob that was deleted.
	if !c.has(commit, name) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	err = symlink(target, path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = os.Link(blob, path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = copyFile(path, blob)
	}
	if c.has(commit, name) {
		return nil // whoever made it
	}
	return err
}

// copyFile copies a file to a path.
func copyFile(path, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // it was only read
	return replace(path, in)
}

// replace writes a file that appears at once, in place of what was there.
func replace(path string, content io.Reader) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	err = errors.Join(err, f.Chmod(0o644), f.Close()) // a cache can have several users
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is the one to report
	}
	return err
}
