package gguf

import (
	"encoding/binary"
	"fmt"
	"reflect"
)

// A kind is a type of metadata. In Go, a value is a uint8, int8, ..., float64,
// bool or string, and an array is a slice of them, or an []any of such slices.
type kind struct {
	name      string
	size      int // of a number in a file; 0 for strings and arrays
	one, many reflect.Type
	read      func(b []byte, o binary.ByteOrder) any        // b has the bytes of a number
	readAll   func(b []byte, n int, o binary.ByteOrder) any // b has those of n numbers
}

// Indexes into kinds of those that are not just numbers.
const (
	kindBool   = 7
	kindString = 8
	kindArray  = 9
)

// kinds has the kinds by the number that stands for them in files.
var kinds = [...]kind{
	number[uint8]("uint8"), number[int8]("int8"), number[uint16]("uint16"), number[int16]("int16"),
	number[uint32]("uint32"), number[int32]("int32"), number[float32]("float32"),
	kindBool:   number[bool]("bool"),
	kindString: {name: "string", one: reflect.TypeFor[string](), many: reflect.TypeFor[[]string]()},
	kindArray:  {name: "array", many: reflect.TypeFor[[]any]()},
	number[uint64]("uint64"), number[int64]("int64"), number[float64]("float64"),
}

func number[T any](name string) kind {
	var zero T
	return kind{
		name: name, size: binary.Size(zero),
		one: reflect.TypeFor[T](), many: reflect.TypeFor[[]T](),
		read: func(b []byte, o binary.ByteOrder) any {
			var v T
			if _, err := binary.Decode(b, o, &v); err != nil {
				panic("gguf.number: " + err.Error())
			}
			return v
		},
		readAll: func(b []byte, n int, o binary.ByteOrder) any {
			v := make([]T, n)
			if _, err := binary.Decode(b, o, v); err != nil {
				panic("gguf.number: " + err.Error())
			}
			return v
		},
	}
}

// kindOf returns the number of v's kind, or that of its elements if v is an
// array. It is -1 for what no file can hold.
func kindOf(v any) (index int, isArray bool) {
	t := reflect.TypeOf(v)
	for i, k := range kinds {
		if t != nil && (t == k.one || t == k.many) {
			return i, t == k.many
		}
	}
	return -1, false
}

// kindName names v's kind.
func kindName(v any) string {
	switch i, isArray := kindOf(v); {
	case i < 0:
		return fmt.Sprintf("%T", v)
	case isArray:
		return "array of " + kinds[i].name
	default:
		return kinds[i].name
	}
}
