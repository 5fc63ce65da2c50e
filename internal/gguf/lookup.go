package gguf

import (
	"fmt"
	"math"
	"reflect"
)

// Value returns the value of a key, or nil if it is not there.
func (f *File) Value(key string) any {
	if i, ok := f.keys[key]; ok {
		return f.KV[i].Value
	}
	return nil
}

// Tensor returns the tensor with a name, or nil if it is not there.
func (f *File) Tensor(name string) *Tensor {
	if i, ok := f.tensors[name]; ok {
		return &f.Tensors[i]
	}
	return nil
}

// String returns the value of a key, and whether it is there. It is a
// *FormatError if it is there and no string; so it is with the functions that follow.
func (f *File) String(key string) (string, bool, error) {
	return lookup(f, key, "a string", is[string])
}

// Bool returns the value of a key that is a bool.
func (f *File) Bool(key string) (bool, bool, error) {
	return lookup(f, key, "a bool", is[bool])
}

// Uint returns the value of a key that is a number from 0 of any integer type.
func (f *File) Uint(key string) (uint64, bool, error) {
	return lookup(f, key, "an integer from 0", toUint)
}

// Float returns the value of a key that is a float32 or float64.
func (f *File) Float(key string) (float64, bool, error) {
	return lookup(f, key, "a float", toFloat)
}

// Strings returns the value of a key that is an array of strings.
func (f *File) Strings(key string) ([]string, bool, error) {
	return lookup(f, key, "an array of strings", is[[]string])
}

// Bools returns the value of a key that is an array of bools.
func (f *File) Bools(key string) ([]bool, bool, error) {
	return lookup(f, key, "an array of bools", is[[]bool])
}

// Ints returns the value of a key that is an array of any integer type, if its
// numbers fit an int64.
func (f *File) Ints(key string) ([]int64, bool, error) {
	return lookup(f, key, "an array of integers", toInts)
}

// Floats returns the value of a key that is an array of float32.
func (f *File) Floats(key string) ([]float32, bool, error) {
	return lookup(f, key, "an array of float32", is[[]float32])
}

// lookup returns the value of a key in the form that convert gives it.
func lookup[T any](f *File, key, want string, convert func(v any) (T, bool)) (value T, ok bool, err error) {
	v := f.Value(key)
	if v == nil {
		return value, false, nil
	}
	if value, ok = convert(v); !ok {
		return value, false, f.fault(key, "is of type %s, want %s", describe(v), want)
	}
	return value, true, nil
}

// fault returns a FormatError about a key, which is there.
func (f *File) fault(key, format string, args ...any) error {
	return named(fault(f.KV[f.keys[key]].offset, quote(key), format, args...), f.Name)
}

// describe names the kind of a value, and says the value if it is a number.
func describe(v any) string {
	rv := reflect.ValueOf(v)
	if rv.CanInt() || rv.CanUint() || rv.CanFloat() {
		return fmt.Sprintf("%s (%v)", kindName(v), v)
	}
	return kindName(v)
}

func is[T any](v any) (T, bool) {
	t, ok := v.(T)
	return t, ok
}

func toUint(v any) (uint64, bool) {
	switch rv := reflect.ValueOf(v); {
	case rv.CanUint():
		return rv.Uint(), true
	case rv.CanInt():
		return uint64(rv.Int()), rv.Int() >= 0
	}
	return 0, false
}

func toFloat(v any) (float64, bool) {
	rv := reflect.ValueOf(v)
	if !rv.CanFloat() {
		return 0, false
	}
	return rv.Float(), true
}

func toInts(v any) ([]int64, bool) {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Slice {
		return nil, false
	}
	zero := reflect.Zero(rv.Type().Elem())
	if !zero.CanInt() && !zero.CanUint() {
		return nil, false
	}
	list := make([]int64, rv.Len())
	for i := range list {
		if x := rv.Index(i); x.CanInt() {
			list[i] = x.Int()
		} else if x.Uint() <= math.MaxInt64 {
			list[i] = int64(x.Uint())
		} else {
			return nil, false
		}
	}
	return list, true
}
