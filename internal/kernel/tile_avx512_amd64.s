//go:build !purego

#include "textflag.h"

// A tile is 4 rows of a panel times 6, or 2, vectors: one accumulator of 16
// lanes for each product. With 6 vectors that is 24 of the 32 registers, and 10
// loads for 24 multiply-adds.

#define DST    DI  // result of row 0 and vector 0
#define STRIDE DX  // bytes from one vector's results to the next one's
#define PANEL  SI  // next block of the panel
#define X      BX  // next block of vector 0
#define X3     R8  // and of vector 3
#define XSTEP  R9  // bytes of a vector
#define NBLK   R10 // blocks of 16 to do
#define LANES  R11 // accumulators of the panel in hand, from and for other calls
#define MODE   R12 // 1: begin with LANES; 2: end with LANES, without folding
#define BLK    AX  // blocks left
#define PANELS CX  // panels left
#define PSTEP  R13 // bytes of a panel

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

// COLUMN(V, A, B, C, D) adds the products of four rows, in Z24 to Z27, and V.
#define COLUMN(V, A, B, C, D) \
	VFMADD231PS Z24, V, A \
	VFMADD231PS Z25, V, B \
	VFMADD231PS Z26, V, C \
	VFMADD231PS Z27, V, D

// LOAD_PANEL(P) sets Z24 to Z27 to the block of each row that is P bytes on.
#define LOAD_PANEL(P) \
	VMOVUPS P(PANEL), Z24       \
	VMOVUPS P+64(PANEL), Z25    \
	VMOVUPS P+128(PANEL), Z26   \
	VMOVUPS P+192(PANEL), Z27

// BLOCK6(P, O) adds the products of a block: lanes[r][v] += panel[r][0:16] * x[v][0:16].
#define BLOCK6(P, O) \
	LOAD_PANEL(P)                 \
	VMOVUPS O(X), Z30             \
	VMOVUPS O(X)(XSTEP*1), Z31    \
	COLUMN(Z30, Z0, Z4, Z8, Z12)  \
	VMOVUPS O(X)(XSTEP*2), Z30    \
	COLUMN(Z31, Z1, Z5, Z9, Z13)  \
	VMOVUPS O(X3), Z31            \
	COLUMN(Z30, Z2, Z6, Z10, Z14) \
	VMOVUPS O(X)(XSTEP*4), Z30    \
	COLUMN(Z31, Z3, Z7, Z11, Z15) \
	VMOVUPS O(X3)(XSTEP*2), Z31   \
	COLUMN(Z30, Z16, Z18, Z20, Z22) \
	COLUMN(Z31, Z17, Z19, Z21, Z23)

// func tile6AVX512(dst *float32, stride int, panel *float32, panelStep, panels int, x *float32, xStep, blocks int, lanes *float32, mode int, fetch *byte, lines int)
// Six vectors times panels of four rows; strides and steps in floats. With each
// panel it fetches so many lines of 64 bytes into the second-level cache.
// Reference: tileGeneric. Requires: AVX-512 F, DQ.
TEXT ·tile6AVX512(SB), NOSPLIT, $0-96
	MOVQ dst+0(FP), DST
	MOVQ stride+8(FP), STRIDE
	MOVQ panel+16(FP), PANEL
	MOVQ panelStep+24(FP), PSTEP
	MOVQ panels+32(FP), PANELS
	MOVQ xStep+48(FP), XSTEP
	MOVQ blocks+56(FP), NBLK
	MOVQ lanes+64(FP), LANES
	MOVQ mode+72(FP), MODE
	SHLQ $2, STRIDE // floats to bytes
	SHLQ $2, PSTEP
	SHLQ $2, XSTEP

panel6: // for PANELS > 0 { dst[0:6][0:4] = 4 rows times 6 vectors }
	MOVQ  lines+88(FP), BLK
	TESTQ BLK, BLK
	JZ    begin6
	MOVQ  fetch+80(FP), R14

fetch6: // for BLK > 0 { fetch a line }
	PREFETCHT1 (R14)
	ADDQ  $64, R14
	DECQ  BLK
	JNZ   fetch6
	MOVQ  R14, fetch+80(FP)

begin6:
	MOVQ  x+40(FP), X
	LEAQ  (X)(XSTEP*2), X3
	ADDQ  XSTEP, X3        // X3 = X + 3*XSTEP
	MOVQ  NBLK, BLK
	TESTQ $1, MODE
	JNZ   carry6
	VPXORD Z0, Z0, Z0
	VPXORD Z1, Z1, Z1
	VPXORD Z2, Z2, Z2
	VPXORD Z3, Z3, Z3
	VPXORD Z4, Z4, Z4
	VPXORD Z5, Z5, Z5
	VPXORD Z6, Z6, Z6
	VPXORD Z7, Z7, Z7
	VPXORD Z8, Z8, Z8
	VPXORD Z9, Z9, Z9
	VPXORD Z10, Z10, Z10
	VPXORD Z11, Z11, Z11
	VPXORD Z12, Z12, Z12
	VPXORD Z13, Z13, Z13
	VPXORD Z14, Z14, Z14
	VPXORD Z15, Z15, Z15
	VPXORD Z16, Z16, Z16
	VPXORD Z17, Z17, Z17
	VPXORD Z18, Z18, Z18
	VPXORD Z19, Z19, Z19
	VPXORD Z20, Z20, Z20
	VPXORD Z21, Z21, Z21
	VPXORD Z22, Z22, Z22
	VPXORD Z23, Z23, Z23
	JMP   block6

