// The dialect on the host: every pointer knows its address space and checks what
// it reads and writes; sim.h says how threads take turns.
#pragma once

#include <cmath>
#include <cstring>
#include <type_traits>

#include "../../sim/src/sim.h"

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

#define DEVICE static inline
#define MEMBER inline
#define KERNEL(name, Args)                                                       \
	static void name##_body(const Args &a);                                      \
	static void name##_run(const void *p) { name##_body(*(const Args *)p); }     \
	static const sim::Kernel name##_kernel(#name, sizeof(Args), name##_run);     \
	static void name##_body(const Args &a)

#define WIDE_KERNEL(name, Args) KERNEL(name, Args)
#define KERNEL_OF(threads, name, Args) KERNEL(name, Args)
#define NARROW_KERNEL(name, Args) KERNEL(name, Args)
#define EARLY_KERNEL(name, Args) KERNEL(name, Args)
#define EARLY_KERNEL_OF(threads, name, Args) KERNEL(name, Args)
#define LET_NEXT()
#define WAIT_PREVIOUS()

// Global points to memory of the device.
template <class T> struct Global {
	T *p;
	Global() = default;
	explicit Global(T *p) : p(p) {}
	template <class U, class = typename std::enable_if<std::is_same<const U, T>::value>::type>
	Global(Global<U> o) : p(o.p) {}
	T &operator[](i64 i) const {
		sim::check_global(p + i, sizeof(T));
		return p[i];
	}
	T &operator*() const { return (*this)[0]; }
	Global operator+(i64 n) const { return Global(p + n); }
	explicit operator bool() const { return p != nullptr; }
};

// Shared points to memory of the block. A place is a proxy that watches for races.
template <class T> struct Shared {
	T *p;
	Shared() = default;
	explicit Shared(T *p) : p(p) {}
	template <class U, class = typename std::enable_if<std::is_same<const U, T>::value>::type>
	Shared(Shared<U> o) : p(o.p) {}
	struct Place {
		T *p;
		operator typename std::remove_const<T>::type() const {
			sim::check_shared(p, sizeof(T), false);
			return *p;
		}
		void operator=(T x) const {
			sim::check_shared(p, sizeof(T), true);
			*p = x;
		}
		void operator=(const Place &o) const { *this = (T)o; }
	};
	Place operator[](i64 i) const { return Place{p + i}; }
	Shared operator+(i64 n) const { return Shared(p + n); }
};

#define HAS_STAGED 1 // see product.h
#define HAS_DIRECT 1
#define SQUARE_STAGE 2 // see squares.h

#define OWN(T) T
#define ARGS(Args) const Args &
#define ID_PARAMS
#define IDS
#define GLOBAL(T) Global<T>
#define SHARED(T) Shared<T>
#define SHARED_ARRAY(T, name, n) Shared<T> name((T *)sim::shared_array(__COUNTER__, (n) * sizeof(T)))
#define SHARED_BYTES(name) Shared<u8> name((u8 *)sim::shared_bytes())
#define GLOBAL_CAST(T, x) Global<T>((T *)(x).p)
#define SHARED_CAST(T, x) Shared<T>((T *)(x).p)

#define BITS_AS(T, x) __builtin_bit_cast(T, x)

#define THREAD (sim::self()->thread)
#define THREADS (sim::now()->threads)
#define BLOCK_X (sim::now()->block[0])
#define BLOCK_Y (sim::now()->block[1])
#define BLOCK_Z (sim::now()->block[2])
#define BLOCKS_X (sim::now()->blocks[0])
#define LANE (THREAD & 31)
#define WARP (THREAD >> 5)

#define BARRIER() sim::barrier(__LINE__)

// UNROLL stands before loops that must not index registers by a variable.
#define UNROLL _Pragma("unroll")
#define UNROLL_SOME _Pragma("unroll 16")

DEVICE float fma32(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
DEVICE float sqrt32(float x) { return std::sqrt(x); }
DEVICE float exp2_near(float x) { return std::exp2(x); }
DEVICE float round32(float x) { return __builtin_rintf(x); }

#define SWAP_LANES(x, mask) sim::swap_lanes(x, mask, __LINE__)
#define WARP_SUM(x) sim::warp_fold(x, __LINE__, [](auto a, auto b) { return a + b; })
#define WARP_MAX(x) sim::warp_fold(x, __LINE__, [](auto a, auto b) { return a > b ? a : b; })

DEVICE int dot4(u32 a, u32 b, int c) {
	for (int i = 0; i < 32; i += 8) c += (int)(i8)(a >> i) * (int)(i8)(b >> i);
	return c;
}

template <class T> DEVICE void keep(T &) {}

DEVICE u32x4 load16(GLOBAL(const u8) p) { return GLOBAL_CAST(const u32x4, p)[0]; }

#define MULTIPLY_TILE(bfloat, d, a, b) sim::multiply_tile(bfloat, d, a, b, __LINE__)
#define MULTIPLY_CODES(d, a, b) sim::multiply_codes(d, a, b, __LINE__)
#define COPY16(to, from) sim::copy16((to).p, (from).p)
#define COPY_COMMIT()
#define COPIES_WAIT(n)
#define WARP_MEETS() sim::exchange(0, __LINE__)
#define LOAD_TILES(r, at) sim::load_tiles(r, (at).p, false, __LINE__)
#define LOAD_TILES_TURNED(r, at) sim::load_tiles(r, (at).p, true, __LINE__)
