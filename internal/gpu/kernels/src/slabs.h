// Products of a matrix of codes and up to eight vectors: a warp multiplies groups of a slab of eight rows, lane 4g+t chain
// t of row g. Products of integers are exact, and the order of sums is in cells.h: it is that of tensor units.
#pragma once

enum { SLABS_THREADS = 512, SLABS_WARPS = SLABS_THREADS / 32 };

// A Turn is the groups of slabs that fall to a warp, one after the other. The share's parts are groups.
struct Turn {
	int tile, part;
	MEMBER void start(OWN(const Share) &share) {
		tile = 0;
		part = WARP - SLABS_WARPS;
		next(share);
	}
	MEMBER void next(OWN(const Share) &share) {
		part += SLABS_WARPS;
		for (; part >= share.parts; tile++) part -= share.parts;
	}
};

// A SlabReader copies a warp's weights: group after group, some cells at a time.
template <class F> struct SlabReader {
	enum { STEP = CHAINS * F::STEP, SLOT = STEP * F::BYTES };
	Turn at;
	int known, cell, end, slot; // known is the tile whose slab this is; cell of the group, and where it ends
	GLOBAL(const u8) slab;
	MEMBER void find(ARGS(ProductArgs) a, OWN(const Share) &share) {
		if (at.tile >= share.tiles) return;
		int cells = cells_of(a.cols);
		cell = at.part * GROUP_CELLS;
		end = cell + GROUP_CELLS < cells ? cell + GROUP_CELLS : cells;
		if (known == at.tile) return;
		known = at.tile;
		int which = share.which(a, known), row = share.row(a, known);
		// Between two products there are rows of none.
		slab = OF(a, which, w.data) + (i64)(row < OF(a, which, w.rows) ? row / 8 : 0) * OF(a, which, w.pitch);
	}
	MEMBER void start(ARGS(ProductArgs) a, OWN(const Share) &share) {
		at.start(share);
		known = -1;
		slot = 0;
		slab = a.p0.w.data;
		find(a, share);
	}
	// next copies cells into a warp's ring, if there are any.
	MEMBER void next(ARGS(ProductArgs) a, OWN(const Share) &share, SHARED(u8) ring, SHARED(u64) full) {
		if (at.tile < share.tiles) {
			int n = end - cell < STEP ? end - cell : STEP;
			STREAM_COPY(ring + slot * SLOT, slab + cell * F::BYTES, n * F::BYTES, full + slot);
			cell += n;
			if (cell == end) {
				at.next(share);
				find(a, share);
			}
		} else {
			STREAM_NONE();
		}
		slot = slot + 1 < F::RING ? slot + 1 : 0;
	}
};

// A cell's codes of a vector are staged STAGED_CELL bytes apart, so that lanes of four chains read different banks. Vectors are
// one behind the other, with their scales behind all of them.
enum { STAGED_CELL = 96 };
DEVICE int staged_codes(int cells) { return cells * STAGED_CELL; }
DEVICE int staged_scales(int cells) { return (cells + 1) * 8; }

// A StagedCells is where the codes of one vector go in the block's memory.
struct StagedCells {
	SHARED(u8) q;
	SHARED(u8) scales;
	MEMBER void word(int b, int i, u32 c) const { SHARED_CAST(u32, q + (b / 2 * STAGED_CELL + word_in(0, b % 2, i)))[0] = c; }
	MEMBER void scale(int b, float d) const { SHARED_CAST(float, scales + b * 4)[0] = d; }
};

// One vector is made codes by each block for itself; several are codes already. MOST is how many there may be.
template <class F> struct OneCodes {
	enum { MOST = 1 };
	Vector x;
	MEMBER int lines() const { return 1; }
	MEMBER float inverse_of(ARGS(ProductArgs) a, int, SHARED(const float) scratch) const {
		return inverse_rms(x.e, a.cols, a.eps, scratch);
	}
	MEMBER void start(ARGS(ProductArgs) a) {
		GLOBAL(const float) none(nullptr);
		x.start({a.x, a.norm, 1}, a.cols, none, 0);
	}
	MEMBER void fill(ARGS(ProductArgs), SHARED(u8) bytes, SHARED(u8) scales, SHARED(float) scratch) {
		x.read();
		put_codes<F>(x, StagedCells{bytes, scales}, scratch);
	}
};

