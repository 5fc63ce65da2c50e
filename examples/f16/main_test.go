package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func Example() {
	if err := run(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// float32        | f16    is             error     | bf16   is             error
	// 1              | 0x3c00 1              0         | 0x3f80 1              0
	// 0.100000001    | 0x2e66 0.0999755859   2.4e-04   | 0x3dcd 0.100097656    9.8e-04
	// 0.333333343    | 0x3555 0.333251953    2.4e-04   | 0x3eab 0.333984375    2.0e-03
	// 1.00048828     | 0x3c00 1              4.9e-04   | 0x3f80 1              4.9e-04
	// 1.00146484     | 0x3c02 1.00195312     4.9e-04   | 0x3f80 1              1.5e-03
	// -2.71828008    | 0xc170 -2.71875       1.7e-04   | 0xc02e -2.71875       1.7e-04
	// 1000.5         | 0x63d1 1000.5         0         | 0x447a 1000           5.0e-04
	// 65504          | 0x7bff 65504          0         | 0x4780 65536          4.9e-04
	// 65519.9883     | 0x7bff 65504          2.4e-04   | 0x4780 65536          2.4e-04
	// 65520          | 0x7c00 +Inf           overflow  | 0x4780 65536          2.4e-04
	// 1000000        | 0x7c00 +Inf           overflow  | 0x4974 999424         5.8e-04
	// 3.39999995e+38 | 0x7c00 +Inf           overflow  | 0x7f80 +Inf           overflow
	// 6.10351562e-05 | 0x0400 6.10351562e-05 0         | 0x3880 6.10351562e-05 0
	// 6.09755516e-05 | 0x03ff 6.09755516e-05 0         | 0x3880 6.10351562e-05 9.8e-04
	// 9.99999975e-06 | 0x00a8 1.00135803e-05 1.4e-03   | 0x3728 1.00135803e-05 1.4e-03
	// 9.99999997e-07 | 0x0011 1.01327896e-06 1.3e-02   | 0x3586 9.983778e-07   1.6e-03
	// 5.96046448e-08 | 0x0001 5.96046448e-08 0         | 0x3380 5.96046448e-08 0
	// 8.94069672e-08 | 0x0002 1.1920929e-07  3.3e-01   | 0x33c0 8.94069672e-08 0
	// 2.98023224e-08 | 0x0000 0              lost      | 0x3300 2.98023224e-08 0
	// 9.99999994e-09 | 0x0000 0              lost      | 0x322c 1.00117177e-08 1.2e-03
	// There and back unchanged: 64514 of 65536 f16, 65410 of 65536 bf16.
}

// TestNumbers checks rows worked out by hand: the bits and what they are.
func TestNumbers(t *testing.T) {
	for _, c := range []struct{ number, row string }{
		{"65504", "65504 | 0x7bff 65504 0 | 0x4780 65536 4.9e-04"},
		{"65519.99", "65519.9883 | 0x7bff 65504 2.4e-04 | 0x4780 65536 2.4e-04"},
		{"65520", "65520 | 0x7c00 +Inf overflow | 0x4780 65536 2.4e-04"},
		{"-65520", "-65520 | 0xfc00 -Inf overflow | 0xc780 -65536 2.4e-04"},
		{"0", "0 | 0x0000 0 0 | 0x0000 0 0"},
		{"0x1p-24", "5.96046448e-08 | 0x0001 5.96046448e-08 0 | 0x3380 5.96046448e-08 0"},
		{"0x1p-25", "2.98023224e-08 | 0x0000 0 lost | 0x3300 2.98023224e-08 0"},
		{"inf", "+Inf | 0x7c00 +Inf 0 | 0x7f80 +Inf 0"},
	} {
		var out bytes.Buffer
		if err := run(&out, c.number); err != nil {
			t.Fatal(err)
		}
		row := strings.Split(out.String(), "\n")[1]
		if got := strings.Join(strings.Fields(row), " "); got != c.row {
			t.Errorf("%s:\n got %s\nwant %s", c.number, got, c.row)
		}
	}
	for _, bad := range []string{"", "x", "1e39"} {
		if err := run(&bytes.Buffer{}, "1", bad); err == nil {
			t.Errorf("%q is taken for a number", bad)
		}
	}
}