carry6: // go on from what another call left
	VMOVUPS (LANES), Z0
	VMOVUPS 64(LANES), Z1
	VMOVUPS 128(LANES), Z2
	VMOVUPS 192(LANES), Z3
	VMOVUPS 256(LANES), Z4
	VMOVUPS 320(LANES), Z5
	VMOVUPS 384(LANES), Z6
	VMOVUPS 448(LANES), Z7
	VMOVUPS 512(LANES), Z8
	VMOVUPS 576(LANES), Z9
	VMOVUPS 640(LANES), Z10
	VMOVUPS 704(LANES), Z11
	VMOVUPS 768(LANES), Z12
	VMOVUPS 832(LANES), Z13
	VMOVUPS 896(LANES), Z14
	VMOVUPS 960(LANES), Z15
	VMOVUPS 1024(LANES), Z16
	VMOVUPS 1088(LANES), Z17
	VMOVUPS 1152(LANES), Z18
	VMOVUPS 1216(LANES), Z19
	VMOVUPS 1280(LANES), Z20
	VMOVUPS 1344(LANES), Z21
	VMOVUPS 1408(LANES), Z22
	VMOVUPS 1472(LANES), Z23

block6: // one block if their number is odd
	TESTQ $1, BLK
	JZ    pair6
	BLOCK6(0, 0)
	ADDQ  $256, PANEL
	ADDQ  $64, X
	ADDQ  $64, X3

pair6: // then two at a time: for BLK > 0 { lanes[r][v] += panel[r][0:32] * x[v][0:32] }
	SHRQ  $1, BLK
	JZ    end6

loop6:
	BLOCK6(0, 0)
	BLOCK6(256, 64)
	ADDQ  $512, PANEL
	SUBQ  $-128, X
	SUBQ  $-128, X3
	DECQ  BLK
	JNZ   loop6

end6:
	TESTQ   $2, MODE
	JNZ     leave6
	FOLD16
	FOLD8
	MOVQ          DST, R14
	VMOVUPS       X0, (R14)                // dst[0][0:4] = sums of vector 0
	VEXTRACTF32X4 $1, Z0, (R14)(STRIDE*1)
	LEAQ          (R14)(STRIDE*2), R14
	VEXTRACTF32X4 $2, Z0, (R14)
	VEXTRACTF32X4 $3, Z0, (R14)(STRIDE*1)
	LEAQ          (R14)(STRIDE*2), R14
	VEXTRACTF32X4 $0, Z16, (R14)
	VEXTRACTF32X4 $1, Z16, (R14)(STRIDE*1)
	JMP           next6

leave6: // leave the lanes to another call
	VMOVUPS Z0, (LANES)
	VMOVUPS Z1, 64(LANES)
	VMOVUPS Z2, 128(LANES)
	VMOVUPS Z3, 192(LANES)
	VMOVUPS Z4, 256(LANES)
	VMOVUPS Z5, 320(LANES)
	VMOVUPS Z6, 384(LANES)
	VMOVUPS Z7, 448(LANES)
	VMOVUPS Z8, 512(LANES)
	VMOVUPS Z9, 576(LANES)
	VMOVUPS Z10, 640(LANES)
	VMOVUPS Z11, 704(LANES)
	VMOVUPS Z12, 768(LANES)
	VMOVUPS Z13, 832(LANES)
	VMOVUPS Z14, 896(LANES)
	VMOVUPS Z15, 960(LANES)
	VMOVUPS Z16, 1024(LANES)
	VMOVUPS Z17, 1088(LANES)
	VMOVUPS Z18, 1152(LANES)
	VMOVUPS Z19, 1216(LANES)
	VMOVUPS Z20, 1280(LANES)
	VMOVUPS Z21, 1344(LANES)
	VMOVUPS Z22, 1408(LANES)
	VMOVUPS Z23, 1472(LANES)

next6:
	ADDQ $16, DST         // four rows on
	ADDQ $1536, LANES
	MOVQ NBLK, BLK
	SHLQ $8, BLK
	SUBQ BLK, PANEL
	ADDQ PSTEP, PANEL
	DECQ PANELS
	JNZ  panel6
	VZEROUPPER
	RET

// func tile2AVX512(dst *float32, stride int, panel *float32, panelStep, panels int, x *float32, xStep, blocks int)
// Two vectors times panels of four rows; strides and steps in floats. If stride
// is 0, only the first vector's results are written.
// Reference: tileGeneric. Requires: AVX-512 F, DQ.
TEXT ·tile2AVX512(SB), NOSPLIT, $0-64
	MOVQ dst+0(FP), DST
	MOVQ stride+8(FP), STRIDE
	MOVQ panel+16(FP), PANEL
	MOVQ panelStep+24(FP), PSTEP
	MOVQ panels+32(FP), PANELS
	MOVQ xStep+48(FP), XSTEP
	MOVQ blocks+56(FP), NBLK
	SHLQ $2, STRIDE // floats to bytes
	SHLQ $2, PSTEP
	SHLQ $2, XSTEP

