// Products of a matrix of codes and many vectors, by squares. A sum has the order of product.h's: chunk after chunk of
// each of 32 lanes, which are folded 16, 8, 4, 2 and 1 apart. Here a lane of square.h makes all of these for eight
// sums. So it takes the chunks of lane 0, then those of lane 16, which can be folded, then of lanes 8 and 24, and so on.
#pragma once

// A block multiplies SQUARE_VECTORS vectors and SQUARE_ROWS rows; a warp two squares of the same rows. SQUARE_STAGE chunks are staged
// at a time, and as many are on their way.
enum { SQUARE_VECTORS = TOGETHER, SQUARE_ROWS = 64, WARP_SQUARES = 2 };

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

// A Fetch is what a thread brings to the block's memory: a line of codes of a row, or of a vector, or none.
template <class F> struct Fetch {
	enum { WORDS = F::LEN / 4, SCALES = F::SCALES };
	int mine, chunk; // mine: the line among those of vectors, or a negative number; chunk: of the line, -1 for none
	GLOBAL(const i8) codes; // of the vector
	GLOBAL(const float) scales;
	u32 x[WORDS];
	float scale;
	typename F::Chunk k;
	MEMBER void start(ID_PARAMS OWN(const SquareInput) &in) {
		mine = THREAD - SQUARE_STAGE * SQUARE_ROWS;
		i64 t = in.vector((int)((u32)mine % SQUARE_VECTORS));
		codes = in.q + codes_together(t, in.cols);
		scales = in.scales + scales_together(t, in.cols / in.group);
	}
	// take returns the chunk that is the thread's of those that are next, and lets the walk go on.
	MEMBER int take(ID_PARAMS OWN(Walk) &walk, int chunks) const {
		int place = mine < 0 ? THREAD / SQUARE_ROWS : mine / SQUARE_VECTORS, taken = -1;
		UNROLL for (int i = 0; i < SQUARE_STAGE; i++) {
			if (walk.done()) continue;
			if (i == place && walk.chunk < chunks) taken = walk.chunk;
			walk.next(chunks);
		}
		return taken;
	}
	// load takes what is next, and lets the walk go on.
	MEMBER void load(ID_PARAMS OWN(const SquareInput) &in, OWN(const Weight) &w, int row, OWN(Walk) &walk) {
		chunk = take(IDS walk, in.cols / F::LEN);
		if (chunk >= 0 && mine >= 0) {
			int first = chunk * F::LEN;
			GLOBAL(const u32x4) q = GLOBAL_CAST(const u32x4, codes + (first / 32 * (32 * TOGETHER) + first % 32));
			UNROLL for (int i = 0; i < WORDS / 4; i++) words_of(x + 4 * i, q[i]);
			scale = scales[first / in.group * TOGETHER];
		}
		if (chunk >= 0 && mine < 0) {
			int r = row + THREAD % SQUARE_ROWS;
			k = F::decode(F::load(w, r < w.rows ? r : row, chunk), w, chunk);
		}
	}
	MEMBER void store(ID_PARAMS OWN(const SquareStage<F>) &to) const {
		if (chunk >= 0 && mine >= 0) {
			put_line<F::LEN>(to.x(0), mine, x);
			UNROLL for (int h = 0; h < SCALES; h++) {
				int sum = 0;
				if (F::HAS_MINS)
					UNROLL for (int i = h * (WORDS / SCALES); i < (h + 1) * (WORDS / SCALES); i++) sum = dot4(x[i], 0x01010101, sum);
				to.put(to.x_scales(h, mine), scale, (float)sum * scale);
			}
		}
		if (chunk >= 0 && mine < 0) {
			u32 q[WORDS];
			F::codes(q, k);
			put_line<F::LEN>(to.w(0), THREAD, q);
			UNROLL for (int h = 0; h < SCALES; h++) to.put(to.w_scales(h, THREAD), k.scale(h), k.minimum(h));
		}
	}
};

// Waiting are sums of a square that wait to be folded, eight for each of 1, 2, 4, 8 and 16 lanes of product.h. They are rarely needed
// and in memory: most instructions would move them from register to register, because these cannot be chosen by number.
enum { WAITING = 5 * 2 };

// A RowScales is the scales and minimums of a lane's four rows.
struct RowScales {
	float d[4], m[4];
};

