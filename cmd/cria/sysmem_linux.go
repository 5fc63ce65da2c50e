package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// availableMemory returns what Linux estimates that programs can have without
// swapping, the page cache included, or the limit of the control group if that is less.
func availableMemory() (n int64, what string, err error) {
	n, err = memAvailable("/proc/meminfo")
	if err != nil {
		return 0, "", err
	}
	for _, name := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if text, err := os.ReadFile(name); err == nil {
			if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && limit < n {
				return limit, "the limit of the control group", nil // "max" is no number
			}
		}
	}
	return n, "available", nil
}

// memAvailable reads a line like "MemAvailable:   16384000 kB".
func memAvailable(name string) (int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // it was only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == "MemAvailable:" && fields[2] == "kB" {
			n, err := strconv.ParseInt(fields[1], 10, 53)
			if err != nil {
				return 0, fmt.Errorf("%s: %w", name, err)
			}
			return n << 10, nil
		}
	}
	return 0, errors.New(name + " has no MemAvailable")
}
