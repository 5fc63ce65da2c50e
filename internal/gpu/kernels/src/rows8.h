// Products of a matrix of halves and up to eight vectors, on tensor units. One step of these multiplies 16
// columns: the sum of 16 products and what was there before. Columns are in parts of PART: the sum of a
// part is that of its steps one after the other, and parts are added up in order. So it is for
// any number of vectors: wide.h does the same for many.
#pragma once

// A warp has the next tiles of its rows on their way, into memory of its own: RING of them, or FEW_RING where several
// vectors take the rest.
enum { PART = 512, RING = 6, FEW_RING = 3, ROWS8_THREADS = VECTOR_THREADS, ROWS8_WARPS = ROWS8_THREADS / 32 };

// A Share is the tiles of eight rows that fall to a block: of products one after the other, or of gate and
// up in turn.
struct Share {
	int tiles, parts, glu;
	MEMBER void of(ARGS(ProductArgs) a, int part) {
		glu = a.then >= GLU_SILU;
		int all = ((glu ? a.p0.w.rows : rows_of(a)) + 7) / 8;
		tiles = BLOCK_X < all ? (all - BLOCK_X + BLOCKS_X - 1) / BLOCKS_X : 0;
		if (glu) tiles *= 2;
		parts = (a.cols + part - 1) / part;
	}
	// first returns the number among all rows of the first of tile i, which_tile whose it is.
	MEMBER int first(int i) const { return 8 * (BLOCK_X + (glu ? i / 2 : i) * BLOCKS_X); }
	MEMBER int which(ARGS(ProductArgs) a, int i) const { return glu ? i % 2 : which_of(a, first(i)); }
	MEMBER int row(ARGS(ProductArgs) a, int i) const { return glu ? first(i) : first(i) - OF(a, which(a, i), first); }
};

// A TileReader walks over a warp's weights: part after part, each of one tile of rows, a tile at a time.
struct TileReader {
	enum { BYTES = TILE_BYTES };
	int unit, tile, end; // unit: a part of eight rows; tile of 64 columns, and where the part's end
	GLOBAL(const u8) at;
	MEMBER int has(OWN(const Share) &share) const { return unit < share.tiles * share.parts; }
	MEMBER GLOBAL(const u8) from() const { return at; }
	MEMBER int bytes() const { return TILE_BYTES; }
	MEMBER void find(ARGS(ProductArgs) a, OWN(const Share) &share) {
		if (!has(share)) return;
		int i = unit / share.parts, which = share.which(a, i), row = share.row(a, i), tiles = (a.cols + 63) / 64;
		tile = unit % share.parts * (PART / TILE_COLS);
		end = tile + PART / TILE_COLS < tiles ? tile + PART / TILE_COLS : tiles;
		// Between two products there are rows of none.
		at = OF(a, which, w.data) + tile_at(row < OF(a, which, w.rows) ? row : 0, tile, slab_pitch(a.cols));
	}
	MEMBER void start(ARGS(ProductArgs) a, OWN(const Share) &share, int warp) {
		unit = warp;
		at = a.p0.w.data;
		find(a, share);
	}
	MEMBER void next(ARGS(ProductArgs) a, OWN(const Share) &share) {
		at = at + SLAB_BYTES;
		if (++tile < end) return;
		unit += ROWS8_WARPS;
		find(a, share);
	}
};

// staged8 returns where elements 4v to 4v+3 of a vector are staged: a lane finds those of two steps side by side.
DEVICE int staged8(int v) { return v / 8 * 64 + (v / 2 % 2 + v % 2 * 2) * 16 + v / 4 % 2 * 8; }

// vector_bytes is the distance of staged vectors, of parts of one, and so of different banks.
DEVICE int vector_bytes(int cols) { return (cols + 63) / 64 * 128 + 64; }

// A Staged is where halves go in the block's memory.
struct Staged {
	SHARED(u8) bytes;
	int size;
	MEMBER void put(int p, int v, u64 h) const { SHARED_CAST(u64, bytes + (p * size + staged8(v)))[0] = h; }
};

// One vector, normalized and made halves by each block for itself, or several that are halves already. What start
// does needs nothing of the kernel before; read asks for the vector.
template <class F> struct One {
	enum { RING_OF = RING, PER_PART = 1 };
	float inverse;
	Vector x;
	MEMBER int lines() const { return 1; }
	MEMBER int line() const { return 0; }
	MEMBER float inverse_of(ARGS(ProductArgs), int, SHARED(const float)) const { return inverse; }
	MEMBER void start(ARGS(ProductArgs) a) { x.start_one(a); }
	MEMBER void read() { x.read(); }
	MEMBER void fill(ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(float) scratch) {
		Scale s = measure<F>(x, a.eps, scratch);
		inverse = s.inverse;
		x.template put<F>(s, Staged{bytes, vector_bytes(a.cols)});
	}
};

