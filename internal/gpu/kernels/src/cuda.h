// The dialect on CUDA, by clang's builtins: no toolkit's header is needed.
#pragma once

typedef unsigned char u8;
typedef signed char i8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;
typedef _Float16 f16;
typedef u32 u32x4 __attribute__((ext_vector_type(4)));
typedef float f32x4 __attribute__((ext_vector_type(4)));
typedef float f32x2 __attribute__((ext_vector_type(2)));

#define DEVICE static inline __attribute__((device, always_inline))
#define MEMBER inline __attribute__((device, always_inline))
#define KERNEL(name, Args) KERNEL_OF(256, name, Args)
#define WIDE_KERNEL(name, Args) KERNEL_OF(1024, name, Args)
#define KERNEL_OF(threads, name, Args) KERNEL_WITHIN((threads), name, Args)
#define NARROW_KERNEL(name, Args) KERNEL_WITHIN((256, 2), name, Args)
#define KERNEL_WITHIN(bounds, name, Args)                                              \
	DEVICE void name##_body(const Args &a);                                            \
	extern "C" __attribute__((global, launch_bounds bounds)) void name(const Args a) { \
		LET_NEXT();                                                                    \
		WAIT_PREVIOUS();                                                               \
		name##_body(a);                                                                \
	}                                                                                  \
	DEVICE void name##_body(const Args &a)
#define EARLY_KERNEL(name, Args) EARLY_KERNEL_OF(1024, name, Args)
#define EARLY_KERNEL_OF(threads, name, Args) \
	extern "C" __attribute__((global, launch_bounds(threads))) void name(const Args a)

// From sm_90 on, a kernel may begin while the one before it ends: all do, and wait for
// its results, most of them first thing.
#if __CUDA_ARCH__ >= 900
#define LET_NEXT() asm volatile("griddepcontrol.launch_dependents;")
#define WAIT_PREVIOUS() asm volatile("griddepcontrol.wait;" ::: "memory")
#else
#define LET_NEXT()
#define WAIT_PREVIOUS()
#endif

#define HAS_STAGED 1 // see product.h
#define HAS_DIRECT 0
#define SQUARE_STAGE 2 // see squares.h

#define OWN(T) T
#define ARGS(Args) const Args &
#define ID_PARAMS
#define IDS
#define GLOBAL(T) T *
#define SHARED(T) T *
#define SHARED_ARRAY(T, name, n) __attribute__((shared)) T name[n]
#define SHARED_BYTES(name) extern __attribute__((shared, aligned(16))) u8 name[]
#define GLOBAL_CAST(T, p) ((T *)(p))
#define SHARED_CAST(T, p) ((T *)(p))

#define BITS_AS(T, x) __builtin_bit_cast(T, x)

#define THREAD ((int)__nvvm_read_ptx_sreg_tid_x())
#define THREADS ((int)__nvvm_read_ptx_sreg_ntid_x())
#define BLOCK_X ((int)__nvvm_read_ptx_sreg_ctaid_x())
#define BLOCK_Y ((int)__nvvm_read_ptx_sreg_ctaid_y())
#define BLOCK_Z ((int)__nvvm_read_ptx_sreg_ctaid_z())
#define BLOCKS_X ((int)__nvvm_read_ptx_sreg_nctaid_x())
#define LANE (THREAD & 31)
#define WARP (THREAD >> 5)

#define BARRIER() __syncthreads()

// UNROLL stands before loops that must not index registers by a variable.
#define UNROLL _Pragma("unroll")
#define UNROLL_SOME _Pragma("unroll 16") // the loads of so many turns are then on their way at once

DEVICE float fma32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
DEVICE float sqrt32(float x) { return __nvvm_sqrt_rn_f(x); }
// exp2_near returns 2 to the x, within 2^-22.
DEVICE float exp2_near(float x) { return __nvvm_ex2_approx_ftz_f(x); }
DEVICE float round32(float x) { return __builtin_rintf(x); }

// swap_lanes returns the x of the lane whose number differs by the bits of mask.
#define SWAP_LANES(x, mask) swap_lanes(x, mask)
DEVICE float swap_lanes(float x, int mask) { return __nvvm_shfl_sync_bfly_f32(~0u, x, mask, 31); }
DEVICE u32 swap_lanes(u32 x, int mask) { return __nvvm_shfl_sync_bfly_i32(~0u, x, mask, 31); }
DEVICE int swap_lanes(int x, int mask) { return __nvvm_shfl_sync_bfly_i32(~0u, x, mask, 31); }

