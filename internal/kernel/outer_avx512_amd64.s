//go:build !purego

#include "textflag.h"

// A block is 6 rows times up to 4 vectors of 16 columns: one accumulator for
// each 16 elements of c. Columns of b are loaded once for all rows, elements of
// a spread once for all columns.

#define C      DI  // row 0 of c
#define C3     R12 // row 3
#define CSTEP  DX  // bytes of a row of c
#define A      SI  // next element of row 0 of a
#define A3     R8  // and of row 3
#define AROW   R9  // bytes from one row of a to the next one
#define ACOL   R10 // bytes from one element of a row to the next one
#define B      BX  // next row of the block of b, of 256 bytes
#define DEPTH  AX  // products left

// EACH_ROWv(OP) applies OP to the v accumulators of each row, with where the row begins.
#define EACH_ROW4(OP) \
	OP(Z0, Z1, Z2, Z3, (C))               \
	OP(Z4, Z5, Z6, Z7, (C)(CSTEP*1))      \
	OP(Z8, Z9, Z10, Z11, (C)(CSTEP*2))    \
	OP(Z12, Z13, Z14, Z15, (C3))          \
	OP(Z16, Z17, Z18, Z19, (C3)(CSTEP*1)) \
	OP(Z20, Z21, Z22, Z23, (C3)(CSTEP*2))

#define LOAD1(P, Q, R, S, AT) VMOVUPS 0 AT, P
#define LOAD2(P, Q, R, S, AT) LOAD1(P, Q, R, S, AT); VMOVUPS 64 AT, Q
#define LOAD3(P, Q, R, S, AT) LOAD2(P, Q, R, S, AT); VMOVUPS 128 AT, R
#define LOAD4(P, Q, R, S, AT) LOAD3(P, Q, R, S, AT); VMOVUPS 192 AT, S

#define STORE1(P, Q, R, S, AT) VMOVUPS P, 0 AT
#define STORE2(P, Q, R, S, AT) STORE1(P, Q, R, S, AT); VMOVUPS Q, 64 AT
#define STORE3(P, Q, R, S, AT) STORE2(P, Q, R, S, AT); VMOVUPS R, 128 AT
#define STORE4(P, Q, R, S, AT) STORE3(P, Q, R, S, AT); VMOVUPS S, 192 AT

// B_v loads 16*v columns of a row of b.
#define B1 VMOVUPS 0(B), Z24
#define B2 B1; VMOVUPS 64(B), Z25
#define B3 B2; VMOVUPS 128(B), Z26
#define B4 B3; VMOVUPS 192(B), Z27

// ROWv is c[row] += a[row][k] * b[k].
#define ROW1(AT, F, P, Q, R, S) VBROADCASTSS AT, F; VFMADD231PS Z24, F, P
#define ROW2(AT, F, P, Q, R, S) ROW1(AT, F, P, Q, R, S); VFMADD231PS Z25, F, Q
#define ROW3(AT, F, P, Q, R, S) ROW2(AT, F, P, Q, R, S); VFMADD231PS Z26, F, R
#define ROW4(AT, F, P, Q, R, S) ROW3(AT, F, P, Q, R, S); VFMADD231PS Z27, F, S

// OUTER is the body of a function; LOAD, STORE, COLS and ROW are for its number of vectors.
#define OUTER(LOAD, STORE, COLS, ROW) \
	SHLQ $2, CSTEP             \ /* floats to bytes */
	SHLQ $2, AROW              \
	SHLQ $2, ACOL              \
	LEAQ (C)(CSTEP*2), C3      \
	ADDQ CSTEP, C3             \ /* C3 = C + 3*CSTEP */
	LEAQ (A)(AROW*2), A3       \
	ADDQ AROW, A3              \ /* A3 = A + 3*AROW */
	EACH_ROW4(LOAD)            \
product: \ /* for DEPTH > 0 { c[0:6] += a[0:6][k] * b[k] } */
	COLS                                        \
	ROW((A), Z28, Z0, Z1, Z2, Z3)               \
	ROW((A)(AROW*1), Z29, Z4, Z5, Z6, Z7)       \
	ROW((A)(AROW*2), Z30, Z8, Z9, Z10, Z11)     \
	ROW((A3), Z31, Z12, Z13, Z14, Z15)          \
	ROW((A3)(AROW*1), Z28, Z16, Z17, Z18, Z19)  \
	ROW((A3)(AROW*2), Z29, Z20, Z21, Z22, Z23)  \
	ADDQ ACOL, A               \
	ADDQ ACOL, A3              \
	ADDQ $256, B               \
	DECQ DEPTH                 \
	JNZ  product               \
	EACH_ROW4(STORE)           \
	VZEROUPPER                 \
	RET

// ARGUMENTS reads what all functions take.
#define ARGUMENTS \
	MOVQ c+0(FP), C        \
	MOVQ cStride+8(FP), CSTEP \
	MOVQ a+16(FP), A       \
	MOVQ aRow+24(FP), AROW \
	MOVQ aCol+32(FP), ACOL \
	MOVQ b+40(FP), B       \
	MOVQ depth+48(FP), DEPTH

// Reference of all: addOuterGeneric, with 6 rows and 16 times the number in the
// name of columns; b has rows of 64. Strides in floats. depth is not 0. Requires: AVX-512 F.

// func outer4AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)
TEXT ·outer4AVX512(SB), NOSPLIT, $0-56
	ARGUMENTS
	OUTER(LOAD4, STORE4, B4, ROW4)

// func outer3AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)
TEXT ·outer3AVX512(SB), NOSPLIT, $0-56
	ARGUMENTS
	OUTER(LOAD3, STORE3, B3, ROW3)

// func outer2AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)
TEXT ·outer2AVX512(SB), NOSPLIT, $0-56
	ARGUMENTS
	OUTER(LOAD2, STORE2, B2, ROW2)

// func outer1AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)
TEXT ·outer1AVX512(SB), NOSPLIT, $0-56
	ARGUMENTS
	OUTER(LOAD1, STORE1, B1, ROW1)
