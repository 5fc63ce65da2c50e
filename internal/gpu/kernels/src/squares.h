// Products of a matrix of codes and many vectors, by squares. A sum has the order of product.h's: chunk after chunk of
// each of 32 lanes, which are folded 16, 8, 4, 2 and 1 apart. Here a lane of square.h makes all of these for eight
// sums. So it takes the chunks of lane 0, then those of lane 16, which can be folded, then of lanes 8 and 24, and so on.
#pragma once

// A block multiplies SQUARE_VECTORS vectors and SQUARE_ROWS rows; a warp one square. SQUARE_STAGE chunks are staged at a time, and
// as many are on their way.
enum { SQUARE_VECTORS = TOGETHER, SQUARE_ROWS = 32 };

// A Walk goes through the chunks of all lanes.
struct Walk {
	int visit, chunk; // visit: how many lanes are done
	// lane turns five bits round, by two products that put each where a third one adds it.
	MEMBER static int lane(int visit) {
		u32 v = (u32)visit;
		return (int)(((v * 0x0802 & 0x22110) | (v * 0x8020 & 0x88440)) * 0x10101 >> 19 & 31);
	}
	MEMBER void start() { visit = chunk = 0; }
	MEMBER int done() const { return visit >= 32; }
	MEMBER int last(int chunks) const { return chunk + 32 >= chunks; } // of the lane, which may have none
	MEMBER void next(int chunks) {
		chunk += 32;
		if (chunk >= chunks) chunk = lane(++visit);
	}
};

// A SquareStage is where chunks lie in the block's memory: lines, and of each part h of these the scale and, if there are
// minimums, that of a row, or by what it is multiplied.
template <class F> struct SquareStage {
	enum {
		X_LINES = SQUARE_STAGE * SQUARE_VECTORS, W_LINES = SQUARE_STAGE * SQUARE_ROWS, BOTH = 1 + F::HAS_MINS,
		W = X_LINES * LINE(F::LEN), X_SCALES = W + W_LINES * LINE(F::LEN), W_SCALES = X_SCALES + F::SCALES * BOTH * X_LINES * 4,
		BYTES = W_SCALES + F::SCALES * BOTH * W_LINES * 4
	};
	SHARED(u8) at;
	MEMBER SHARED(u8) x(int line) const { return at + line * LINE(F::LEN); }
	MEMBER SHARED(u8) w(int line) const { return at + (W + line * LINE(F::LEN)); }
	MEMBER SHARED(float) x_scales(int h, int line) const { return SHARED_CAST(float, at + X_SCALES) + (h * X_LINES + line) * BOTH; }
	MEMBER SHARED(float) w_scales(int h, int line) const { return SHARED_CAST(float, at + W_SCALES) + (h * W_LINES + line) * BOTH; }
	MEMBER void put(SHARED(float) to, float scale, float minimum) const {
		if (F::HAS_MINS)
			SHARED_CAST(f32x2, to)[0] = f32x2{scale, minimum};
		else
			to[0] = scale;
	}
	// A lane has neighbours among rows: pairs sets d to the scales of two, and m to their minimums.
	MEMBER void pair(OWN(float) *d, OWN(float) *m, int h, int line) const {
		SHARED(const float) from = w_scales(h, line);
		if (F::HAS_MINS) {
			f32x4 both = SHARED_CAST(const f32x4, from)[0];
			d[0] = both.x, m[0] = both.y, d[1] = both.z, m[1] = both.w;
		} else {
			f32x2 both = SHARED_CAST(const f32x2, from)[0];
			d[0] = both.x, d[1] = both.y, m[0] = m[1] = 0;
		}
	}
};

// A SquareInput is the vectors of a block: n neighbours from first on, or those of pairs, see route.h.
struct SquareInput {
	GLOBAL(const i8) q; // with scales: see GlobalStore
	GLOBAL(const float) scales;
	GLOBAL(const int) pairs; // null for neighbours
	int n, first, per, cols, group; // per: pairs that share a vector
	MEMBER i64 vector(int t) const {
		if (t >= n) t = n - 1;
		return pairs ? pairs[t] / per : first + t;
	}
};

