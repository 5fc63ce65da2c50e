//go:build !purego

#include "textflag.h"

// A block is 6 rows times 2 vectors of 8 columns: twelve accumulators.

#define C      DI  // row 0 of c
#define C3     R12 // row 3
#define CSTEP  DX  // bytes of a row of c
#define A      SI  // next element of row 0 of a
#define A3     R8  // and of row 3
#define AROW   R9  // bytes from one row of a to the next one
#define ACOL   R10 // bytes from one element of a row to the next one
#define B      BX  // next row of the block of b, of 256 bytes
#define DEPTH  AX  // products left

// EACH_ROW(OP) applies OP to the accumulators of each row, with where the row begins.
#define EACH_ROW(OP) \
	OP(Y0, Y1, (C))             \
	OP(Y2, Y3, (C)(CSTEP*1))    \
	OP(Y4, Y5, (C)(CSTEP*2))    \
	OP(Y6, Y7, (C3))            \
	OP(Y8, Y9, (C3)(CSTEP*1))   \
	OP(Y10, Y11, (C3)(CSTEP*2))

#define LOAD(P, Q, AT) VMOVUPS 0 AT, P; VMOVUPS 32 AT, Q
#define STORE(P, Q, AT) VMOVUPS P, 0 AT; VMOVUPS Q, 32 AT

// ROW is c[row] += a[row][k] * b[k].
#define ROW(AT, F, P, Q) \
	VBROADCASTSS AT, F      \
	VFMADD231PS  Y12, F, P  \
	VFMADD231PS  Y13, F, Q

// func outerAVX2(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)
// Reference: addOuterGeneric, with 6 rows and 16 columns; b has rows of 64. Strides in
// floats. depth is not 0. Requires: AVX2, FMA.
TEXT ·outerAVX2(SB), NOSPLIT, $0-56
	MOVQ c+0(FP), C
	MOVQ cStride+8(FP), CSTEP
	MOVQ a+16(FP), A
	MOVQ aRow+24(FP), AROW
	MOVQ aCol+32(FP), ACOL
	MOVQ b+40(FP), B
	MOVQ depth+48(FP), DEPTH
	SHLQ $2, CSTEP            // floats to bytes
	SHLQ $2, AROW
	SHLQ $2, ACOL
	LEAQ (C)(CSTEP*2), C3
	ADDQ CSTEP, C3            // C3 = C + 3*CSTEP
	LEAQ (A)(AROW*2), A3
	ADDQ AROW, A3             // A3 = A + 3*AROW
	EACH_ROW(LOAD)

product: // for DEPTH > 0 { c[0:6][0:16] += a[0:6][k] * b[k][0:16] }
	VMOVUPS (B), Y12
	VMOVUPS 32(B), Y13
	ROW((A), Y14, Y0, Y1)
	ROW((A)(AROW*1), Y15, Y2, Y3)
	ROW((A)(AROW*2), Y14, Y4, Y5)
	ROW((A3), Y15, Y6, Y7)
	ROW((A3)(AROW*1), Y14, Y8, Y9)
	ROW((A3)(AROW*2), Y15, Y10, Y11)
	ADDQ ACOL, A
	ADDQ ACOL, A3
	ADDQ $256, B
	DECQ DEPTH
	JNZ  product

	EACH_ROW(STORE)
	VZEROUPPER
	RET
