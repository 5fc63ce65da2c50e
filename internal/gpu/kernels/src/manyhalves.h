// Products of a matrix of halves and many vectors, on the tensor units of warps: for cards that have no groups of these. Tiles
// of both go to the block's memory as they lie in the device's. A sum has the order that rows8.h says.
#pragma once

// A block multiplies HALVES_VECTORS vectors and HALVES_ROWS rows; of its eight warps each takes 32 and 32. A stage is 64 columns.
enum { HALVES_VECTORS = 128, HALVES_ROWS = 64, HALVES_THREADS = 256 };

template <class F> struct HalvesStage {
	enum { X = HALVES_VECTORS / 8 * TILE_BYTES, W = F::PARTS * X, BYTES = W + HALVES_ROWS / 8 * TILE_BYTES, COUNT = F::PARTS == 1 ? 3 : 2 };
};

// copy_tiles copies neighbouring tiles.
DEVICE void copy_tiles(SHARED(u8) to, GLOBAL(const u8) from, int bytes) {
	for (int i = THREAD * 16; i < bytes; i += HALVES_THREADS * 16) COPY16(to + i, from + i);
}

// load_halves loads 16 rows of 16 halves, from column 16k of 64 on, eight by eight of them: rows 8 to 15 of the
// first columns come second, or, if rows are first, third.
DEVICE void load_halves(u32 *r, SHARED(const u8) tiles, int k, int rows_first) {
	int i = LANE / 8, row = LANE % 8, below = rows_first ? i / 2 : i % 2, c = 2 * k + (rows_first ? i % 2 : i / 2);
	LOAD_TILES(r, tiles + (below * TILE_BYTES + row * 128 + (c ^ row) * 16));
}

// A HalvesSums is a warp's products: [16 vectors][8 rows] each.
struct HalvesSums {
	float sum[2][4][4];
	MEMBER void clear() {
		UNROLL for (int m = 0; m < 2; m++)
			UNROLL for (int n = 0; n < 4; n++)
				UNROLL for (int i = 0; i < 4; i++) sum[m][n][i] = 0;
	}
	MEMBER void add(const HalvesSums &o) {
		UNROLL for (int m = 0; m < 2; m++)
			UNROLL for (int n = 0; n < 4; n++)
				UNROLL for (int i = 0; i < 4; i++) sum[m][n][i] = sum[m][n][i] + o.sum[m][n][i];
	}
	// step adds 64 columns.
	template <class F> MEMBER void step(SHARED(const u8) x, SHARED(const u8) w) {
		UNROLL for (int k = 0; k < 4; k++) {
			u32 b[2][4];
			UNROLL for (int n = 0; n < 2; n++) load_halves(b[n], w + n * 2 * TILE_BYTES, k, 1);
			UNROLL for (int p = 0; p < F::PARTS; p++)
				UNROLL for (int m = 0; m < 2; m++) {
					u32 v[4];
					load_halves(v, x + (p * HalvesStage<F>::X + m * 2 * TILE_BYTES), k, 0);
					UNROLL for (int n = 0; n < 4; n++) MULTIPLY_TILE(F::IS_BFLOAT, sum[m][n], v, b[n / 2] + n % 2 * 2);
				}
		}
	}
};

template <class F> DEVICE void many_halves(ARGS(ProductArgs) a, SHARED(u8) bytes) {
	typedef HalvesStage<F> S;
	int first = BLOCK_Y * HALVES_ROWS, which = which_of(a, first), row = first - OF(a, which, first), rows = OF(a, which, w.rows);
	if (row >= rows) return;
	int n = (a.cols + 63) / 64, pitch = slab_pitch(a.cols), to = 0, slot = 0, ahead = 0;
	GLOBAL(const u8) weights = OF(a, which, w.data) + tile_at(row, 0, pitch);
	GLOBAL(const u8) vectors = GLOBAL_CAST(const u8, a.q + (i64)BLOCK_X * pitch);
	auto copy = [&]() {
		if (ahead < n) {
			SHARED(u8) stage = bytes + to * S::BYTES;
			UNROLL for (int p = 0; p < F::PARTS; p++)
				copy_tiles(stage + p * S::X, vectors + ((i64)p * a.group + (i64)ahead * SLAB_BYTES), S::X);
			copy_tiles(stage + S::W, weights + (i64)ahead * SLAB_BYTES, S::BYTES - S::W);
		}
		COPY_COMMIT();
		ahead++;
		to = to + 1 < S::COUNT ? to + 1 : 0;
	};
	for (int i = 0; i < S::COUNT - 1; i++) copy();
	HalvesSums total, part;
	total.clear();
	part.clear();
	int x = WARP % 4 * 4, w = WARP / 4 * 4; // tiles
	for (int it = 0; it < n; it++) {
		COPIES_WAIT(S::COUNT - 2);
		BARRIER();
		copy();
		SHARED(const u8) stage = bytes + slot * S::BYTES;
		part.step<F>(stage + x * TILE_BYTES, stage + (S::W + w * TILE_BYTES));
		slot = slot + 1 < S::COUNT ? slot + 1 : 0;
		if ((it + 1) % (PART / TILE_COLS) == 0 || it + 1 == n) {
			total.add(part);
			part.clear();
		}
	}
	UNROLL for (int i = 0; i < 32; i++) {
		int m = i / 16, tile = i / 4 % 4, t = BLOCK_X * HALVES_VECTORS + (x + 2 * m + i % 4 / 2) * 8 + LANE / 4;
		int r = row + (w + tile) * 8 + LANE % 4 * 2 + i % 2;
		if (t < a.vectors && r < rows) finish(a, which, r, t, total.sum[m][tile][i % 4] * a.scales[t]);
	}
}

#define MANY_HALVES(name, F) MANY_HALVES_OF(name, F)
#define MANY_HALVES_OF(name, F)                              \
	KERNEL_OF(HALVES_THREADS, mat_##name, ProductArgs) {     \
		SHARED_BYTES(bytes);                                 \
		many_halves<F>(a, bytes);                            \
	}
