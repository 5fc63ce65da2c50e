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
#define BELOW  R11 // bytes from a row of c to the one six rows below

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

// FETCHv fetches what the next call will load.
#define FETCH1(P, Q, R, S, AT) PREFETCHT0 0 AT
#define FETCH2(P, Q, R, S, AT) FETCH1(P, Q, R, S, AT); PREFETCHT0 64 AT
#define FETCH3(P, Q, R, S, AT) FETCH2(P, Q, R, S, AT); PREFETCHT0 128 AT
#define FETCH4(P, Q, R, S, AT) FETCH3(P, Q, R, S, AT); PREFETCHT0 192 AT

// Bv(K) loads 16*v columns of row K of b.
#define B1(K) VMOVUPS 256*K(B), Z24
#define B2(K) B1(K); VMOVUPS 256*K+64(B), Z25
#define B3(K) B2(K); VMOVUPS 256*K+128(B), Z26
#define B4(K) B3(K); VMOVUPS 256*K+192(B), Z27

// ROWv is c[row] += a[row][k] * b[k].
#define ROW1(AT, F, P, Q, R, S) VBROADCASTSS AT, F; VFMADD231PS Z24, F, P
#define ROW2(AT, F, P, Q, R, S) ROW1(AT, F, P, Q, R, S); VFMADD231PS Z25, F, Q
#define ROW3(AT, F, P, Q, R, S) ROW2(AT, F, P, Q, R, S); VFMADD231PS Z26, F, R
#define ROW4(AT, F, P, Q, R, S) ROW3(AT, F, P, Q, R, S); VFMADD231PS Z27, F, S

// STEP adds the products with row K of the block of b; X to X5 say where the elements of a are.
#define STEP(COLS, ROW, K, X, X1, X2, X3, X4, X5) \
	COLS(K)                         \
	ROW(X, Z28, Z0, Z1, Z2, Z3)      \
	ROW(X1, Z29, Z4, Z5, Z6, Z7)     \
	ROW(X2, Z30, Z8, Z9, Z10, Z11)   \
	ROW(X3, Z31, Z12, Z13, Z14, Z15) \
	ROW(X4, Z28, Z16, Z17, Z18, Z19) \
	ROW(X5, Z29, Z20, Z21, Z22, Z23)

// ACROSS is STEP where rows of a lie across, DOWN where they lie down: element k
// of a row is then ACOL bytes after the one before.
#define ACROSS(COLS, ROW, K) \
	STEP(COLS, ROW, K, 4*K(A), 4*K(A)(AROW*1), 4*K(A)(AROW*2), 4*K(A3), 4*K(A3)(AROW*1), 4*K(A3)(AROW*2))
#define DOWN(COLS, ROW, K, X) \
	STEP(COLS, ROW, K, 0 X, 4 X, 8 X, 12 X, 16 X, 20 X)

// OUTER is the body of a function; LOAD, FETCH, STORE, COLS and ROW are for its number
// of vectors. Rows of c lie apart, and so does what is read down a: the processor
// does not guess that the next rows follow, so they are fetched ahead.
#define OUTER(LOAD, FETCH, STORE, COLS, ROW) \
	SHLQ  $2, CSTEP            \ /* floats to bytes */
	LEAQ  (C)(CSTEP*2), C3     \
	ADDQ  CSTEP, C3            \ /* C3 = C + 3*CSTEP */
	EACH_ROW4(LOAD)            \
	LEAQ  (CSTEP)(CSTEP*2), BELOW \
	SHLQ  $1, BELOW            \ /* BELOW = 6*CSTEP */
	ADDQ  BELOW, C             \
	ADDQ  BELOW, C3            \
	EACH_ROW4(FETCH)           \
	SUBQ  BELOW, C             \
	SUBQ  BELOW, C3            \
	CMPQ  AROW, $1             \
	JEQ   down                 \
	SHLQ  $2, AROW             \
	LEAQ  (A)(AROW*2), A3      \
	ADDQ  AROW, A3             \ /* A3 = A + 3*AROW */
	SUBQ  $4, DEPTH            \
	JLT   last                 \
across: \ /* for DEPTH >= 4 { c[0:6] += a[0:6][k:k+4] * b[k:k+4] } */
	ACROSS(COLS, ROW, 0)       \
	ACROSS(COLS, ROW, 1)       \
	ACROSS(COLS, ROW, 2)       \
	ACROSS(COLS, ROW, 3)       \
	ADDQ  $16, A               \
	ADDQ  $16, A3              \
	ADDQ  $1024, B             \
	SUBQ  $4, DEPTH            \
	JGE   across               \
last: \
	ADDQ  $4, DEPTH            \
	JEQ   end                  \
one: \ /* for DEPTH > 0 { c[0:6] += a[0:6][k] * b[k] } */
	ACROSS(COLS, ROW, 0)       \
	ADDQ  $4, A                \
	ADDQ  $4, A3               \
	ADDQ  $256, B              \
	DECQ  DEPTH                \
	JNZ   one                  \
	JMP   end                  \
down: \
	SHLQ  $2, ACOL             \
	LEAQ  (A)(ACOL*2), A3      \
	ADDQ  ACOL, A3             \ /* A3 = A + 3*ACOL */
	SUBQ  $4, DEPTH            \
	JLT   lastDown             \
downs: \ /* for DEPTH >= 4 { c[0:6] += a[0:6][k:k+4] * b[k:k+4] } */
	DOWN(COLS, ROW, 0, (A))         \
	DOWN(COLS, ROW, 1, (A)(ACOL*1)) \
	DOWN(COLS, ROW, 2, (A)(ACOL*2)) \
	DOWN(COLS, ROW, 3, (A3))        \
	PREFETCHT0 44(A)           \ /* last of the next six rows */
	PREFETCHT0 44(A)(ACOL*1)   \
	PREFETCHT0 44(A)(ACOL*2)   \
	PREFETCHT0 44(A3)          \
	LEAQ  (A)(ACOL*4), A       \
	LEAQ  (A3)(ACOL*4), A3     \
	ADDQ  $1024, B             \
	SUBQ  $4, DEPTH            \
	JGE   downs                \
lastDown: \
	ADDQ  $4, DEPTH            \
	JEQ   end                  \
oneDown: \ /* for DEPTH > 0 { c[0:6] += a[0:6][k] * b[k] } */
	DOWN(COLS, ROW, 0, (A))    \
	ADDQ  ACOL, A              \
	ADDQ  $256, B              \
	DECQ  DEPTH                \
	JNZ   oneDown              \
end: \
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
	OUTER(LOAD4, FETCH4, STORE4, B4, ROW4)

// func outer3AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)
TEXT ·outer3AVX512(SB), NOSPLIT, $0-56
	ARGUMENTS
	OUTER(LOAD3, FETCH3, STORE3, B3, ROW3)

// func outer2AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)
TEXT ·outer2AVX512(SB), NOSPLIT, $0-56
	ARGUMENTS
	OUTER(LOAD2, FETCH2, STORE2, B2, ROW2)

// func outer1AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)
TEXT ·outer1AVX512(SB), NOSPLIT, $0-56
	ARGUMENTS
	OUTER(LOAD1, FETCH1, STORE1, B1, ROW1)
