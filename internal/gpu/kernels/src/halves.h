// Weights that are halves, binary16 or bfloat16, in tiles of 8 rows and 64 columns, of 1 kB each. Row r of a tile is
// 128 bytes, and its piece c of 16 bytes is at c^r, so that tensor units can read eight rows at once. Sixteen tiles below
// each other are together, a slab; then come the columns behind it. What is behind a matrix is zero.
//
// The input is halves too. For binary16 it is scaled by a power of two such that its largest magnitude is in
// [2^14, 2^15): no value overflows, and those above 2^-29 of the largest keep all 11 bits. For
// bfloat16, of 8 bits only, it is the sum of two: the nearest, and what is left.
#pragma once

enum { TILE_ROWS = 8, TILE_COLS = 64, TILE_BYTES = 1024, SLAB_ROWS = 128, SLAB_BYTES = 16 * TILE_BYTES };

// tile_at returns where the tile of a row and its first column of 64 is; pitch is the bytes of 128 rows.
DEVICE i64 tile_at(int row, int col64, int pitch) {
	return (i64)(row / SLAB_ROWS) * pitch + (i64)col64 * SLAB_BYTES + row % SLAB_ROWS / TILE_ROWS * TILE_BYTES;
}

// piece_in returns where piece c of 8 halves of a row is.
DEVICE i64 piece_in(int row, int c, int pitch) { return tile_at(row, c / 8, pitch) + row % 8 * 128 + (c % 8 ^ row % 8) * 16; }

DEVICE int slab_pitch(int cols) { return (cols + 63) / 64 * SLAB_BYTES; }

// A Scale makes floats into halves and back: power is that of two.
struct Scale {
	float power, inverse;
};

struct TiledF16 {
	enum { LEN = 8, PARTS = 1, IS_BFLOAT = 0 };
	typedef u32x4 Raw;
	typedef Chunk8 Chunk;
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) { return load16(w.data + piece_in(row, c, w.pitch)); }
	static MEMBER Chunk decode(Raw r, OWN(const Weight) &w, int c) { return F16::decode(r, w, c); }
	static MEMBER Scale scale_for(u32 top) {
		u32 e = top >> 23 < 15 ? 15 : top >> 23;
		return {bits_float((268 - e) << 23), bits_float((e - 14) << 23)};
	}
	// part returns two numbers as halves.
	static MEMBER u32 part(int, float x, float y) { return (u32)float_half(x) | (u32)float_half(y) << 16; }
};

// nearest_bfloat returns x rounded to 8 bits, half to even; what is no number stays so.
DEVICE u32 nearest_bfloat(float x) {
	u32 b = float_bits(x);
	if ((b & 0x7fffffff) > 0x7f800000) return 0x7fc00000;
	return (b + 0x7fff + (b >> 16 & 1)) & 0xffff0000;
}

struct TiledBF16 {
	enum { LEN = 8, PARTS = 2, IS_BFLOAT = 1 };
	typedef u32x4 Raw;
	typedef Chunk8 Chunk;
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) { return TiledF16::load(w, row, c); }
	static MEMBER Chunk decode(Raw r, OWN(const Weight) &w, int c) { return BF16::decode(r, w, c); }
	static MEMBER Scale scale_for(u32) { return {1, 1}; }
	static MEMBER u32 part(int i, float x, float y) {
		u32 a = nearest_bfloat(x), b = nearest_bfloat(y);
		if (i == 1) {
			a = nearest_bfloat(magnitude(x) < 0x7f800000 ? x - bits_float(a) : 0);
			b = nearest_bfloat(magnitude(y) < 0x7f800000 ? y - bits_float(b) : 0);
		}
		return a >> 16 | b;
	}
};

