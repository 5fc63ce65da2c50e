// Package gguf reads and writes the files of llama.cpp and its relatives: bytes
// on one side, metadata and named tensors on the other. What either means is
// not its business. It reads versions 1 to 3 in both byte orders, and writes version 3.
//
//	"GGUF"
//	version       u32; it also tells the byte order, which is that of all that follows
//	n_tensors     count
//	n_kv          count
//	n_kv times    key     string
//	              type    u32, see kinds
//	              value   a number, a bool of one byte, a string, or an array:
//	                      type u32, count, and the values without their types
//	n_tensors     name    string
//	times         n_dims  u32, at most 4
//	              dims    count each; the first one's neighbours lie side by side
//	              type    u32, see types
//	              offset  u64, from where the data begins, a multiple of the alignment
//	padding       up to a multiple of the alignment: general.alignment, or 32
//	data          of the tensors, each padded to a multiple of the alignment
//
// A count is a u32 in version 1 and a u64 since; a string is a count and as many bytes.
//
// A model can be split over several files, its shards, NAME-00001-of-00003.gguf.
// Each has a header with its own tensors and the keys split.no (from 0),
// split.count and split.tensors.count (of all shards); other keys are in the first.
package gguf
