//go:build !purego

#include "textflag.h"

// A tile is 4 rows times 6, or 2, vectors: one accumulator of 16 lanes for each
// product. With 6 vectors that is 24 of the 32 registers, and 10 loads for 24
// multiply-adds. Rows are read, and decoded, where they lie.

#define DST    DI  // result of row 0 and vector 0
#define STRIDE DX  // bytes from one vector's results to the next one's
#define W      SI  // next block of row 0
#define W3     R12 // and of row 3
#define WSTEP  R11 // bytes from one row to the next
#define BSTEP  R14 // bytes from one block to the next
#define QUAD   R13 // row 0 of the four in hand
#define X      BX  // next block of vector 0
#define X3     R8  // and of vector 3
#define XSTEP  R9  // bytes of a vector
#define NBLK   R10 // blocks of 16 in a row
#define BLK    AX  // blocks left
#define QUADS  CX  // fours of rows left
#define TMP    R15

// ADD_HALVES(A, B, LO, HI, D) shuffles two accumulators by 128-bit lanes and
// adds: D = shuffle LO of (A, B) + shuffle HI.
#define ADD_HALVES(A, B, LO, HI, D) \
	VSHUFF32X4 $LO, B, A, Z28 \
	VSHUFF32X4 $HI, B, A, Z29 \
	VADDPS     Z29, Z28, D

// ADD_PAIRS(A, B, D) adds lanes j and j+2 of four: D = 2 lanes each of A and B.
#define ADD_PAIRS(A, B, D) \
	VUNPCKLPD B, A, Z28 \
	VUNPCKHPD B, A, Z29 \
	VADDPS    Z29, Z28, D

// ADD_ODD(A, B, D) adds lanes j and j+1: D = 1 lane each of A and B.
#define ADD_ODD(A, B, D) \
	VSHUFPS $0x88, B, A, Z28 \
	VSHUFPS $0xDD, B, A, Z29 \
	VADDPS  Z29, Z28, D

// FOLD16 folds the 16 lanes of Z0 to Z15 in the order of DotRows. Z(4r+v) belongs
// to row r and vector v; of Z0, the v-th four lanes then hold rows 0 to 3 of vector v.
#define FOLD16 \
	ADD_HALVES(Z0, Z1, 0x44, 0xEE, Z0)     \ /* lanes j and j+8 */
	ADD_HALVES(Z2, Z3, 0x44, 0xEE, Z2)     \
	ADD_HALVES(Z4, Z5, 0x44, 0xEE, Z4)     \
	ADD_HALVES(Z6, Z7, 0x44, 0xEE, Z6)     \
	ADD_HALVES(Z8, Z9, 0x44, 0xEE, Z8)     \
	ADD_HALVES(Z10, Z11, 0x44, 0xEE, Z10)  \
	ADD_HALVES(Z12, Z13, 0x44, 0xEE, Z12)  \
	ADD_HALVES(Z14, Z15, 0x44, 0xEE, Z14)  \
	ADD_HALVES(Z0, Z2, 0x88, 0xDD, Z0)     \ /* lanes j and j+4 */
	ADD_HALVES(Z4, Z6, 0x88, 0xDD, Z4)     \
	ADD_HALVES(Z8, Z10, 0x88, 0xDD, Z8)    \
	ADD_HALVES(Z12, Z14, 0x88, 0xDD, Z12)  \
	ADD_PAIRS(Z0, Z4, Z0)                  \ /* lanes j and j+2 */
	ADD_PAIRS(Z8, Z12, Z8)                 \
	ADD_ODD(Z0, Z8, Z0)                      /* lanes j and j+1 */

