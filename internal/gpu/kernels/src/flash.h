// Attention over a cache of f16 on tensor units (sm_90a), with the same bits for one token and for many of a prompt.
//
// A head's query is scaled and rounded as the input of products is: see halves.h. Of each SPLIT positions there are the
// largest score m, weights exp(score-m) rounded to f16, their sum l, and the values' sum by weights o: all by steps of
// 16 positions, one after the other. Splits are joined in order: see Join.
#pragma once

// A Join is the sum of splits so far.
struct Join {
	float m, l;
	// add takes a split, and returns by what a sum of values and the split's are multiplied.
	struct Factors {
		float before, split;
	};
	MEMBER Factors add(float split_m, float split_l) {
		if (split_m == bits_float(0xff800000)) return {1, 0}; // it has no position that is seen
		float top = split_m > m ? split_m : m;
		Factors f = {exp32(m - top), exp32(split_m - top)};
		l = fma32(split_l, f.split, l * f.before);
		m = top;
		return f;
	}
};

// copy_split copies keys, or values, of a split to the block's memory: rows of DIM halves with pieces swizzled, up to
// that of position last, and of the 16 it is among. In place of positions behind it comes that.
template <int DIM> DEVICE void copy_split(
	ARGS(AttendArgs) a, SHARED(u8) to, int table, int part, int head, int begin, int last) {
	enum { PIECES = DIM / 8, STEP = 128 / PIECES }; // rows at once
	int c = THREAD % PIECES, first = THREAD / PIECES, end = last - begin;
	if (end < 0) {
		COPY_COMMIT();
		return;
	}
	GLOBAL(const u8) pages[SPLIT / PAGE];
	UNROLL for (int i = 0; i < SPLIT / PAGE; i++) {
		int page = a.pages[table + (begin + (i * PAGE < end ? i * PAGE : end)) / PAGE];
		pages[i] = a.cache + (cache_at(a, page, part, head, 0) * DIM * 2 + c * 16);
	}
	UNROLL for (int r = 0; r < SPLIT; r += STEP) {
		int row = first + r, from = row < end ? row : end; // of the same page
		if (row / 16 * 16 > end) break;
		COPY16(to + (row * DIM * 2 + (c ^ (row & 7)) * 16), pages[r / PAGE] + from % PAGE * (DIM * 2));
	}
	COPY_COMMIT();
}

// sixteens returns how many times 16 positions of a split there are up to last.
DEVICE int sixteens(int begin, int last) { return (last - begin) / 16 + 1 < SPLIT / 16 ? (last - begin) / 16 + 1 : SPLIT / 16; }

// piece returns where piece c of a row is.
template <int DIM> DEVICE SHARED(const u8) piece(SHARED(const u8) tile, int r, int c) {
	return tile + (r * DIM * 2 + (c ^ (r & 7)) * 16);
}

// A Query is what a lane holds of two rows of queries.
template <int DIM> struct Query {
	u32 q[DIM / 16][4];
	float inverse[2];
	// read takes both rows from at, which returns two neighbours of one.
	template <class At> MEMBER void read(float scale_by, At at) {
		f32x2 f[DIM / 16][4];
		u32 top[2] = {0, 0};
		UNROLL for (int s = 0; s < DIM / 16; s++)
			UNROLL for (int i = 0; i < 4; i++) {
				f[s][i] = at(i % 2, 16 * s + i / 2 * 8 + LANE % 4 * 2) * scale_by;
				top[i % 2] = larger(top[i % 2], larger(magnitude(f[s][i].x), magnitude(f[s][i].y)));
			}
		UNROLL for (int r = 0; r < 2; r++) {
			for (int m = 1; m < 4; m *= 2) {
				u32 other = SWAP_LANES(top[r], m);
				top[r] = larger(top[r], other);
			}
			Scale scale = TiledF16::scale_for(top[r]);
			inverse[r] = scale.inverse;
			UNROLL for (int s = 0; s < DIM / 16; s++)
				UNROLL for (int i = r; i < 4; i += 2)
					q[s][i] = TiledF16::part(0, f[s][i].x * scale.power, f[s][i].y * scale.power);
		}
	}
};

