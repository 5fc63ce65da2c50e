// Kernels with mistakes, each of which the machine has to notice, and one without.
#include <cstdlib>

#include "../../kernels/src/dialect.h"

#include "../src/block.h"

struct PlantedArgs {
	GLOBAL(float) x; // 64 numbers
	int n, unused;
};

// Every kernel turns x around.
KERNEL(good, PlantedArgs) {
	SHARED_ARRAY(float, s, 64);
	s[THREAD] = a.x[THREAD];
	BARRIER();
	a.x[THREAD] = s[63 - THREAD];
}

KERNEL(no_barrier, PlantedArgs) {
	SHARED_ARRAY(float, s, 64);
	s[THREAD] = a.x[THREAD];
	a.x[THREAD] = s[63 - THREAD];
}

KERNEL(no_second_barrier, PlantedArgs) {
	SHARED_ARRAY(float, s, 64);
	for (int i = 0; i < 2; i++) {
		s[THREAD] = a.x[THREAD];
		BARRIER();
		a.x[THREAD] = s[63 - THREAD];
	}
}

KERNEL(reads_behind, PlantedArgs) { a.x[THREAD] = a.x[THREAD + 1]; }
KERNEL(writes_before, PlantedArgs) { a.x[THREAD - 1] = 0; }
KERNEL(shared_behind, PlantedArgs) {
	SHARED_ARRAY(float, s, 60);
	s[THREAD] = a.x[THREAD];
}

KERNEL(not_aligned, PlantedArgs) { a.x[THREAD] = GLOBAL_CAST(f32x4, a.x)[0].x + GLOBAL_CAST(f32x4, a.x + 1)[0].x; }

KERNEL(barrier_of_some, PlantedArgs) {
	if (THREAD < 32) BARRIER();
}

KERNEL(lanes_of_some, PlantedArgs) {
	if (THREAD % 2) a.x[THREAD] = WARP_SUM(a.x[THREAD]);
}

KERNEL(null, PlantedArgs) {
	GLOBAL(float) nothing(nullptr);
	a.x[THREAD] = nothing[THREAD];
}

extern "C" int cuMemAlloc_v2(uintptr_t *p, size_t n);

// planted runs a kernel and returns what it did wrong, or "".
extern "C" __attribute__((visibility("default"))) const char *planted(const char *name) {
	uintptr_t x;
	if (cuMemAlloc_v2(&x, 64 * sizeof(float))) return "no memory";
	for (int i = 0; i < 64; i++) ((float *)x)[i] = i;
	const sim::Kernel *k = sim::find(name);
	if (!k) return "no such kernel";
	PlantedArgs args = {Global<float>((float *)x), 64, 0};
	const int blocks[3] = {1, 1, 1};
	if (const char *wrong = sim::launch(k, blocks, 64, 0, &args)) return wrong;
	for (int i = 0; i < 64; i++)
		if (((float *)x)[i] != 63 - i) return "wrong result";
	return "";
}
