// What tiles of 16 rows, lane = row, times 16 vectors have in common: their results, Z0 to Z15, and how sums of products
// get there. ONE(I, SCALE, A, R), which differs, adds to R the sums of vector I times both scales.

// FOUR(I, RA, RB, RC, RD) is ONE for vectors I to I+3, whose scales are at TMP.
#define FOUR(I, RA, RB, RC, RD) \
	ONE((I+0), (TMP), Z16, RA)           \
	ONE((I+1), (TMP)(GSTEP*1), Z17, RB)  \
	ONE((I+2), (TMP)(GSTEP*2), Z18, RC)  \
	ONE((I+3), (TMP)(GSTEP3*1), Z19, RD) \
	LEAQ (TMP)(GSTEP*4), TMP

// CLEAR_RESULTS begins with zeros.
#define CLEAR_RESULTS \
	CLEAR(Z0, Z1, Z2, Z3) \
	CLEAR(Z4, Z5, Z6, Z7) \
	CLEAR(Z8, Z9, Z10, Z11) \
	CLEAR(Z12, Z13, Z14, Z15)

// LAST_RESULTS adds the last sums, stores the results at dst, stride numbers apart, and returns.
#define LAST_RESULTS \
	FOUR(0, Z0, Z1, Z2, Z3) \
	FOUR(4, Z4, Z5, Z6, Z7) \
	FOUR(8, Z8, Z9, Z10, Z11) \
	FOUR(12, Z12, Z13, Z14, Z15) \
	TILE_RELEASE \
	MOVQ    dst+0(FP), TMP \
	MOVQ    stride+8(FP), GSTEP \
	SHLQ    $2, GSTEP \
	LEAQ    (GSTEP)(GSTEP*2), GSTEP3 \
	STORE4(Z0, Z1, Z2, Z3) \
	STORE4(Z4, Z5, Z6, Z7) \
	STORE4(Z8, Z9, Z10, Z11) \
	STORE4(Z12, Z13, Z14, Z15) \
	VZEROUPPER \
	RET
