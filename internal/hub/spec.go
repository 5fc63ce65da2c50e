package hub

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Scheme begins the names of models on the hub.
const Scheme = "hf:"

// A Spec names a model on the hub, or one of a repository's files.
type Spec struct {
	Repo     string // "org/name"
	Revision string // a branch, tag or commit
	File     string // a file, or how a GGUF file is quantized; "" for the whole model
}

// The hub's own rule for the parts of a repository's name, less "--" and "..".
var repoPart = regexp.MustCompile(`^\w[\w.-]{0,95}$`)

// ParseSpec reads hf:org/name[@revision][:file-or-quant]. The revision is "main" if none is given.
func ParseSpec(s string) (Spec, error) {
	rest, ok := strings.CutPrefix(s, Scheme)
	if !ok {
		return Spec{}, fmt.Errorf("hub: %q does not begin with %s", s, Scheme)
	}
	rest, file, hasFile := strings.Cut(rest, ":")
	repo, revision, hasRevision := strings.Cut(rest, "@")
	spec := Spec{Repo: repo, Revision: revision, File: file}
	if !hasRevision {
		spec.Revision = "main"
	}
	parts := strings.Split(repo, "/")
	for _, p := range parts {
		if len(parts) > 2 || !repoPart.MatchString(p) || strings.Contains(p, "--") || strings.Contains(p, "..") {
			return Spec{}, fmt.Errorf("hub: %q: %q is not a repository: want hf:org/name[@revision][:file-or-quant]", s, repo)
		}
	}
	if err := checkPath(spec.Revision); err != nil {
		return Spec{}, fmt.Errorf("hub: %q: revision %w", s, err)
	}
	if hasFile {
		if err := checkPath(file); err != nil {
			return Spec{}, fmt.Errorf("hub: %q: file %w", s, err)
		}
	}
	return spec, nil
}

// String returns the text that ParseSpec reads as s.
func (s Spec) String() string {
	text := Scheme + s.Repo
	if s.Revision != "main" {
		text += "@" + s.Revision
	}
	if s.File != "" {
		text += ":" + s.File
	}
	return text
}

// checkPath returns an error unless a name from outside, with slashes, stays
// inside the folder that it is joined to, on every system.
func checkPath(name string) error {
	const bytesMax = 1024
	var why string
	switch {
	case name == "":
		return errors.New("has no name")
	case len(name) > bytesMax:
		return fmt.Errorf("%.40q... is longer than %d bytes", name, bytesMax)
	case !utf8.ValidString(name):
		why = "is not UTF-8"
	case strings.ContainsAny(name, `\:`) || strings.ContainsFunc(name, unicode.IsControl):
		why = "has a character that paths cannot have everywhere"
	case name == "." || !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)):
		why = "is not a path inside a folder"
	default:
		return nil
	}
	return fmt.Errorf("%q %s", name, why)
}
