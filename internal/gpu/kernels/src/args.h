// What kernels are launched with: structs of the same layout in args.go.
#pragma once

// A Row is one token of the batch.
struct Row {
	int token, pos;
	int table; // where its sequence's page table begins in Rows.pages
	int unused;
};

// A Weight is a matrix [rows][cols]. Its rows are pitch bytes apart; scales are
// those of Q8 (float, one for each group of a row), Q8_0 and Q4_0 (binary16).
struct Weight {
	GLOBAL(const u8) data;
	GLOBAL(const u8) scales;
	int rows, cols, pitch, group;
};

struct EmbedArgs {
	GLOBAL(float) x;
	Weight w;
	GLOBAL(const Row) rows;
	GLOBAL(const int) picked; // stands for a token of -1
	int stride;
	float scale;
};

struct NormArgs {
	GLOBAL(const float) x;
	GLOBAL(const float) norm; // null: h is x
	GLOBAL(float) h;
	GLOBAL(i8) q; // null: h is not quantized
	GLOBAL(float) scales;
	GLOBAL(int) sums;
	int n, stride, group;
	float eps;
	int add; // h is added to, not set
	int together; // whether codes lie as squares take them: see input.h
};

// A Product is one of those that share an input. Its rows are number first and
// on of all; a multiple of 32.
struct Product {
	Weight w;
	GLOBAL(float) dst;
	GLOBAL(const float) bias; // null for none
	int stride, first;
};

// What becomes of a product.
enum { SET, ADD, GLU_SILU, GLU_GELU };

struct ProductArgs {
	Product p0, p1, p2;
	GLOBAL(const float) x; // [vectors][stride]
	GLOBAL(const float) norm; // of x, for vec; null for none
	GLOBAL(const i8) q; // for mat: [vectors][cols], with scales and sums [vectors][cols/group]; or halves in tiles, see halves.h
	GLOBAL(const float) scales;
	GLOBAL(const int) sums;
	int n, cols, stride, group; // products; of x; elements that share a scale
	int vectors, then; // then: what becomes of it
	float eps;
	int from; // the first vector, of tiles
	int early, unused; // early: whether blocks for tiles of halves begin long before the launch before ends
};

struct RopeArgs {
	GLOBAL(float) q;
	GLOBAL(float) k;
	GLOBAL(const float) v;
	GLOBAL(const float) cos;
	GLOBAL(const float) sin;
	GLOBAL(const float) qnorm; // null for none
	GLOBAL(const float) knorm;
	GLOBAL(const Row) rows;
	GLOBAL(const int) pages;
	GLOBAL(u8) cache;
	GLOBAL(u16) scales;
	int heads, kvheads, dim, pad; // pad: elements of a head in the cache
	int qstride, kstride, pairs, halves; // pairs: numbers of a head that turn, by two
	int layer, layers, groups, type;
	float eps;
	int unused;
};

// The types of a cache.
enum { CACHE_F32, CACHE_F16, CACHE_Q8 };

struct AttendArgs {
	GLOBAL(float) a;
	GLOBAL(const float) q;
	GLOBAL(float) partial; // [vectors][heads][splits][dim+2]
	GLOBAL(const Row) rows;
	GLOBAL(const int) pages;
	GLOBAL(const u8) cache;
	GLOBAL(const u16) scales;
	int heads, kvheads, dim, pad;
	int astride, qstride, splits, window;
	int layer, layers, groups, type;
	float scale, softcap;
};

// Turn is attention of one row that is not in the cache yet.
struct TurnArgs {
	AttendArgs attend;
	RopeArgs rope;
};

struct GLUArgs {
	GLOBAL(float) gate;
	GLOBAL(const float) up;
	int n, stride, act, unused;
};

struct SoftcapArgs {
	GLOBAL(float) x;
	int n, stride;
	float cap;
	int unused;
};

struct PickArgs {
	GLOBAL(const float) logits;
	GLOBAL(int) token;
	int n, unused;
};

// A Mark is what changes a token's logit before one is chosen: see marks.h.
struct Mark {
	int id, count;
	float bias;
	int unused;
};

struct MarkArgs {
	GLOBAL(float) logits;
	GLOBAL(const Mark) marks;
	GLOBAL(const int) token; // as pick leaves it
	float repeat, presence, frequency;
	int unused;
};

// Top takes logits, or keys that it left before.
struct TopArgs {
	GLOBAL(const float) logits;
	GLOBAL(const u64) keys; // null for logits
	GLOBAL(u64) top; // [blocks][k]
	int n, k;
};

struct DrawArgs {
	GLOBAL(const u64) keys; // [k]
	GLOBAL(const u64) number; // the bits of a binary64
	GLOBAL(int) token;
	int k;
	float temperature, topp, minp;
};

// Choose takes the experts of tokens by their scores [vectors][stride].
struct ChooseArgs {
	GLOBAL(const float) scores;
	GLOBAL(int) experts; // [vectors][used], in ascending order
	GLOBAL(float) weights; // of these
	int vectors, n, stride, used; // n: experts in all
	int normed, unused;
};

// A team is up to a number of tokens that use the same expert, in team_ints numbers: the expert, how many, and their pairs. It
// is TEAM of them where many vectors are not multiplied in squares.
enum { TEAM = 4 };
DEVICE int team_ints(int team) { return team + 4; }

struct RouteArgs {
	GLOBAL(const int) experts; // [pairs]
	GLOBAL(int) teams; // [most][team_ints(team)]
	int pairs, n, most, team;
};

// Expert multiplies vectors by one or two matrices of each one's expert.
struct ExpertArgs {
	GLOBAL(const Weight) w0; // [experts]
	GLOBAL(const Weight) w1;
	GLOBAL(float) dst0; // [pairs][stride]
	GLOBAL(float) dst1;
	GLOBAL(const int) teams;
	GLOBAL(const float) x; // [pairs/per][pitch]: floats, or codes with scales and sums
	GLOBAL(const i8) q;
	GLOBAL(const float) scales;
	GLOBAL(const int) sums;
	int cols, pitch, stride, group;
	int per, unused; // per: pairs that share a vector
};

struct MixArgs {
	GLOBAL(float) x; // [vectors][stride]
	GLOBAL(const float) y; // [vectors][used][stride]
	GLOBAL(const float) weights;
	int n, stride, used, unused;
};

// Repack moves blocks of 32 codes with a binary16 scale before them to codes and scales.
struct RepackArgs {
	GLOBAL(const u8) blocks;
	GLOBAL(u8) codes;
	GLOBAL(u16) scales;
	int n, bytes; // blocks; of the codes of one
};

// Tile moves rows of halves to tiles: see halves.h.
struct TileArgs {
	GLOBAL(const u16) from; // [rows][cols]
	GLOBAL(u8) to;
	int rows, cols, pitch, unused;
};

struct AddArgs {
	GLOBAL(const float) x;
	GLOBAL(const float) y;
	GLOBAL(float) sum;
	int n, unused;
};
