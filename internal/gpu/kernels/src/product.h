// Products of matrices and vectors. The sum of a row and a vector has one order,
// whatever the number of vectors: lane l of 32 takes chunks l, l+32, ... of the row one after
// the other, and lanes are folded 16, 8, 4, 2 and 1 apart.
#pragma once

// product_at returns the product that row r of all belongs to.
DEVICE Product product_at(const ProductArgs &a, int r) {
	if (a.n > 2 && r >= a.p2.first) return a.p2;
	if (a.n > 1 && r >= a.p1.first) return a.p1;
	return a.p0;
}

DEVICE int rows_of(const ProductArgs &a) {
	if (a.n > 2) return a.p2.first + a.p2.w.rows;
	if (a.n > 1) return a.p1.first + a.p1.w.rows;
	return a.p0.w.rows;
}

// dot_row returns a lane's part of the product of a row and x. A lane loads AHEAD chunks before it uses
// the first.
template <class F, class X> DEVICE float dot_row(const Weight &w, int row, const X &x, int group) {
	int chunks = (w.cols + F::LEN - 1) / F::LEN;
	float acc = 0;
	int c = LANE;
	for (; c + 32 * (F::AHEAD - 1) < chunks; c += 32 * F::AHEAD) {
		typename F::Raw raw[F::AHEAD];
		UNROLL for (int i = 0; i < F::AHEAD; i++) raw[i] = F::load(w, row, c + 32 * i);
		UNROLL for (int i = 0; i < F::AHEAD; i++) acc = F::step(acc, F::decode(raw[i], w, c + 32 * i), x, c + 32 * i, group);
	}
	for (; c < chunks; c += 32) acc = F::step(acc, F::decode(F::load(w, row, c), w, c), x, c, group);
	return acc;
}

// finish stores the product of row r with vector t.
DEVICE void finish(const Product &p, int row, int t, float y, int then) {
	if (p.bias) y = y + p.bias[row];
	i64 at = (i64)t * p.stride + row;
	p.dst[at] = then == ADD ? p.dst[at] + y : y;
}

// multiply_rows does the rows that fall to a warp.
template <class F, class X> DEVICE void multiply_rows(const ProductArgs &a, const X &x) {
	int rows = rows_of(a), warps = THREADS / 32;
	if (a.then >= GLU_SILU) rows = a.p0.w.rows; // of gate; those of up go with them
	for (int r = BLOCK_X * warps + WARP; r < rows; r += BLOCKS_X * warps) {
		Product p = product_at(a, r);
		int row = r - p.first;
		if (row >= p.w.rows) continue; // between two products
		float y = WARP_SUM((dot_row<F>(p.w, row, x, a.group)));
		if (a.then >= GLU_SILU) {
			float up = WARP_SUM((dot_row<F>(a.p1.w, row, x, a.group)));
			y = activate(a.then, y) * up;
		}
		if (LANE == 0) finish(p, row, 0, y, a.then);
	}
}

// vec multiplies one vector, which every block normalizes and stages for itself.
template <class F, int IS_CODES> struct Vec;

template <class F> struct Vec<F, 0> {
	static MEMBER void run(const ProductArgs &a, SHARED(u8) bytes, const Element &e) {
		SHARED(float) x = SHARED_CAST(float, bytes);
		int end = (a.cols + 7) & ~7;
		for (int i = THREAD; i < end; i += THREADS) x[staged(i / 4) * 4 + i % 4] = i < a.cols ? e.at(i) : 0;
		BARRIER();
		StagedFloats in = {SHARED_CAST(const f32x4, bytes)};
		multiply_rows<F>(a, in);
	}
};

template <class F> struct Vec<F, 1> {
	static MEMBER void run(const ProductArgs &a, SHARED(u8) bytes, const Element &e) {
		int groups = a.cols / a.group, end = (a.cols + 15) & ~15;
		SHARED(u8) scales = bytes + end;
		SHARED(u8) sums = scales + groups * 4;
		StagedStore store = {SHARED_CAST(i8, bytes), SHARED_CAST(float, scales), SHARED_CAST(int, sums)};
		for (int g = WARP; g < groups; g += THREADS / 32) quantize_group(e, g * a.group, a.group, store);
		BARRIER();
		StagedCodes in = {
			SHARED_CAST(const u32x4, bytes), SHARED_CAST(const float, scales), SHARED_CAST(const int, sums)};
		multiply_rows<F>(a, in);
	}
};

