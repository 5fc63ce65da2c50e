//go:build !purego

#include "textflag.h"
#include "fold8_avx512_amd64.h"

// Requires: AVX-512 F, BW, DQ, VL and BMI2 (all functions of this file).

#define DST    DI  // next result
#define Q      SI  // next codes of row 0
#define Q3     R8  // of row 3
#define Q6     R9  // of row 6
#define N      DX  // codes of a row
#define SCALE  R11 // next scale of row 0
#define SCALE3 R12 // of row 3
#define SCALE6 R13 // of row 6
#define SSTEP  R15 // bytes of a row's scales
#define X      BX  // next block of x
#define ROWS   CX  // rows left
#define LEFT   AX  // codes left of a row
#define NEXT   R10 // what to fetch next

// DECODE_SCALES sets the frame to the scales of ROWS rows, at most 128, and SCALE to where it is.
#define DECODE_SCALES \
	MOVQ      N, SSTEP             \
	SHRQ      $3, SSTEP            \ /* 4 bytes for every 32 codes */
	MOVQ      SSTEP, LEFT          \
	SHRQ      $2, LEFT             \
	IMULQ     ROWS, LEFT           \ /* LEFT = scales */
	LEAQ      decoded-512(SP), X   \
decode: \ /* for LEFT >= 16 { decoded[0:16] = float32(scales[0:16]) } */
	CMPQ      LEFT, $16            \
	JLT       tail                 \
	VCVTPH2PS (SCALE), Z0          \
	VMOVUPS   Z0, (X)              \
	ADDQ      $32, SCALE           \
	ADDQ      $64, X               \
	SUBQ      $16, LEFT            \
	JMP       decode               \
tail: \ /* decoded[0:LEFT] = float32(scales[0:LEFT]), the rest is 0 */
	MOVL      $-1, R12             \
	BZHIL     AX, R12, R12         \
	KMOVW     R12, K1              \ /* K1 = the lower LEFT lanes */
	VMOVDQU16.Z (SCALE), K1, Y0    \
	VCVTPH2PS Y0, Z0               \
	VMOVUPS   Z0, K1, (X)          \
	LEAQ      decoded-512(SP), SCALE

// MAC(ADDR, SCALE, ACC) is ACC += 16 codes times their scale times Z16.
#define MAC(ADDR, SCALE, ACC) \
	VPMOVSXBD   ADDR, Z17       \ /* each to 32 bits */
	VCVTDQ2PS   Z17, Z17        \
	VMULPS.BCST SCALE, Z17, Z17 \
	VFMADD231PS Z17, Z16, ACC

// MAC8(OFFSET) adds 16 codes of each of eight rows.
#define MAC8(OFFSET) \
	VMOVUPS (4*OFFSET)(X), Z16                        \
	MAC(OFFSET(Q), (SCALE), Z0)                       \
	MAC(OFFSET(Q)(N*1), (SCALE)(SSTEP*1), Z1)         \
	MAC(OFFSET(Q)(N*2), (SCALE)(SSTEP*2), Z2)         \
	MAC(OFFSET(Q3), (SCALE3), Z3)                     \
	MAC(OFFSET(Q)(N*4), (SCALE)(SSTEP*4), Z4)         \
	MAC(OFFSET(Q3)(N*2), (SCALE3)(SSTEP*2), Z5)       \
	MAC(OFFSET(Q6), (SCALE6), Z6)                     \
	MAC(OFFSET(Q3)(N*4), (SCALE3)(SSTEP*4), Z7)

// func dotHeadQ8AVX512(dst *float32, q *int8, scales *F16, x *float32, rows, n, ahead int)
// Reference: decodeQ8Generic and dotRowsGeneric. 8 divides rows, 32 divides n; at most 128 scales.
TEXT ·dotHeadQ8AVX512(SB), NOSPLIT, $512-56
	MOVQ      dst+0(FP), DST
	MOVQ      q+8(FP), Q
	MOVQ      scales+16(FP), SCALE
	MOVQ      rows+32(FP), ROWS
	MOVQ      n+40(FP), N
	MOVQ      ahead+48(FP), NEXT
	ADDQ      Q, NEXT
	DECODE_SCALES
	VMOVDQU32 order8<>(SB), Z31

