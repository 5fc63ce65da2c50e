// Mixtures of experts: which experts a token uses, and who uses an expert. A token and one of its experts are a pair:
// pair t*used + i is token t's i-th expert, in the order of their numbers. Package model defines the rest.
#pragma once

enum { EXPERTS_MAX = 1024, NOBODY = 0x7fffffff };

// A Score is an expert's; the better one is higher, or is as high and has the lower number.
struct Score {
	float score;
	int expert;
	MEMBER int worse(float other, int number) const {
		return number != NOBODY && (expert == NOBODY || other > score || (other == score && number < expert));
	}
	MEMBER void meet(float other, int number) {
		if (!worse(other, number)) return;
		score = other;
		expert = number;
	}
};

// best_of returns the best of those of a lane's experts that are not taken, for all lanes.
DEVICE Score best_of(ID_PARAMS GLOBAL(const float) scores, int n, u32 taken) {
	Score best = {0, NOBODY};
	for (int i = 0, e = LANE; e < n; i++, e += 32) {
		float f = scores[e];
		if (!(f == f)) f = bits_float(0xff800000); // no number is the worst
		if (!(taken >> i & 1)) best.meet(f, e);
	}
	for (int m = 16; m > 0; m >>= 1) {
		float f = SWAP_LANES(best.score, m);
		int e = SWAP_LANES(best.expert, m);
		best.meet(f, e);
	}
	return best;
}

// choose lets a warp choose a token's experts and weigh them by the softmax of all scores, or of theirs alone. Lane i has
// the i-th best, and finds out how many of the others have lower numbers.
KERNEL(choose, ChooseArgs) {
	int t = BLOCK_X * (THREADS / 32) + WARP;
	if (t >= a.vectors) return;
	GLOBAL(const float) scores = a.scores + (i64)t * a.stride;
	u32 taken = 0;
	float top = 0, score = 0;
	int mine = NOBODY, before = 0;
	for (int i = 0; i < a.used; i++) {
		Score best = best_of(IDS scores, a.n, taken);
		if (best.expert % 32 == LANE) taken |= 1u << (best.expert / 32);
		if (i == 0) top = best.score;
		int lower = WARP_SUM(LANE < i && mine < best.expert ? 1 : 0);
		if (LANE < i && best.expert < mine) before++;
		if (LANE == i) {
			score = best.score;
			mine = best.expert;
			before = lower;
		}
	}
	float all = 0, weight = LANE < a.used ? exp32(score - top) : 0;
	if (!a.normed)
		for (int e = LANE; e < a.n; e += 32) all = all + exp32(scores[e] - top);
	else
		all = weight;
	all = WARP_SUM(all);
	if (LANE < a.used) {
		a.experts[(i64)t * a.used + before] = mine;
		a.weights[(i64)t * a.used + before] = weight / all;
	}
}

// A Part is a lane's of all pairs, and how many pairs of an expert are in the parts before it.
struct Part {
	int from, to, before, all;
	MEMBER void count(ID_PARAMS GLOBAL(const int) experts, int pairs, int expert) {
		int size = (pairs + 31) / 32;
		from = LANE * size;
		to = from + size < pairs ? from + size : pairs;
		before = all = 0;
		for (int p = from; p < to; p++) all += experts[p] == expert;
		for (int m = 1; m < 32; m <<= 1) {
			int others = SWAP_LANES(all, m);
			if (LANE & m) before += others;
			all += others;
		}
	}
};

// route puts pairs in teams, by one block: a warp takes one expert after the other. Teams behind the last have nobody.
WIDE_KERNEL(route, RouteArgs) {
	SHARED_ARRAY(int, first, EXPERTS_MAX + 1); // at first how many teams an expert has, then the number of its first
	int ints = team_ints(a.team);
	for (int e = WARP; e < a.n; e += THREADS / 32) {
		Part part;
		part.count(IDS a.experts, a.pairs, e);
		if (LANE == 0) first[e] = (part.all + a.team - 1) / a.team;
	}
	BARRIER();
	if (THREAD == 0) {
		int sum = 0;
		for (int e = 0; e < a.n; e++) {
			int teams = first[e];
			first[e] = sum;
			sum += teams;
		}
		first[a.n] = sum;
	}
	BARRIER();
	for (int e = WARP; e < a.n; e += THREADS / 32) {
		Part part;
		part.count(IDS a.experts, a.pairs, e);
		GLOBAL(int) team = a.teams + (i64)first[e] * ints;
		for (int p = part.from, i = part.before; p < part.to; p++)
			if (a.experts[p] == e) {
				team[i / a.team * ints + 2 + i % a.team] = p;
				i++;
			}
		for (int i = LANE * a.team; i < part.all; i += 32 * a.team) {
			team[i / a.team * ints] = e;
			team[i / a.team * ints + 1] = part.all - i < a.team ? part.all - i : a.team;
		}
	}
	for (int i = first[a.n] + THREAD; i < a.most; i += THREADS) a.teams[(i64)i * ints + 1] = 0;
}

// mix adds to a token what its experts gave, weighed, one after the other.
KERNEL(mix, MixArgs) {
	int i = BLOCK_X * THREADS + THREAD, t = BLOCK_Y;
	if (i >= a.n) return;
	float x = a.x[(i64)t * a.stride + i];
	for (int p = t * a.used; p < (t + 1) * a.used; p++) x = x + a.weights[p] * a.y[(i64)p * a.stride + i];
	a.x[(i64)t * a.stride + i] = x;
}
