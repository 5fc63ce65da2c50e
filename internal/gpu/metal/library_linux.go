//go:build linux && (amd64 || arm64) && !nogpu

package metal

// usualLibraries is empty: only tests have a library here.
var usualLibraries []string
