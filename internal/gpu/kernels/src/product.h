// Products of matrices and vectors. The sum of a row and a vector has one order,
// whatever the number of vectors: lane l of 32 takes chunks l, l+32, ... of the row one after
// the other, and lanes are folded 16, 8, 4, 2 and 1 apart.
#pragma once

// which_of returns the number of the product that row r of all belongs to.
DEVICE int which_of(ARGS(ProductArgs) a, int r) {
	return a.n > 2 && r >= a.p2.first ? 2 : a.n > 1 && r >= a.p1.first ? 1 : 0;
}

// OF picks a field of one product of three.
#define OF(a, which, field) one_of(which, a.p0.field, a.p1.field, a.p2.field)

template <class T> DEVICE T one_of(int which, T x, T y, T z) {
	keep(x);
	keep(y);
	keep(z);
	return which == 0 ? x : which == 1 ? y : z;
}

DEVICE Weight weight_of(ARGS(ProductArgs) a, int which) {
	return {OF(a, which, w.data), OF(a, which, w.scales), OF(a, which, w.rows), OF(a, which, w.cols), OF(a, which, w.pitch),
		OF(a, which, w.group)};
}

DEVICE int rows_of(ARGS(ProductArgs) a) {
	if (a.n > 2) return a.p2.first + a.p2.w.rows;
	if (a.n > 1) return a.p1.first + a.p1.w.rows;
	return a.p0.w.rows;
}

// Ahead is the chunks that a lane loads before it needs them.
template <class F> struct Ahead {
	typename F::Raw raw[F::AHEAD];
	// load takes chunks c, c+32, ...: the last one in place of those that are behind it.
	MEMBER void load(OWN(const Weight) &w, int row, int c, int chunks) {
		UNROLL for (int i = 0; i < F::AHEAD; i++) raw[i] = F::load(w, row, c + 32 * i < chunks ? c + 32 * i : chunks - 1);
	}
};

DEVICE int chunks_of(int cols, int len) { return (cols + len - 1) / len; }

// finish stores the product of a row and vector t.
DEVICE void finish(ARGS(ProductArgs) a, int which, int row, int t, float y) {
	GLOBAL(const float) bias = OF(a, which, bias);
	GLOBAL(float) dst = OF(a, which, dst) + ((i64)t * OF(a, which, stride) + row);
	if (bias) y = y + bias[row];
	*dst = a.then == ADD ? *dst + y : y;
}

// Rows walks over those that fall to a warp: of products one after the other, or of gate and up in turn.
struct Rows {
	int at, which, row; // at is among all rows
	Weight w;
	MEMBER void find(ID_PARAMS ARGS(ProductArgs) a, int rows) {
		// Between two products there are rows of none.
		for (; at < rows; at += BLOCKS_X * (THREADS / 32)) {
			if (a.then < GLU_SILU) which = which_of(a, at);
			w = weight_of(a, which);
			row = a.then < GLU_SILU ? at - OF(a, which, first) : at;
			if (row < w.rows) return;
		}
	}
	MEMBER void start(ID_PARAMS ARGS(ProductArgs) a, int rows) {
		at = BLOCK_X * (THREADS / 32) + WARP;
		which = row = 0;
		find(IDS a, rows);
	}
	MEMBER void next(ID_PARAMS ARGS(ProductArgs) a, int rows) {
		if (a.then >= GLU_SILU) which = 1 - which;
		if (a.then < GLU_SILU || which == 0) at += BLOCKS_X * (THREADS / 32);
		find(IDS a, rows);
	}
};

