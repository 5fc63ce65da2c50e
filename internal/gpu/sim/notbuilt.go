//go:build !(linux && (amd64 || arm64)) || nogpu

package sim

const reason = "this build has no simulated GPU: it is for linux on amd64 and arm64, without the tag nogpu"
