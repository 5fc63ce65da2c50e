package train

import (
	"io"
	"math"
)

const (
	cacheMagic   = "criatoks"
	cacheVersion = 1 // also of what Documents and Tokenize make of a text
)

// WriteCache keeps a dataset in a file, so that its texts need not be tokenized
// again. key is the SHA-256 of all that it was made from: the tokenizer and
// the texts. The file is there as a whole or, after an error, as it was before:
//
//	byte 0   magic       "criatoks"
//	     8   version     uint64, 1
//	    16   key         32 bytes
//	    48   documents   uint64
//	    56   tokens      uint64, of all documents
//	    64   lengths     uint32 for each document, its tokens
//	         ids         int32 for each token
//	         checksum    uint64, CRC-64 (ECMA 182) of everything before it
//
// Numbers are little-endian.
func WriteCache(path string, key [32]byte, d *Dataset) error {
	return ReplaceFile(path, func(w io.Writer) error { return encodeCache(w, key, d) })
}

func encodeCache(w io.Writer, key [32]byte, d *Dataset) error {
	s := newSealWriter(w, cacheMagic, cacheVersion)
	s.bytes(key[:])
	s.uint64(uint64(d.Len()))
	s.uint64(uint64(len(d.Tokens)))
	lengths := make([]int32, d.Len())
	for i := range lengths {
		lengths[i] = int32(len(d.Doc(i)))
	}
	s.int32s(lengths)
	s.int32s(d.Tokens)
	return s.close()
}

// ReadCache returns the dataset that WriteCache kept. A file that was made with
// another key, or that is not what was written, is an error: then texts must
// be tokenized again.
func ReadCache(path string, key [32]byte) (*Dataset, error) {
	f, size, err := openSealed(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return decodeCache(path, f, size, key)
}

func decodeCache(name string, r io.Reader, size int64, key [32]byte) (*Dataset, error) {
	s := newSealReader(name, r, size, cacheMagic, cacheVersion)
	at := s.offset
	if got := s.next(int64(len(key)), "key"); s.err == nil && string(got) != string(key[:]) {
		s.fault(at, "key", "the cache was made with another tokenizer or from other texts")
	}
	docs := s.count(4, "documents")
	tokens := s.count(4, "tokens")
	d := &Dataset{Starts: make([]int, 1, docs+1)}
	at = s.offset
	for i, n := range s.int32s(docs, "lengths") {
		if last := d.Starts[i]; n < 0 || int(n) > tokens-last {
			s.fault(at+4*int64(i), "lengths", "document %d has %d tokens, but %d are left", i, n, tokens-last)
			break
		}
		d.Starts = append(d.Starts, d.Starts[i]+int(n))
	}
	if last := d.Starts[len(d.Starts)-1]; last != tokens {
		s.fault(at, "lengths", "their sum is %d, want %d", last, tokens)
	}
	at = s.offset
	d.Tokens = s.int32s(tokens, "ids")
	for i, id := range d.Tokens {
		if id < 0 {
			s.fault(at+4*int64(i), "ids", "%d, want 0 to %d", id, math.MaxInt32)
			break
		}
	}
	if err := s.close(); err != nil {
		return nil, err
	}
	return d, nil
}
