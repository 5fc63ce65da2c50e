// Products of a matrix of codes and many vectors, by squares. A sum has the order of product.h's: chunk after chunk of
// each of 32 lanes, which are folded 16, 8, 4, 2 and 1 apart. Here a lane of square.h makes all of these for eight
// sums. So it takes the chunks of lane 0, then those of lane 16, which can be folded, then of lanes 8 and 24, and so on.
#pragma once

// A block multiplies SQUARE_VECTORS vectors and SQUARE_ROWS rows; a warp one square. SQUARE_STAGE chunks are staged at a time, and
// as many are on their way.
enum { SQUARE_VECTORS = 64, SQUARE_ROWS = 32 };

// A Walk goes through the chunks of all lanes.
struct Walk {
	int visit, chunk; // visit: how many lanes are done
	MEMBER static int lane(int visit) {
		return (visit & 1) << 4 | (visit & 2) << 2 | (visit & 4) | (visit & 8) >> 2 | (visit & 16) >> 4;
	}
	MEMBER void start() { visit = chunk = 0; }
	MEMBER int done() const { return visit >= 32; }
	MEMBER int last(int chunks) const { return chunk + 32 >= chunks; } // of the lane, which may have none
	MEMBER void next(int chunks) {
		chunk += 32;
		if (chunk >= chunks) chunk = lane(++visit);
	}
};

// A SquareStage is where chunks lie in the block's memory: lines, scales, and what minimums are multiplied by.
template <class F> struct SquareStage {
	enum {
		SCALES = F::SCALES, X_LINES = SQUARE_STAGE * SQUARE_VECTORS, W_LINES = SQUARE_STAGE * SQUARE_ROWS, X_LINE = LINE(F::LEN),
		W = X_LINES * X_LINE, X_SCALES = W + W_LINES * X_LINE, X_SUMS = X_SCALES + X_LINES * 4,
		W_SCALES = X_SUMS + F::HAS_MINS * X_LINES * SCALES * 4, W_MINS = W_SCALES + W_LINES * SCALES * 4,
		BYTES = W_MINS + F::HAS_MINS * W_LINES * SCALES * 4
	};
	SHARED(u8) at;
	MEMBER SHARED(u8) x(int line) const { return at + line * X_LINE; }
	MEMBER SHARED(u8) w(int line) const { return at + (W + line * X_LINE); }
	MEMBER SHARED(float) x_scales(int line) const { return SHARED_CAST(float, at + X_SCALES) + line; }
	MEMBER SHARED(float) x_sums(int line) const { return SHARED_CAST(float, at + X_SUMS) + line * SCALES; }
	MEMBER SHARED(float) w_scales(int line) const { return SHARED_CAST(float, at + W_SCALES) + line * SCALES; }
	MEMBER SHARED(float) w_mins(int line) const { return SHARED_CAST(float, at + W_MINS) + line * SCALES; }
};

// A SquareInput is the vectors of a block: n neighbours from first on, or those of pairs, see route.h.
struct SquareInput {
	GLOBAL(const i8) q; // [][stride], with scales [][cols/group]
	GLOBAL(const float) scales;
	GLOBAL(const int) pairs; // null for neighbours
	int n, first, per, cols, stride, group; // per: pairs that share a vector
	MEMBER i64 vector(int t) const {
		if (t >= n) t = n - 1;
		return pairs ? pairs[t] / per : first + t;
	}
};