// score_step adds to those of 16 positions from first on what 16 columns give.
template <int DIM> DEVICE void score_step(float (*s)[4], OWN(const Query<DIM>) &q, SHARED(const u8) keys, int first, int k) {
	u32 b[4];
	LOAD_TILES(b, piece<DIM>(keys, first + LANE / 16 * 8 + LANE % 8, 2 * k + LANE / 8 % 2));
	MULTIPLY_TILE(0, s[0], q.q[k], b);
	MULTIPLY_TILE(0, s[1], q.q[k], b + 2);
}

// scores adds up those of N times eight positions from first on, of which n times 16 are there. If all are, sums of different
// positions take turns, because each has to wait for its last step.
template <int DIM, int N> DEVICE void scores(
	float (*s)[4], OWN(const Query<DIM>) &q, SHARED(const u8) keys, int first, int n) {
	if (first / 16 + N / 2 <= n) {
		UNROLL for (int k = 0; k < DIM / 16; k++)
			UNROLL for (int j = 0; j < N; j += 2) score_step<DIM>(s + j, q, keys, first + 8 * j, k);
		return;
	}
	UNROLL for (int j = 0; j < N; j += 2) {
		if (first / 16 + j / 2 >= n) break;
		UNROLL for (int k = 0; k < DIM / 16; k++) score_step<DIM>(s + j, q, keys, first + 8 * j, k);
	}
}

// masked returns a score, or -infinity if a row does not see the position.
DEVICE float masked(ARGS(AttendArgs) a, float sum, float inverse, int pos, int row_pos) {
	if (pos > row_pos || (a.window > 0 && pos <= row_pos - a.window)) return bits_float(0xff800000);
	float s = sum * inverse;
	return a.softcap != 0 ? a.softcap * tanh32(s / a.softcap) : s;
}

// weight returns exp(score - m), which is 0 if there is none: as well as f16 has use for. below is -m in powers of two.
DEVICE float weight(float score, float below) { return exp2_near(fma32(score, 1.44269504f, below)); }
DEVICE float below(float m) { return m == bits_float(0xff800000) ? 0 : m * -1.44269504f; }

// values adds up N times eight numbers of values from first on, by the weights p of 16 positions from 16k on.
template <int DIM, int N> DEVICE void values(float (*o)[4], const u32 *p, SHARED(const u8) tile, int k, int first) {
	UNROLL for (int j = 0; j < N; j += 2) {
		u32 b[4];
		LOAD_TILES_TURNED(b, piece<DIM>(tile, 16 * k + LANE % 16, first / 8 + j + LANE / 16));
		MULTIPLY_TILE(0, o[j], p, b);
		MULTIPLY_TILE(0, o[j + 1], p, b + 2);
	}
}

DEVICE float larger_of_four(float x) {
	for (int m = 1; m < 4; m *= 2) {
		float y = SWAP_LANES(x, m);
		x = y > x ? y : x;
	}
	return x;
}

// A Flash is a warp's 16 rows of one head.
template <int DIM> struct Flash {
	Query<DIM> q;
	float o[DIM / 8][4];
	Join join[2];
	int pos[2];
	u32 p[SPLIT / 16][4];
	float m[2];

	// weigh sets p to the weights of a split, of which n times 16 positions are there. If all rows see all of them, there
	// is nothing to mask.
	MEMBER void weigh(ARGS(AttendArgs) a, SHARED(const u8) keys, int begin, int n, int all) {
		float s[SPLIT / 8][4];
		UNROLL for (int j = 0; j < SPLIT / 8; j++) s[j][0] = s[j][1] = s[j][2] = s[j][3] = 0;
		scores<DIM, SPLIT / 8>(s, q, keys, 0, n);
		if (all) {
			UNROLL for (int j = 0; j < SPLIT / 8; j++)
				UNROLL for (int i = 0; i < 4; i++) s[j][i] = s[j][i] * q.inverse[i / 2];
		} else {
			UNROLL for (int j = 0; j < SPLIT / 8; j++)
				UNROLL for (int i = 0; i < 4; i++)
					s[j][i] = masked(a, s[j][i], q.inverse[i / 2], begin + 8 * j + LANE % 4 * 2 + i % 2, pos[i / 2]);
		}
		m[0] = m[1] = bits_float(0xff800000);
		UNROLL for (int j = 0; j < SPLIT / 8; j++)
			UNROLL for (int i = 0; i < 4; i++) m[i / 2] = s[j][i] > m[i / 2] ? s[j][i] : m[i / 2];
		UNROLL for (int r = 0; r < 2; r++) {
			m[r] = larger_of_four(m[r]);
			float less = below(m[r]);
			UNROLL for (int j = 0; j < SPLIT / 8; j++)
				p[j / 2][j % 2 * 2 + r] = TiledF16::part(0, weight(s[j][2 * r], less), weight(s[j][2 * r + 1], less));
		}
	}

	// add adds the split's values.
	MEMBER void add(SHARED(const u8) tile, int n) {
		float sum[DIM / 8][4], l[4] = {0, 0, 0, 0};
		const u32 ones[2] = {0x3c003c00, 0x3c003c00};
		UNROLL for (int j = 0; j < DIM / 8; j++) sum[j][0] = sum[j][1] = sum[j][2] = sum[j][3] = 0;
		auto step = [&](int k) {
			values<DIM, DIM / 8>(sum, p[k], tile, k, 0);
			MULTIPLY_TILE(0, l, p[k], ones);
		};
		if (n == SPLIT / 16) {
			UNROLL for (int k = 0; k < SPLIT / 16; k++) step(k);
		} else {
			UNROLL for (int k = 0; k < SPLIT / 16; k++) {
				if (k >= n) break;
				step(k);
			}
		}
		Join::Factors f[2] = {join[0].add(m[0], l[0]), join[1].add(m[1], l[2])};
		UNROLL for (int j = 0; j < DIM / 8; j++)
			UNROLL for (int i = 0; i < 4; i++) o[j][i] = fma32(sum[j][i], f[i / 2].split, o[j][i] * f[i / 2].before);
	}
};

