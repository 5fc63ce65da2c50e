//go:build purego || !amd64

package kernel

// fetch does nothing: nobody has measured that it helps.
func fetch[T any]([]T) {}
