// Products of experts and the vectors of those tokens that use them. A warp takes four rows of a matrix and a team's
// vectors: see route.h. A sum has the order of product.h's, whoever else is in the team.
#pragma once

enum { EXPERT_ROWS = 4 };

DEVICE Weight expert_weight(GLOBAL(const Weight) w) {
	return {(*w).data, (*w).scales, (*w).rows, (*w).cols, (*w).pitch, (*w).group};
}

template <class F> DEVICE void expert(ID_PARAMS ARGS(ExpertArgs) a) {
	typedef Input<F::IS_CODES> In;
	GLOBAL(const int) team = a.teams + (i64)BLOCK_X * team_ints(TEAM);
	int n = team[1];
	if (n == 0) return;
	Weight w = expert_weight((BLOCK_Z == 0 ? a.w0 : a.w1) + team[0]);
	GLOBAL(float) dst = BLOCK_Z == 0 ? a.dst0 : a.dst1;
	int row = (BLOCK_Y * (THREADS / 32) + WARP) * EXPERT_ROWS, rows = w.rows - row;
	if (rows <= 0) return; // warps of a block need not meet
	float acc[EXPERT_ROWS][TEAM] = {};
	typename In::X x[TEAM];
	UNROLL for (int t = 0; t < TEAM; t++) x[t] = In::at(a, a.pitch, team[2 + (t < n ? t : 0)] / a.per);
	int chunks = chunks_of(a.cols, F::LEN);
	for (int c = LANE; c < chunks; c += 32) {
		typename F::Chunk k[EXPERT_ROWS];
		UNROLL for (int r = 0; r < EXPERT_ROWS; r++) k[r] = F::decode(F::load(w, row + (r < rows ? r : 0), c), w, c);
		UNROLL for (int t = 0; t < TEAM; t++) {
			if (t >= n) continue;
			UNROLL for (int r = 0; r < EXPERT_ROWS; r++) acc[r][t] = F::step(acc[r][t], k[r], x[t], c, a.group);
		}
	}
	UNROLL for (int t = 0; t < TEAM; t++) {
		if (t >= n) continue;
		GLOBAL(float) y = dst + ((i64)team[2 + t] * a.stride + row);
		UNROLL for (int r = 0; r < EXPERT_ROWS; r++) {
			float sum = WARP_SUM(acc[r][t]);
			if (LANE == 0 && r < rows) y[r] = sum;
		}
	}
}

// EXPERTS defines the kernel of a format.
#define EXPERTS(name, F) EXPERTS_OF(name, F)
#define EXPERTS_OF(name, F) \
	KERNEL(expert_##name, ExpertArgs) { expert<F>(IDS a); }
