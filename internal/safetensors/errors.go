package safetensors

import (
	"fmt"
	"strings"
)

// A FormatError says where a file is not what it should be, and why.
type FormatError struct {
	Name   string // the file's name; may be empty
	Offset int64  // in bytes from the start of the file
	Field  string // the field's or tensor's name
	Reason string
}

func (e *FormatError) Error() string {
	var b strings.Builder
	b.WriteString("safetensors: ")
	if e.Name != "" {
		b.WriteString(e.Name + ": ")
	}
	fmt.Fprintf(&b, "byte %d: %s: %s", e.Offset, e.Field, e.Reason)
	return b.String()
}

// fault returns a FormatError. A name from a file may be of any length and
// have any bytes: what is printed of it is quoted and short.
func fault(offset int64, field, format string, args ...any) error {
	return &FormatError{Offset: offset, Field: field, Reason: fmt.Sprintf(format, args...)}
}

// named puts the file's name into a FormatError that was made without it.
func named(err error, name string) error {
	if e, ok := err.(*FormatError); ok {
		e.Name = name
	}
	return err
}

// quoteMax is how much of a name is worth printing.
const quoteMax = 120

// quote returns a name as it can be printed.
func quote(name string) string {
	if len(name) > quoteMax {
		name = name[:quoteMax] + "..."
	}
	q := fmt.Sprintf("%q", name)
	if q[1:len(q)-1] == name {
		return name
	}
	return q
}