rows8: // for ROWS > 0 { dst[0:8] = dot of eight rows }
	LEAQ   (Q)(N*2), Q3
	ADDQ   N, Q3                     // Q3 = Q + 3*N
	LEAQ   (Q3)(N*2), Q6
	ADDQ   N, Q6                     // Q6 = Q + 6*N
	LEAQ   (SCALE)(SSTEP*2), SCALE3
	ADDQ   SSTEP, SCALE3
	LEAQ   (SCALE3)(SSTEP*2), SCALE6
	ADDQ   SSTEP, SCALE6
	MOVQ   x+24(FP), X
	MOVQ   N, LEFT
	VPXORD Z0, Z0, Z0                // one accumulator for each row
	VPXORD Z1, Z1, Z1
	VPXORD Z2, Z2, Z2
	VPXORD Z3, Z3, Z3
	VPXORD Z4, Z4, Z4
	VPXORD Z5, Z5, Z5
	VPXORD Z6, Z6, Z6
	VPXORD Z7, Z7, Z7

group: // for LEFT > 0 { lanes[r] += q[r][0:32] * scales[r][0] * x[0:32] }
	MAC8(0)
	MAC8(16)
	PREFETCHT1 (NEXT)      // as many bytes as eight groups have
	PREFETCHT1 64(NEXT)
	PREFETCHT1 128(NEXT)
	PREFETCHT1 192(NEXT)
	ADDQ       $256, NEXT
	ADDQ       $128, X
	ADDQ       $32, Q
	ADDQ       $32, Q3
	ADDQ       $32, Q6
	ADDQ       $4, SCALE
	ADDQ       $4, SCALE3
	ADDQ       $4, SCALE6
	SUBQ       $32, LEFT
	JNZ        group
	FOLD8
	VMOVUPS    Y0, (DST)   // dst[0:8] = sums
	ADDQ       $32, DST
	LEAQ       (Q)(N*8), Q // from the end of row 0 to row 8
	SUBQ       N, Q
	LEAQ       (SCALE)(SSTEP*8), SCALE
	SUBQ       SSTEP, SCALE
	SUBQ       $8, ROWS
	JNZ        rows8
	VZEROUPPER
	RET

#define P     BX  // weights of the rows
#define QR    R8  // codes of the row in hand
#define SR    R9  // their scales
#define PR    R10 // weight of the row in hand
#define COLS  AX  // columns left
#define AHEAD R12 // bytes from a row to what is fetched with it

// func addHeadQ8AVX512(dst *float32, q *int8, scales *F16, p *float32, rows, n, ahead int)
// Reference: decodeQ8Generic and addRowsGeneric. rows > 0, 32 divides n; at most 128 scales.
TEXT ·addHeadQ8AVX512(SB), NOSPLIT, $512-56
	MOVQ dst+0(FP), DST
	MOVQ q+8(FP), Q
	MOVQ scales+16(FP), SCALE
	MOVQ n+40(FP), N
	MOVQ ahead+48(FP), AHEAD
	MOVQ rows+32(FP), ROWS
	DECODE_SCALES
	MOVQ p+24(FP), P
	MOVQ N, COLS

cols64: // for COLS >= 64 { dst[0:64] += sum over rows of p[j] * q[j][0:64] * scales[j][0:2] }
	CMPQ    COLS, $64
	JLT     cols32
	MOVQ    Q, QR
	MOVQ    SCALE, SR
	MOVQ    P, PR
	MOVQ    rows+32(FP), ROWS
	VMOVUPS (DST), Z0
	VMOVUPS 64(DST), Z1
	VMOVUPS 128(DST), Z2
	VMOVUPS 192(DST), Z3

row64:
	VBROADCASTSS (PR), Z16
	PREFETCHT1   (QR)(AHEAD*1)
	MAC((QR), (SR), Z0)
	MAC(16(QR), (SR), Z1)
	MAC(32(QR), 4(SR), Z2)
	MAC(48(QR), 4(SR), Z3)
	ADDQ         N, QR
	ADDQ         SSTEP, SR
	ADDQ         $4, PR
	DECQ         ROWS
	JNZ          row64
	VMOVUPS      Z0, (DST)
	VMOVUPS      Z1, 64(DST)
	VMOVUPS      Z2, 128(DST)
	VMOVUPS      Z3, 192(DST)
	ADDQ         $256, DST
	ADDQ         $64, Q
	ADDQ         $8, SCALE
	SUBQ         $64, COLS
	JMP          cols64

cols32: // if COLS > 0 { the same with the last 32 columns }
	TESTQ   COLS, COLS
	JZ      done
	MOVQ    rows+32(FP), ROWS
	VMOVUPS (DST), Z0
	VMOVUPS 64(DST), Z1

row32:
	VBROADCASTSS (P), Z16
	PREFETCHT1   (Q)(AHEAD*1)
	MAC((Q), (SCALE), Z0)
	MAC(16(Q), (SCALE), Z1)
	ADDQ         N, Q
	ADDQ         SSTEP, SCALE
	ADDQ         $4, P
	DECQ         ROWS
	JNZ          row32
	VMOVUPS      Z0, (DST)
	VMOVUPS      Z1, 64(DST)

done:
	VZEROUPPER
	RET
