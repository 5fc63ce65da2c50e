package kernels

import (
	"strings"
	"testing"
)

// TestPTX wants each module's text for both kinds of processors, and instructions in it that these have.
func TestPTX(t *testing.T) {
	for _, module := range append(Modules(), "tiled_f16", "tiled_q4_0") {
		for _, sm90 := range []bool{false, true} {
			text, err := PTX(module, sm90)
			if err != nil {
				t.Fatal(err)
			}
			target := map[bool]string{false: ".target sm_80\n", true: ".target sm_90\n"}[sm90]
			if !strings.Contains(text, target) || strings.Contains(text, "griddepcontrol.") != sm90 {
				t.Errorf("%s, sm_90 %v: want%s and only in sm_90 kernels that wait for each other", module, sm90, target)
			}
		}
	}
}