// multiply_rows multiplies rows, of which the first chunks of the first are loaded. While the last
// chunks of a row are multiplied, the first of the next one are on their way.
template <class F, class X> DEVICE void multiply_rows(
	ID_PARAMS ARGS(ProductArgs) a, OWN(const X) &x, OWN(Rows) &at, int rows, OWN(Ahead<F>) &ahead) {
	int chunks = chunks_of(a.cols, F::LEN);
	float gate = 0;
	while (at.at < rows) {
		Weight w = at.w;
		int row = at.row, which = at.which;
		float acc = 0;
		for (int c = LANE; c - LANE < chunks; c += 32 * F::AHEAD) {
			Ahead<F> now = ahead;
			if (c - LANE + 32 * F::AHEAD < chunks) {
				ahead.load(w, row, c + 32 * F::AHEAD, chunks);
			} else {
				at.next(IDS a, rows);
				if (at.at < rows) ahead.load(at.w, at.row, LANE, chunks);
			}
			UNROLL for (int i = 0; i < F::AHEAD; i++) {
				int k = c + 32 * i;
				if (k < chunks) acc = F::step(acc, F::decode(now.raw[i], w, k), x, k, a.group);
			}
		}
		float y = WARP_SUM(acc);
		if (a.then >= GLU_SILU && which == 0) {
			gate = y;
			continue;
		}
		if (a.then >= GLU_SILU) y = activate(a.then, gate) * y;
		if (LANE == 0) finish(a, a.then >= GLU_SILU ? 0 : which, row, 0, y);
	}
}

// Staging is the input of vec in the block's memory.
template <int IS_CODES> struct Staging;

template <> struct Staging<0> {
	typedef StagedFloats X;
	static MEMBER X fill(ID_PARAMS ARGS(ProductArgs) a, SHARED(u8) bytes, OWN(const Element) &e) {
		SHARED(f32x4) x = SHARED_CAST(f32x4, bytes);
		int n = (a.cols + 7) / 8 * 2;
		for (int v = THREAD; v < n; v += 4 * THREADS) {
			f32x4 f[4]; // four loads on their way at once
			UNROLL for (int i = 0; i < 4; i++) f[i] = v + i * THREADS < n ? e.at4(v + i * THREADS) : f32x4(0);
			UNROLL for (int i = 0; i < 4; i++)
				if (v + i * THREADS < n) x[staged(v + i * THREADS)] = f[i];
		}
		return {SHARED_CAST(const f32x4, bytes)};
	}
};

template <> struct Staging<1> {
	typedef StagedCodes X;
	static MEMBER X fill(ID_PARAMS ARGS(ProductArgs) a, SHARED(u8) bytes, OWN(const Element) &e) {
		SHARED(u8) scales = bytes + ((a.cols + 15) & ~15);
		SHARED(u8) sums = scales + a.cols / a.group * 4;
		StagedStore store = {SHARED_CAST(i8, bytes), SHARED_CAST(float, scales), SHARED_CAST(int, sums)};
		quantize(IDS e, a.cols, a.group, store);
		return {SHARED_CAST(const u32x4, bytes), SHARED_CAST(const float, scales), SHARED_CAST(const int, sums)};
	}
};

// vec multiplies one vector, which every block normalizes and stages for itself.
template <class F> DEVICE void vec(ID_PARAMS ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(float) scratch) {
	LET_NEXT();
	int rows = a.then >= GLU_SILU ? a.p0.w.rows : rows_of(a);
	Rows at;
	Ahead<F> ahead;
	at.start(IDS a, rows);
	if (at.at < rows) ahead.load(at.w, at.row, LANE, chunks_of(a.cols, F::LEN));
	WAIT_PREVIOUS();
	Element e = {a.x, a.norm, 0};
	if (a.norm) e.rms = rms_scale(IDS a.x, a.cols, a.eps, scratch);
	typename Staging<F::IS_CODES>::X x = Staging<F::IS_CODES>::fill(IDS a, bytes, e);
	BARRIER();
	multiply_rows<F>(IDS a, x, at, rows, ahead);
}

// A warp of mat multiplies MAT_ROWS rows and MAT_VECTORS vectors.
enum { MAT_ROWS = 4, MAT_VECTORS = 8 };

// An Input is vector t of those in the device's memory, so far from each other.
template <int IS_CODES> struct Input;

template <> struct Input<0> {
	typedef Floats X;
	template <class Args> static MEMBER X at(ARGS(Args) a, int stride, int t) {
		return {GLOBAL_CAST(const f32x4, a.x + (i64)t * stride)};
	}
};

template <> struct Input<1> {
	typedef Codes X;
	template <class Args> static MEMBER X at(ARGS(Args) a, int stride, int t) {
		i64 groups = a.cols / a.group;
		return {GLOBAL_CAST(const u32x4, a.q + (i64)t * stride), a.scales + t * groups, a.sums + t * groups};
	}
};

