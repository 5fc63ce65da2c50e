//go:build linux && (amd64 || arm64) && !nogpu

package sim

const reason = "" // why nothing could open the library