// A Fetch is what a thread brings to the block's memory: a line of codes of a row, or EACH of vectors, or none.
template <class F> struct Fetch {
	enum {
		WORDS = F::LEN / 4, SCALES = F::SCALES, OF_ROWS = SQUARE_STAGE * SQUARE_ROWS, OF_VECTORS = 256 - OF_ROWS,
		EACH = (SQUARE_STAGE * SQUARE_VECTORS + OF_VECTORS - 1) / OF_VECTORS
	};
	GLOBAL(const i8) codes; // of a thread's vector
	GLOBAL(const float) scales;
	int mine; // the first of its lines of vectors, which are OF_VECTORS apart; negative for none
	u32 x[EACH][WORDS];
	float scale[EACH];
	typename F::Chunk k;
	int x_chunk[EACH], w_chunk; // or -1
	MEMBER void start(ID_PARAMS OWN(const SquareInput) &in) {
		mine = THREAD - OF_ROWS;
		i64 t = in.vector((int)((u32)mine % SQUARE_VECTORS));
		codes = in.q + codes_together(t, in.cols);
		scales = in.scales + scales_together(t, in.cols / in.group);
	}
	// load takes what is next, and lets the walk go on.
	MEMBER void load(ID_PARAMS OWN(const SquareInput) &in, OWN(const Weight) &w, int row, OWN(Walk) &walk) {
		int chunks = in.cols / F::LEN;
		w_chunk = -1;
		UNROLL for (int e = 0; e < EACH; e++) x_chunk[e] = -1;
		UNROLL for (int i = 0; i < SQUARE_STAGE; i++) {
			if (walk.done()) continue;
			if (walk.chunk < chunks) {
				UNROLL for (int e = 0; e < EACH; e++)
					if (mine >= 0 && (mine + e * OF_VECTORS) / SQUARE_VECTORS == i) x_chunk[e] = walk.chunk;
				if (THREAD / SQUARE_ROWS == i) w_chunk = walk.chunk;
			}
			walk.next(chunks);
		}
		UNROLL for (int e = 0; e < EACH; e++) {
			if (x_chunk[e] < 0) continue;
			int first = x_chunk[e] * F::LEN;
			GLOBAL(const u32x4) q = GLOBAL_CAST(const u32x4, codes + (first / 32 * (32 * TOGETHER) + first % 32));
			UNROLL for (int i = 0; i < WORDS / 4; i++) {
				u32x4 v = q[i];
				x[e][4 * i] = v.x, x[e][4 * i + 1] = v.y, x[e][4 * i + 2] = v.z, x[e][4 * i + 3] = v.w;
			}
			scale[e] = scales[first / in.group * TOGETHER];
		}
		if (w_chunk >= 0) {
			int r = row + THREAD % SQUARE_ROWS;
			k = F::decode(F::load(w, r < w.rows ? r : row, w_chunk), w, w_chunk);
		}
	}
	MEMBER void store(ID_PARAMS OWN(const SquareStage<F>) &to) const {
		UNROLL for (int e = 0; e < EACH; e++) {
			if (x_chunk[e] < 0) continue;
			int line = mine + e * OF_VECTORS;
			put_line<F::LEN>(to.x(0), line, x[e]);
			UNROLL for (int h = 0; h < SCALES; h++) {
				int sum = 0;
				if (F::HAS_MINS)
					UNROLL for (int i = h * (WORDS / SCALES); i < (h + 1) * (WORDS / SCALES); i++) sum = dot4(x[e][i], 0x01010101, sum);
				to.put(to.x_scales(h, line), scale[e], (float)sum * scale[e]);
			}
		}
		if (w_chunk >= 0) {
			u32 q[WORDS];
			F::codes(q, k);
			put_line<F::LEN>(to.w(0), THREAD, q);
			UNROLL for (int h = 0; h < SCALES; h++) to.put(to.w_scales(h, THREAD), k.scale(h), k.minimum(h));
		}
	}
};

