// Products of a matrix of codes and many vectors, on tensor units. A sum has the order that cells.h says.
#pragma once

// A block multiplies MANY vectors and as many rows, of which a warp takes 32 and 32. A stage is MANY_CELLS cells of each eight
// rows and of each 16 vectors; MANY_STAGES are on their way.
enum { MANY = 128, MANY_CELLS = 2, MANY_STAGES = 4, MANY_THREADS = 512, MANY_VECTORS = 2, MANY_ROWS = 4 };

template <class F> struct ManyStage {
	enum { X_SLAB = MANY_CELLS * INPUT_CELL, W_SLAB = MANY_CELLS * F::BYTES, X = MANY / 16 * X_SLAB, BYTES = X + MANY / 8 * W_SLAB };
};

// A Chain walks over the cells of a row, chain after chain, MANY_CELLS at a time.
struct Chain {
	int group, chain, cell, end; // cells: the next, and where the group ends
	MEMBER void start(int cells) {
		group = chain = cell = 0;
		end = GROUP_CELLS < cells ? GROUP_CELLS : cells;
	}
	// there returns how many cells are next; last whether they are the last of a chain.
	MEMBER int there() const {
		int n = (end - cell + CHAINS - 1) / CHAINS;
		return n < MANY_CELLS ? n : MANY_CELLS;
	}
	MEMBER int last() const { return cell + MANY_CELLS * CHAINS >= end; }
	MEMBER int done(int cells) const { return group * GROUP_CELLS >= cells; }
	MEMBER void next(int cells) {
		cell += MANY_CELLS * CHAINS;
		if (cell < end) return;
		cell = group * GROUP_CELLS + ++chain;
		if (chain < CHAINS && cell < end) return;
		chain = 0;
		cell = ++group * GROUP_CELLS;
		end = cell + GROUP_CELLS < cells ? cell + GROUP_CELLS : cells;
	}
};

// Pieces are what a thread copies of a stage: of all pieces of 16 bytes of SLABS slabs of ROOM bytes each one of as many as
// there are threads.
template <int CELL, int ROOM, int SLABS> struct Pieces {
	enum { ALL = SLABS * ROOM / 16, N = (ALL + MANY_THREADS - 1) / MANY_THREADS };
	int from[N], second; // bytes from a stage's first on; bit i of second: whether piece i is of the second cell
	// start takes slabs so far from each other, of which last is the last.
	MEMBER void start(int pitch, int last) {
		second = 0;
		UNROLL for (int k = 0; k < N; k++) {
			int i = k * MANY_THREADS + THREAD, slab = i / (ROOM / 16), piece = i % (ROOM / 16), cell = piece / (CELL / 16);
			from[k] = (slab < last ? slab : last) * pitch + piece * 16 + cell * (CHAINS - 1) * CELL; // over other chains
			second |= cell << k;
		}
	}
	// copy copies what is there of two cells.
	MEMBER void copy(SHARED(u8) to, GLOBAL(const u8) base, int both) const {
		UNROLL for (int k = 0; k < N; k++) {
			int i = k * MANY_THREADS + THREAD;
			if (i < ALL && (both || !(second >> k & 1))) COPY16(to + i * 16, base + from[k]);
		}
	}
};