// WARP_SUM and WARP_MAX fold lanes 16, 8, 4, 2 and 1 apart.
#define WARP_SUM(x) warp_sum(x)
#define WARP_MAX(x) warp_max(x)
template <class T> DEVICE T warp_sum(T x) {
	for (int m = 16; m > 0; m >>= 1) x = x + swap_lanes(x, m);
	return x;
}
template <class T> DEVICE T warp_max(T x) {
	for (int m = 16; m > 0; m >>= 1) {
		T y = swap_lanes(x, m);
		x = x > y ? x : y;
	}
	return x;
}

// dot4 returns c plus the products of four pairs of int8.
DEVICE int dot4(u32 a, u32 b, int c) {
	int d;
	asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
	return d;
}

// keep makes a number one that the compiler knows nothing of. Otherwise it turns a choice of
// fields of the arguments into one of their addresses, and copies all of them to
// memory to have these.
DEVICE void keep(int &x) { asm("" : "+r"(x)); }
template <class T> DEVICE void keep(T *&p) { asm("" : "+l"(p)); }

// load16 reads 16 bytes that no kernel in flight writes.
DEVICE u32x4 load16(GLOBAL(const u8) p) { return __nvvm_ldg_ui4((const u32x4 *)p); }

DEVICE u32 shared_at(const void *p) { return (u32)(u64)(__attribute__((address_space(3))) const void *)p; }

// COPY16 copies 16 bytes to the block's memory, by itself. COPIES_WAIT waits for all of this thread's before the last
// n times that it said COPY_COMMIT; others see them after WARP_MEETS.
#define COPY16(to, from) \
	asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(shared_at(to)), "l"(from) : "memory")
#define COPY_COMMIT() asm volatile("cp.async.commit_group;" ::: "memory")
#define COPIES_WAIT(n) asm volatile("cp.async.wait_group %0;" ::"n"(n) : "memory")
#define WARP_MEETS() asm volatile("bar.warp.sync 0xffffffff;" ::: "memory")

// MULTIPLY_TILE adds to d the product of 16 rows of 16 halves and 16 rows of 8, of which lanes hold what PTX says of
// mma.m16n8k16: here of the first, rows LANE/4 and LANE/4+8 of columns 2(LANE%4) on and 8 behind.
#define MULTIPLY_TILE(bfloat, d, a, b) multiply_tile(bfloat, d, a, b)
DEVICE void multiply_tile(int bfloat, float *d, const u32 *a, const u32 *b) {
#define MMA(type)                                                                                                  \
	asm("mma.sync.aligned.m16n8k16.row.col.f32." type "." type ".f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "       \
		"{%0,%1,%2,%3};"                                                                                           \
		: "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                                           \
		: "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))
	if (bfloat)
		MMA("bf16");
	else
		MMA("f16");
#undef MMA
}

// MULTIPLY_CODES sets d to CODES_BIAS plus the products of 16 rows of 32 int8 and 8 rows, exact sums as floats. Lanes hold
// what PTX says of mma.m16n8k32: here of the first, rows LANE/4 and LANE/4+8 of columns 4(LANE%4) on and 16 behind. Sums
// begin with the bits of that float, in which the last bit is one, so that integers are added to it.
#define MULTIPLY_CODES(d, a, b) multiply_codes(d, a, b)
DEVICE void multiply_codes(float *d, const u32 *a, const u32 *b) {
	const u32 bias = 0x4b400000;
	u32 s[4];
	asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%10,%10,%10,%10};"
		: "=r"(s[0]), "=r"(s[1]), "=r"(s[2]), "=r"(s[3])
		: "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(bias));
	UNROLL for (int i = 0; i < 4; i++) d[i] = BITS_AS(float, s[i]);
}

// LOAD_TILES sets r to four squares of 8 rows of 8 halves, whose rows lanes name, eight for each: a lane gets two
// neighbours of row LANE/4, from 2(LANE%4) on; or, turned, of column LANE/4.
#define LOAD_TILES(r, p) load_tiles(r, p)
#define LOAD_TILES_TURNED(r, p) load_tiles_turned(r, p)
DEVICE void load_tiles(u32 *r, const u8 *p) {
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
				 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
				 : "r"(shared_at(p))
				 : "memory");
}
DEVICE void load_tiles_turned(u32 *r, const u8 *p) {
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
				 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
				 : "r"(shared_at(p))
				 : "memory");
}