// Waiting are sums that wait to be folded, eight for each of 1, 2, 4, 8 and 16 lanes of product.h. They are rarely needed and in
// memory: most instructions would move them from register to register, because these cannot be chosen by number.
enum { WAITING = 5 * 2 };

// SquareSums are a lane's.
template <class F> struct SquareSums {
	float sum[8];
	MEMBER void clear() { UNROLL for (int i = 0; i < 8; i++) sum[i] = 0; }
	// add adds a chunk of lines from x and w on.
	MEMBER void add(ID_PARAMS OWN(const SquareStage<F>) &from, int x, int w, SHARED(float) scratch) {
		Square<F::LEN, F::SCALES> lines;
		lines.load(IDS from.x(x), from.w(w));
		UNROLL for (int h = 0; h < F::SCALES; h++) {
			float s[8], d[4], m[4], scale[2], times[2] = {0, 0};
			lines.sums(IDS s, h, scratch);
			UNROLL for (int n = 0; n < 2; n++) {
				from.pair(d + 2 * n, m + 2 * n, h, w + square_row(LANE, 4 * n));
				SHARED(const float) of = from.x_scales(h, x + square_vector(LANE, 2 * n));
				if (F::HAS_MINS) {
					f32x2 both = SHARED_CAST(const f32x2, of)[0];
					scale[n] = both.x, times[n] = both.y;
				} else {
					scale[n] = of[0];
				}
			}
			UNROLL for (int i = 0; i < 8; i++) { // rows i%2 of pair i/4
				int r = i / 4 * 2 + i % 2, v = i / 2 % 2;
				// Of scales of few bits the second product is exact.
				float y = F::IS_SHORT ? fma32(s[i], d[r], d[r] * -(float)SQUARE_BIAS) : (s[i] - (float)SQUARE_BIAS) * d[r];
				sum[i] = fma32(y, scale[v], sum[i]);
				if (F::HAS_MINS) sum[i] = fma32(times[v], m[r], sum[i]);
			}
		}
	}
	// fold folds the sums of a lane of product.h, before which others were visited: with all that wait of as many lanes.
	MEMBER void fold(int visit, OWN(f32x4) *waiting) {
		int at = 0;
		for (; visit & 1; visit >>= 1, at += 2) {
			f32x4 a = waiting[at], b = waiting[at + 1];
			sum[0] = a.x + sum[0], sum[1] = a.y + sum[1], sum[2] = a.z + sum[2], sum[3] = a.w + sum[3];
			sum[4] = b.x + sum[4], sum[5] = b.y + sum[5], sum[6] = b.z + sum[6], sum[7] = b.w + sum[7];
		}
		if (at == WAITING) return;
		waiting[at] = f32x4{sum[0], sum[1], sum[2], sum[3]};
		waiting[at + 1] = f32x4{sum[4], sum[5], sum[6], sum[7]};
		clear();
	}
};

// square_vectors and square_rows return where a warp's square begins in its block.
DEVICE int square_vectors(int warp) { return warp / 2 * 16; }
DEVICE int square_rows(int warp) { return warp % 2 * 16; }

