// Columns of 16 rows of small codes, not negative, times several vectors, lane = row: 16 bits for two of the four codes.

#define W     SI // next columns of 16 rows, four bytes each
#define X     R8 // vectors 0 to 2, one XSTEP apart
#define X3    R9 // vectors 3 to 5
#define XSTEP CX // bytes of a vector
// Y12, Y13: a column, Y14, Y15: short-lived.

// BEGIN(X, A, B): A, B = products of a column and four codes of x.
#define BEGIN(X, A, B) \
	VPBROADCASTD X, Y14      \
	VPMADDUBSW   Y14, Y12, A \
	VPMADDUBSW   Y14, Y13, B

// DOT(X, A, B): A, B += products of a column and four codes of x.
#define DOT(X, A, B) \
	VPBROADCASTD X, Y14        \
	VPMADDUBSW   Y14, Y12, Y15 \
	VPMADDUBSW   Y14, Y13, Y14 \
	VPADDW       Y15, A, A     \
	VPADDW       Y14, B, B

// COLUMN(I) takes column I.
#define COLUMN(I) \
	VMOVDQU (64*I)(W), Y12    \
	VMOVDQU (64*I+32)(W), Y13

// SIX(OP, I), THREE(OP, I), ONE(OP, I): OP for column I and so many vectors.
#define SIX(OP, I) \
	THREE(OP, I)                    \
	OP((4*I)(X3), Y6, Y7)           \
	OP((4*I)(X3)(XSTEP*1), Y8, Y9)  \
	OP((4*I)(X3)(XSTEP*2), Y10, Y11)
#define THREE(OP, I) \
	COLUMN(I)                      \
	OP((4*I)(X), Y0, Y1)           \
	OP((4*I)(X)(XSTEP*1), Y2, Y3)  \
	OP((4*I)(X)(XSTEP*2), Y4, Y5)
#define ONE(OP, I) \
	COLUMN(I)                      \
	OP((4*I)(X), Y0, Y1)