// flash does 64 rows of one sequence and one head: a.splits rows there are.
template <int DIM> DEVICE void flash(ARGS(AttendArgs) a, SHARED(u8) keys) {
	SHARED(u8) tile = keys + SPLIT * DIM * 2;
	int n = a.splits, first = (BLOCKS_X - 1 - BLOCK_X) * 64, head = BLOCK_Y, g = head / (a.heads / a.kvheads); // longest first
	int end = first + 63 < n - 1 ? first + 63 : n - 1;
	Row begins = a.rows[first], ends = a.rows[end];
	int row[2], begin = a.window > 0 && begins.pos >= a.window ? (begins.pos - a.window + 1) / SPLIT * SPLIT : 0;
	copy_split<DIM>(a, keys, begins.table, 0, g, begin, ends.pos);
	copy_split<DIM>(a, tile, begins.table, 1, g, begin, ends.pos);
	Flash<DIM> w;
	UNROLL for (int r = 0; r < 2; r++) {
		row[r] = first + WARP * 16 + LANE / 4 + 8 * r;
		w.pos[r] = a.rows[row[r] < n ? row[r] : n - 1].pos;
		w.join[r] = {bits_float(0xff800000), 0};
	}
	w.q.read(a.scale, [&](int r, int col) {
		return GLOBAL_CAST(const f32x2, a.q + ((i64)(row[r] < n ? row[r] : n - 1) * a.qstride + head * DIM + col))[0];
	});
	UNROLL for (int j = 0; j < DIM / 8; j++) w.o[j][0] = w.o[j][1] = w.o[j][2] = w.o[j][3] = 0;
	int lowest = a.rows[first + WARP * 16 < n ? first + WARP * 16 : n - 1].pos; // of the warp's rows
	for (; begin <= ends.pos; begin += SPLIT) {
		int there = sixteens(begin, ends.pos);
		COPIES_WAIT(1);
		BARRIER();
		w.weigh(a, keys, begin, there, begin + SPLIT - 1 <= lowest && a.window == 0 && a.softcap == 0);
		BARRIER();
		copy_split<DIM>(a, keys, begins.table, 0, g, begin + SPLIT, ends.pos);
		COPIES_WAIT(1);
		BARRIER();
		w.add(tile, there);
		BARRIER();
		copy_split<DIM>(a, tile, begins.table, 1, g, begin + SPLIT, ends.pos);
	}
	UNROLL for (int r = 0; r < 2; r++) {
		if (row[r] >= n) continue;
		GLOBAL(float) to = a.a + ((i64)row[r] * a.astride + head * DIM + LANE % 4 * 2);
		UNROLL for (int j = 0; j < DIM / 8; j++)
			GLOBAL_CAST(f32x2, to + 8 * j)[0] = f32x2{w.o[j][2 * r] / w.join[r].l, w.o[j][2 * r + 1] / w.join[r].l};
	}
}

