// Super-blocks times one vector, lane = row, as blocks in blocks_avx512_amd64.h.

#include "minimums_avx512_amd64.h"

#define MINSUM BX  // sums of x for minimums
// Z5: int32 sums. Q4_K: Z6, Z7: scales, a byte each, Z8, Z9: minimums, Z10: their scale, Z16: 0x3F in each byte, Z17: 255
// in each lane, Z28: 0x30 in each byte, Z29: 0. Q6_K: Z8 to Z11: upper bits, Z12 to Z15: scales, Z16 as above.

// BEGIN_ROWS begins 16 rows at ROW0.
#define BEGIN_ROWS \
	ROWS                            \
	MOVQ   x_Q_base+16(FP), X       \
	MOVQ   x_Scales_base+40(FP), XS \
	VPXORD Z18, Z18, Z18

// NEXT_SUPER(SIZE) goes on to the next super-block of each row and of x, and counts it.
#define NEXT_SUPER(SIZE) \
	ADDQ $256, X \
	ADDQ $4, XS  \
	NEXT_BLOCK(SIZE)

// ADD_SCALED(SUM, SCALES): Z5 += SUM times the lowest byte of SCALES, which is shifted out.
#define ADD_SCALED(SUM, SCALES) \
	VPANDD  Z17, SCALES, Z1    \
	VPSRLD  $8, SCALES, SCALES \
	VPMULLD Z1, SUM, SUM       \
	VPADDD  SUM, Z5, Z5

// NIBBLES(I, COLUMN): Z2 += the lower halves of a column times x[I:I+4], Z3 +=
// the upper ones times x[32+I:32+I+4].
#define NIBBLES(I, COLUMN) \
	VPANDD        Z4, COLUMN, Z1        \
	VPDPBUSD.BCST (I)(X), Z1, Z2        \
	VPSRLD        $4, COLUMN, COLUMN    \
	VPANDD        Z4, COLUMN, COLUMN    \
	VPDPBUSD.BCST (32+I)(X), COLUMN, Z3

// NIBBLES64(K, SCALES): Z5 += 32 bytes at 16+32*K times x[64*K:64*K+64], times two scales.
#define NIBBLES64(K, SCALES) \
	VPXORD Z2, Z2, Z2       \
	VPXORD Z3, Z3, Z3       \
	COLUMNS(16+32*K)        \
	NIBBLES(64*K+0, Z24)    \
	NIBBLES(64*K+4, Z25)    \
	NIBBLES(64*K+8, Z26)    \
	NIBBLES(64*K+12, Z27)   \
	COLUMNS(32+32*K)        \
	NIBBLES(64*K+16, Z24)   \
	NIBBLES(64*K+20, Z25)   \
	NIBBLES(64*K+24, Z26)   \
	NIBBLES(64*K+28, Z27)   \
	ADD_SCALED(Z2, SCALES)  \
	ADD_SCALED(Z3, SCALES)

// UPPER_BITS keeps the upper bits of Q5_K in Z8, Z9, Z11 to Z15 and Z23: bit 2*K is that of code 64*K+I, bit 2*K+1 that
// of code 64*K+32+I.
#define UPPER_BITS \
	COLUMNS(16)         \
	VMOVDQA32 Z24, Z8   \
	VMOVDQA32 Z25, Z9   \
	VMOVDQA32 Z26, Z11  \
	VMOVDQA32 Z27, Z12  \
	COLUMNS(32)         \
	VMOVDQA32 Z24, Z13  \
	VMOVDQA32 Z25, Z14  \
	VMOVDQA32 Z26, Z15  \
	VMOVDQA32 Z27, Z23

// UPn and DOWNn shift bits.
#define UP4(H, D) VPSLLD $4, H, D
#define UP3(H, D) VPSLLD $3, H, D
#define UP2(H, D) VPSLLD $2, H, D
#define UP1(H, D) VPSLLD $1, H, D
#define UP0(H, D) VMOVDQA32 H, D
#define DOWN1(H, D) VPSRLD $1, H, D
#define DOWN2(H, D) VPSRLD $2, H, D
#define DOWN3(H, D) VPSRLD $3, H, D