// A ManySums is a warp's products: [16 vectors][8 rows] each.
struct ManySums {
	float sum[MANY_VECTORS][MANY_ROWS][4];
	MEMBER void clear() {
		UNROLL for (int m = 0; m < MANY_VECTORS; m++)
			UNROLL for (int n = 0; n < MANY_ROWS; n++)
				UNROLL for (int i = 0; i < 4; i++) sum[m][n][i] = 0;
	}
	MEMBER void add(const ManySums &o) {
		UNROLL for (int m = 0; m < MANY_VECTORS; m++)
			UNROLL for (int n = 0; n < MANY_ROWS; n++)
				UNROLL for (int i = 0; i < 4; i++) sum[m][n][i] = sum[m][n][i] + o.sum[m][n][i];
	}
	// cell adds two blocks of the columns of a cell, one after the other.
	template <class F> MEMBER void cell(SHARED(const u8) x, SHARED(const u8) w) {
		typedef ManyStage<F> S;
		f32x4 dx[MANY_VECTORS];
		u32x4 v[MANY_VECTORS][2];
		UNROLL for (int m = 0; m < MANY_VECTORS; m++) {
			SHARED(const u8) at = x + m * S::X_SLAB;
			dx[m] = SHARED_CAST(const f32x4, at + (INPUT_CODES + LANE / 4 * 16))[0];
			UNROLL for (int b = 0; b < 2; b++) v[m][b] = SHARED_CAST(const u32x4, at + (b * 512 + LANE * 16))[0];
		}
		UNROLL for (int n = 0; n < MANY_ROWS; n++) {
			SHARED(const u8) at = w + n * S::W_SLAB;
			u32 q[4];
			F::words(q, at);
			u64 d = SHARED_CAST(const u64, at + (F::CODES + LANE % 4 * 8))[0];
			UNROLL for (int b = 0; b < 2; b++) {
				float e0 = half_float((u16)(d >> (16 * b))), e1 = half_float((u16)(d >> (32 + 16 * b)));
				float less0 = e0 * -(float)CODES_BIAS, less1 = e1 * -(float)CODES_BIAS; // exactly
				UNROLL for (int m = 0; m < MANY_VECTORS; m++) {
					u32x4 of = v[m][b];
					u32 a[4] = {of.x, of.y, of.z, of.w};
					float s[4], x0 = b ? dx[m].y : dx[m].x, x1 = b ? dx[m].w : dx[m].z;
					MULTIPLY_CODES(s, a, q + 2 * b);
					sum[m][n][0] = fma32(fma32(s[0], e0, less0), x0, sum[m][n][0]);
					sum[m][n][1] = fma32(fma32(s[1], e1, less1), x0, sum[m][n][1]);
					sum[m][n][2] = fma32(fma32(s[2], e0, less0), x1, sum[m][n][2]);
					sum[m][n][3] = fma32(fma32(s[3], e1, less1), x1, sum[m][n][3]);
				}
			}
		}
	}
	// store stores sums h and h+1 of 16 vectors' row blocks, those of vector t, from row on.
	MEMBER void store(ARGS(ProductArgs) a, int which, int m, int h, int row, int rows, int t) const {
		if (t >= a.vectors) return;
		float inverse = a.scales[t];
		GLOBAL(const float) bias = OF(a, which, bias);
		GLOBAL(f32x2) dst = GLOBAL_CAST(f32x2, OF(a, which, dst) + ((i64)t * OF(a, which, stride) + row));
		UNROLL for (int n = 0; n < MANY_ROWS; n++) {
			int r = row + 8 * n;
			f32x2 y = {sum[m][n][h] * inverse, sum[m][n][h + 1] * inverse};
			if (r + 1 == rows) finish(a, which, r, t, y.x);
			if (r + 1 >= rows) continue;
			if (bias) y = f32x2{y.x + bias[r], y.y + bias[r + 1]};
			f32x2 before = f32x2(0);
			if (a.then == ADD) before = dst[4 * n];
			dst[4 * n] = a.then == ADD ? before + y : y;
		}
	}
};

