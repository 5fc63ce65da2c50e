package check

import (
	"slices"
	"strings"
	"testing"

	"cria/internal/gpu"
)

// addArgs are the arguments of the kernel add.
type addArgs struct {
	X, Y, Sum gpu.Ptr
	N, _      int32
}

// Starter wants two passes under way, of which the second reads what the first leaves, and one more in between that is
// waited for. Nothing of theirs is mixed up, and memory of the host may change once Start returns. One pass is still
// under way when it returns.
func Starter(t testing.TB, dev gpu.Starter) {
	t.Helper()
	p, err := dev.Alloc(1200)
	if err != nil {
		t.Fatal(err)
	}
	if err := dev.Wait(); err == nil || !strings.Contains(err.Error(), "no pass is under way") {
		t.Errorf("%v", err)
	}
	args := addArgs{X: p, Y: p + 400, Sum: p + 800, N: 1}
	pass := func(x, sum []byte) *gpu.Pass { // the sum becomes y of the next
		pass := &gpu.Pass{Repeats: true, Uploads: []gpu.Transfer{{Host: x, Device: p}}}
		pass.Copies = []gpu.Copy{{Dst: p + 400, Src: p + 800, Bytes: 4}}
		gpu.Add(pass, "add", [3]int{1, 1, 1}, 128, 0, &args)
		pass.Downloads = []gpu.Transfer{{Host: sum, Device: p + 800}}
		return pass
	}
	one, sums := []byte{0, 0, 0x80, 0x3f}, make([][4]byte, 10)
	want := [][4]byte{{0, 0, 0x80, 0x3f}, {0, 0, 0, 0x40}, {0, 0, 0x40, 0x40}, {0, 0, 0x80, 0x40}, {0, 0, 0xa0, 0x40}}
	start := func(i int) {
		x := slices.Clone(one)
		if err := dev.Start(pass(x, sums[i][:])); err != nil {
			t.Fatal(err)
		}
		clear(x)
	}
	wait := func(i int) {
		if err := dev.Wait(); err != nil {
			t.Fatal(err)
		}
		if sums[i] != want[i] || sums[i+1] != [4]byte{} {
			t.Errorf("pass %d: % x, then % x", i, sums[i], sums[i+1])
		}
	}
	start(0)
	start(1)
	if err := dev.Start(pass(one, sums[9][:])); err == nil || !strings.Contains(err.Error(), "2 passes are under way") {
		t.Errorf("%v", err)
	}
	wait(0)
	start(2)
	wait(1)
	if err := dev.Run(pass(one, sums[3][:])); err != nil || sums[3] != want[3] {
		t.Errorf("error %v, % x", err, sums[3])
	}
	sums[3] = [4]byte{}
	wait(2)
	start(4)
}

// StarterBadLaunch wants what a started pass does wrong to be told to who waits.
func StarterBadLaunch(t testing.TB, dev gpu.Starter) {
	t.Helper()
	var pass gpu.Pass
	gpu.Add(&pass, "add", [3]int{1, 1, 1}, 128, 0, &addArgs{N: 1})
	if err := dev.Start(&pass); err != nil {
		t.Fatal(err)
	}
	if err := dev.Wait(); err == nil || !strings.Contains(err.Error(), "kernel add, block (0, 0, 0), thread 0") {
		t.Errorf("%v", err)
	}
}
