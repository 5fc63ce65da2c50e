//go:build !purego && (amd64 || arm64)

package par

//go:noescape
func pause()