template <class F> struct FewCodes {
	enum { MOST = 8 };
	int n;
	MEMBER int lines() const { return n; }
	MEMBER float inverse_of(ARGS(ProductArgs) a, int t, SHARED(const float)) const { return a.scales[a.from + t]; }
	MEMBER void start(ARGS(ProductArgs) a) { n = a.vectors; }
	MEMBER void fill(ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(u8) scales, SHARED(float)) {
		int cells = cells_of(a.cols);
		for (int i = THREAD; i < n * cells * 17; i += THREADS) {
			int word = i % 17, c = i / 17 % cells, line = i / 17 / cells, t = a.from + line;
			GLOBAL(const i8) cell = a.q + ((i64)(t / 16) * cells + c) * INPUT_CELL;
			if (word < 16) {
				u32 q = GLOBAL_CAST(const u32, cell + input_word(t, word / 8, word % 8))[0];
				SHARED_CAST(u32, bytes + (line * staged_codes(cells) + c * STAGED_CELL + word_in(0, word / 8, word % 8)))[0] = q;
			} else {
				u64 d = GLOBAL_CAST(const u64, cell + input_scales(t))[0];
				SHARED_CAST(u64, scales + (line * staged_scales(cells) + c * 8))[0] = d;
			}
		}
	}
};

// A SlabOut is a product that a thread stores: what that takes is read before its sums are there.
struct SlabOut {
	int n, distance, glu, then, biased; // n: sums, so far from each other
	float inverse, before, bias;
	SHARED(const float) sums;
	GLOBAL(float) dst; // null if there is no such row
	template <class X> MEMBER void find(ARGS(ProductArgs) a, OWN(const Share) &share, OWN(const X) &x, int i,
		SHARED(const float) all, SHARED(const float) scratch) {
		int lines = x.lines(), r = i % 8, t = i / 8 % lines, tile = i / 8 / lines * (share.glu ? 2 : 1);
		GLOBAL(float) none(nullptr);
		dst = none;
		if (tile >= share.tiles) return;
		int which = share.which(a, tile), row = share.row(a, tile) + r;
		if (row >= OF(a, which, w.rows)) return;
		n = share.parts * CHAINS, distance = lines * 8, glu = share.glu, then = a.then;
		sums = all + (tile * n * distance + t * 8 + r);
		inverse = x.inverse_of(a, t, scratch);
		GLOBAL(const float) biases = OF(a, which, bias);
		dst = OF(a, which, dst) + ((i64)(a.from + t) * OF(a, which, stride) + row);
		biased = biases ? 1 : 0;
		bias = biased ? biases[row] : 0;
		before = then == ADD ? *dst : 0;
	}
	MEMBER float sum(SHARED(const float) mine) const {
		float sum = mine[0];
		UNROLL_SOME for (int p = 1; p < n; p++) sum = sum + mine[p * distance];
		return sum;
	}
	MEMBER void store() const {
		float y = sum(sums) * inverse;
		if (glu) y = activate(then, y) * (sum(sums + n * distance) * inverse);
		if (biased) y = y + bias;
		*dst = then == ADD ? before + y : y;
	}
};

