// The dialect on Metal: version 3.0 of its language, which has pointers in structs. There pointers and
// references say which memory they are of, and only a kernel knows its thread's numbers,
// so that functions hand them on.
#pragma once

#include <metal_simdgroup_matrix>
#include <metal_stdlib>

#pragma METAL fp contract(off)

typedef unsigned char u8;
typedef signed char i8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64; // there is no long long
typedef long i64;
typedef half f16;
typedef metal::uint4 u32x4;
typedef metal::float4 f32x4;
typedef metal::float2 f32x2;

#define DEVICE static inline __attribute__((always_inline))
#define MEMBER inline __attribute__((always_inline))

#define HAS_STAGED 0 // a block has 32 KB for itself, which a vector may exceed
#define HAS_DIRECT 1
#define SQUARE_STAGE 1 // see squares.h

// A kernel's arguments are in a buffer, and the structs' pointers are addresses of the device.
#define KERNEL(name, Args) KERNEL_OF(256, name, Args)
#define WIDE_KERNEL(name, Args) KERNEL_OF(1024, name, Args)
#define NARROW_KERNEL(name, Args) KERNEL(name, Args)
#define KERNEL_OF(threads, name, Args)                           \
	[[kernel, max_total_threads_per_threadgroup(threads)]]       \
	void name(constant Args &a [[buffer(0)]],                    \
		metal::uint3 id_thread [[thread_position_in_threadgroup]], \
		metal::uint3 id_threads [[threads_per_threadgroup]],     \
		metal::uint3 id_block [[threadgroup_position_in_grid]],  \
		metal::uint3 id_blocks [[threadgroups_per_grid]],        \
		u32 id_lane [[thread_index_in_simdgroup]],               \
		u32 id_warp [[simdgroup_index_in_threadgroup]])
#define ID_PARAMS                                                      \
	metal::uint3 id_thread, metal::uint3 id_threads, metal::uint3 id_block, \
		metal::uint3 id_blocks, u32 id_lane, u32 id_warp,
#define IDS id_thread, id_threads, id_block, id_blocks, id_lane, id_warp,

// Kernels of a pass never overlap here: they wait for all that is before them.
#define LET_NEXT()
#define WAIT_PREVIOUS()

#define OWN(T) thread T
#define ARGS(Args) constant Args &
#define GLOBAL(T) device T *
#define SHARED(T) threadgroup T *
#ifndef SHARED_VARIABLE // which a compiler that is none for Metal may call otherwise
#define SHARED_VARIABLE threadgroup
#endif
#define SHARED_ARRAY(T, name, n)                                                  \
	SHARED_VARIABLE u32x4 name##_memory[((n) * sizeof(T) + 15) / 16]; /* aligned */ \
	SHARED(T) name = (SHARED(T))name##_memory
#define GLOBAL_CAST(T, p) ((device T *)(p))
#define SHARED_CAST(T, p) ((threadgroup T *)(p))
#define BITS_AS(T, x) as_type<T>(x)

#define THREAD ((int)id_thread.x)
#define THREADS ((int)id_threads.x)
#define BLOCK_X ((int)id_block.x)
#define BLOCK_Y ((int)id_block.y)
#define BLOCK_Z ((int)id_block.z)
#define BLOCKS_X ((int)id_blocks.x)
#define LANE ((int)id_lane)
#define WARP ((int)id_warp)

#define BARRIER() metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup)

#define WARP_MEETS() metal::simdgroup_barrier(metal::mem_flags::mem_threadgroup)

// UNROLL stands before loops that must not index registers by a variable.
#define UNROLL _Pragma("clang loop unroll(full)")
#define UNROLL_SOME _Pragma("clang loop unroll_count(16)")

DEVICE float fma32(float a, float b, float c) { return metal::fma(a, b, c); }
DEVICE float sqrt32(float x) { return metal::precise::sqrt(x); }
DEVICE float round32(float x) { return metal::rint(x); }

#define SWAP_LANES(x, mask) metal::simd_shuffle_xor(x, (u16)(mask))

// WARP_SUM and WARP_MAX fold lanes 16, 8, 4, 2 and 1 apart.
#define WARP_SUM(x) warp_sum(x)
#define WARP_MAX(x) warp_max(x)
template <class T> DEVICE T warp_sum(T x) {
	for (int m = 16; m > 0; m >>= 1) x = x + SWAP_LANES(x, m);
	return x;
}
template <class T> DEVICE T warp_max(T x) {
	for (int m = 16; m > 0; m >>= 1) {
		T y = SWAP_LANES(x, m);
		x = x > y ? x : y;
	}
	return x;
}

// dot4 returns c plus the products of four pairs of int8.
DEVICE int dot4(u32 a, u32 b, int c) {
	metal::char4 x = as_type<metal::char4>(a), y = as_type<metal::char4>(b);
	return c + (int)x.x * (int)y.x + (int)x.y * (int)y.y + (int)x.z * (int)y.z + (int)x.w * (int)y.w;
}

template <class T> DEVICE void keep(thread T &) {}

DEVICE u32x4 load16(GLOBAL(const u8) p) { return *GLOBAL_CAST(const u32x4, p); }

// Matrices of 8 by 8, which the lanes of a warp hold together. MATRIX8_MULTIPLY adds to d, in an order that Metal does not say;
// turned, columns are loaded as rows.
#define MATRIX8(T) metal::simdgroup_matrix<T, 8, 8>
#define MATRIX8_ZERO(T) metal::make_filled_simdgroup_matrix<T, 8, 8>(0)
#define MATRIX8_LOAD(d, p, pitch) metal::simdgroup_load(d, p, pitch)
#define MATRIX8_LOAD_TURNED(d, p, pitch) metal::simdgroup_load(d, p, pitch, 0, true)
#define MATRIX8_STORE(d, p, pitch) metal::simdgroup_store(d, p, pitch)
#define MATRIX8_MULTIPLY(d, a, b) metal::simdgroup_multiply_accumulate(d, a, b, d)