// weigh_split does one split of one row and one head, of which keys and then values are on their way: four warps with 32
// positions each, and then a quarter of the values. If there is no other split it leaves their mean, otherwise what join
// needs.
template <int DIM> DEVICE void weigh_split(
	ARGS(AttendArgs) a, OWN(const Query<DIM>) &q, int pos, SHARED(u8) keys, SHARED(u32) p, SHARED(float) scratch) {
	SHARED(u8) tile = keys + SPLIT * DIM * 2;
	int head = BLOCK_Y, begin = BLOCK_X * SPLIT, there = sixteens(begin, pos);
	float s[4][4] = {}, m = bits_float(0xff800000);
	scores<DIM, 4>(s, q, keys, 32 * WARP, there);
	UNROLL for (int j = 0; j < 4; j++)
		UNROLL for (int i = 0; i < 2; i++) {
			s[j][i] = masked(a, s[j][i], q.inverse[0], begin + 32 * WARP + 8 * j + LANE % 4 * 2 + i, pos);
			m = s[j][i] > m ? s[j][i] : m;
		}
	m = larger_of_four(m);
	if (LANE == 0) scratch[WARP] = m;
	BARRIER();
	for (int i = 0; i < 4; i++) m = scratch[i] > m ? (float)scratch[i] : m;
	if (LANE < 4)
		UNROLL for (int j = 0; j < 4; j++)
			p[16 * WARP + 4 * j + LANE] = TiledF16::part(0, weight(s[j][0], below(m)), weight(s[j][1], below(m)));
	COPIES_WAIT(0);
	BARRIER();
	float o[DIM / 32][4] = {}, l[4] = {0, 0, 0, 0};
	const u32 ones[2] = {0x3c003c00, 0x3c003c00};
	UNROLL for (int k = 0; k < SPLIT / 16; k++) {
		if (k >= there) break;
		u32 low = p[8 * k + LANE % 4], high = p[8 * k + 4 + LANE % 4], w[4] = {low, low, high, high};
		values<DIM, DIM / 32>(o, w, tile, k, DIM / 4 * WARP);
		MULTIPLY_TILE(0, l, w, ones);
	}
	if (LANE >= 4) return;
	int alone = a.splits == 1;
	GLOBAL(float) to = alone ? a.a + ((i64)BLOCK_Z * a.astride + head * DIM)
							 : a.partial + (((i64)BLOCK_Z * a.heads + head) * a.splits + BLOCK_X) * (DIM + 2);
	UNROLL for (int j = 0; j < DIM / 32; j++)
		UNROLL for (int i = 0; i < 2; i++) to[DIM / 4 * WARP + 8 * j + LANE * 2 + i] = alone ? o[j][i] / l[0] : o[j][i];
	if (THREAD == 0 && !alone) {
		to[DIM] = m;
		to[DIM + 1] = l[0];
	}
}

// sees_split reports whether a row sees positions of a block's split.
DEVICE int sees_split(ARGS(AttendArgs) a, int pos) {
	int begin = BLOCK_X * SPLIT, first = a.window > 0 && pos >= a.window ? pos - a.window + 1 : 0;
	return begin <= pos && begin + SPLIT > first;
}

template <int DIM> DEVICE void split(
	ARGS(AttendArgs) a, SHARED(u8) keys, SHARED(u32) p, SHARED(float) scratch) {
	Row row = a.rows[BLOCK_Z];
	int head = BLOCK_Y, begin = BLOCK_X * SPLIT, g = head / (a.heads / a.kvheads);
	if (!sees_split(a, row.pos)) return;
	copy_split<DIM>(a, keys, row.table, 0, g, begin, row.pos);
	copy_split<DIM>(a, keys + SPLIT * DIM * 2, row.table, 1, g, begin, row.pos);
	Query<DIM> q;
	q.read(a.scale, [&](int, int col) {
		return GLOBAL_CAST(const f32x2, a.q + ((i64)BLOCK_Z * a.qstride + head * DIM + col))[0];
	});
	COPIES_WAIT(1);
	BARRIER();
	weigh_split<DIM>(a, q, row.pos, keys, p, scratch);
}

