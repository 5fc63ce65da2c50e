// Package cpuid says which vector instructions kernels may use: the best set
// that this processor has, or the one that the environment variable CRIA_CPU
// names. After the name, -nodot takes away the int8 instructions below, -noi8mm the second one.
package cpuid

import (
	"fmt"
	"os"
	"strings"
)

// An ISA is a set of vector instructions for which there are kernels.
type ISA uint8

// The sets, by architecture. Every machine has Generic, which is plain Go.
const (
	Generic ISA = iota
	AVX2        // amd64: AVX2, FMA, F16C
	AVX512      // amd64: AVX-512 F, BW, DQ, VL
	NEON        // arm64
)

var names = [...]string{Generic: "generic", AVX2: "avx2", AVX512: "avx512", NEON: "neon"}

// String returns the name that CRIA_CPU uses.
func (i ISA) String() string { return names[i] }

// Best is the set to use, Int8Dot whether it has an instruction for sums
// of four int8 products: VPDPBUSD (AVX-512 VNNI) or SDOT, and Int8Matrix whether
// it also has one for products of matrices of int8: 16×64 and 64×16 (AMX), or 2×8
// and 8×2, SMMLA (FEAT_I8MM).
var (
	Best       ISA
	Int8Dot    bool
	Int8Matrix bool
	// Err says why Best is not what CRIA_CPU asks for.
	Err error
)

func init() {
	have := Supported()
	Best, Int8Dot = have[len(have)-1], hasInt8Dot()
	Int8Matrix = Int8Dot && hasInt8Matrix()
	if want := os.Getenv("CRIA_CPU"); want != "" {
		name, dot, matrix := cutInt8(want)
		Best, Err = choose(name, have)
		Int8Dot, Int8Matrix = Int8Dot && dot, Int8Matrix && matrix
	}
}

// cutInt8 returns what stands before the suffix of want, if it has one, and which int8
// instructions that leaves.
func cutInt8(want string) (name string, dot, matrix bool) {
	if name, ok := strings.CutSuffix(want, "-nodot"); ok {
		return name, false, false
	}
	name, noMatrix := strings.CutSuffix(want, "-noi8mm")
	return name, true, !noMatrix
}

// choose returns the set called name, if it is among have.
func choose(name string, have []ISA) (ISA, error) {
	var list []string
	for _, isa := range have {
		if isa.String() == name {
			return isa, nil
		}
		list = append(list, isa.String())
	}
	return have[len(have)-1], fmt.Errorf("CRIA_CPU=%s: this machine has %s", name, strings.Join(list, ", "))
}
