package llama2c

import (
	"fmt"
	"strings"
)

// A FormatError says where a file is not what it should be, and why.
type FormatError struct {
	Name   string // the file's name; may be empty
	Offset int64  // of the field or tensor, in bytes from the start of the file
	Field  string // the field's or tensor's name
	Reason string
}

func (e *FormatError) Error() string {
	var b strings.Builder
	b.WriteString("llama2c: ")
	if e.Name != "" {
		b.WriteString(e.Name + ": ")
	}
	fmt.Fprintf(&b, "byte %d: %s: %s", e.Offset, e.Field, e.Reason)
	return b.String()
}

// named puts the file's name into a FormatError that was made without it.
func named(err error, name string) error {
	if e, ok := err.(*FormatError); ok {
		e.Name = name
	}
	return err
}
