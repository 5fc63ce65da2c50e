// Arithmetic that the kernels share. exp32 is Exp of package float, step by step.
#pragma once

DEVICE float bits_float(u32 b) { return BITS_AS(float, b); }
DEVICE u32 float_bits(float x) { return BITS_AS(u32, x); }
DEVICE float half_float(u16 b) { return (float)BITS_AS(f16, b); }
DEVICE u16 float_half(float x) { return BITS_AS(u16, (f16)x); }
DEVICE float low_half(u32 b) { return half_float((u16)b); }
DEVICE float high_half(u32 b) { return half_float((u16)(b >> 16)); }

DEVICE float exp32(float x) {
	if (x < -87.33654f) return 0;
	if (x > 89) x = 89;
	float t = fma32(x, 1.44269504088896341f, 12582912.0f);
	float n = t - 12582912.0f;
	float r = fma32(n, -0.693359375f, x);
	r = fma32(n, 2.12194440054690583e-4f, r);
	float q = fma32(0.0013926182f, r, 0.008363178f);
	q = fma32(q, r, 0.041666556f);
	q = fma32(q, r, 0.16666576f);
	q = fma32(q, r, 0.5f);
	float y = fma32(q, r * r, r) + 1;
	return y * bits_float((float_bits(t) << 23) + (127u << 23));
}

DEVICE float tanh32(float x) { return 1 - 2 / (1 + exp32(2 * x)); }

// activate returns SiLU, or GELU by its approximation with tanh.
DEVICE float activate(int act, float x) {
	float e = -x;
	if (act == GLU_GELU) e = x * -1.5957691216057308f * (x * x * 0.044715f + 1);
	return x / (1 + exp32(e));
}

// block_sum returns the sum of x over the block's threads. scratch has a place for each
// warp and is used by nothing else until the next barrier.
DEVICE float block_sum(ID_PARAMS float x, SHARED(float) scratch) {
	x = WARP_SUM(x);
	if (LANE == 0) scratch[WARP] = x;
	BARRIER();
	float sum = 0;
	for (int i = 0; i < THREADS / 32; i++) sum = sum + scratch[i];
	return sum;
}

// rms_scale returns 1/sqrt(mean(x²) + eps). Behind its n numbers x has zeros, up to a multiple of 4.
DEVICE float rms_scale(ID_PARAMS GLOBAL(const float) x, int n, float eps, SHARED(float) scratch) {
	GLOBAL(const f32x4) x4 = GLOBAL_CAST(const f32x4, x);
	float s = 0;
	for (int v = THREAD; v < (n + 3) / 4; v += 4 * THREADS) {
		f32x4 f[4]; // four loads on their way at once
		UNROLL for (int i = 0; i < 4; i++) f[i] = v + i * THREADS < (n + 3) / 4 ? x4[v + i * THREADS] : f32x4(0);
		UNROLL for (int i = 0; i < 4; i++) {
			s = fma32(f[i].x, f[i].x, s);
			s = fma32(f[i].y, f[i].y, s);
			s = fma32(f[i].z, f[i].z, s);
			s = fma32(f[i].w, f[i].w, s);
		}
	}
	return 1 / sqrt32(block_sum(IDS s, scratch) / (float)n + eps);
}