// FOLD8 is FOLD16 for Z16 to Z23, Z(16+2r+v): the first two times four lanes of
// Z16 then hold rows 0 to 3 of vectors 0 and 1.
#define FOLD8 \
	ADD_HALVES(Z16, Z17, 0x44, 0xEE, Z16)  \ /* lanes j and j+8 */
	ADD_HALVES(Z18, Z19, 0x44, 0xEE, Z18)  \
	ADD_HALVES(Z20, Z21, 0x44, 0xEE, Z20)  \
	ADD_HALVES(Z22, Z23, 0x44, 0xEE, Z22)  \
	ADD_HALVES(Z16, Z18, 0x88, 0xDD, Z16)  \ /* lanes j and j+4: r0 v0, r0 v1, r1 v0, r1 v1 */
	ADD_HALVES(Z20, Z22, 0x88, 0xDD, Z20)  \ /* r2 v0, r2 v1, r3 v0, r3 v1 */
	ADD_PAIRS(Z16, Z20, Z16)               \ /* lanes j and j+2: r0 r2 v0, r0 r2 v1, r1 r3 v0, r1 r3 v1 */
	ADD_ODD(Z16, Z16, Z16)                 \ /* lanes j and j+1 */
	VMOVDQU32 order<>(SB), Z28             \
	VPERMD    Z16, Z28, Z16

// Of FOLD8's last sums, r0 is in lane 0, r1 in 8, r2 in 1, r3 in 9 for v0; v1 is 4 lanes on.
DATA order<>+0(SB)/4, $0
DATA order<>+4(SB)/4, $8
DATA order<>+8(SB)/4, $1
DATA order<>+12(SB)/4, $9
DATA order<>+16(SB)/4, $4
DATA order<>+20(SB)/4, $12
DATA order<>+24(SB)/4, $5
DATA order<>+28(SB)/4, $13
DATA order<>+32(SB)/8, $0
DATA order<>+40(SB)/8, $0
DATA order<>+48(SB)/8, $0
DATA order<>+56(SB)/8, $0
GLOBL order<>(SB), RODATA|NOPTR, $64

// DECODE_T(ADDR, Z) is Z = ADDR[0:16] of weights of type T.
#define DECODE_F32(ADDR, Z) \
	VMOVUPS ADDR, Z
#define DECODE_F16(ADDR, Z) \
	VCVTPH2PS ADDR, Z
#define DECODE_BF16(ADDR, Z) \
	VPMOVZXWD ADDR, Z     \ /* each in the lower half of 32 bits */
	VPSLLD    $16, Z, Z     /* the upper half: a float32 */

// COLUMN(V, A, B, C, D) adds the products of four rows, in Z24 to Z27, and V.
#define COLUMN(V, A, B, C, D) \
	VFMADD231PS Z24, V, A \
	VFMADD231PS Z25, V, B \
	VFMADD231PS Z26, V, C \
	VFMADD231PS Z27, V, D

// DECODE_ROWS(DECODE) sets Z24 to Z27 to the next block of each row.
#define DECODE_ROWS(DECODE) \
	DECODE((W), Z24)           \
	DECODE((W)(WSTEP*1), Z25)  \
	DECODE((W)(WSTEP*2), Z26)  \
	DECODE((W3), Z27)          \
	ADDQ BSTEP, W              \
	ADDQ BSTEP, W3

// LOAD_ARGS reads the arguments that tiles share. SHIFT is the binary logarithm
// of the bytes of a weight.
#define LOAD_ARGS(SHIFT) \
	MOVQ dst+0(FP), DST         \
	MOVQ stride+8(FP), STRIDE   \
	MOVQ w+16(FP), QUAD         \
	MOVQ wStep+24(FP), WSTEP    \
	MOVQ blockStep+32(FP), BSTEP \
	MOVQ quads+48(FP), QUADS    \
	MOVQ xStep+64(FP), XSTEP    \
	MOVQ blocks+72(FP), NBLK    \
	SHLQ $2, STRIDE             \ /* numbers to bytes */
	SHLQ $2, XSTEP              \
	SHLQ $SHIFT, WSTEP          \
	SHLQ $SHIFT, BSTEP

// FETCH_LINES fetches some lines with the four rows in hand.
#define FETCH_LINES \
	MOVQ  lines+88(FP), BLK \
	TESTQ BLK, BLK \
	JZ    begin \
	MOVQ  fetch+80(FP), TMP \