// SquareSums are a lane's of one square.
template <class F> struct SquareSums {
	float sum[8];
	MEMBER void clear() { UNROLL for (int i = 0; i < 8; i++) sum[i] = 0; }
	// add adds sums of part h of a chunk, whose vectors have lines from x on.
	MEMBER void add(ID_PARAMS OWN(const SquareStage<F>) &from, int h, int x, OWN(const RowScales) &rows, OWN(const float) *s) {
		float scale[2], times[2] = {0, 0};
		UNROLL for (int v = 0; v < 2; v++) {
			SHARED(const float) of = from.x_scales(h, x + square_vector(LANE, 2 * v));
			if (F::HAS_MINS) {
				f32x2 both = SHARED_CAST(const f32x2, of)[0];
				scale[v] = both.x, times[v] = both.y;
			} else {
				scale[v] = of[0];
			}
		}
		UNROLL for (int i = 0; i < 8; i++) {
			int r = i / 4 * 2 + i % 2, v = i / 2 % 2;
			// Of scales of few bits the second product is exact.
			float y = F::IS_SHORT ? fma32(s[i], rows.d[r], rows.d[r] * -(float)SQUARE_BIAS) : (s[i] - (float)SQUARE_BIAS) * rows.d[r];
			sum[i] = fma32(y, scale[v], sum[i]);
			if (F::HAS_MINS) sum[i] = fma32(times[v], rows.m[r], sum[i]);
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

// square_vectors and square_rows return where a warp's square k begins in its block.
DEVICE int square_vectors(int warp, int k) { return (warp % 2 * WARP_SQUARES + k) * 16; }
DEVICE int square_rows(int warp) { return warp / 2 * 16; }

// add_chunk adds chunk i of a stage to a warp's squares.
template <class F> DEVICE void add_chunk(
	ID_PARAMS OWN(SquareSums<F>) *sums, OWN(const SquareStage<F>) &from, int i, SHARED(float) scratch) {
	int w = i * SQUARE_ROWS + square_rows(WARP);
	RowScales rows[F::SCALES];
	UNROLL for (int h = 0; h < F::SCALES; h++)
		UNROLL for (int n = 0; n < 4; n += 2) from.pair(rows[h].d + n, rows[h].m + n, h, w + square_row(LANE, 2 * n));
	Square<F::LEN, F::SCALES> lines;
	lines.rows(IDS from.w(w));
	UNROLL for (int k = 0; k < WARP_SQUARES; k++) {
		int x = i * SQUARE_VECTORS + square_vectors(WARP, k);
		lines.vectors(IDS from.x(x));
		UNROLL for (int h = 0; h < F::SCALES; h++) {
			float s[8];
			lines.sums(IDS s, h, scratch);
			sums[k].add(IDS from, h, x, rows[h], s);
		}
	}
}

// multiply_squares multiplies a block's vectors and SQUARE_ROWS rows.
template <class F> DEVICE void multiply_squares(
	ID_PARAMS OWN(SquareSums<F>) *sums, OWN(const SquareInput) &in, OWN(const Weight) &w, int row, SHARED(u8) bytes) {
	typedef SquareStage<F> S;
	int chunks = in.cols / F::LEN, slot = 0;
	SHARED(float) scratch = SHARED_CAST(float, bytes + 2 * S::BYTES);
	Walk ahead, at;
	ahead.start();
	at.start();
	Fetch<F> next;
	next.start(IDS in);
	next.load(IDS in, w, row, ahead);
	next.store(IDS S{bytes});
	BARRIER();
	f32x4 waiting[WARP_SQUARES * WAITING];
	UNROLL for (int k = 0; k < WARP_SQUARES; k++) sums[k].clear();
	while (!at.done()) {
		int more = !ahead.done();
		if (more) next.load(IDS in, w, row, ahead);
		S now = {bytes + slot * S::BYTES}, then = {bytes + (1 - slot) * S::BYTES};
		for (int i = 0; i < SQUARE_STAGE && !at.done(); i++) {
			if (at.chunk < chunks) add_chunk(IDS sums, now, i, scratch);
			if (at.last(chunks))
				UNROLL for (int k = 0; k < WARP_SQUARES; k++) sums[k].fold(at.visit, waiting + k * WAITING);
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
	SquareSums<F> sums[WARP_SQUARES];
	multiply_squares(IDS sums, in, w, row, bytes);
	UNROLL for (int i = 0; i < 8 * WARP_SQUARES; i++) {
		int t = square_vectors(WARP, i / 8) + square_vector(LANE, i % 8), r = row + square_rows(WARP) + square_row(LANE, i % 8);
		if (t < in.n && r < w.rows) finish(a, which, r, t0 + t, sums[i / 8].sum[i % 8]);
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
	SquareSums<F> sums[WARP_SQUARES];
	multiply_squares(IDS sums, in, w, row, bytes);
	GLOBAL(float) dst = BLOCK_Z == 0 ? a.dst0 : a.dst1;
	UNROLL for (int i = 0; i < 8 * WARP_SQUARES; i++) {
		int t = square_vectors(WARP, i / 8) + square_vector(LANE, i % 8), r = row + square_rows(WARP) + square_row(LANE, i % 8);
		if (t < n && r < w.rows) dst[(i64)team[2 + t] * a.stride + r] = sums[i / 8].sum[i % 8];
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
