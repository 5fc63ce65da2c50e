// Rotation, the cache of keys and values, and attention over it.
#pragma once

enum { PAGE = 32, SPLIT = 128, HEAD_MAX = 512 };

// cache_at returns the number of a position among all of the cache, [pages][layers][2][kvheads][PAGE].
template <class Args> DEVICE i64 cache_at(ARGS(Args) a, int page, int part, int head, int pos) {
	i64 block = (((i64)page * a.layers + a.layer) * 2 + part) * a.kvheads + head;
	return block * PAGE + pos % PAGE;
}

// row_of copies a row from one memory to another, which no struct does by itself everywhere.
DEVICE Row row_of(GLOBAL(const Row) rows, int t) {
	return {rows[t].token, rows[t].pos, rows[t].table, 0};
}

// store writes a head to the cache, by a warp.
DEVICE void store_head(ID_PARAMS ARGS(RopeArgs) a, SHARED(const float) h, i64 at) {
	if (a.type == CACHE_F32) {
		GLOBAL(float) c = GLOBAL_CAST(float, a.cache) + at * a.pad;
		for (int i = LANE; i < a.dim; i += 32) c[i] = h[i];
		return;
	}
	if (a.type == CACHE_F16) {
		GLOBAL(u16) c = GLOBAL_CAST(u16, a.cache) + at * a.pad;
		for (int i = LANE; i < a.dim; i += 32) c[i] = float_half(h[i]);
		return;
	}
	GLOBAL(i8) c = GLOBAL_CAST(i8, a.cache) + at * a.pad;
	for (int g = 0; g < a.groups; g++) {
		int i = g * 32 + LANE;
		float x = i < a.dim ? (float)h[i] : 0;
		u32 top = WARP_MAX(magnitude(x));
		float scale = scale_of(top);
		if (i < a.dim) c[i] = (i8)code_of(x, scale);
		if (LANE == 0) a.scales[at * a.groups + g] = float_half(scale);
	}
}

// Angles are the cosines and sines by which a lane turns N pairs of a head.
template <int N> struct Angles {
	float cos[N], sin[N];
	MEMBER void read(ID_PARAMS ARGS(RopeArgs) a, int pos) {
		UNROLL for (int j = 0; j < N; j++) {
			int i = LANE + 32 * j;
			cos[j] = i < a.pairs ? a.cos[(i64)pos * a.pairs + i] : 1;
			sin[j] = i < a.pairs ? a.sin[(i64)pos * a.pairs + i] : 0;
		}
	}
};

// turn_head leaves in out a head of queries, keys or values, normalized and turned, which is at x, by a warp. part is 0 for
// queries, 1 for keys, 2 for values. A lane takes pairs, which become neighbours.
template <int N> DEVICE void turn_head(
	ID_PARAMS ARGS(RopeArgs) a, OWN(const Angles<N>) &angles, GLOBAL(const float) x, int part, SHARED(float) out) {
	int turned = part < 2 ? a.pairs : 0;
	GLOBAL(const float) norm = part == 0 ? a.qnorm : a.knorm;
	float x0[N], x1[N], s = 0;
	UNROLL for (int j = 0; j < N; j++) {
		int i = LANE + 32 * j, apart = a.halves && i < turned, first = apart ? i : 2 * i, second = apart ? i + turned : 2 * i + 1;
		x0[j] = 2 * i < a.dim ? x[first] : 0;
		x1[j] = 2 * i + 1 < a.dim ? x[second] : 0;
		s = fma32(x1[j], x1[j], fma32(x0[j], x0[j], s));
	}
	if (part < 2 && norm) {
		float rms = 1 / sqrt32(WARP_SUM(s) / (float)a.dim + a.eps);
		UNROLL for (int j = 0; j < N; j++) {
			int i = LANE + 32 * j, apart = a.halves && i < turned, first = apart ? i : 2 * i, second = apart ? i + turned : 2 * i + 1;
			if (2 * i < a.dim) x0[j] = norm[first] * (rms * x0[j]);
			if (2 * i + 1 < a.dim) x1[j] = norm[second] * (rms * x1[j]);
		}
	}
	UNROLL for (int j = 0; j < N; j++) {
		int i = LANE + 32 * j, turns = i < turned;
		float y0 = x0[j] * angles.cos[j] - x1[j] * angles.sin[j], y1 = x0[j] * angles.sin[j] + x1[j] * angles.cos[j];
		if (2 * i < a.dim) out[2 * i] = turns ? y0 : x0[j];
		if (2 * i + 1 < a.dim) out[2 * i + 1] = turns ? y1 : x1[j];
	}
}

