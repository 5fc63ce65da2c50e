//go:build purego || !amd64

package kernel

func fetch[T any]([]T) {}
