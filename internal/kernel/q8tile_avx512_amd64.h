// Tiles of int8: 16 rows side by side, lane = row, times several vectors.

// Vectors 4k to 4k+3 are at X(4k), one XSTEP apart.
#define X0     R8
#define X4     R9
#define XSTEP  CX  // bytes of a vector
#define XSTEP3 DX  // 3*XSTEP
#define PANEL  SI  // next 4 columns of the panel
#define GSTEP  R13 // bytes from a vector's scales, sums or results to the next one's
#define GSTEP3 R14 // 3*GSTEP
#define TMP    R15
#define LEFT   AX  // elements left of those that share a scale
// Z24: 4 columns of the panel, Z26: scales of the panel, Z27: short-lived

#define CLEAR(A, B, C, D) \
	VPXORD A, A, A \
	VPXORD B, B, B \
	VPXORD C, C, C \
	VPXORD D, D, D

// DOT4(I, X, A, B, C, D): A to D += panel * x[I:I+4] for four vectors.
#define DOT4(I, X, A, B, C, D) \
	VPDPBUSD.BCST I(X), Z24, A                \
	VPDPBUSD.BCST I(X)(XSTEP*1), Z24, B       \
	VPDPBUSD.BCST I(X)(XSTEP*2), Z24, C       \
	VPDPBUSD.BCST I(X)(XSTEP3*1), Z24, D

// END1(SCALE, A, R): R += float32(A) * (scales of the panel * SCALE).
#define END1(SCALE, A, R) \
	VMULPS.BCST SCALE, Z26, Z27               \
	VCVTDQ2PS   A, A                          \
	VFMADD231PS Z27, A, R

// END4 is END1 for four vectors, whose scales are at TMP.
#define END4(A, B, C, D, RA, RB, RC, RD) \
	END1((TMP), A, RA)                        \
	END1((TMP)(GSTEP*1), B, RB)               \
	END1((TMP)(GSTEP*2), C, RC)               \
	END1((TMP)(GSTEP3*1), D, RD)              \
	LEAQ (TMP)(GSTEP*4), TMP

// STORE4(A, B, C, D) stores four results at TMP, one GSTEP apart.
#define STORE4(A, B, C, D) \
	VMOVUPS A, (TMP)                          \
	VMOVUPS B, (TMP)(GSTEP*1)                 \
	VMOVUPS C, (TMP)(GSTEP*2)                 \
	VMOVUPS D, (TMP)(GSTEP3*1)                \
	LEAQ    (TMP)(GSTEP*4), TMP
