package token

import (
	"slices"
	"testing"
)

// TestPreNamed wants each pre-tokenizer to be known by how it cuts, and a stranger not to be.
func TestPreNamed(t *testing.T) {
	for _, name := range preCandidates {
		split, ok := splitterFor(name)
		if got, found := preNamed(split, slices.Contains(ignoresMerges, name)); !ok || !found || got != name {
			t.Errorf("%s is taken for %q", name, got)
		}
	}
	if got, found := preNamed(uncut, false); found {
		t.Errorf("what does not cut is taken for %q", got)
	}
}