fetch: \ /* for BLK > 0 { fetch a line } */
	PREFETCHT1 (TMP) \
	ADDQ  $64, TMP \
	DECQ  BLK \
	JNZ   fetch \
	MOVQ  TMP, fetch+80(FP) \
begin:

// BEGIN_ROWS begins with the next four rows and with the vectors.
#define BEGIN_ROWS \
	MOVQ QUAD, W           \
	LEAQ (W)(WSTEP*2), W3  \
	ADDQ WSTEP, W3         \ /* W3 = W + 3*WSTEP */
	MOVQ x+56(FP), X       \
	MOVQ NBLK, BLK

// END_ROWS moves on to the next four rows.
#define END_ROWS(SHIFT) \
	ADDQ $16, DST               \
	MOVQ quadStep+40(FP), TMP   \
	SHLQ $SHIFT, TMP            \
	ADDQ TMP, QUAD              \
	DECQ QUADS

// TILE6 is the body of tile6.
#define TILE6(DECODE, SHIFT) \
	LOAD_ARGS(SHIFT) \
rows: \ /* for QUADS > 0 { dst[0:6][0:4] = 4 rows times 6 vectors } */
	FETCH_LINES \
	BEGIN_ROWS \
	LEAQ  (X)(XSTEP*2), X3 \
	ADDQ  XSTEP, X3 \ /* X3 = X + 3*XSTEP */
	VPXORD Z0, Z0, Z0 \
	VPXORD Z1, Z1, Z1 \
	VPXORD Z2, Z2, Z2 \
	VPXORD Z3, Z3, Z3 \
	VPXORD Z4, Z4, Z4 \
	VPXORD Z5, Z5, Z5 \
	VPXORD Z6, Z6, Z6 \
	VPXORD Z7, Z7, Z7 \
	VPXORD Z8, Z8, Z8 \
	VPXORD Z9, Z9, Z9 \
	VPXORD Z10, Z10, Z10 \
	VPXORD Z11, Z11, Z11 \
	VPXORD Z12, Z12, Z12 \
	VPXORD Z13, Z13, Z13 \
	VPXORD Z14, Z14, Z14 \
	VPXORD Z15, Z15, Z15 \
	VPXORD Z16, Z16, Z16 \
	VPXORD Z17, Z17, Z17 \
	VPXORD Z18, Z18, Z18 \
	VPXORD Z19, Z19, Z19 \
	VPXORD Z20, Z20, Z20 \
	VPXORD Z21, Z21, Z21 \
	VPXORD Z22, Z22, Z22 \
	VPXORD Z23, Z23, Z23 \
block: \ /* for BLK > 0 { lanes[r][v] += w[r][0:16] * x[v][0:16] } */
	DECODE_ROWS(DECODE) \
	VMOVUPS (X), Z30 \
	VMOVUPS (X)(XSTEP*1), Z31 \
	COLUMN(Z30, Z0, Z4, Z8, Z12) \
	VMOVUPS (X)(XSTEP*2), Z30 \
	COLUMN(Z31, Z1, Z5, Z9, Z13) \
	VMOVUPS (X3), Z31 \
	COLUMN(Z30, Z2, Z6, Z10, Z14) \
	VMOVUPS (X)(XSTEP*4), Z30 \
	COLUMN(Z31, Z3, Z7, Z11, Z15) \
	VMOVUPS (X3)(XSTEP*2), Z31 \
	COLUMN(Z30, Z16, Z18, Z20, Z22) \
	COLUMN(Z31, Z17, Z19, Z21, Z23) \
	ADDQ $64, X \
	ADDQ $64, X3 \
	DECQ BLK \
	JNZ  block \
	FOLD16 \
	FOLD8 \
	MOVQ          DST, TMP \
	VMOVUPS       X0, (TMP) \ /* dst[0][0:4] = sums of vector 0 */
	VEXTRACTF32X4 $1, Z0, (TMP)(STRIDE*1) \
	LEAQ          (TMP)(STRIDE*2), TMP \
	VEXTRACTF32X4 $2, Z0, (TMP) \
	VEXTRACTF32X4 $3, Z0, (TMP)(STRIDE*1) \
	LEAQ          (TMP)(STRIDE*2), TMP \
	VEXTRACTF32X4 $0, Z16, (TMP) \
	VEXTRACTF32X4 $1, Z16, (TMP)(STRIDE*1) \
	END_ROWS(SHIFT) \
	JNZ  rows \
	VZEROUPPER \
	RET