// head_at returns where head g of queries, keys or values of token t is.
DEVICE GLOBAL(const float) head_at(ARGS(RopeArgs) a, int part, int t, int g) {
	GLOBAL(const float) q = a.q + (i64)t * a.qstride + g * a.dim;
	if (part == 0) return q;
	return (part == 1 ? GLOBAL_CAST(const float, a.k) : a.v) + (i64)t * a.kstride + g * a.dim;
}

// A warp of rope_store does one head of one token: of q, k or v.
enum { ROPE_WARPS = 4 };
KERNEL(rope_store, RopeArgs) {
	SHARED_ARRAY(float, outs, ROPE_WARPS * HEAD_MAX);
	SHARED(float) out = outs + WARP * HEAD_MAX;
	int t = BLOCK_Y, head = BLOCK_X * ROPE_WARPS + WARP, idle = head >= a.heads + 2 * a.kvheads;
	if (idle) head = a.heads + 2 * a.kvheads - 1;
	int part = head < a.heads ? 0 : head < a.heads + a.kvheads ? 1 : 2;
	int g = part == 0 ? head : head - a.heads - (part - 1) * a.kvheads;
	Row row = row_of(a.rows, t);
	Angles<HEAD_MAX / 64> angles;
	angles.read(IDS a, row.pos);
	turn_head(IDS a, angles, head_at(a, part, t, g), part, out);
	BARRIER();
	if (idle) return;
	if (part == 0) {
		GLOBAL(float) q = a.q + (i64)t * a.qstride + head * a.dim;
		for (int i = LANE; i < a.dim; i += 32) q[i] = out[i];
		return;
	}
	int page = a.pages[row.table + row.pos / PAGE];
	store_head(IDS a, out, cache_at(a, page, part - 1, g, row.pos));
}

// A type of cache returns elements 4i to 4i+3 of a position.
struct CacheF32 {
	static MEMBER f32x4 at(ARGS(AttendArgs) a, i64 pos, int i) {
		return GLOBAL_CAST(const f32x4, a.cache)[pos * (a.pad / 4) + i];
	}
};

struct CacheF16 {
	static MEMBER f32x4 at(ARGS(AttendArgs) a, i64 pos, int i) {
		u64 h = GLOBAL_CAST(const u64, a.cache)[pos * (a.pad / 4) + i];
		u32 x = (u32)h, y = (u32)(h >> 32);
		return {low_half(x), high_half(x), low_half(y), high_half(y)};
	}
};

struct CacheQ8 {
	static MEMBER f32x4 at(ARGS(AttendArgs) a, i64 pos, int i) {
		if (i / 8 >= a.groups) return f32x4(0); // padding
		u32 q = GLOBAL_CAST(const u32, a.cache)[pos * (a.pad / 4) + i];
		float d = half_float(a.scales[pos * a.groups + i / 8]);
		return {(float)(i8)q * d, (float)(i8)(q >> 8) * d, (float)(i8)(q >> 16) * d, (float)(i8)(q >> 24) * d};
	}
};

// scores returns what a thread's position scores.
template <class C> DEVICE float score_of(ARGS(AttendArgs) a, SHARED(const f32x4) q, i64 at) {
	float s = 0;
	UNROLL_SOME for (int i = 0; i < a.pad / 4; i++) {
		f32x4 k = C::at(a, at, i), x = q[i];
		s = fma32(k.x, x.x, s);
		s = fma32(k.y, x.y, s);
		s = fma32(k.z, x.z, s);
		s = fma32(k.w, x.w, s);
	}
	return a.softcap != 0 ? a.softcap * tanh32(s / a.softcap) : s;
}

// add_values adds up the values of a warp's page, weighted, and leaves the sum in out [pad/4].
template <class C> DEVICE void add_values(
	ID_PARAMS ARGS(AttendArgs) a, SHARED(const float) p, i64 at, int n, SHARED(f32x4) out) {
	for (int i = LANE; i < a.pad / 4; i += 32) {
		f32x4 sum = f32x4(0);
		UNROLL_SOME for (int j = 0; j < n; j++) {
			f32x4 v = C::at(a, at + j, i);
			float w = p[j];
			sum.x = fma32(w, v.x, sum.x);
			sum.y = fma32(w, v.y, sum.y);
			sum.z = fma32(w, v.z, sum.z);
			sum.w = fma32(w, v.w, sum.w);
		}
		out[i] = sum;
	}
}

