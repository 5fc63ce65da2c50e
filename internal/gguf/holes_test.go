package gguf_test

import (
	"math"
	"runtime"
	"strings"
	"testing"

	"cria/internal/gguf"
)

// Files like those that made other readers write over their memory, stop, or
// divide by zero. Each is refused with an error, and without taking memory for
// what it claims to have.
var holes = []struct {
	name string
	data []byte
	want string
}{
	// CVE-2024-21836, CVE-2024-23605: counts times the size of a record, as they wrap.
	{"n_tensors", head(math.MaxUint64/8, 0), "byte 8: n_tensors: 2305843009213693951 exceeds the limit"},
	{"n_tensors as int64", head(math.MaxUint64, 0), "byte 8: n_tensors: 18446744073709551615 exceeds"},
	{"n_tensors without room", head(1<<20, 0, make([]byte, 100)),
		"n_tensors: needs bytes 16 to 25165840, but the file ends"},
	{"n_kv", head(0, math.MaxUint64/24+2), "byte 16: n_kv: 768614336404564652 exceeds the limit"},
	{"n_kv without room", head(0, 1<<16, make([]byte, 100)), "n_kv: needs bytes 24 to 786456, but the file ends"},

	// CVE-2024-23496: the length of a string, plus 1 for a NUL.
	{"length of a string", head(0, 1, "a", kString, uint64(math.MaxUint64)),
		"a: 18446744073709551615 exceeds the limit"},
	{"length of a key", head(0, 1, uint64(math.MaxUint64), make([]byte, 40)),
		"key 0: 18446744073709551615 exceeds the limit"},
	{"length of a name", head(1, 0, uint64(math.MaxUint64), make([]byte, 40)), "tensor 0: 18446744073709551615 exceeds"},
	{"string behind the end", head(0, 1, "a", kString, uint64(1<<27)),
		"a: needs bytes 45 to 134217773, but the file ends"},

	// CVE-2024-21825: the length of an array, times the size of its elements.
	{"array of numbers", head(0, 1, "a", kArray, kUint32, uint64(1<<62+1)), "a: 4611686018427387905 exceeds the limit"},
	{"array of strings", head(0, 1, "a", kArray, kString, uint64(1<<60+1)), "a: 1152921504606846977 exceeds the limit"},
	{"array of arrays", head(0, 1, "a", kArray, kArray, uint64(1<<60+1)), "a: 1152921504606846977 exceeds the limit"},
	{"strings without room", head(0, 1, "a", kArray, kString, uint64(1<<28), make([]byte, 99)), "a: needs bytes 49 to"},
	{"arrays without room", head(0, 1, "a", kArray, kArray, uint64(1<<28), make([]byte, 99)), "a: needs bytes 49 to"},
	{"numbers without room", head(0, 1, "a", kArray, kUint32, uint64(1<<28), make([]byte, 99)), "a: needs bytes 49 to"},
	{"arrays in arrays", head(0, 1, "a", kArray, raw(strings.Repeat(string(enc(kArray, uint64(1))), 1<<16))),
		"a: has arrays in arrays, deeper than 4"},

	// CVE-2024-21802: the number of dimensions, as an index into four of them.
	{"n_dims", head(1, 0, "a", uint32(math.MaxUint32), make([]byte, 40)), "a: has 4294967295 dimensions"},

	// CVE-2025-53630, CVE-2026-27940, CVE-2026-33298: sizes of tensors, multiplied, padded and added.
	{"elements", withData(head(1, 0, info("a", tF32, 0, 1<<30, 1<<30, 1<<4, 1)), 64),
		"a: dims [1073741824 1073741824 16 1] of f32 do not fit a file"},
	{"elements that wrap to 0", withData(head(1, 0, info("a", tF32, 0, 1<<16, 1<<16, 1<<16, 1<<16)), 64),
		"a: dims [65536 65536 65536 65536] of f32 do not fit"},
	{"bytes", withData(head(1, 0, info("a", tF32, 0, 1<<30, 1<<30, 2)), 64), "of f32 do not fit a file of 2^63 bytes"},
	{"sum of sizes", withData(head(3, 0, info("a", 24, 0, 1<<30, 1<<30, 4), info("b", 24, 1<<62, 1<<30, 1<<30, 4),
		info("c", 24, 1<<63, 32)), 64), "b: begins 4611686018427387904 bytes behind the header, but"},
	{"offset as int64", withData(head(1, 0, info("a", tF32, math.MaxUint64-31, 8)), 64),
		"a: begins 18446744073709551584 bytes"},
	{"offset and size", withData(head(1, 0, info("a", 24, 32, 1<<30, 1<<30, 7)), 64),
		"a: has 8070450532247928832 bytes, but"},

	// llama.cpp issues 24263, 27203, 26318: division by a dimension of 0, or by its product.
	{"dimension 0", withData(head(1, 0, info("a", tF32, 0, 0)), 64), "a: dimension 0 is 0, want 1 to"},
	{"dimension 1", withData(head(1, 0, info("a", tQ4K, 0, 256, 0)), 64), "a: dimension 1 is 0, want 1 to"},
	{"dimension below 0", withData(head(1, 0, info("a", tF32, 0, 8, 1<<63)), 64), "a: dimension 1 is 9223372036854775808"},

	// Alignments that divide by zero, wrap, or make of a mask what it is not.
	{"alignment 0", head(0, 1, "general.alignment", kUint32, uint32(0)), "general.alignment: is 0, want a power"},
	{"alignment 1", head(0, 1, "general.alignment", kUint32, uint32(1)), "general.alignment: is 1, want a power"},
	{"alignment 31", head(0, 1, "general.alignment", kUint32, uint32(31)), "general.alignment: is 31, want"},
	{"alignment 2^31", head(0, 1, "general.alignment", kUint32, uint32(1<<31)), "general.alignment: is 2147483648, want"},
	{"two alignments", head(0, 2, "general.alignment", kUint32, uint32(32), "general.alignment", kUint32, uint32(8)),
		"general.alignment: is there twice"},
}

func TestHoles(t *testing.T) {
	for _, c := range holes {
		refused(t, c.name, c.data, c.want)
		if taken := allocated(func() { _, _ = gguf.Parse("x", c.data) }); taken > 1<<20 {
			t.Errorf("%s: takes %d bytes", c.name, taken)
		}
	}
}

// allocated returns the bytes that f takes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Version 1 has counts of 32 bits.
func TestHolesVersion1(t *testing.T) {
	file := func(nTensors, nKV uint32, parts ...any) []byte {
		return append(enc(raw("GGUF"), uint32(1), nTensors, nKV), enc(parts...)...)
	}
	const key = raw("\x01\x00\x00\x00a")
	const most = uint32(math.MaxUint32)
	refused(t, "n_tensors", file(most, 0), "byte 8: n_tensors: 4294967295 exceeds")
	refused(t, "n_kv", file(0, most), "byte 12: n_kv: 4294967295 exceeds")
	refused(t, "string", file(0, 1, key, kString, most), "a: 4294967295 exceeds")
	refused(t, "array", file(0, 1, key, kArray, kUint32, most), "a: 4294967295 exceeds")
	refused(t, "dimension", file(1, 0, key, uint32(1), most, make([]byte, 12)), "a: dimension 0 is 4294967295, want")
	refused(t, "n_dims", file(1, 0, key, most, make([]byte, 12)), "a: has 4294967295 dimensions")
}
