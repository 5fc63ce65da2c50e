//go:build !linux

package mmap

func huge([]byte) {}