template <class F> DEVICE void many(ARGS(ProductArgs) a, SHARED(u8) bytes) {
	typedef ManyStage<F> S;
	int first = BLOCK_Y * MANY, which = which_of(a, first), row = first - OF(a, which, first), rows = OF(a, which, w.rows);
	if (row >= rows) return;
	int cells = cells_of(a.cols), slot = 0, to = 0;
	int pitch = OF(a, which, w.pitch), x_pitch = cells * INPUT_CELL;
	GLOBAL(const u8) weights = OF(a, which, w.data) + (i64)(row / 8) * pitch;
	GLOBAL(const u8) vectors = GLOBAL_CAST(const u8, a.q + (i64)BLOCK_X * (MANY / 16) * x_pitch);
	Pieces<INPUT_CELL, S::X_SLAB, MANY / 16> of_x;
	Pieces<F::BYTES, S::W_SLAB, MANY / 8> of_w;
	of_x.start(x_pitch, (a.vectors + 15) / 16 - 1 - BLOCK_X * (MANY / 16));
	of_w.start(pitch, (rows + 7) / 8 - 1 - row / 8);
	Chain ahead, at;
	ahead.start(cells);
	at.start(cells);
	auto copy = [&]() {
		if (!ahead.done(cells)) {
			SHARED(u8) stage = bytes + to * S::BYTES;
			int both = ahead.there() == MANY_CELLS;
			of_x.copy(stage, vectors + ahead.cell * INPUT_CELL, both);
			of_w.copy(stage + S::X, weights + ahead.cell * F::BYTES, both);
			ahead.next(cells);
		}
		COPY_COMMIT();
		to = to + 1 < MANY_STAGES ? to + 1 : 0;
	};
	for (int i = 0; i < MANY_STAGES - 1; i++) copy();
	ManySums total, part;
	total.clear();
	part.clear();
	int x_slab = WARP % 4 * MANY_VECTORS, w_slab = WARP / 4 * MANY_ROWS;
	for (; !at.done(cells); at.next(cells)) {
		COPIES_WAIT(MANY_STAGES - 2);
		BARRIER();
		copy();
		SHARED(const u8) x = bytes + (slot * S::BYTES + x_slab * S::X_SLAB);
		SHARED(const u8) w = bytes + (slot * S::BYTES + S::X + w_slab * S::W_SLAB);
		int n = at.there();
		for (int i = 0; i < n; i++) part.cell<F>(x + i * INPUT_CELL, w + i * F::BYTES);
		slot = slot + 1 < MANY_STAGES ? slot + 1 : 0;
		if (at.last()) {
			total.add(part);
			part.clear();
		}
	}
	row += w_slab * 8 + LANE % 4 * 2;
	UNROLL for (int m = 0; m < MANY_VECTORS; m++)
		UNROLL for (int h = 0; h < 2; h++)
			total.store(a, which, m, 2 * h, row, rows, BLOCK_X * MANY + (x_slab + m) * 16 + 8 * h + LANE / 4);
}

// CODE_PRODUCTS defines the kernels of a format of codes.
#define CODE_PRODUCTS(name, F) CODE_PRODUCTS_OF(name, F)
#define CODE_PRODUCTS_OF(name, F)                              \
	EARLY_KERNEL_OF(SLABS_THREADS, vec_##name, ProductArgs) {   \
		SHARED_BYTES(bytes);                                   \
		SHARED_ARRAY(float, scratch, SLABS_WARPS);             \
		SHARED_ARRAY(u64, arrivals, SLABS_WARPS * F::RING);    \
		slabs<F, OneCodes<F>>(a, bytes, scratch, arrivals);    \
	}                                                          \
	EARLY_KERNEL_OF(SLABS_THREADS, few_##name, ProductArgs) {  \
		SHARED_BYTES(bytes);                                   \
		SHARED_ARRAY(float, scratch, SLABS_WARPS);             \
		SHARED_ARRAY(u64, arrivals, SLABS_WARPS * F::RING);    \
		slabs<F, FewCodes<F>>(a, bytes, scratch, arrivals);    \
	}                                                          \
	KERNEL_OF(SLABS_THREADS, codes_##name, NormArgs) {         \
		SHARED_ARRAY(float, scratch, SLABS_WARPS);             \
		codes<F>(a, scratch);                                     \
	}                                                          \
	KERNEL_OF(MANY_THREADS, mat_##name, ProductArgs) {         \
		SHARED_BYTES(bytes);                                   \
		many<F>(a, bytes);                                     \
	}                                                          \
	KERNEL(pack_##name, TileArgs) { pack<F>(a); }              \
	KERNEL(embed_##name, EmbedArgs) { embed<F>(IDS a); }