template <class F> DEVICE void vec(const ProductArgs &a, SHARED(u8) bytes, SHARED(float) scratch) {
	Element e = {a.x, a.norm, 0};
	if (a.norm) e.rms = rms_scale(a.x, a.cols, a.eps, scratch);
	Vec<F, F::IS_CODES>::run(a, bytes, e);
}

// A warp of mat multiplies MAT_ROWS rows and MAT_VECTORS vectors.
enum { MAT_ROWS = 4, MAT_VECTORS = 8 };

template <class F, int IS_CODES> struct Input;

template <class F> struct Input<F, 0> {
	typedef Floats X;
	static MEMBER X at(const ProductArgs &a, int t) { return {GLOBAL_CAST(const f32x4, a.x + (i64)t * a.stride)}; }
};

template <class F> struct Input<F, 1> {
	typedef Codes X;
	static MEMBER X at(const ProductArgs &a, int t) {
		i64 groups = a.cols / a.group;
		return {GLOBAL_CAST(const u32x4, a.q + (i64)t * a.stride), a.scales + t * groups, a.sums + t * groups};
	}
};

// mat multiplies many vectors: blocks that share rows of the matrix follow each other.
template <class F> DEVICE void mat(const ProductArgs &a) {
	typedef Input<F, F::IS_CODES> In;
	int first = (BLOCK_Y * (THREADS / 32) + WARP) * MAT_ROWS, t0 = BLOCK_X * MAT_VECTORS;
	Product p = product_at(a, first);
	int row = first - p.first, rows = p.w.rows - row;
	if (rows <= 0) return; // warps of a block need not meet
	float acc[MAT_ROWS][MAT_VECTORS] = {};
	typename In::X x[MAT_VECTORS];
	UNROLL for (int t = 0; t < MAT_VECTORS; t++) x[t] = In::at(a, t0 + t < a.vectors ? t0 + t : a.vectors - 1);
	int chunks = (a.cols + F::LEN - 1) / F::LEN;
	for (int c = LANE; c < chunks; c += 32) {
		typename F::Chunk k[MAT_ROWS];
		UNROLL for (int r = 0; r < MAT_ROWS; r++) k[r] = F::decode(F::load(p.w, row + (r < rows ? r : 0), c), p.w, c);
		UNROLL for (int t = 0; t < MAT_VECTORS; t++)
			UNROLL for (int r = 0; r < MAT_ROWS; r++) acc[r][t] = F::step(acc[r][t], k[r], x[t], c, a.group);
	}
	UNROLL for (int r = 0; r < MAT_ROWS; r++)
		UNROLL for (int t = 0; t < MAT_VECTORS; t++) {
			float y = WARP_SUM(acc[r][t]);
			if (LANE == 0 && r < rows && t0 + t < a.vectors) finish(p, row + r, t0 + t, y, a.then);
		}
}

// embed sets x[t] to scale times the row of the table that belongs to a token.
template <class F> DEVICE void embed(const EmbedArgs &a) {
	int row = a.rows[BLOCK_X].token;
	GLOBAL(float) x = a.x + (i64)BLOCK_X * a.stride;
	for (int c = THREAD; c * F::LEN < a.w.cols; c += THREADS) {
		typename F::Chunk k = F::decode(F::load(a.w, row, c), a.w, c);
		for (int i = 0; i < F::LEN && c * F::LEN + i < a.w.cols; i++) x[c * F::LEN + i] = k.value(i) * a.scale;
	}
}

// PRODUCTS defines the kernels of a format.
#define PRODUCTS(name, F) PRODUCTS_OF(name, F)
#define PRODUCTS_OF(name, F)                       \
	KERNEL(vec_##name, ProductArgs) {           \
		SHARED_BYTES(bytes);                    \
		SHARED_ARRAY(float, scratch, 8);        \
		vec<F>(a, bytes, scratch);              \
	}                                           \
	KERNEL(mat_##name, ProductArgs) { mat<F>(a); } \
	KERNEL(embed_##name, EmbedArgs) { embed<F>(a); }