panel2: // for PANELS > 0 { dst[0:2][0:4] = 4 rows times 2 vectors }
	MOVQ x+40(FP), X
	MOVQ NBLK, BLK
	VPXORD Z16, Z16, Z16
	VPXORD Z17, Z17, Z17
	VPXORD Z18, Z18, Z18
	VPXORD Z19, Z19, Z19
	VPXORD Z20, Z20, Z20
	VPXORD Z21, Z21, Z21
	VPXORD Z22, Z22, Z22
	VPXORD Z23, Z23, Z23

block2: // for BLK > 0 { lanes[r][v] += panel[r][0:16] * x[v][0:16] }
	LOAD_PANEL(0)
	VMOVUPS (X), Z30
	VMOVUPS (X)(XSTEP*1), Z31
	COLUMN(Z30, Z16, Z18, Z20, Z22)
	COLUMN(Z31, Z17, Z19, Z21, Z23)
	ADDQ    $256, PANEL
	ADDQ    $64, X
	DECQ    BLK
	JNZ     block2
	FOLD8
	VEXTRACTF32X4 $1, Z16, (DST)(STRIDE*1) // dst[1][0:4] = sums of vector 1
	VEXTRACTF32X4 $0, Z16, (DST)           // dst[0][0:4] = sums of vector 0
	ADDQ          $16, DST                 // four rows on
	MOVQ          NBLK, BLK
	SHLQ          $8, BLK
	SUBQ          BLK, PANEL
	ADDQ          PSTEP, PANEL
	DECQ          PANELS
	JNZ           panel2
	VZEROUPPER
	RET

// STORE4 writes one block of four rows and goes on to the next: BYTES of each row.
#define STORE4(BYTES) \
	VMOVUPS Z0, (DI)    \
	VMOVUPS Z1, 64(DI)  \
	VMOVUPS Z2, 128(DI) \
	VMOVUPS Z3, 192(DI) \
	ADDQ    $BYTES, SI  \
	ADDQ    $BYTES, R8  \
	ADDQ    $256, DI    \
	DECQ    CX

// func packF32AVX512(panel *float32, w *float32, n, blocks int)
// Four rows of n weights, blocks ≥ 1 of them. Reference: Pack. Requires: AVX-512 F.
TEXT ·packF32AVX512(SB), NOSPLIT, $0-32
	MOVQ panel+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ n+16(FP), R9
	MOVQ blocks+24(FP), CX
	SHLQ $2, R9           // bytes of a row
	LEAQ (SI)(R9*2), R8   // row 2

block: // for blocks > 0 { panel[0:4][0:16] = decode(w[0:4][0:16]) }
	VMOVUPS (SI), Z0
	VMOVUPS (SI)(R9*1), Z1
	VMOVUPS (R8), Z2
	VMOVUPS (R8)(R9*1), Z3
	STORE4(64)
	JNZ  block
	VZEROUPPER
	RET

// func packF16AVX512(panel *float32, w *F16, n, blocks int)
// Four rows of n weights, blocks ≥ 1 of them. Reference: Pack. Requires: AVX-512 F.
TEXT ·packF16AVX512(SB), NOSPLIT, $0-32
	MOVQ panel+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ n+16(FP), R9
	MOVQ blocks+24(FP), CX
	SHLQ $1, R9           // bytes of a row
	LEAQ (SI)(R9*2), R8   // row 2

block: // for blocks > 0 { panel[0:4][0:16] = decode(w[0:4][0:16]) }
	VCVTPH2PS (SI), Z0
	VCVTPH2PS (SI)(R9*1), Z1
	VCVTPH2PS (R8), Z2
	VCVTPH2PS (R8)(R9*1), Z3
	STORE4(32)
	JNZ  block
	VZEROUPPER
	RET

// func packBF16AVX512(panel *float32, w *BF16, n, blocks int)
// Four rows of n weights, blocks ≥ 1 of them. Reference: Pack. Requires: AVX-512 F.
TEXT ·packBF16AVX512(SB), NOSPLIT, $0-32
	MOVQ panel+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ n+16(FP), R9
	MOVQ blocks+24(FP), CX
	SHLQ $1, R9           // bytes of a row
	LEAQ (SI)(R9*2), R8   // row 2

block: // for blocks > 0 { panel[0:4][0:16] = decode(w[0:4][0:16]) }
	VPMOVZXWD (SI), Z0
	VPSLLD $16, Z0, Z0
	VPMOVZXWD (SI)(R9*1), Z1
	VPSLLD $16, Z1, Z1
	VPMOVZXWD (R8), Z2
	VPSLLD $16, Z2, Z2
	VPMOVZXWD (R8)(R9*1), Z3
	VPSLLD $16, Z3, Z3
	STORE4(32)
	JNZ  block
	VZEROUPPER
	RET

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
