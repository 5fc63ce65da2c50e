// Package safetensors reads and writes the files in which Hugging Face models
// keep their weights: bytes on one side, named tensors on the other. What the
// tensors mean is not its business.
//
//	byte 0    length of the header, n, as a little-endian u64
//	     8    the header: n bytes of JSON that begin with "{", padded with spaces
//	     8+n  the tensors: little-endian, by rows, one after the other without
//	          a gap, up to the end of the file
//
// The header says what the tensors are, in any order:
//
//	{"__metadata__": {"format": "pt"},
//	 "lm_head.weight": {"dtype": "BF16", "shape": [256, 64], "data_offsets": [0, 32768]}, ...}
//
// data_offsets count from byte 8+n. The last of a shape's dimensions is contiguous.
//
// A model can be split over several files, its shards; model.safetensors.index.json
// then says which tensor is where.
package safetensors
