// Weights that are integers of 8 bits at most, of which 32 neighbours, a block, share a scale, for tensor units. They lie
// in cells of 8 rows and 64 columns, one behind the other for eight rows. Lane 4g+t of a warp finds in a cell what
// it multiplies: of row g and of each of two blocks words t and t+4 of four codes. Behind the codes are scales,
// binary16, of row g and both blocks at 4g. What is behind a matrix is zero.
//
// The input is codes too, in cells of 16 vectors and 64 columns. Lane 4g+t finds there, of each of two blocks, words t of
// vectors g and g+8 and then words t+4 of these, and behind them two float scales of each. It is quantized before it is
// divided by its root mean square, by which products are multiplied.
//
// A sum has one order for any number of vectors. The 32 products of a block are added up exactly, and multiplied by the scale
// of the weights; by that of the input they are multiplied when they are added, in one step. Of 32 cells of a row, a
// group, cells t, t+4, t+8, ... are chain t of four: its blocks are added one after the other. Sums of chains are
// added up in order, and so are those of groups.
#pragma once

enum { CELL_ROWS = 8, CELL_COLS = 64, GROUP_CELLS = 32, CHAINS = 4, INPUT_CODES = 1024, INPUT_CELL = INPUT_CODES + 128 };
enum { CODES_BIAS = 3 << 22 }; // see MULTIPLY_CODES

DEVICE int cells_of(int cols) { return (cols + CELL_COLS - 1) / CELL_COLS; }

// word_in returns where word i of 8 of block b of row r is among a cell's codes of 8 bits.
DEVICE int word_in(int r, int b, int i) { return r * 64 + i % 4 * 16 + b * 8 + i / 4 * 4; }

// A Block32 is 32 codes in order.
struct Block32 {
	u32 q[8];
	float d;
	MEMBER float value(int i) const { return d * (float)(int)(i8)(q[i / 4] >> (i % 4 * 8)); }
};

// block_at returns where the cell of block c of a row is.
template <class F> DEVICE GLOBAL(const u8) block_at(OWN(const Weight) &w, int row, int c) {
	return w.data + ((i64)(row / CELL_ROWS) * w.pitch + (i64)(c / 2) * F::BYTES);
}

// STEP cells of each chain are copied at a time, RING times ahead of what is multiplied.
struct TiledQ8_0 {
	enum { LEN = 32, CODES = 512, BYTES = CODES + 32, FILE_BYTES = 34, STEP = 2, RING = 2 };
	typedef Block32 Raw;
	typedef Block32 Chunk;
	// words sets q to a lane's words of a cell: of block 0 and then of block 1.
	static MEMBER void words(u32 *q, SHARED(const u8) cell) {
		u32x4 v = SHARED_CAST(const u32x4, cell + LANE * 16)[0];
		q[0] = v.x, q[1] = v.y, q[2] = v.z, q[3] = v.w;
	}
	// scale_in returns a scale of the input for what words returns.
	static MEMBER float scale_in(float d) { return d; }
	// row sets q to all words of a row of a cell, in four times the order of words. Those of time j belong to piece(j) of the
	// input, of 16 bytes: rows do not begin with the same, so that lanes read different banks.
	static MEMBER int piece(int j, int g) { return j ^ g % 2; }
	static MEMBER void row(u32 *q, SHARED(const u8) cell, int g) {
		UNROLL for (int j = 0; j < 4; j++) {
			u32x4 v = SHARED_CAST(const u32x4, cell + (g * 64 + piece(j, g) * 16))[0];
			q[4 * j] = v.x, q[4 * j + 1] = v.y, q[4 * j + 2] = v.z, q[4 * j + 3] = v.w;
		}
	}
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) {
		GLOBAL(const u8) cell = block_at<TiledQ8_0>(w, row, c);
		Block32 k;
		for (int i = 0; i < 8; i++) k.q[i] = GLOBAL_CAST(const u32, cell + word_in(row % 8, c % 2, i))[0];
		k.d = scale_in(half_float(GLOBAL_CAST(const u16, cell + (CODES + row % 8 * 4 + c % 2 * 2))[0]));
		return k;
	}
	static MEMBER Chunk decode(Raw r, OWN(const Weight) &, int) { return r; }
	// pack puts the 32 codes of a file's block b of row r of a cell in their places.
	static MEMBER void pack(GLOBAL(u8) cell, GLOBAL(const u16) from, int r, int b) {
		for (int i = 0; i < 8; i++)
			GLOBAL_CAST(u32, cell + word_in(r, b, i))[0] = (u32)from[2 * i] | (u32)from[2 * i + 1] << 16;
	}
};