template <class F> struct Few {
	enum { RING_OF = FEW_RING, PER_PART = 1 };
	GLOBAL(const float) inverses;
	int n;
	MEMBER int lines() const { return n; }
	MEMBER int line() const { return LANE / 4 < n ? LANE / 4 : n - 1; }
	MEMBER float inverse_of(ARGS(ProductArgs), int t, SHARED(const float)) const { return inverses[t]; }
	MEMBER void start(ARGS(ProductArgs)) {}
	MEMBER void read() {}
	MEMBER void fill(ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(float)) {
		inverses = a.scales + a.from;
		n = a.vectors;
		int pieces = (a.cols + 63) / 64 * 8, pitch = slab_pitch(a.cols), size = vector_bytes(a.cols);
		for (int i = THREAD; i < n * F::PARTS * pieces; i += ROWS8_THREADS) {
			int c = i % pieces, part = i / pieces % F::PARTS, line = i / pieces / F::PARTS;
			GLOBAL(const i8) from = a.q + ((i64)part * a.group + piece_in(a.from + line, c, pitch));
			u32x4 h = GLOBAL_CAST(const u32x4, from)[0];
			SHARED(u8) to = bytes + (line * F::PARTS + part) * size;
			SHARED_CAST(u64, to + staged8(2 * c))[0] = (u64)h.x | (u64)h.y << 32;
			SHARED_CAST(u64, to + staged8(2 * c + 1))[0] = (u64)h.z | (u64)h.w << 32;
		}
	}
};

// step64 adds the products of a tile: four steps.
template <class F> DEVICE void step64(OWN(float) *d, SHARED(const u8) w, SHARED(const u8) x, int size) {
	int g = LANE / 4, t = LANE % 4, near = g * 128 + ((t & 1) ^ g) * 16 + t / 2 * 8;
	UNROLL for (int j = 0; j < 4; j += 2) {
		u64 first = SHARED_CAST(const u64, w + (near ^ 32 * j))[0], second = SHARED_CAST(const u64, w + (near ^ 32 * (j + 1)))[0];
		u32 b[2] = {(u32)first, (u32)(first >> 32)}, c[2] = {(u32)second, (u32)(second >> 32)};
		u32x4 h[F::PARTS];
		UNROLL for (int p = 0; p < F::PARTS; p++) h[p] = SHARED_CAST(const u32x4, x + (j * 32 + p * size))[0];
		UNROLL for (int p = 0; p < F::PARTS; p++) {
			u32 v[4] = {h[p].x, h[p].x, h[p].y, h[p].y};
			MULTIPLY_TILE(F::IS_BFLOAT, d, v, b);
		}
		UNROLL for (int p = 0; p < F::PARTS; p++) {
			u32 v[4] = {h[p].z, h[p].z, h[p].w, h[p].w};
			MULTIPLY_TILE(F::IS_BFLOAT, d, v, c);
		}
	}
}