// A Vector is what a block's threads hold of the input of products: each KEPT times four numbers, as many as there are, and
// NORMS times four of their norm. The rest of longer ones is read again.
enum { KEPT = 6, NORMS = 4, VECTOR_THREADS = 512, VECTOR_WARPS = VECTOR_THREADS / 32 };
struct Vector {
	Element e;
	int n, act;
	GLOBAL(const float) up; // null, or what activations of x are multiplied by
	f32x4 x[KEPT], norm[NORMS];
	MEMBER void start(const Element &element, int length, GLOBAL(const float) times, int activation) {
		e = element;
		n = length;
		up = times;
		act = activation;
		UNROLL for (int i = 0; i < NORMS; i++) norm[i] = f32x4(1);
		if (!e.norm) return;
		// No kernel writes a norm: it can be read before what x waits for.
		UNROLL for (int i = 0; i < NORMS; i++)
			if (THREAD + i * VECTOR_THREADS < (n + 3) / 4) norm[i] = GLOBAL_CAST(const f32x4, e.norm)[THREAD + i * VECTOR_THREADS];
	}
	// start_of starts with vector t of many; if a.add is an activation, with that of x times h.
	MEMBER void start_of(ARGS(NormArgs) a, int t) {
		GLOBAL(const float) none(nullptr);
		start({a.x + (i64)t * a.stride, a.norm, 1}, a.n, a.add < GLU_SILU ? none : a.h + (i64)t * a.stride, a.add);
	}
	// start_one starts with the vector of a product of one.
	MEMBER void start_one(ARGS(ProductArgs) a) {
		GLOBAL(const float) none(nullptr);
		start({a.x, a.norm, 1}, a.cols, none, 0);
	}
	// norm_of returns the norm of numbers 4v to 4v+3, ones if there is none; v is THREAD + i * VECTOR_THREADS.
	MEMBER f32x4 norm_of(int i, int v) const {
		if (i < NORMS) return norm[i];
		return e.norm && v < (n + 3) / 4 ? GLOBAL_CAST(const f32x4, e.norm)[v] : f32x4(1);
	}
	// raw returns numbers 4v to 4v+3 before they are normalized.
	MEMBER f32x4 raw(int v) const {
		f32x4 f = GLOBAL_CAST(const f32x4, e.x)[v];
		if (!up) return f;
		f32x4 u = GLOBAL_CAST(const f32x4, up)[v];
		return f32x4{activate(act, f.x) * u.x, activate(act, f.y) * u.y, activate(act, f.z) * u.z, activate(act, f.w) * u.w};
	}
	MEMBER void read() {
		UNROLL for (int i = 0; i < KEPT; i++) {
			x[i] = f32x4(0);
			if (THREAD + i * VECTOR_THREADS < (n + 3) / 4) x[i] = raw(THREAD + i * VECTOR_THREADS);
		}
	}
	// quad returns numbers 4v to 4v+3 as halves of one part; v is THREAD + i * VECTOR_THREADS.
	template <class F> MEMBER u64 quad(int part, f32x4 f, float power) const {
		return (u64)F::part(part, f.x * power, f.y * power) | (u64)F::part(part, f.z * power, f.w * power) << 32;
	}
	// put makes halves of all numbers, and of zeros up to a multiple of 64.
	template <class F, class To> MEMBER void put(Scale s, OWN(const To) &to) const {
		UNROLL for (int i = 0; i < KEPT; i++) {
			int v = THREAD + i * VECTOR_THREADS;
			f32x4 f = e.norm ? norm_of(i, v) * (e.rms * x[i]) : x[i];
			if (v < (n + 63) / 64 * 16)
				UNROLL for (int p = 0; p < F::PARTS; p++) to.put(p, v, quad<F>(p, f, s.power));
		}
		for (int v = THREAD + KEPT * VECTOR_THREADS; v < (n + 63) / 64 * 16; v += VECTOR_THREADS) {
			f32x4 f = v < (n + 3) / 4 ? raw(v) : f32x4(0);
			if (e.norm && v < (n + 3) / 4) f = GLOBAL_CAST(const f32x4, e.norm)[v] * (e.rms * f);
			UNROLL for (int p = 0; p < F::PARTS; p++) to.put(p, v, quad<F>(p, f, s.power));
		}
	}
};

// add4 adds squares to a sum, in order.
DEVICE float add4(float sum, f32x4 f) {
	sum = fma32(f.x, f.x, sum);
	sum = fma32(f.y, f.y, sum);
	sum = fma32(f.z, f.z, sum);
	return fma32(f.w, f.w, sum);
}

// measure sets the root mean square of a vector, and returns how it is scaled. Each block that multiplies does this for
// itself, with the same number of threads: the sum has one order.
template <class F> DEVICE Scale measure(OWN(Vector) &x, float eps, SHARED(float) scratch) {
	float s = 0;
	u32 top = 0;
	UNROLL for (int i = 0; i < KEPT; i++) {
		s = add4(s, x.x[i]);
		top = larger(top, top4(x.x[i] * x.norm_of(i, THREAD + i * VECTOR_THREADS)));
	}
	for (int v = THREAD + KEPT * VECTOR_THREADS; v < (x.n + 3) / 4; v += VECTOR_THREADS) {
		f32x4 f = x.raw(v);
		s = add4(s, f);
		if (x.e.norm) f = f * GLOBAL_CAST(const f32x4, x.e.norm)[v];
		top = larger(top, top4(f));
	}
	s = WARP_SUM(s);
	top = WARP_MAX(top);
	if (LANE == 0) {
		scratch[WARP] = s;
		scratch[32 + WARP] = bits_float(top);
	}
	BARRIER();
	float sum = 0;
	for (int i = 0; i < VECTOR_WARPS; i++) {
		sum = sum + scratch[i];
		top = larger(top, float_bits(scratch[32 + i]));
	}
	if (!x.e.norm) return F::scale_for(top);
	x.e.rms = 1 / sqrt32(sum / (float)x.n + eps);
	return F::scale_for(float_bits(bits_float(top) * x.e.rms));
}

// A Slab is where halves go in the device's memory.
struct Slab {
	GLOBAL(i8) q;
	int row, pitch, part; // part: bytes of one
	MEMBER void put(int p, int v, u64 h) const {
		GLOBAL_CAST(u64, q + ((i64)p * part + piece_in(row, v / 2, pitch) + v % 2 * 8))[0] = h;
	}
};

// halves makes those of a vector, which products of several vectors take.
template <class F> DEVICE void halves(ARGS(NormArgs) a, SHARED(float) scratch) {
	int t = BLOCK_X;
	Vector x;
	x.start_of(a, t);
	x.read();
	Scale s = measure<F>(x, a.eps, scratch);
	if (THREAD == 0) a.scales[t] = s.inverse;
	x.put<F>(s, Slab{a.q, t, slab_pitch(a.n), a.group});
}
