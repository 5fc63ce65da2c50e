//go:build !(linux && (amd64 || arm64)) || nogpu

package sim

import "testing"

const reason = "this build has no simulated GPU: it is for linux on amd64 and arm64, without the tag nogpu"

// Plant skips the test.
func Plant(t testing.TB, _, _ string, _ Mistake) { need(t) }

// Notes skips the test.
func Notes(t testing.TB, _ string, _ bool) string {
	need(t)
	return ""
}