// step_cell adds to a row's sums what a cell gives: two blocks, one after the other.
template <class F, int MOST> DEVICE void step_cell(
	float *sum, SHARED(const u8) cell, SHARED(const u8) x, SHARED(const u8) scales, int lines, int line_codes, int line_scales) {
	int g = LANE / 4;
	u32 q[16];
	F::row(q, cell, g);
	u32 d = SHARED_CAST(const u32, cell + (F::CODES + g * 4))[0];
	UNROLL for (int v = 0; v < MOST; v++) {
		if (v >= lines) break;
		int first = 0, second = 0;
		UNROLL for (int j = 0; j < 4; j++) {
			u32x4 y = SHARED_CAST(const u32x4, x + (v * line_codes + F::piece(j, g) * 16))[0];
			first = dot4(q[4 * j + 1], y.y, dot4(q[4 * j], y.x, first));
			second = dot4(q[4 * j + 3], y.w, dot4(q[4 * j + 2], y.z, second));
		}
		f32x2 e = SHARED_CAST(const f32x2, scales + v * line_scales)[0];
		sum[v] = fma32((float)first * low_half(d), e.x, sum[v]);
		sum[v] = fma32((float)second * high_half(d), e.y, sum[v]);
	}
}

// slabs multiplies by a block's share.
template <class F, class X> DEVICE void slabs(ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(float) scratch, SHARED(u64) arrivals) {
	enum { SLOT = SlabReader<F>::SLOT, STEP = SlabReader<F>::STEP };
	LET_NEXT();
	Share share;
	share.of(a, GROUP_CELLS * CELL_COLS);
	SHARED(u8) ring = bytes + WARP * (F::RING * SLOT);
	SHARED(u64) full = arrivals + WARP * F::RING;
	STREAM_START(full, F::RING);
	SlabReader<F> ahead;
	ahead.start(a, share);
	for (int i = 0; i < F::RING; i++) ahead.next(a, share, ring, full);
	X x;
	x.start(a);
	WAIT_PREVIOUS();
	int cells = cells_of(a.cols), lines = x.lines(), slot = 0, phase = 0;
	int line_codes = staged_codes(cells), line_scales = staged_scales(cells);
	SHARED(u8) staged = bytes + SLABS_WARPS * F::RING * SLOT;
	SHARED(u8) scales = staged + lines * line_codes;
	SHARED(float) sums = SHARED_CAST(float, scales + (lines * line_scales + 15) / 16 * 16);
	x.fill(a, staged, scales, scratch);
	BARRIER();
	SlabOut out;
	out.find(a, share, x, THREAD, sums, scratch);
	int t = LANE % 4;
	Turn at;
	for (at.start(share); at.tile < share.tiles; at.next(share)) {
		int first = at.part * GROUP_CELLS, end = first + GROUP_CELLS < cells ? first + GROUP_CELLS : cells;
		float sum[X::MOST] = {};
		for (int c = first; c < end; c += STEP) {
			STREAM_WAIT(full + slot, phase, F::RING);
			SHARED(const u8) mine = ring + (slot * SLOT + t * F::BYTES);
			SHARED(const u8) codes = staged + (c + t) * STAGED_CELL;
			SHARED(const u8) ds = scales + (c + t) * 8;
			auto step = [&](int i) {
				step_cell<F, X::MOST>(sum, mine + i * CHAINS * F::BYTES, codes + i * CHAINS * STAGED_CELL, ds + i * CHAINS * 8, lines,
					line_codes, line_scales);
			};
			if (c + STEP <= end) {
				UNROLL for (int i = 0; i < F::STEP; i++) step(i);
			} else {
				for (int i = 0; c + i * CHAINS + t < end; i++) step(i);
			}
			WARP_MEETS();
			ahead.next(a, share, ring, full);
			if (++slot == F::RING) {
				slot = 0;
				phase ^= 1;
			}
		}
		SHARED(float) to = sums + (((at.tile * share.parts + at.part) * CHAINS + t) * lines * 8 + LANE / 4);
		UNROLL for (int v = 0; v < X::MOST; v++)
			if (v < lines) to[v * 8] = sum[v];
	}
	BARRIER();
	for (int i = THREAD; i < share.tiles * lines * 8; i += THREADS) {
		if (i != THREAD) out.find(a, share, x, i, sums, scratch);
		if (out.dst) out.store();
	}
}