// multiply_squares multiplies a block's vectors and SQUARE_ROWS rows.
template <class F> DEVICE void multiply_squares(
	ID_PARAMS OWN(SquareSums<F>) &sums, OWN(const SquareInput) &in, OWN(const Weight) &w, int row, SHARED(u8) bytes) {
	typedef SquareStage<F> S;
	int chunks = in.cols / F::LEN, slot = 0, x = square_vectors(WARP), r = square_rows(WARP);
	SHARED(float) scratch = SHARED_CAST(float, bytes + 2 * S::BYTES);
	Walk ahead, at;
	ahead.start();
	at.start();
	Fetch<F> next;
	next.start(IDS in);
	next.load(IDS in, w, row, ahead);
	next.store(IDS S{bytes});
	BARRIER();
	f32x4 waiting[WAITING];
	sums.clear();
	while (!at.done()) {
		int more = !ahead.done();
		if (more) next.load(IDS in, w, row, ahead);
		S now = {bytes + slot * S::BYTES}, then = {bytes + (1 - slot) * S::BYTES};
		for (int i = 0; i < SQUARE_STAGE && !at.done(); i++) {
			if (at.chunk < chunks) sums.add(IDS now, i * SQUARE_VECTORS + x, i * SQUARE_ROWS + r, scratch);
			if (at.last(chunks)) sums.fold(at.visit, waiting);
			at.next(chunks);
		}
		if (more) next.store(IDS then);
		BARRIER();
		slot = 1 - slot;
	}
}

template <class F> DEVICE void square(ID_PARAMS ARGS(ProductArgs) a, SHARED(u8) bytes) {
	int first = BLOCK_Y * SQUARE_ROWS, which = which_of(a, first), row = first - OF(a, which, first), t0 = BLOCK_X * SQUARE_VECTORS;
	Weight w = weight_of(a, which);
	if (row >= w.rows) return;
	GLOBAL(const int) none(nullptr);
	SquareInput in = {a.q, a.scales, none, a.vectors - t0, t0, 1, a.cols, a.group};
	SquareSums<F> sums;
	multiply_squares(IDS sums, in, w, row, bytes);
	UNROLL for (int i = 0; i < 8; i++) {
		int t = square_vectors(WARP) + square_vector(LANE, i), r = row + square_rows(WARP) + square_row(LANE, i);
		if (t < in.n && r < w.rows) finish(a, which, r, t0 + t, sums.sum[i]);
	}
}

// square_expert multiplies the vectors of a team by rows of its expert's matrix: see route.h and experts.h.
template <class F> DEVICE void square_expert(ID_PARAMS ARGS(ExpertArgs) a, SHARED(u8) bytes) {
	GLOBAL(const int) team = a.teams + (i64)BLOCK_X * team_ints(SQUARE_VECTORS);
	int n = team[1], row = BLOCK_Y * SQUARE_ROWS;
	if (n == 0) return;
	Weight w = expert_weight((BLOCK_Z == 0 ? a.w0 : a.w1) + team[0]);
	if (row >= w.rows) return;
	SquareInput in = {a.q, a.scales, team + 2, n, 0, a.per, a.cols, a.group};
	SquareSums<F> sums;
	multiply_squares(IDS sums, in, w, row, bytes);
	GLOBAL(float) dst = BLOCK_Z == 0 ? a.dst0 : a.dst1;
	UNROLL for (int i = 0; i < 8; i++) {
		int t = square_vectors(WARP) + square_vector(LANE, i), r = row + square_rows(WARP) + square_row(LANE, i);
		if (t < n && r < w.rows) dst[(i64)team[2 + t] * a.stride + r] = sums.sum[i];
	}
}

// SQUARES defines the kernels of a format of codes.
#define SQUARES(name, F) SQUARES_OF(name, F)
#define SQUARES_OF(name, F)                                                                 \
	NARROW_KERNEL(square_##name, ProductArgs) {                                             \
		SHARED_ARRAY(u32x4, bytes, (2 * SquareStage<F>::BYTES + SQUARE_SCRATCH) / 16);      \
		square<F>(IDS a, SHARED_CAST(u8, bytes));                                           \
	}                                                                                       \
	NARROW_KERNEL(square_expert_##name, ExpertArgs) {                                       \
		SHARED_ARRAY(u32x4, bytes, (2 * SquareStage<F>::BYTES + SQUARE_SCRATCH) / 16);      \
		square_expert<F>(IDS a, SHARED_CAST(u8, bytes));                                    \
	}