// mat multiplies many vectors: blocks that share rows of the matrix follow each other.
template <class F> DEVICE void mat(ID_PARAMS ARGS(ProductArgs) a) {
	typedef Input<F::IS_CODES> In;
	int first = (BLOCK_Y * (THREADS / 32) + WARP) * MAT_ROWS, t0 = BLOCK_X * MAT_VECTORS;
	int which = which_of(a, first);
	Weight w = weight_of(a, which);
	int row = first - OF(a, which, first), rows = w.rows - row;
	if (rows <= 0) return; // warps of a block need not meet
	float acc[MAT_ROWS][MAT_VECTORS] = {};
	typename In::X x[MAT_VECTORS];
	UNROLL for (int t = 0; t < MAT_VECTORS; t++) x[t] = In::at(a, a.stride, t0 + t < a.vectors ? t0 + t : a.vectors - 1);
	int chunks = (a.cols + F::LEN - 1) / F::LEN;
	for (int c = LANE; c < chunks; c += 32) {
		typename F::Chunk k[MAT_ROWS];
		UNROLL for (int r = 0; r < MAT_ROWS; r++) k[r] = F::decode(F::load(w, row + (r < rows ? r : 0), c), w, c);
		UNROLL for (int t = 0; t < MAT_VECTORS; t++)
			UNROLL for (int r = 0; r < MAT_ROWS; r++) acc[r][t] = F::step(acc[r][t], k[r], x[t], c, a.group);
	}
	UNROLL for (int r = 0; r < MAT_ROWS; r++)
		UNROLL for (int t = 0; t < MAT_VECTORS; t++) {
			float y = WARP_SUM(acc[r][t]);
			if (LANE == 0 && r < rows && t0 + t < a.vectors) finish(a, which, row + r, t0 + t, y);
		}
}

// direct multiplies one vector that stays in the device's memory, for blocks that have little of their own.
template <class F> DEVICE void direct(ID_PARAMS ARGS(ProductArgs) a) {
	typedef Input<F::IS_CODES> In;
	int rows = a.then >= GLU_SILU ? a.p0.w.rows : rows_of(a);
	Rows at;
	Ahead<F> ahead;
	at.start(IDS a, rows);
	if (at.at < rows) ahead.load(at.w, at.row, LANE, chunks_of(a.cols, F::LEN));
	typename In::X x = In::at(a, a.stride, 0);
	multiply_rows<F>(IDS a, x, at, rows, ahead);
}

// embed sets x[t] to scale times the row of the table that belongs to a token.
template <class F> DEVICE void embed(ID_PARAMS ARGS(EmbedArgs) a) {
	int row = a.rows[BLOCK_X].token;
	if (row < 0) row = *a.picked;
	GLOBAL(float) x = a.x + (i64)BLOCK_X * a.stride;
	Weight w = {a.w.data, a.w.scales, a.w.rows, a.w.cols, a.w.pitch, a.w.group};
	for (int c = THREAD; c * F::LEN < w.cols; c += THREADS) {
		typename F::Chunk k = F::decode(F::load(w, row, c), w, c);
		for (int i = 0; i < F::LEN && c * F::LEN + i < w.cols; i++) x[c * F::LEN + i] = k.value(i) * a.scale;
	}
}

// The kernels that multiply one vector: those that the target's header asks for.
#if HAS_STAGED
#define STAGED_PRODUCT(name, F)             \
	EARLY_KERNEL(vec_##name, ProductArgs) { \
		SHARED_BYTES(bytes);                \
		SHARED_ARRAY(float, scratch, 32);   \
		vec<F>(IDS a, bytes, scratch);      \
	}
#else
#define STAGED_PRODUCT(name, F)
#endif
#if HAS_DIRECT
#define DIRECT_PRODUCT(name, F) \
	KERNEL(direct_##name, ProductArgs) { direct<F>(IDS a); }
#else
#define DIRECT_PRODUCT(name, F)
#endif

// PRODUCTS defines the kernels of a format.
#define PRODUCTS(name, F) PRODUCTS_OF(name, F)
#define PRODUCTS_OF(name, F)                           \
	STAGED_PRODUCT(name, F)                            \
	DIRECT_PRODUCT(name, F)                            \
	KERNEL(mat_##name, ProductArgs) { mat<F>(IDS a); } \
	KERNEL(embed_##name, EmbedArgs) { embed<F>(IDS a); }