// TILE2 is the body of tile2.
#define TILE2(DECODE, SHIFT) \
	LOAD_ARGS(SHIFT) \
rows: \ /* for QUADS > 0 { dst[0:2][0:4] = 4 rows times 2 vectors } */
	FETCH_LINES \
	BEGIN_ROWS \
	VPXORD Z16, Z16, Z16 \
	VPXORD Z17, Z17, Z17 \
	VPXORD Z18, Z18, Z18 \
	VPXORD Z19, Z19, Z19 \
	VPXORD Z20, Z20, Z20 \
	VPXORD Z21, Z21, Z21 \
	VPXORD Z22, Z22, Z22 \
	VPXORD Z23, Z23, Z23 \
block: \ /* for BLK > 0 { lanes[r][v] += w[r][0:16] * x[v][0:16] } */
	DECODE_ROWS(DECODE) \
	VMOVUPS (X), Z30 \
	VMOVUPS (X)(XSTEP*1), Z31 \
	COLUMN(Z30, Z16, Z18, Z20, Z22) \
	COLUMN(Z31, Z17, Z19, Z21, Z23) \
	ADDQ $64, X \
	DECQ BLK \
	JNZ  block \
	FOLD8 \
	VEXTRACTF32X4 $1, Z16, (DST)(STRIDE*1) \ /* dst[1][0:4] = sums of vector 1 */
	VEXTRACTF32X4 $0, Z16, (DST) \ /* dst[0][0:4] = sums of vector 0 */
	END_ROWS(SHIFT) \
	JNZ  rows \
	VZEROUPPER \
	RET

// func tile6F32AVX512(dst *float32, stride int, w *float32, wStep, blockStep, quadStep, quads int, x *float32, xStep, blocks int, fetch *byte, lines int)
// Six vectors times fours of rows; strides and steps in numbers. With each four
// it fetches so many lines of 64 bytes into the second-level cache.
// Reference: tileGeneric. Requires: AVX-512 F, DQ.
TEXT ·tile6F32AVX512(SB), NOSPLIT, $0-96
	TILE6(DECODE_F32, 2)

// func tile2F32AVX512(dst *float32, stride int, w *float32, wStep, blockStep, quadStep, quads int, x *float32, xStep, blocks int, fetch *byte, lines int)
// Two vectors times fours of rows. If stride is 0, only the first vector's
// results are written. It fetches as tile6 does. Reference: tileGeneric. Requires: AVX-512 F, DQ.
TEXT ·tile2F32AVX512(SB), NOSPLIT, $0-96
	TILE2(DECODE_F32, 2)

// func tile6F16AVX512(dst *float32, stride int, w *F16, wStep, blockStep, quadStep, quads int, x *float32, xStep, blocks int, fetch *byte, lines int)
// Six vectors times fours of rows; strides and steps in numbers. With each four
// it fetches so many lines of 64 bytes into the second-level cache.
// Reference: tileGeneric. Requires: AVX-512 F, DQ.
TEXT ·tile6F16AVX512(SB), NOSPLIT, $0-96
	TILE6(DECODE_F16, 1)

// func tile2F16AVX512(dst *float32, stride int, w *F16, wStep, blockStep, quadStep, quads int, x *float32, xStep, blocks int, fetch *byte, lines int)
// Two vectors times fours of rows. If stride is 0, only the first vector's
// results are written. It fetches as tile6 does. Reference: tileGeneric. Requires: AVX-512 F, DQ.
TEXT ·tile2F16AVX512(SB), NOSPLIT, $0-96
	TILE2(DECODE_F16, 1)