// FIFTHS(LOW, HIGH, I, COLUMN, H) is NIBBLES of codes whose bit 4 LOW and HIGH take from H.
#define FIFTHS(LOW, HIGH, I, COLUMN, H) \
	LOW(H, Z1)                          \
	VPTERNLOGD    $0xD8, Z4, COLUMN, Z1 \ /* bits of Z4 from the column, the others from Z1 */
	VPANDD        Z30, Z1, Z1           \
	VPDPBUSD.BCST (I)(X), Z1, Z2        \
	VPSRLD        $4, COLUMN, COLUMN    \
	HIGH(H, Z1)                         \
	VPTERNLOGD    $0xD8, Z4, COLUMN, Z1 \
	VPANDD        Z30, Z1, Z1           \
	VPDPBUSD.BCST (32+I)(X), Z1, Z3

// FIFTHS64(LOW, HIGH, K, SCALES) is NIBBLES64 with them, of 32 bytes at 48+32*K.
#define FIFTHS64(LOW, HIGH, K, SCALES) \
	VPXORD Z2, Z2, Z2                       \
	VPXORD Z3, Z3, Z3                       \
	COLUMNS(48+32*K)                        \
	FIFTHS(LOW, HIGH, 64*K+0, Z24, Z8)      \
	FIFTHS(LOW, HIGH, 64*K+4, Z25, Z9)      \
	FIFTHS(LOW, HIGH, 64*K+8, Z26, Z11)     \
	FIFTHS(LOW, HIGH, 64*K+12, Z27, Z12)    \
	COLUMNS(64+32*K)                        \
	FIFTHS(LOW, HIGH, 64*K+16, Z24, Z13)    \
	FIFTHS(LOW, HIGH, 64*K+20, Z25, Z14)    \
	FIFTHS(LOW, HIGH, 64*K+24, Z26, Z15)    \
	FIFTHS(LOW, HIGH, 64*K+28, Z27, Z23)    \
	ADD_SCALED(Z2, SCALES)                  \
	ADD_SCALED(Z3, SCALES)

// CODES_Q4K and CODES_Q5K: Z5 += all codes of a super-block times x, times scales.
#define CODES_Q4K \
	NIBBLES64(0, Z6)     \
	FETCH4(FETCH2, 256)  \
	FETCH4(FETCH2, 512)  \
	NIBBLES64(1, Z6)     \
	FETCH4(FETCH2, 768)  \
	FETCH4(FETCH2, 1024) \
	NIBBLES64(2, Z7)     \
	FETCH4(FETCH2, 1280) \
	FETCH4(FETCH2, 1536) \
	NIBBLES64(3, Z7)     \
	FETCH4(FETCH2, 1792) \
	FETCH4(FETCH2, 2048)
#define CODES_Q5K \
	UPPER_BITS                 \
	FETCH4(FETCH2, 256)        \
	FETCH4(FETCH2, 512)        \
	FIFTHS64(UP4, UP3, 0, Z6)  \
	FETCH4(FETCH2, 768)        \
	FETCH4(FETCH2, 1024)       \
	FIFTHS64(UP2, UP1, 1, Z6)  \
	FETCH4(FETCH2, 1280)       \
	FETCH4(FETCH2, 1536)       \
	FIFTHS64(UP0, DOWN1, 2, Z7) \
	FETCH4(FETCH2, 1792)       \
	FETCH4(FETCH2, 2048)       \
	FIFTHS64(DOWN2, DOWN3, 3, Z7) \
	FETCH4(FETCH2, 2304)       \
	FETCH4(FETCH2, 2560)

// MINIMUM(J, MINS): sum J -= Z10 * the lowest byte of MINS, which is shifted out, * the sum of x.
#define MINIMUM(J, MINS) \
	VPANDD            Z17, MINS, Z1     \
	VPSRLD            $8, MINS, MINS    \
	VCVTDQ2PS         Z1, Z1            \
	VMULPS            Z10, Z1, Z1       \
	VMOVUPS           (64*J)(ACC), Z19  \
	VFNMADD231PS.BCST (4*J)(MINSUM), Z1, Z19 \
	VMOVUPS           Z19, (64*J)(ACC)

// EACH8(OP): OP(0) to OP(7).
#define EACH8(OP) OP(0) OP(1) OP(2) OP(3) OP(4) OP(5) OP(6) OP(7)

#define CLEAR(J) VMOVUPS Z29, (64*J)(ACC); VMOVUPS Z29, (64*J)(OTHER);

// PAD(J): what Dot does where the last 16 elements are only 8.
#define PAD(J) VADDPS (64*J)(ACC), Z29, Z19; VMOVUPS Z19, (64*J)(ACC);

