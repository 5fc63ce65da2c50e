// What a group of four warps of sm_90a does together.
#pragma once

#include "cuda_copies.h"

#define GROUP_BEGIN() asm volatile("wgmma.fence.sync.aligned;" ::: "memory")
#define GROUP_COMMIT() asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory")
// GROUP_WAIT_LAST waits for all but what was committed last.
#define GROUP_WAIT_LAST() asm volatile("wgmma.wait_group.sync.aligned 1;" ::: "memory")
#define GROUP_WAIT_ALL(d) group_wait_all(d)
DEVICE void group_wait_all(float *d) {
	asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
	UNROLL for (int i = 0; i < 64; i++) asm volatile("" : "+f"(d[i])); // what uses these stays behind
}

// tiles_at describes tiles of 8 rows and 128 bytes, pieces swizzled, in the block's memory.
DEVICE u64 tiles_at(const u8 *p) { return (shared_at(p) & 0x3ffff) >> 4 | 1ull << 16 | 64ull << 32 | 1ull << 62; }

// GROUP_MULTIPLY adds to d, or sets it to, the product of 64 rows of halves at a and 128 at b, columns 16k to 16k+15 of 64.
#define GROUP_MULTIPLY(bfloat, d, a, b, k, set) group_multiply(bfloat, d, tiles_at(a) + 2 * (k), tiles_at(b) + 2 * (k), !(set))
DEVICE void group_multiply(int bfloat, float *d, u64 a, u64 b, int add) {
#define WGMMA(type)                                                                                                 \
	asm volatile("{ .reg .pred p; setp.ne.b32 p, %66, 0; wgmma.mma_async.sync.aligned.m64n128k16.f32." type "." type " {" \
		"%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "                                          \
		"%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "                                \
		"%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "                                \
		"%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, %64, %65, p, 1, 1, 0, 0; }"     \
		: "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                                                  \
		, "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7])                                                                  \
		, "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11])                                                                \
		, "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15])                                                              \
		, "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19])                                                              \
		, "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23])                                                              \
		, "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27])                                                              \
		, "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31])                                                              \
		, "+f"(d[32]), "+f"(d[33]), "+f"(d[34]), "+f"(d[35])                                                              \
		, "+f"(d[36]), "+f"(d[37]), "+f"(d[38]), "+f"(d[39])                                                              \
		, "+f"(d[40]), "+f"(d[41]), "+f"(d[42]), "+f"(d[43])                                                              \
		, "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47])                                                              \
		, "+f"(d[48]), "+f"(d[49]), "+f"(d[50]), "+f"(d[51])                                                              \
		, "+f"(d[52]), "+f"(d[53]), "+f"(d[54]), "+f"(d[55])                                                              \
		, "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59])                                                              \
		, "+f"(d[60]), "+f"(d[61]), "+f"(d[62]), "+f"(d[63])                                                              \
		: "l"(a), "l"(b), "r"(add))
	if (bfloat)
		WGMMA("bf16");
	else
		WGMMA("f16");
#undef WGMMA
}