// An Out is a product that a thread stores: what that takes is read before its sums are there. A part of a tile of rows has
// X::PER_PART sums of each row and vector.
struct Out {
	int n, distance, glu, then, biased; // n: sums, so far from each other
	float inverse, before, bias;
	SHARED(const float) sums;
	GLOBAL(float) dst; // null if there is no such row
	template <class X> MEMBER void find(
		ARGS(ProductArgs) a, OWN(const Share) &share, OWN(const X) &x, int i, SHARED(const float) all) {
		int lines = x.lines(), r = i % 8, t = i / 8 % lines, tile = i / 8 / lines * (share.glu ? 2 : 1);
		GLOBAL(float) none(nullptr);
		dst = none;
		if (tile >= share.tiles) return;
		int which = share.which(a, tile), row = share.row(a, tile) + r;
		if (row >= OF(a, which, w.rows)) return;
		n = share.parts * X::PER_PART, distance = lines * 8, glu = share.glu, then = a.then;
		sums = all + (tile * n * distance + t * 8 + r);
		GLOBAL(const float) biases = OF(a, which, bias);
		dst = OF(a, which, dst) + ((i64)(a.from + t) * OF(a, which, stride) + row);
		biased = biases ? 1 : 0;
		bias = biased ? biases[row] : 0;
		before = then == ADD ? *dst : 0;
	}
	// scale finds by what sums are multiplied, of product i.
	template <class X> MEMBER void scale(ARGS(ProductArgs) a, OWN(const X) &x, int i, SHARED(const float) scratch) {
		inverse = x.inverse_of(a, i / 8 % x.lines(), scratch);
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
	// store_all stores all products of a block; this is the thread's first.
	template <class X> MEMBER void store_all(ARGS(ProductArgs) a, OWN(const Share) &share, OWN(const X) &x,
		SHARED(const float) all, SHARED(const float) scratch) {
		for (int i = THREAD; i < share.tiles * x.lines() * 8; i += VECTOR_THREADS) {
			if (i != THREAD) {
				find(a, share, x, i, all);
				scale(a, x, i, scratch);
			}
			if (dst) store();
		}
	}
};

// multiply_halves makes the input and multiplies by a block's share. take returns a warp's next tile when it is there, and
// done gives its place back.
template <class F, class X, class Take, class Done> DEVICE void multiply_halves(ARGS(ProductArgs) a, OWN(const Share) &share, OWN(X) &x,
	SHARED(u8) staged, SHARED(float) scratch, Take take, Done done) {
	x.fill(a, staged, scratch);
	int size = vector_bytes(a.cols), lines = x.lines(), tiles = (a.cols + 63) / 64;
	SHARED(float) sums = SHARED_CAST(float, staged + lines * F::PARTS * size);
	SHARED(const u8) mine = staged + (x.line() * F::PARTS * size + LANE % 4 * 16);
	BARRIER();
	Out out;
	out.find(a, share, x, THREAD, sums);
	for (int unit = WARP; unit < share.tiles * share.parts; unit += ROWS8_WARPS) {
		int first = unit % share.parts * (PART / TILE_COLS);
		float d[4] = {0, 0, 0, 0};
		for (int i = first; i < first + PART / TILE_COLS && i < tiles; i++) {
			step64<F>(d, take(), mine + i * 128, size);
			done();
		}
		if (LANE < 4 * lines) {
			SHARED(float) s = sums + (unit * lines + LANE / 4) * 8 + LANE % 4 * 2;
			s[0] = d[0];
			s[1] = d[1];
		}
	}
	out.scale(a, x, THREAD, scratch);
	BARRIER();
	out.store_all(a, share, x, sums, scratch);
}

// rows8 multiplies by a block's share.
template <class F, class X> DEVICE void rows8(ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(float) scratch) {
	enum { RING = X::RING_OF };
	LET_NEXT();
	X x;
	x.start(a);
	Share share;
	share.of(a, PART);
	SHARED(u8) ring = bytes + WARP * (RING * TILE_BYTES);
	TileReader ahead;
	ahead.start(a, share, WARP);
	int to = 0, slot = 0;
	auto copy = [&]() { // one tile, if there is one
		if (ahead.has(share)) {
			COPY16(ring + (to * TILE_BYTES + LANE * 16), ahead.from() + LANE * 16);
			COPY16(ring + (to * TILE_BYTES + 512 + LANE * 16), ahead.from() + (512 + LANE * 16));
			ahead.next(a, share);
		}
		COPY_COMMIT();
		to = to + 1 < RING ? to + 1 : 0;
	};
	auto take = [&]() {
		COPIES_WAIT(RING - 1);
		WARP_MEETS();
		return ring + slot * TILE_BYTES;
	};
	auto done = [&]() {
		WARP_MEETS();
		copy();
		slot = slot + 1 < RING ? slot + 1 : 0;
	};
	if (!a.early) { // the vector comes before weights, behind which it would wait
		WAIT_PREVIOUS();
		x.read();
	}
	for (int i = 0; i < RING; i++) copy();
	if (a.early) {
		WAIT_PREVIOUS();
		x.read();
	}
	multiply_halves<F>(a, share, x, bytes + ROWS8_WARPS * RING * TILE_BYTES, scratch, take, done);
}

// HALF_PRODUCTS defines the kernels of a format of halves.
#define HALF_PRODUCTS(name, F) HALF_PRODUCTS_OF(name, F)
#define HALF_PRODUCTS_OF(name, F)                             \
	EARLY_KERNEL_OF(ROWS8_THREADS, vec_##name, ProductArgs) { \
		SHARED_BYTES(bytes);                                  \
		SHARED_ARRAY(float, scratch, 64);                     \
		rows8<F, One<F>>(a, bytes, scratch);                  \
	}                                                         \
	EARLY_KERNEL_OF(ROWS8_THREADS, few_##name, ProductArgs) { \
		SHARED_BYTES(bytes);                                  \
		SHARED_ARRAY(float, scratch, 64);                     \
		rows8<F, Few<F>>(a, bytes, scratch);                  \
	}                                                         \
	KERNEL_OF(ROWS8_THREADS, halves_##name, NormArgs) {       \
		SHARED_ARRAY(float, scratch, 64);                     \
		halves<F>(a, scratch);                                \
	}                                                         \
	KERNEL(embed_##name, EmbedArgs) { embed<F>(IDS a); }
