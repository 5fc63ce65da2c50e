// Package imatrix reads, writes and collects importance matrices: for each matrix
// of a model and each of its columns, the mean square of what the column was
// multiplied by while the model read a text. Columns with a large one matter more,
// and quantization is told to (Kawrakow 2024, llama.cpp pull request 4861).
//
// There are two forms of files. The older one, .dat, is little-endian:
//
//	n_entries  i32
//	n_entries  name     i32 length, bytes
//	times      calls    i32
//	           values   i32 count, f32 each: calls times the mean square
//	chunks     i32      of the text; this and the next may be missing
//	dataset    i32 length, bytes
//
// The newer one is a GGUF file with two F32 tensors for each matrix NAME,
// NAME.in_sum2 [experts][columns], the sums of squares, and NAME.counts [experts][1], of
// how many vectors, and the keys general.type "imatrix", imatrix.datasets,
// imatrix.chunk_count and imatrix.chunk_size, in tokens.
package imatrix

import (
	"bytes"
	"fmt"
	"math"
)

// A File is what a file holds.
type File struct {
	Entries   []Entry // with one name each
	Datasets  []string
	Chunks    int // of the text; 0 if nobody knows
	ChunkSize int // in tokens; 0 if nobody knows
}

// An Entry is what is known of a matrix.
type Entry struct {
	Name   string
	Sums   []float32 // [experts][columns] sums of squares
	Counts []float32 // [experts] how many vectors were summed; one number in .dat files, whatever the matrix
}

// Parse reads a file in either form. Errors say name and where the fault is. Nothing refers to data afterwards.
func Parse(name string, data []byte) (*File, error) {
	var f *File
	var err error
	if bytes.HasPrefix(data, []byte("GGUF")) {
		f, err = parseGGUF(name, data)
	} else {
		f, err = parseDat(name, data)
	}
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i := range f.Entries {
		e := &f.Entries[i]
		if seen[e.Name] {
			return nil, fmt.Errorf("imatrix: %s: %q is there twice", name, e.Name)
		}
		seen[e.Name] = true
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("imatrix: %s: %q: %w", name, e.Name, err)
		}
	}
	return f, nil
}

// check returns an error if e has numbers that no sums of squares are.
func (e *Entry) check() error {
	if len(e.Counts) == 0 || len(e.Sums) == 0 || len(e.Sums)%len(e.Counts) != 0 {
		return fmt.Errorf("%d sums of %d experts", len(e.Sums), len(e.Counts))
	}
	for what, list := range map[string][]float32{"sum": e.Sums, "count": e.Counts} {
		for i, x := range list {
			if !(x >= 0 && x <= math.MaxFloat32) {
				return fmt.Errorf("%s %d is %v, want a number from 0", what, i, x)
			}
		}
	}
	return nil
}

// Importance returns the mean squares [experts][columns] of the matrix with a name, or
// nil if it is not there. An expert that saw nothing gets ones.
func (f *File) Importance(name string) []float32 {
	for i := range f.Entries {
		if f.Entries[i].Name == name {
			return f.Entries[i].means()
		}
	}
	return nil
}

func (e *Entry) means() []float32 {
	list := make([]float32, len(e.Sums))
	cols := len(e.Sums) / len(e.Counts)
	for i, x := range e.Sums {
		if n := e.Counts[i/cols]; n > 0 {
			list[i] = x / n
		} else {
			list[i] = 1
		}
	}
	return list
}
