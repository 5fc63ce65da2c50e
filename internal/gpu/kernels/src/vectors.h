// What is done to vectors element by element, or to one vector by one block.
#pragma once

// norm sets h to the RMSNorm of x, or adds it to h, or makes codes of it.
WIDE_KERNEL(norm, NormArgs) {
	SHARED_ARRAY(float, scratch, 32);
	int t = BLOCK_X;
	Element e = {a.x + (i64)t * a.stride, a.norm, 0};
	if (a.norm) e.rms = rms_scale(IDS e.x, a.n, a.eps, scratch);
	if (a.q) {
		int groups = a.n / a.group;
		GlobalStore store = {a.q + (i64)t * a.stride, a.scales + (i64)t * groups, a.sums + (i64)t * groups, 1};
		if (a.together) store = {a.q + codes_together(t, a.n), a.scales + scales_together(t, groups), store.sums, TOGETHER};
		quantize(IDS e, a.n, a.group, store);
		return;
	}
	GLOBAL(float) h = a.h + (i64)t * a.stride;
	for (int i = THREAD; i < a.n; i += THREADS) h[i] = a.add ? h[i] + e.at(i) : e.at(i);
}

// glu sets gate to act(gate) times up.
KERNEL(glu, GLUArgs) {
	i64 row = (i64)BLOCK_Y * a.stride;
	int i = BLOCK_X * THREADS + THREAD;
	if (i < a.n) a.gate[row + i] = activate(a.act, a.gate[row + i]) * a.up[row + i];
}

KERNEL(softcap, SoftcapArgs) {
	i64 row = (i64)BLOCK_Y * a.stride;
	int i = BLOCK_X * THREADS + THREAD;
	if (i < a.n) a.x[row + i] = a.cap * tanh32(a.x[row + i] / a.cap);
}

// pick finds the largest logit, of equals the first, in one block; -1 if one is not finite. token[1] is the
// same, but 0 for -1: a pass that follows can look it up.
WIDE_KERNEL(pick, PickArgs) {
	SHARED_ARRAY(float, best, 1024);
	SHARED_ARRAY(int, at, 1024);
	float top = bits_float(0xff800000); // -infinity
	int token = 0x7fffffff;
	UNROLL_SOME for (int i = THREAD; i < a.n; i += THREADS) {
		float f = a.logits[i];
		if (magnitude(f) >= 0x7f800000) token = -1;
		if (token >= 0 && f > top) {
			top = f;
			token = i;
		}
	}
	best[THREAD] = top;
	at[THREAD] = token;
	for (int apart = THREADS / 2; apart > 0; apart /= 2) {
		BARRIER();
		if (THREAD < apart) {
			float f = best[THREAD + apart], mine = best[THREAD];
			int other = at[THREAD + apart], token = at[THREAD];
			if (other < 0 || (token >= 0 && (f > mine || (f == mine && other < token)))) {
				best[THREAD] = f;
				at[THREAD] = other;
			}
		}
	}
	if (THREAD == 0) {
		a.token[0] = at[0];
		a.token[1] = at[0] < 0 ? 0 : (int)at[0];
	}
}

// repack moves blocks of a binary16 scale and the codes of 32 weights to two planes.
KERNEL(repack, RepackArgs) {
	i64 i = (i64)BLOCK_X * THREADS + THREAD;
	if (i < a.n) {
		GLOBAL(const u16) in = GLOBAL_CAST(const u16, a.blocks + i * (a.bytes + 2));
		GLOBAL(u16) out = GLOBAL_CAST(u16, a.codes + i * a.bytes);
		a.scales[i] = in[0];
		for (int j = 0; j < a.bytes / 2; j++) out[j] = in[j + 1];
	}
}

// tile moves pieces of 8 halves of rows to tiles, which end in zeros: see halves.h. A block's y is a slab's.
KERNEL(tile, TileArgs) {
	int i = BLOCK_X * THREADS + THREAD, r = i / 8 % 8, c = i / 1024 * 8 + (i % 8 ^ r), row = BLOCK_Y * 128 + i % 1024 / 64 * 8 + r;
	if (i >= a.pitch / 16) return;
	u32 words[4];
	UNROLL for (int j = 0; j < 4; j++) {
		words[j] = 0;
		for (int k = 0; k < 2; k++) {
			int col = 8 * c + 2 * j + k;
			if (row < a.rows && col < a.cols) words[j] |= (u32)a.from[(i64)row * a.cols + col] << (16 * k);
		}
	}
	GLOBAL_CAST(u32x4, a.to + ((i64)BLOCK_Y * a.pitch + (i64)i * 16))[0] = u32x4{words[0], words[1], words[2], words[3]};
}

// add sets sum to x + y.
KERNEL(add, AddArgs) {
	int i = BLOCK_X * THREADS + THREAD;
	if (i < a.n) a.sum[i] = a.x[i] + a.y[i];
}