// DOT_MINIMUMS(CODES, SIZE) is the body of dotQ4K and dotQ5K.
#define DOT_MINIMUMS(CODES, SIZE) \
	MOVQ         dst+0(FP), DST \
	MOVQ         w+8(FP), ROW0 \
	MOVQ         size+96(FP), N \
	LEAQ         (N)(N*2), N3 \
	BYTES(0x0F, Z4) \
	BYTES(0x3F, Z16) \
	BYTES(0x30, Z28) \
	BYTES(0x1F, Z30) \
	MOVL         $255, AX \
	VPBROADCASTD AX, Z17 \
	VPXORD       Z29, Z29, Z29 \
rows: \ /* for blocks > 0 { dst[0:16] = dot of 16 rows } */
	BEGIN_ROWS \
	MOVQ sums+88(FP), MINSUM \
	LEAQ sum-1088(SP), ACC \
	ADDQ $63, ACC \
	ANDQ $~63, ACC \
	LEAQ 512(ACC), OTHER \
	EACH8(CLEAR) \
	MOVQ count+104(FP), LEFT \
super: \ /* for LEFT > 0 { results += a super-block } */
	COLUMNS(0) \ /* Z24: dmin, d, Z25: scales, Z26: minimums, Z27: the lower bits of the last four of both */
	FETCH4(FETCH2, 0) \
	FLOATS(Z24) \ /* d */
	VPSRLD      $16, Z24, Z24 \
	VPMOVDW     Z24, Y10 \
	VCVTPH2PS   Y10, Z10 \ /* dmin */
	VMULPS.BCST (XS), Z0, Z0 \ /* d * scale of x */
	VPANDD      Z16, Z25, Z6 \ /* scales 0 to 3 */
	VPANDD      Z16, Z26, Z8 \ /* minimums 0 to 3 */
	VPSRLD      $2, Z25, Z25 \
	VPSRLD      $2, Z26, Z26 \
	VPANDD      Z28, Z25, Z25 \ /* upper bits of scales 4 to 7 */
	VPANDD      Z28, Z26, Z26 \
	VPANDD      Z4, Z27, Z7 \
	VPORD       Z25, Z7, Z7 \ /* scales 4 to 7 */
	VPSRLD      $4, Z27, Z27 \
	VPANDD      Z4, Z27, Z9 \
	VPORD       Z26, Z9, Z9 \ /* minimums 4 to 7 */
	MINIMUM(0, Z8) \
	MINIMUM(1, Z8) \
	MINIMUM(2, Z8) \
	MINIMUM(3, Z8) \
	MINIMUM(4, Z9) \
	MINIMUM(5, Z9) \
	MINIMUM(6, Z9) \
	MINIMUM(7, Z9) \
	XCHGQ       ACC, OTHER \
	ADDQ        $32, MINSUM \
	VPXORD      Z5, Z5, Z5 \
	CODES \
	VCVTDQ2PS   Z5, Z5 \
	VFMADD231PS Z0, Z5, Z18 \
	NEXT_SUPER(SIZE) \
	JNZ         super \
	TESTQ       $1, count+104(FP) \
	JZ          fold \
	EACH8(PAD) \
fold: \
	FOLD_MINIMUMS \
	STORE_ROWS \
	DECQ    blocks+112(FP) \
	JNZ     rows \
	VZEROUPPER \
	RET

// LOWER(UP, I, L, H): Z2 += codes times x[I:I+4]: the lower halves of L, and bits 4 and 5 of H << UP.
#define LOWER(UP, I, L, H) \
	VPSLLD        $UP, H, Z1       \
	VPTERNLOGD    $0xD8, Z4, L, Z1 \ /* bits of Z4 from L, the others from Z1 */
	VPANDD        Z16, Z1, Z1      \
	VPDPBUSD.BCST (I)(X), Z1, Z2

// UPPER(I, L, H): Z3 += codes times x[I:I+4]: the upper halves of L, and bits 4 and 5 of H.
#define UPPER(I, L, H) \
	VPSRLD        $4, L, L         \
	VPTERNLOGD    $0xE4, Z4, H, L  \ /* bits of Z4 from L, the others from H */
	VPANDD        Z16, L, L        \
	VPDPBUSD.BCST (I)(X), L, Z3

// FIRST(I, L, H): codes of x[I:I+4] and x[64+I:64+I+4], whose upper bits are 0, 1 and 4, 5 of H.
#define FIRST(I, L, H) \
	LOWER(4, I, L, H)    \
	UPPER(64+I, L, H)

// SECOND(I, L, H): the same with bits 2, 3 and 6, 7.
#define SECOND(I, L, H) \
	LOWER(2, I, L, H)    \
	VPSRLD $2, H, H      \
	UPPER(64+I, L, H)