// Q4_0 has codes of four bits plus 8: byte i of a block's 16 holds codes i and i+16. They are multiplied as the highest
// four bits of bytes, 16 times themselves, and the scales of the input are divided by 16.
struct TiledQ4_0 {
	enum { LEN = 32, CODES = 256, BYTES = CODES + 32, FILE_BYTES = 18, STEP = 2, RING = 2 };
	typedef Block32 Raw;
	typedef Block32 Chunk;
	static MEMBER u32 low(u32 w) { return (w << 4 & 0xf0f0f0f0) ^ 0x80808080; }
	static MEMBER u32 high(u32 w) { return (w & 0xf0f0f0f0) ^ 0x80808080; }
	static MEMBER void words(u32 *q, SHARED(const u8) cell) {
		u64 v = SHARED_CAST(const u64, cell + LANE * 8)[0];
		q[0] = low((u32)v), q[1] = high((u32)v), q[2] = low((u32)(v >> 32)), q[3] = high((u32)(v >> 32));
	}
	static MEMBER float scale_in(float d) { return d * 0.0625f; }
	static MEMBER int piece(int j, int g) { return j ^ g % 2 * 2; }
	static MEMBER void row(u32 *q, SHARED(const u8) cell, int g) {
		UNROLL for (int j = 0; j < 2; j++) {
			u32x4 v = SHARED_CAST(const u32x4, cell + (g * 32 + (j ^ g % 2) * 16))[0];
			u32 w[4] = {v.x, v.y, v.z, v.w};
			UNROLL for (int i = 0; i < 4; i++) {
				q[8 * j + 2 * i] = low(w[i]);
				q[8 * j + 2 * i + 1] = high(w[i]);
			}
		}
	}
	static MEMBER Raw load(OWN(const Weight) &w, int row, int c) {
		GLOBAL(const u8) cell = block_at<TiledQ4_0>(w, row, c);
		Block32 k;
		for (int i = 0; i < 4; i++) {
			u32 v = GLOBAL_CAST(const u32, cell + (row % 8 * 32 + i * 8 + c % 2 * 4))[0];
			k.q[i] = low(v);
			k.q[i + 4] = high(v);
		}
		k.d = scale_in(half_float(GLOBAL_CAST(const u16, cell + (CODES + row % 8 * 4 + c % 2 * 2))[0]));
		return k;
	}
	static MEMBER Chunk decode(Raw r, OWN(const Weight) &, int) { return r; }
	static MEMBER void pack(GLOBAL(u8) cell, GLOBAL(const u16) from, int r, int b) {
		for (int i = 0; i < 4; i++)
			GLOBAL_CAST(u32, cell + (r * 32 + i * 8 + b * 4))[0] = (u32)from[2 * i] | (u32)from[2 * i + 1] << 16;
	}
};

// pack moves rows of blocks, each with a scale before its codes, to cells: a thread moves one.
template <class F> DEVICE void pack(ARGS(TileArgs) a) {
	int blocks = a.cols / 32, i = BLOCK_X * THREADS + THREAD, row = BLOCK_Y;
	if (i >= blocks) return;
	GLOBAL(const u16) from = a.from + ((i64)row * blocks + i) * (F::FILE_BYTES / 2);
	GLOBAL(u8) cell = a.to + ((i64)(row / CELL_ROWS) * a.pitch + (i64)(i / 2) * F::BYTES);
	GLOBAL_CAST(u16, cell + (F::CODES + row % 8 * 4 + i % 2 * 2))[0] = from[0];
	F::pack(cell, from + 1, row % 8, i % 2);
}

