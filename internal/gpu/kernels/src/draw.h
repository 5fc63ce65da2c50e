// The choice of a token among the most likely ones, with the numbers and the bits of package sample: its sums of weights
// are in binary64, which Metal does not have, so they are made of integers here.
#pragma once

enum { SEGMENT = 1024, TOP_MAX = 256 };

// A Real is a number of 0 or more, the bits of a binary64: these have the order of the numbers.
typedef u64 Real;

DEVICE Real real_of(float f) {
	u32 b = float_bits(f);
	return b == 0 ? 0 : ((u64)(b >> 23) + (1023 - 127)) << 52 | (u64)(b & 0x7fffff) << 29;
}

DEVICE u64 significand(Real a) { return (a & (((u64)1 << 52) - 1)) | (u64)1 << 52; }

// rounded returns the number with an exponent and a significand of drop bits too many, rounded half to even.
DEVICE Real rounded(u64 exponent, u64 significand, u64 rest, int drop) {
	u64 middle = (u64)1 << (drop - 1);
	if (rest > middle || (rest == middle && (significand & 1))) significand++;
	return (exponent << 52) + (significand - ((u64)1 << 52)); // one bit more is a carry
}

DEVICE Real real_add(Real a, Real b) {
	if (a < b) {
		Real c = a;
		a = b;
		b = c;
	}
	if (b == 0) return a;
	u64 exponent = a >> 52, apart = exponent - (b >> 52), large = significand(a) << 10, small = significand(b) << 10;
	if (apart > 62) {
		small = 1; // whatever is not 0
	} else if (apart > 0) {
		u64 lost = small << (64 - apart) ? 1 : 0;
		small = small >> apart | lost;
	}
	u64 sum = large + small;
	int drop = sum >> 63 ? 11 : 10;
	return rounded(exponent + (drop - 10), sum >> drop, sum & (((u64)1 << drop) - 1), drop);
}

// real_times returns a times f, of 0 or more.
DEVICE Real real_times(Real a, float f) {
	u32 b = float_bits(f);
	if (a == 0 || b == 0) return 0;
	u64 x = significand(a), y = (b & 0x7fffff) | 1 << 23, below = ((u64)1 << 29) - 1;
	u64 low = (x & below) * y, high = (x >> 29) * y + (low >> 29); // x*y is high * 2^29 + low
	low &= below;
	int drop = high >> 47 ? 24 : 23; // 53 bits stay
	u64 exponent = (a >> 52) + (b >> 23) - 127 + (drop - 23);
	return rounded(exponent, high << (29 - drop) | low >> drop, low & (((u64)1 << drop) - 1), drop);
}

// key_of returns what sorts a token by its logit, and of equals the first before the others. A logit that is not finite
// is before all.
DEVICE u64 key_of(float logit, int token) {
	if (magnitude(logit) >= 0x7f800000) return ~(u64)0;
	u32 b = float_bits(logit + 0.0f); // no -0
	b = b >> 31 ? ~b : b | 0x80000000;
	return (u64)b << 32 | (u32)~token;
}

DEVICE float logit_of(u64 key) {
	u32 b = (u32)(key >> 32);
	return bits_float(b >> 31 ? b & 0x7fffffff : ~b);
}

// top sorts a segment of tokens by each block, and keeps the first k: of their logits at first, then of what was kept.
WIDE_KERNEL(top, TopArgs) {
	SHARED_ARRAY(u64, keys, SEGMENT);
	int first = BLOCK_X * SEGMENT, n = a.n - first < SEGMENT ? a.n - first : SEGMENT, all = 2;
	while (all < n) all *= 2;
	for (int i = THREAD; i < all; i += THREADS)
		keys[i] = i >= n ? 0 : a.keys ? a.keys[first + i] : key_of(a.logits[first + i], first + i);
	for (int run = 2; run <= all; run *= 2)
		for (int apart = run / 2; apart > 0; apart /= 2) {
			BARRIER();
			if (THREAD >= all / 2) continue;
			int i = THREAD / apart * 2 * apart + THREAD % apart;
			u64 x = keys[i], y = keys[i + apart];
			if ((x < y) == ((i & run) == 0)) {
				keys[i] = y;
				keys[i + apart] = x;
			}
		}
	BARRIER();
	for (int i = THREAD; i < a.k; i += THREADS) a.top[(i64)BLOCK_X * a.k + i] = i < all ? (u64)keys[i] : 0;
}

// sum16 adds up weights as ExpSum of package kernel does.
DEVICE float sum16(SHARED(const float) w, int n) {
	float lane[16];
	UNROLL for (int j = 0; j < 16; j++) lane[j] = 0;
	for (int i = 0; i < n; i += 16) UNROLL for (int j = 0; j < 16; j++) lane[j] = lane[j] + (i + j < n ? (float)w[i + j] : 0);
	UNROLL for (int m = 8; m > 0; m /= 2) UNROLL for (int j = 0; j < m; j++) lane[j] = lane[j] + lane[j + m];
	return lane[0];
}

// keep returns how many of the k most likely tokens top-p and min-p leave.
DEVICE int keep_likely(ARGS(DrawArgs) a, SHARED(const float) w) {
	Real enough = real_times(real_of(a.topp), sum16(w, a.k)), sum = 0;
	int n = 0;
	while (n < a.k && (n == 0 || w[n] >= a.minp)) {
		sum = real_add(sum, real_of(w[n]));
		n++;
		if (a.topp < 1 && sum >= enough) break;
	}
	return n;
}

// draw_of returns the index that a number from 0 to below 1 stands for.
DEVICE int draw_of(Real number, SHARED(const float) w, int n) {
	Real r = real_times(number, sum16(w, n)), sum = 0;
	for (int i = 0; i < n; i++) {
		sum = real_add(sum, real_of(w[i]));
		if (sum > r) return i;
	}
	return 0; // the sum was rounded up: the most likely
}

// draw chooses one of the k most likely tokens, by one block: see package sample. token is as pick leaves it.
KERNEL(draw, DrawArgs) {
	SHARED_ARRAY(float, weights, TOP_MAX);
	SHARED_ARRAY(float, tempered, TOP_MAX);
	float most = logit_of(a.keys[0]);
	for (int i = THREAD; i < a.k; i += THREADS) {
		float below = logit_of(a.keys[i]) - most;
		weights[i] = exp32(below);
		tempered[i] = exp32(below / a.temperature);
	}
	BARRIER();
	if (THREAD != 0) return;
	int token = -1;
	if (~a.keys[0] != 0) token = (int)~(u32)a.keys[draw_of(a.number[0], tempered, keep_likely(a, weights))];
	a.token[0] = token;
	a.token[1] = token < 0 ? 0 : token;
}