// SUB(S, SCALES, SHIFT, SUM): Z5 += (SUM - 32 * sum S of x) * scale S, the byte that SHIFT brings to the top.
#define SUB(S, SCALES, SHIFT, SUM) \
	VPSLLD.BCST $5, (4*(S))(SUMS), Z19 \
	VPSUBD      Z19, SUM, SUM          \
	VPSLLD      $SHIFT, SCALES, Z1     \
	VPSRAD      $24, Z1, Z1            \
	VPMULLD     Z1, SUM, SUM           \
	VPADDD      SUM, Z5, Z5

// SIXTEEN(HALF, Q, LOW, HIGH, SHIFT): Z5 += elements 16*Q and on of each 32 of half a super-block; LOW and HIGH are
// their scales, SHIFT is what brings the first of each up.
#define SIXTEEN(HALF, Q, LOW, HIGH, SHIFT) \
	COLUMNS_HIGH(HALF, Q)             \
	VMOVDQA32 Z24, Z8                 \
	VMOVDQA32 Z25, Z9                 \
	VMOVDQA32 Z26, Z10                \
	VMOVDQA32 Z27, Z11                \
	FETCH4(FETCH2, 1664*HALF+832*Q)           \
	VPXORD Z2, Z2, Z2                 \
	VPXORD Z3, Z3, Z3                 \
	COLUMNS_LOW(HALF, Q, 0)           \
	FIRST(128*HALF+16*Q+0, Z24, Z8)   \
	FIRST(128*HALF+16*Q+4, Z25, Z9)   \
	FIRST(128*HALF+16*Q+8, Z26, Z10)  \
	FIRST(128*HALF+16*Q+12, Z27, Z11) \
	SUB(8*HALF+Q, LOW, SHIFT, Z2)     \
	SUB(8*HALF+Q+4, HIGH, SHIFT, Z3)  \
	FETCH4(FETCH2, 1664*HALF+832*Q+256)       \
	VPXORD Z2, Z2, Z2                 \
	VPXORD Z3, Z3, Z3                 \
	COLUMNS_LOW(HALF, Q, 1)           \
	SECOND(128*HALF+32+16*Q+0, Z24, Z8)   \
	SECOND(128*HALF+32+16*Q+4, Z25, Z9)   \
	SECOND(128*HALF+32+16*Q+8, Z26, Z10)  \
	SECOND(128*HALF+32+16*Q+12, Z27, Z11) \
	SUB(8*HALF+Q+2, LOW, SHIFT-16, Z2)     \
	SUB(8*HALF+Q+6, HIGH, SHIFT-16, Z3)    \
	FETCH4(FETCH2, 1664*HALF+832*Q+512)            \
	FETCH2(1664*HALF+832*Q+768)

// DOT_Q6K is the body of dotQ6K.
#define DOT_Q6K \
	MOVQ dst+0(FP), DST \
	MOVQ w+8(FP), ROW0 \
	MOVQ size+88(FP), N \
	LEAQ (N)(N*2), N3 \
	BYTES(0x0F, Z4) \
	BYTES(0x3F, Z16) \
rows: \ /* for blocks > 0 { dst[0:16] = dot of 16 rows } */
	BEGIN_ROWS \
	MOVQ x_Sums_base+64(FP), SUMS \
	MOVQ count+96(FP), LEFT \
super: \ /* for LEFT > 0 { results += a super-block } */
	Q6K_SCALE \
	VMULPS.BCST (XS), Z0, Z0 \ /* d * scale of x */
	Q6K_SCALES \
	VMOVDQA32   Z24, Z12 \
	VMOVDQA32   Z25, Z13 \
	VMOVDQA32   Z26, Z14 \
	VMOVDQA32   Z27, Z15 \
	VPXORD      Z5, Z5, Z5 \
	SIXTEEN(0, 0, Z12, Z13, 24) \
	SIXTEEN(0, 1, Z12, Z13, 16) \
	SIXTEEN(1, 0, Z14, Z15, 24) \
	SIXTEEN(1, 1, Z14, Z15, 16) \
	VCVTDQ2PS   Z5, Z5 \
	VFMADD231PS Z0, Z5, Z18 \
	ADDQ        $64, SUMS \
	NEXT_SUPER(210) \
	JNZ         super \
	STORE_ROWS \
	DECQ        blocks+104(FP) \
	JNZ         rows \
	VZEROUPPER \
	RET