// A Fetch is what a thread brings to the block's memory: a line of codes of a vector, and one of a row, or none.
template <class F> struct Fetch {
	enum { WORDS = F::LEN / 4, SCALES = F::SCALES };
	u32 x[WORDS];
	float scale;
	typename F::Chunk k;
	int has_x, has_w;
	// load takes what is next, and lets the walk go on.
	MEMBER void load(ID_PARAMS OWN(const SquareInput) &in, OWN(const Weight) &w, int row, OWN(Walk) &walk) {
		int chunks = in.cols / F::LEN, mine = THREADS - 1 - THREAD, x_chunk = chunks, w_chunk = chunks;
		UNROLL for (int i = 0; i < SQUARE_STAGE; i++) {
			if (walk.done()) continue;
			if (mine / SQUARE_VECTORS == i) x_chunk = walk.chunk;
			if (THREAD / SQUARE_ROWS == i) w_chunk = walk.chunk;
			walk.next(chunks);
		}
		has_x = x_chunk < chunks;
		has_w = w_chunk < chunks;
		if (has_x) {
			i64 t = in.vector(mine % SQUARE_VECTORS);
			GLOBAL(const u32x4) q = GLOBAL_CAST(const u32x4, in.q + (t * in.stride + x_chunk * F::LEN));
			UNROLL for (int i = 0; i < WORDS / 4; i++) {
				u32x4 v = q[i];
				x[4 * i] = v.x, x[4 * i + 1] = v.y, x[4 * i + 2] = v.z, x[4 * i + 3] = v.w;
			}
			scale = in.scales[t * (in.cols / in.group) + x_chunk * F::LEN / in.group];
		}
		if (has_w) {
			int r = row + THREAD % SQUARE_ROWS;
			k = F::decode(F::load(w, r < w.rows ? r : row, w_chunk), w, w_chunk);
		}
	}
	MEMBER void store(ID_PARAMS OWN(const SquareStage<F>) &to) const {
		int mine = THREADS - 1 - THREAD;
		if (has_x) {
			put_line<F::LEN>(to.x(mine), x);
			to.x_scales(mine)[0] = scale;
			if (F::HAS_MINS)
				UNROLL for (int h = 0; h < SCALES; h++) {
					int sum = 0;
					UNROLL for (int i = h * (WORDS / SCALES); i < (h + 1) * (WORDS / SCALES); i++) sum = dot4(x[i], 0x01010101, sum);
					to.x_sums(mine)[h] = (float)sum * scale;
				}
		}
		if (has_w) {
			u32 q[WORDS];
			F::codes(q, k);
			put_line<F::LEN>(to.w(THREAD), q);
			UNROLL for (int h = 0; h < SCALES; h++) {
				to.w_scales(THREAD)[h] = k.scale(h);
				if (F::HAS_MINS) to.w_mins(THREAD)[h] = k.minimum(h);
			}
		}
	}
};

// SquareSums are a lane's, and those that wait to be folded: of 1, 2, 4, 8 and 16 lanes of product.h.
template <class F> struct SquareSums {
	float sum[8], waits[5][8];
	MEMBER void clear() { UNROLL for (int i = 0; i < 8; i++) sum[i] = 0; }
	// add adds a chunk of lines from x and w on.
	MEMBER void add(ID_PARAMS OWN(const SquareStage<F>) &from, int x, int w, SHARED(float) scratch) {
		Square<F::LEN, F::SCALES> lines;
		lines.load(IDS from.x(x), from.w(w));
		SHARED(float) dx = from.x_scales(x + LANE / 4);
		float scale[2] = {dx[0], dx[8]};
		UNROLL for (int h = 0; h < F::SCALES; h++) {
			float s[8];
			lines.sums(IDS s, h, scratch);
			UNROLL for (int r = 0; r < 4; r++) { // of a lane's rows
				int line = w + square_row(LANE, r / 2 * 4 + r % 2), first = r / 2 * 4 + r % 2;
				float d = from.w_scales(line)[h], less = d * -(float)SQUARE_BIAS;
				UNROLL for (int v = 0; v < 2; v++) {
					int i = first + 2 * v;
					// Of scales of few bits, less is exact.
					float y = F::IS_SHORT ? fma32(s[i], d, less) : (s[i] - (float)SQUARE_BIAS) * d;
					sum[i] = fma32(y, scale[v], sum[i]);
				}
				if (F::HAS_MINS)
					UNROLL for (int v = 0; v < 2; v++)
						sum[first + 2 * v] = fma32(from.x_sums(x + LANE / 4 + 8 * v)[h], from.w_mins(line)[h], sum[first + 2 * v]);
			}
		}
	}
	// fold folds the sums of a lane of product.h, before which others were visited. A level is reached if all below it are full.
	MEMBER void fold(int visit) {
		UNROLL for (int level = 0; level < 5; level++) {
			int below = (1 << level) - 1;
			if ((visit & below) != below) continue;
			if (visit >> level & 1) {
				UNROLL for (int i = 0; i < 8; i++) sum[i] = waits[level][i] + sum[i];
			} else {
				UNROLL for (int i = 0; i < 8; i++) waits[level][i] = sum[i];
				clear();
			}
		}
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
	next.load(IDS in, w, row, ahead);
	next.store(IDS S{bytes});
	BARRIER();
	sums.clear();
	while (!at.done()) {
		int more = !ahead.done();
		if (more) next.load(IDS in, w, row, ahead);
		S now = {bytes + slot * S::BYTES}, then = {bytes + (1 - slot) * S::BYTES};
		for (int i = 0; i < SQUARE_STAGE && !at.done(); i++) {
			if (at.chunk < chunks) sums.add(IDS now, i * SQUARE_VECTORS + x, i * SQUARE_ROWS + r, scratch);
			if (at.last(chunks)) sums.fold(at.visit);
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
	SquareInput in = {a.q, a.scales, none, a.vectors - t0, t0, 1, a.cols, a.stride, a.group};
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
	SquareInput in = {a.q, a.scales, team + 2, n, 0, a.per, a.cols, a.pitch, a.group};
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
