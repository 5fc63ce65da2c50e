// Products of a matrix of codes and up to eight vectors: a warp multiplies groups of a slab of eight rows, lane 4g+t chain
// t of row g. Products of integers are exact, and the order of sums is in cells.h: it is that of tensor units.
#pragma once

enum { SLABS_THREADS = VECTOR_THREADS, SLABS_WARPS = VECTOR_WARPS };

// A Turn is the groups of slabs that fall to a warp, one after the other. The share's parts are groups.
struct Turn {
	int tile, part;
	MEMBER void start(OWN(const Share) &share, int warp) {
		tile = 0;
		part = warp - SLABS_WARPS;
		next(share);
	}
	MEMBER void next(OWN(const Share) &share) {
		part += SLABS_WARPS;
		for (; part >= share.parts; tile++) part -= share.parts;
	}
};

// A SlabReader walks over a warp's weights: group after group, some cells at a time, FEED of each chain.
template <class F, int FEED> struct SlabReader {
	enum { STEP = CHAINS * FEED, BYTES = STEP * F::BYTES };
	Turn at;
	int known, cell, end; // known is the tile whose slab this is; cell of the group, and where it ends
	GLOBAL(const u8) slab;
	MEMBER int has(OWN(const Share) &share) const { return at.tile < share.tiles; }
	MEMBER GLOBAL(const u8) from() const { return slab + cell * F::BYTES; }
	MEMBER int bytes() const { return end - cell < STEP ? (end - cell) * F::BYTES : (int)BYTES; }
	MEMBER void find(ARGS(ProductArgs) a, OWN(const Share) &share) {
		if (!has(share)) return;
		int cells = cells_of(a.cols);
		cell = at.part * GROUP_CELLS;
		end = cell + GROUP_CELLS < cells ? cell + GROUP_CELLS : cells;
		if (known == at.tile) return;
		known = at.tile;
		int which = share.which(a, known), row = share.row(a, known);
		// Between two products there are rows of none.
		slab = OF(a, which, w.data) + (i64)(row < OF(a, which, w.rows) ? row / 8 : 0) * OF(a, which, w.pitch);
	}
	MEMBER void start(ARGS(ProductArgs) a, OWN(const Share) &share, int warp) {
		at.start(share, warp);
		known = -1;
		slab = a.p0.w.data;
		find(a, share);
	}
	MEMBER void next(ARGS(ProductArgs) a, OWN(const Share) &share) {
		cell += STEP;
		if (cell < end) return;
		at.next(share);
		find(a, share);
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

// One vector is made codes by each block for itself; several are codes already. MOST is how many there may be. What start
// does needs nothing of the kernel before; read asks for the vector.
template <class F> struct OneCodes {
	enum { MOST = 1, PER_PART = CHAINS };
	Vector x;
	MEMBER int lines() const { return 1; }
	MEMBER float inverse_of(ARGS(ProductArgs) a, int, SHARED(const float) scratch) const {
		return inverse_rms(x.e, a.cols, a.eps, scratch);
	}
	MEMBER void start(ARGS(ProductArgs) a) { x.start_one(a); }
	MEMBER void read() { x.read(); }
	MEMBER void fill(ARGS(ProductArgs), SHARED(u8) bytes, SHARED(u8) scales, SHARED(float) scratch) {
		put_codes<F>(x, StagedCells{bytes, scales}, scratch);
	}
};

template <class F> struct FewCodes {
	enum { MOST = 8, PER_PART = CHAINS };
	int n;
	MEMBER int lines() const { return n; }
	MEMBER float inverse_of(ARGS(ProductArgs) a, int t, SHARED(const float)) const { return a.scales[a.from + t]; }
	MEMBER void start(ARGS(ProductArgs) a) { n = a.vectors; }
	MEMBER void read() {}
	MEMBER void fill(ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(u8) scales, SHARED(float)) {
		int cells = cells_of(a.cols);
		for (int i = THREAD; i < n * cells * 17; i += SLABS_THREADS) {
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

// multiply_cells makes the input and multiplies by a block's share. take returns a warp's next FEED cells of each chain when they
// are there, and done gives their place back.
template <class F, int FEED, class X, class Take, class Done> DEVICE void multiply_cells(ARGS(ProductArgs) a, OWN(const Share) &share,
	OWN(X) &x, SHARED(u8) staged, SHARED(float) scratch, Take take, Done done) {
	enum { STEP = CHAINS * FEED };
	int cells = cells_of(a.cols), lines = x.lines(), t = LANE % 4;
	int line_codes = staged_codes(cells), line_scales = staged_scales(cells);
	SHARED(u8) scales = staged + lines * line_codes;
	SHARED(float) sums = SHARED_CAST(float, scales + (lines * line_scales + 15) / 16 * 16);
	x.fill(a, staged, scales, scratch);
	BARRIER();
	Out out;
	out.find(a, share, x, THREAD, sums);
	Turn at;
	for (at.start(share, WARP); at.tile < share.tiles; at.next(share)) {
		int first = at.part * GROUP_CELLS, end = first + GROUP_CELLS < cells ? first + GROUP_CELLS : cells;
		float sum[X::MOST] = {};
		for (int c = first; c < end; c += STEP) {
			SHARED(const u8) mine = take() + t * F::BYTES;
			SHARED(const u8) codes = staged + (c + t) * STAGED_CELL;
			SHARED(const u8) ds = scales + (c + t) * 8;
			auto step = [&](int i) {
				step_cell<F, X::MOST>(sum, mine + i * CHAINS * F::BYTES, codes + i * CHAINS * STAGED_CELL, ds + i * CHAINS * 8, lines,
					line_codes, line_scales);
			};
			if (c + STEP <= end) {
				UNROLL for (int i = 0; i < FEED; i++) step(i);
			} else {
				for (int i = 0; c + i * CHAINS + t < end; i++) step(i);
			}
			done();
		}
		SHARED(float) to = sums + (((at.tile * share.parts + at.part) * CHAINS + t) * lines * 8 + LANE / 4);
		UNROLL for (int v = 0; v < X::MOST; v++)
			if (v < lines) to[v * 8] = sum[v];
	}
	out.scale(a, x, THREAD, scratch);
	BARRIER();
	out.store_all(a, share, x, sums, scratch);
}

// slabs multiplies by a block's share.
template <class F, class X> DEVICE void slabs(ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(float) scratch, SHARED(u64) arrivals) {
	enum { SLOT = SlabReader<F, F::STEP>::BYTES };
	LET_NEXT();
	X x;
	x.start(a);
	Share share;
	share.of(a, GROUP_CELLS * CELL_COLS);
	SHARED(u8) ring = bytes + WARP * (F::RING * SLOT);
	SHARED(u64) full = arrivals + WARP * F::RING;
	STREAM_START(full, F::RING);
	SlabReader<F, F::STEP> ahead;
	ahead.start(a, share, WARP);
	int to = 0, slot = 0, phase = 0;
	auto copy = [&]() { // some cells, if there are any
		if (ahead.has(share)) {
			STREAM_COPY(ring + to * SLOT, ahead.from(), ahead.bytes(), full + to);
			ahead.next(a, share);
		} else {
			STREAM_NONE();
		}
		to = to + 1 < F::RING ? to + 1 : 0;
	};
	auto take = [&]() {
		STREAM_WAIT(full + slot, phase, F::RING);
		return ring + slot * SLOT;
	};
	auto done = [&]() {
		WARP_MEETS();
		copy();
		if (++slot == F::RING) {
			slot = 0;
			phase ^= 1;
		}
	};
	copy(); // a part of the ring; the rest comes behind the vector, which would wait for it
	WAIT_PREVIOUS();
	x.read();
	for (int i = 1; i < F::RING; i++) copy();
	multiply_cells<F, F::STEP>(a, share, x, bytes + SLABS_WARPS * F::RING * SLOT, scratch, take, done);
}