// A block of attend, four warps, does SPLIT positions of one head of one token: it leaves
// the sum of values weighted by exp(score-m), m, and the sum of weights. If there is
// one split only, it leaves the mean of the values.
template <class C> DEVICE void attend(
	ID_PARAMS ARGS(AttendArgs) a, SHARED(float) q, SHARED(float) p, SHARED(float) sums, SHARED(float) scratch) {
	Row row = row_of(a.rows, BLOCK_Z);
	int head = BLOCK_Y, begin = BLOCK_X * SPLIT, g = head / (a.heads / a.kvheads);
	int first = a.window > 0 && row.pos >= a.window ? row.pos - a.window + 1 : 0;
	if (begin > row.pos || begin + SPLIT <= first) return;
	for (int i = THREAD; i < a.pad; i += THREADS)
		q[i] = i < a.dim ? a.q[(i64)BLOCK_Z * a.qstride + head * a.dim + i] * a.scale : 0;
	BARRIER();
	int pos = begin + THREAD, sees = pos >= first && pos <= row.pos, n = row.pos - begin - WARP * PAGE + 1;
	float s = bits_float(0xff800000); // -infinity
	i64 values = 0;
	if (n > 0) {
		int page = a.pages[row.table + pos / PAGE];
		values = cache_at(a, page, 1, g, 0);
		if (sees) s = score_of<C>(a, SHARED_CAST(const f32x4, q), cache_at(a, page, 0, g, pos));
	}
	float top = WARP_MAX(s);
	if (LANE == 0) scratch[WARP] = top;
	BARRIER();
	float m = scratch[0];
	for (int i = 1; i < SPLIT / 32; i++) m = scratch[i] > m ? (float)scratch[i] : m;
	float e = sees ? exp32(s - m) : 0;
	p[THREAD] = e;
	float sum = block_sum(IDS e, scratch + 4); // and a barrier
	SHARED(float) mine = sums + WARP * a.pad;
	add_values<C>(IDS a, p + WARP * PAGE, values, n < PAGE ? n : PAGE, SHARED_CAST(f32x4, mine));
	BARRIER();
	if (a.splits == 1) {
		GLOBAL(float) mean = a.a + (i64)BLOCK_Z * a.astride + head * a.dim;
		for (int i = THREAD; i < a.dim; i += THREADS)
			mean[i] = (sums[i] + sums[a.pad + i] + sums[2 * a.pad + i] + sums[3 * a.pad + i]) / sum;
		return;
	}
	GLOBAL(float) out = a.partial + (((i64)BLOCK_Z * a.heads + head) * a.splits + BLOCK_X) * (a.dim + 2);
	for (int i = THREAD; i < a.dim; i += THREADS)
		out[i] = sums[i] + sums[a.pad + i] + sums[2 * a.pad + i] + sums[3 * a.pad + i];
	if (THREAD == 0) {
		out[a.dim] = m;
		out[a.dim + 1] = sum;
	}
}

#define ATTEND(name, C)                                 \
	KERNEL(attend_##name, AttendArgs) {                 \
		SHARED_ARRAY(float, q, HEAD_MAX);               \
		SHARED_ARRAY(float, p, SPLIT);                  \
		SHARED_ARRAY(float, sums, 4 * HEAD_MAX);        \
		SHARED_ARRAY(float, scratch, 8);                \
		attend<C>(IDS a, q, p, sums, scratch);              \
	}

ATTEND(f32, CacheF32)
ATTEND(f16, CacheF16)
ATTEND(q8_0, CacheQ8)

// combine adds up what the splits of a head left.
KERNEL(combine, AttendArgs) {
	Row row = row_of(a.rows, BLOCK_Y);
	int head = BLOCK_X;
	int first = a.window > 0 && row.pos >= a.window ? row.pos - a.window + 1 : 0;
	GLOBAL(const float) part = a.partial + ((i64)BLOCK_Y * a.heads + head) * a.splits * (a.dim + 2);
	float m = bits_float(0xff800000), total = 0;
	for (int s = first / SPLIT; s <= row.pos / SPLIT; s++) {
		float f = part[(i64)s * (a.dim + 2) + a.dim];
		m = f > m ? f : m;
	}
	for (int s = first / SPLIT; s <= row.pos / SPLIT; s++) {
		GLOBAL(const float) p = part + (i64)s * (a.dim + 2);
		total = fma32(p[a.dim + 1], exp32(p[a.dim] - m), total);
	}
	for (int i = THREAD; i < a.dim; i += THREADS) {
		float sum = 0;
		for (int s = first / SPLIT; s <= row.pos / SPLIT; s++) {
			GLOBAL(const float) p = part + (i64)s * (a.dim + 2);
			sum = fma32(p[i], exp32(p[a.dim] - m), sum);
		}
		a.a[(i64)BLOCK_Y * a.astride + head * a.dim + i] = sum / total;
	}
}