// quad_codes returns the codes of four numbers, in the lowest bytes of floats so large that they are integers: rounded half to even.
DEVICE u32 quad_codes(f32x4 f, float inverse) {
	const float bias = (float)CODES_BIAS;
	u32 a = float_bits(fma32(f.x, inverse, bias)), b = float_bits(fma32(f.y, inverse, bias));
	u32 c = float_bits(fma32(f.z, inverse, bias)), d = float_bits(fma32(f.w, inverse, bias));
	return (a & 255) | (b & 255) << 8 | (c & 255) << 16 | d << 24;
}

// put_quad makes codes of numbers 4v to 4v+3 of a vector of n times four. The other seven lanes of a block come by. Codes of
// a block of nearly nothing are zeros, because 127 / top would be infinite.
template <class F, class To> DEVICE void put_quad(f32x4 f, int v, int n, OWN(const To) &to) {
	u32 top = top4(f);
	for (int m = 1; m < 8; m *= 2) {
		u32 other = SWAP_LANES(top, m);
		top = larger(top, other);
	}
	u32 q = quad_codes(f, top < 16u << 23 ? 0 : 127 / bits_float(top));
	if (v >= n) return;
	to.word(v / 8, v % 8, q);
	if (v % 8 == 0) to.scale(v / 8, F::scale_in(scale_of(top)));
}

// put_codes makes codes of a vector that is read, and of zeros up to a multiple of 64. It leaves the sum of each warp's squares.
template <class F, class To> DEVICE void put_codes(OWN(const Vector) &x, OWN(const To) &to, SHARED(float) scratch) {
	int n = cells_of(x.n) * (CELL_COLS / 4);
	float s = 0;
	UNROLL for (int i = 0; i < KEPT; i++) {
		int v = THREAD + i * VECTOR_THREADS;
		s = add4(s, x.x[i]);
		if (v - LANE < n) put_quad<F>(x.e.norm ? x.norm_of(i, v) * x.x[i] : x.x[i], v, n, to);
	}
	for (int v = THREAD + KEPT * VECTOR_THREADS; v - LANE < n; v += VECTOR_THREADS) {
		f32x4 f = v < x.n / 4 ? x.raw(v) : f32x4(0);
		s = add4(s, f);
		if (x.e.norm && v < x.n / 4) f = GLOBAL_CAST(const f32x4, x.e.norm)[v] * f;
		put_quad<F>(f, v, n, to);
	}
	s = WARP_SUM(s);
	if (LANE == 0) scratch[WARP] = s;
}

// inverse_rms returns by what products are multiplied, from what put_codes left.
DEVICE float inverse_rms(OWN(const Element) &e, int n, float eps, SHARED(const float) scratch) {
	float sum = 0;
	for (int i = 0; i < VECTOR_WARPS; i++) sum = sum + scratch[i];
	return e.norm ? 1 / sqrt32(sum / (float)n + eps) : 1;
}

// input_word returns where word i of block b of vector t is in its cell, and input_scales where both scales are.
DEVICE int input_word(int t, int b, int i) { return b * 512 + (t % 8 * 4 + i % 4) * 16 + i / 4 * 8 + t / 8 % 2 * 4; }
DEVICE int input_scales(int t) { return INPUT_CODES + t % 8 * 16 + t / 8 % 2 * 8; }

// A CellStore is where the codes of vector t go in the device's memory.
struct CellStore {
	GLOBAL(i8) q;
	int cells, t;
	MEMBER GLOBAL(i8) cell(int b) const { return q + ((i64)(t / 16) * cells + b / 2) * INPUT_CELL; }
	MEMBER void word(int b, int i, u32 c) const { GLOBAL_CAST(u32, cell(b) + input_word(t, b % 2, i))[0] = c; }
	MEMBER void scale(int b, float d) const { GLOBAL_CAST(float, cell(b) + (input_scales(t) + b % 2 * 4))[0] = d; }
};

// codes makes those of a vector, which products of several vectors take.
template <class F> DEVICE void codes(ARGS(NormArgs) a, SHARED(float) scratch) {
	int t = BLOCK_X;
	Vector x;
	x.start_of(a, t);
	x.read();
	put_codes<F>(x, CellStore{a.q, cells_of(a.n), t}, scratch);
	BARRIER();
	if (THREAD == 0) a.scales[t] = inverse_rms(x.e, a.n, a.eps, scratch);
}