// put_head puts a row's keys, or values, in the block's memory, also in place of positions behind it, and in the cache if it is the
// block that has to.
template <int DIM> DEVICE void put_head(
	ARGS(RopeArgs) a, SHARED(const float) h, SHARED(u8) to, int at, int stores, i64 cell) {
	for (int i = THREAD; i < DIM / 2; i += 128) {
		u32 both = TiledF16::part(0, h[2 * i], h[2 * i + 1]);
		for (int r = at; r < (at + 16) / 16 * 16; r++)
			SHARED_CAST(u32, to + (r * DIM * 2 + (i / 4 ^ (r & 7)) * 16 + i % 4 * 4))[0] = both;
		if (stores) GLOBAL_CAST(u32, a.cache + cell * DIM * 2)[i] = both;
	}
}

// turn_split is split and rope_store for a pass of one row. The keys and values before it are there already when the kernel
// before is not yet done.
template <int DIM> DEVICE void turn_split(ARGS(TurnArgs) both, SHARED(u8) keys, SHARED(u32) p, SHARED(float) scratch,
	SHARED(float) outs) {
	LET_NEXT();
	const AttendArgs &a = both.attend;
	const RopeArgs &r = both.rope;
	SHARED(u8) tile = keys + SPLIT * DIM * 2;
	Row row = a.rows[0];
	int head = BLOCK_Y, begin = BLOCK_X * SPLIT, share = a.heads / a.kvheads, g = head / share;
	int sees = sees_split(a, row.pos), page = a.pages[row.table + row.pos / PAGE];
	Angles<DIM / 64> angles;
	angles.read(r, row.pos);
	if (sees) {
		copy_split<DIM>(a, keys, row.table, 0, g, begin, row.pos - 1);
		copy_split<DIM>(a, tile, row.table, 1, g, begin, row.pos - 1);
	}
	WAIT_PREVIOUS();
	if (!sees) return;
	int part = WARP < 2 ? WARP : 2;
	turn_head(r, angles, head_at(r, part, 0, part == 0 ? head : g), part, outs + WARP * DIM);
	COPIES_WAIT(0);
	BARRIER();
	Query<DIM> q;
	q.read(a.scale, [&](int, int col) {
		f32x2 f = SHARED_CAST(const f32x2, outs + col)[0];
		return f;
	});
	if (begin + SPLIT > row.pos) {
		int stores = head % share == 0;
		put_head<DIM>(r, outs + DIM, keys, row.pos - begin, stores, cache_at(a, page, 0, g, row.pos));
		put_head<DIM>(r, outs + 2 * DIM, tile, row.pos - begin, stores, cache_at(a, page, 1, g, row.pos));
		BARRIER();
	}
	weigh_split<DIM>(a, q, row.pos, keys, p, scratch);
}

// join joins what splits of a row and a head left.
KERNEL(join, AttendArgs) {
	Row row = a.rows[BLOCK_Y];
	int head = BLOCK_X, first = a.window > 0 && row.pos >= a.window ? row.pos - a.window + 1 : 0;
	GLOBAL(const float) part = a.partial + ((i64)BLOCK_Y * a.heads + head) * a.splits * (a.dim + 2);
	if (THREAD >= a.dim) return;
	Join join = {bits_float(0xff800000), 0};
	float o = 0;
	for (int s = first / SPLIT; s <= row.pos / SPLIT; s++) {
		GLOBAL(const float) p = part + (i64)s * (a.dim + 2);
		Join::Factors f = join.add(p[a.dim], p[a.dim + 1]);
		o = fma32(p[THREAD], f.split, o * f.before);
	}
	a.a[(i64)BLOCK_Y * a.astride + head * a.dim + THREAD] = o / join.l;
}

#define FLASH(DIM)                                    \
	KERNEL_OF(128, flash_##DIM, AttendArgs) {         \
		SHARED_BYTES(bytes);                          \
		flash<DIM>(a, bytes);                         \
	}                                                 \
	KERNEL_OF(128, split_##DIM, AttendArgs) {         \
		SHARED_BYTES(bytes);                          \
		SHARED_ARRAY(u32, p, SPLIT / 2);              \
		SHARED_ARRAY(float, scratch, 4);              \
		split<DIM>(a, bytes, p, scratch);             \
	}                                                 \
	EARLY_KERNEL_OF(128, turn_split_##DIM, TurnArgs) { \
		SHARED_BYTES(memory);                         \
		SHARED_ARRAY(u32, p, SPLIT / 2);              \
		SHARED_ARRAY(float, scratch, 4);              \
		SHARED_ARRAY(float, outs, 4 * DIM);           \
		turn_split<DIM>(a, memory, p, scratch, outs);      \
	}

FLASH(64)
FLASH(128)