// func tile6BF16AVX512(dst *float32, stride int, w *BF16, wStep, blockStep, quadStep, quads int, x *float32, xStep, blocks int, fetch *byte, lines int)
// Six vectors times fours of rows; strides and steps in numbers. With each four
// it fetches so many lines of 64 bytes into the second-level cache.
// Reference: tileGeneric. Requires: AVX-512 F, DQ.
TEXT ·tile6BF16AVX512(SB), NOSPLIT, $0-96
	TILE6(DECODE_BF16, 1)

// func tile2BF16AVX512(dst *float32, stride int, w *BF16, wStep, blockStep, quadStep, quads int, x *float32, xStep, blocks int, fetch *byte, lines int)
// Two vectors times fours of rows. If stride is 0, only the first vector's
// results are written. It fetches as tile6 does. Reference: tileGeneric. Requires: AVX-512 F, DQ.
TEXT ·tile2BF16AVX512(SB), NOSPLIT, $0-96
	TILE2(DECODE_BF16, 1)

// func decodeF16AVX512(dst *float32, w *F16, n int)
// Reference: decodeGeneric. Requires: AVX-512 F, BW, VL.
TEXT ·decodeF16AVX512(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ n+16(FP), CX

f16blocks: // for n >= 16 { dst[0:16] = float32(w[0:16]) }
	CMPQ      CX, $16
	JLT       f16tail
	VCVTPH2PS (SI), Z0
	VMOVUPS   Z0, (DI)
	ADDQ      $32, SI
	ADDQ      $64, DI
	SUBQ      $16, CX
	JMP       f16blocks

f16tail: // dst[0:n] = float32(w[0:n])
	MOVL        $1, AX
	SHLL        CX, AX
	DECL        AX
	KMOVW       AX, K1             // K1 = the lower n lanes
	VMOVDQU16.Z (SI), K1, Y0
	VCVTPH2PS   Y0, Z0
	VMOVUPS     Z0, K1, (DI)
	VZEROUPPER
	RET

// func decodeBF16AVX512(dst *float32, w *BF16, n int)
// Reference: decodeGeneric. Requires: AVX-512 F, BW, VL.
TEXT ·decodeBF16AVX512(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ n+16(FP), CX

bf16blocks: // for n >= 16 { dst[0:16] = w[0:16] << 16 }
	CMPQ      CX, $16
	JLT       bf16tail
	VPMOVZXWD (SI), Z0
	VPSLLD    $16, Z0, Z0
	VMOVUPS   Z0, (DI)
	ADDQ      $32, SI
	ADDQ      $64, DI
	SUBQ      $16, CX
	JMP       bf16blocks

bf16tail: // dst[0:n] = w[0:n] << 16
	MOVL        $1, AX
	SHLL        CX, AX
	DECL        AX
	KMOVW       AX, K1             // K1 = the lower n lanes
	VMOVDQU16.Z (SI), K1, Y0
	VPMOVZXWD   Y0, Z0
	VPSLLD      $16, Z0, Z0
	VMOVUPS     Z0, K1, (DI)
	VZEROUPPER
	RET

// func encodeF16AVX512(dst *F16, x *float32, n int)
// Reference: encodeF16Generic. Requires: AVX-512 F, BW, VL.
TEXT ·encodeF16AVX512(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX

encblocks: // for n >= 16 { dst[0:16] = float16(x[0:16]), half to even }
	CMPQ      CX, $16
	JLT       enctail
	VMOVUPS   (SI), Z0
	VCVTPS2PH $0, Z0, (DI)
	ADDQ      $64, SI
	ADDQ      $32, DI
	SUBQ      $16, CX
	JMP       encblocks

enctail: // dst[0:n] = float16(x[0:n])
	MOVL        $1, AX
	SHLL        CX, AX
	DECL        AX
	KMOVW       AX, K1             // K1 = the lower n lanes
	VMOVUPS.Z   (SI), K1, Z0
	VCVTPS2PH   $0, Z0, Y0
	VMOVDQU16   Y0, K1, (DI)
	VZEROUPPER
	RET
