// Products of a matrix of halves and up to eight vectors, on tensor units. One step of these multiplies 16
// columns: the sum of 16 products and what was there before. Columns are in parts of PART: the sum of a
// part is that of its steps one after the other, and parts are added up in order. So it is for
// any number of vectors: wide.h does the same for many.
#pragma once

// A warp has the next tiles of its rows on their way, into memory of its own: RING of them, or FEW_RING where several
// vectors take the rest.
enum { PART = 512, RING = 8, FEW_RING = 3, ROWS8_THREADS = 512 };

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

// A Reader copies a warp's weights: part after part, each of one tile of rows, a tile at a time.
template <int RING> struct Reader {
	int unit, tile, end; // unit: a part of eight rows; tile of 64 columns, and where the part's end
	int slot;
	GLOBAL(const u8) at;
	MEMBER void find(ARGS(ProductArgs) a, OWN(const Share) &share) {
		if (unit >= share.tiles * share.parts) return;
		int i = unit / share.parts, which = share.which(a, i), row = share.row(a, i), tiles = (a.cols + 63) / 64;
		tile = unit % share.parts * (PART / TILE_COLS);
		end = tile + PART / TILE_COLS < tiles ? tile + PART / TILE_COLS : tiles;
		// Between two products there are rows of none.
		at = OF(a, which, w.data) + tile_at(row < OF(a, which, w.rows) ? row : 0, tile, slab_pitch(a.cols));
	}
	// next copies one tile into a warp's ring, if there is one.
	MEMBER void next(ARGS(ProductArgs) a, OWN(const Share) &share, SHARED(u8) ring) {
		if (unit < share.tiles * share.parts) {
			COPY16(ring + (slot * TILE_BYTES + LANE * 16), at + LANE * 16);
			COPY16(ring + (slot * TILE_BYTES + 512 + LANE * 16), at + (512 + LANE * 16));
			at = at + SLAB_BYTES;
			if (++tile == end) {
				unit += ROWS8_THREADS / 32;
				find(a, share);
			}
		}
		COPY_COMMIT();
		slot = slot + 1 < RING ? slot + 1 : 0;
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
// does needs nothing of the kernel before.
template <class F> struct One {
	enum { RING_OF = RING };
	float inverse;
	Vector x;
	MEMBER int lines() const { return 1; }
	MEMBER int line() const { return 0; }
	MEMBER float inverse_of(int) const { return inverse; }
	MEMBER void start(ARGS(ProductArgs) a) {
		GLOBAL(const float) none(nullptr);
		x.start({a.x, a.norm, 1}, a.cols, none, 0);
	}
	MEMBER void fill(ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(float) scratch) {
		x.read();
		Scale s = measure<F>(x, a.eps, scratch);
		inverse = s.inverse;
		x.template put<F>(s, Staged{bytes, vector_bytes(a.cols)});
	}
};

template <class F> struct Few {
	enum { RING_OF = FEW_RING };
	GLOBAL(const float) inverses;
	int n;
	MEMBER int lines() const { return n; }
	MEMBER int line() const { return LANE / 4 < n ? LANE / 4 : n - 1; }
	MEMBER float inverse_of(int t) const { return inverses[t]; }
	MEMBER void start(ARGS(ProductArgs)) {}
	MEMBER void fill(ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(float)) {
		inverses = a.scales + a.from;
		n = a.vectors;
		int pieces = (a.cols + 63) / 64 * 8, pitch = slab_pitch(a.cols), size = vector_bytes(a.cols);
		for (int i = THREAD; i < n * F::PARTS * pieces; i += THREADS) {
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

// sum_of adds up the parts of one row.
DEVICE float sum_of(SHARED(const float) parts, int n, int distance) {
	float sum = parts[0];
	for (int p = 1; p < n; p++) sum = sum + parts[p * distance];
	return sum;
}

// add_parts adds up the parts of all rows, and stores the products.
template <class X> DEVICE void add_parts(ARGS(ProductArgs) a, const Share &share, const X &x, SHARED(const float) sums) {
	int lines = x.lines(), tiles = share.glu ? share.tiles / 2 : share.tiles;
	for (int i = THREAD; i < tiles * lines * 8; i += THREADS) {
		int r = i % 8, t = i / 8 % lines, tile = i / 8 / lines * (share.glu ? 2 : 1);
		int which = share.which(a, tile), row = share.row(a, tile) + r;
		if (row >= OF(a, which, w.rows)) continue;
		SHARED(const float) mine = sums + (tile * share.parts * lines + t) * 8 + r;
		float y = sum_of(mine, share.parts, lines * 8) * x.inverse_of(t);
		if (share.glu) {
			float up = sum_of(mine + share.parts * lines * 8, share.parts, lines * 8) * x.inverse_of(t);
			y = activate(a.then, y) * up;
		}
		finish(a, which, row, a.from + t, y);
	}
}

// rows8 multiplies by a block's share.
template <class F, class X> DEVICE void rows8(ARGS(ProductArgs) a, SHARED(u8) bytes, SHARED(float) scratch) {
	enum { RING = X::RING_OF };
	LET_NEXT();
	Share share;
	share.of(a, PART);
	SHARED(u8) ring = bytes + WARP * (RING * TILE_BYTES);
	Reader<RING> ahead = {WARP, 0, 0, 0, a.p0.w.data};
	ahead.find(a, share);
	for (int i = 0; i < RING; i++) ahead.next(a, share, ring);
	X x;
	x.start(a);
	WAIT_PREVIOUS();
	SHARED(u8) staged = bytes + ROWS8_THREADS / 32 * RING * TILE_BYTES;
	x.fill(a, staged, scratch);
	int size = vector_bytes(a.cols), lines = x.lines(), tiles = (a.cols + 63) / 64, slot = 0;
	SHARED(float) sums = SHARED_CAST(float, staged + lines * F::PARTS * size);
	SHARED(const u8) mine = staged + (x.line() * F::PARTS * size + LANE % 4 * 16);
	BARRIER();
	for (int unit = WARP; unit < share.tiles * share.parts; unit += ROWS8_THREADS / 32) {
		int first = unit % share.parts * (PART / TILE_COLS);
		float d[4] = {0, 0, 0, 0};
		for (int i = first; i < first + PART / TILE_COLS && i < tiles; i++) {
			COPIES_WAIT(RING - 1);
			WARP_MEETS();
			step64<F>(d, ring + slot * TILE_BYTES, mine + i * 128, size);
			WARP_MEETS();
			ahead.next(a, share, ring);
			slot = slot + 1 < RING ? slot + 1 : 0;
		}
		if (LANE < 4 * lines) {
			SHARED(float) s = sums + (unit * lines + LANE / 4) * 8 + LANE % 4 * 2;
			s[0] = d[0];
			s[1] = d[1];
		}
	}
	BARRIER();
	add_parts(a, share, x, sums);
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
