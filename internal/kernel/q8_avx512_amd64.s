//go:build !purego

#include "textflag.h"
#include "fold_avx512_amd64.h"
#include "fetch_avx512_amd64.h"

// Requires: AVX-512 F, DQ, VL, VNNI (all functions of this file).
//
// VPDPBUSD adds products of four unsigned and four signed bytes to each int32.
// Weights become unsigned by w^0x80 = w+128, which adds 128 times the sum of
// the group's x to the dot product: that comes off again, exactly.

// Registers of dotRows: rows 4k to 4k+3 are at ROW(4k), one N apart.
#define ROW0  R8
#define ROW4  R9
#define ROW8  R10
#define ROW12 R11
#define N     CX  // bytes of a row
#define N3    DX  // 3*N
#define XQ    SI  // next 64 elements of x
#define WS    DI  // scale of row 0 and the next group
#define WSN   R12 // bytes of a row's scales
#define WSN3  R13 // 3*WSN
#define G     AX  // group
#define LEFT  BX  // elements of the group left
#define NEXT  R14 // weights to fetch ahead of time
#define TMP   R15
// Z0 to Z15: int32 lanes of each row, Z16: x, Z17: 0x80 in each byte, Z18:
// results of 16 rows, Z19 to Z22: short-lived, Z23: offsets of scales of 16
// rows, Z24 to Z27: scales of 16 rows and up to 4 groups. K1: lanes 2, 3 of each
// four, K2: lanes of x and w to read.

// INSERT4(LANE, SRC, STEP, STEP3) sets 128 bits of Z24 to Z27 to those at SRC,
// SRC+STEP, .., and goes on by 4*STEP.
#define INSERT4(LANE, SRC, STEP, STEP3) \
	VINSERTI32X4 $LANE, (SRC), Z24, Z24           \
	VINSERTI32X4 $LANE, (SRC)(STEP*1), Z25, Z25   \
	VINSERTI32X4 $LANE, (SRC)(STEP*2), Z26, Z26   \
	VINSERTI32X4 $LANE, (SRC)(STEP3*1), Z27, Z27  \
	LEAQ         (SRC)(STEP*4), SRC

// TRANSPOSE4(SRC, STEP, STEP3) sets Z24 to Z27 to columns 0 to 3 of 16 rows of
// 32-bit numbers at SRC, STEP bytes apart. It changes SRC.
#define TRANSPOSE4(SRC, STEP, STEP3) \
	VMOVDQU32 (SRC), X24                     \ /* lane i of Z24+j = row 4i+j [0:4] */
	VMOVDQU32 (SRC)(STEP*1), X25             \
	VMOVDQU32 (SRC)(STEP*2), X26             \
	VMOVDQU32 (SRC)(STEP3*1), X27            \
	LEAQ      (SRC)(STEP*4), SRC             \
	INSERT4(1, SRC, STEP, STEP3)             \
	INSERT4(2, SRC, STEP, STEP3)             \
	INSERT4(3, SRC, STEP, STEP3)             \
	VPUNPCKLDQ  Z25, Z24, Z19                \ /* columns 0 0 1 1 of rows j, j+1 */
	VPUNPCKHDQ  Z25, Z24, Z20                \ /* columns 2 2 3 3 */
	VPUNPCKLDQ  Z27, Z26, Z21                \ /* the same of rows j+2, j+3 */
	VPUNPCKHDQ  Z27, Z26, Z22                \
	VPUNPCKLQDQ Z21, Z19, Z24                \ /* Z24 = column 0 of rows 0 to 15 */
	VPUNPCKHQDQ Z21, Z19, Z25                \ /* Z25 = column 1 */
	VPUNPCKLQDQ Z22, Z20, Z26                \ /* Z26 = column 2 */
	VPUNPCKHQDQ Z22, Z20, Z27                  /* Z27 = column 3 */

#define CLEAR(A, B, C, D) \
	VPXORD A, A, A \
	VPXORD B, B, B \
	VPXORD C, C, C \
	VPXORD D, D, D

#define CLEAR16 \
	CLEAR(Z0, Z1, Z2, Z3)   \
	CLEAR(Z4, Z5, Z6, Z7)   \
	CLEAR(Z8, Z9, Z10, Z11) \
	CLEAR(Z12, Z13, Z14, Z15)

// DOT4(ROW, A, B, C, D): A to D += (w[0:64] + 128) * x[0:64] for four rows.
#define DOT4(ROW, A, B, C, D) \
	VPXORD.Z (ROW), Z17, K2, Z19       \ /* Z19 = w[0:64] + 128, unsigned */
	VPXORD.Z (ROW)(N*1), Z17, K2, Z20  \
	VPXORD.Z (ROW)(N*2), Z17, K2, Z21  \
	VPXORD.Z (ROW)(N3*1), Z17, K2, Z22 \
	VPDPBUSD Z16, Z19, A               \ /* A += Z19 * x */
	VPDPBUSD Z16, Z20, B               \
	VPDPBUSD Z16, Z21, C               \
	VPDPBUSD Z16, Z22, D               \
	ADDQ     $64, ROW

// DOT16 is DOT4 for 16 rows. It fetches as many bytes as it reads.
#define DOT16 \
	VMOVDQU32.Z (XQ), K2, Z16          \ /* Z16 = x[0:64] */
	DOT4(ROW0, Z0, Z1, Z2, Z3)         \
	DOT4(ROW4, Z4, Z5, Z6, Z7)         \
	DOT4(ROW8, Z8, Z9, Z10, Z11)       \
	DOT4(ROW12, Z12, Z13, Z14, Z15)    \
	ADDQ        $64, XQ                \
	FETCH4(FETCH2, 0)                          \
	FETCH4(FETCH2, 256)                        \
	FETCH4(FETCH2, 512)                        \
	FETCH4(FETCH2, 768)                        \
	ADDQ        $1024, NEXT

// END_GROUP(S, SCALE): results += float32(S - 128*sum of x) * (SCALE * scale of x).
#define END_GROUP(S, SCALE) \
	MOVQ        x_Sums_base+72(FP), TMP    \
	VPSLLD.BCST $7, (TMP)(G*4), Z19        \ /* Z19 = 128 * Sums[g] */
	VPSUBD      Z19, S, S                  \
	VCVTDQ2PS   S, S                       \
	MOVQ        x_Scales_base+48(FP), TMP  \
	VMULPS.BCST (TMP)(G*4), SCALE, Z20     \
	VFMADD231PS Z20, S, Z18                \
	IMUL3Q      $60, G, TMP                \ /* a line of the next 16 rows' scales: WS has gone 4*G */
	MOVQ        WSN, LEFT                  \
	SHLQ        $4, LEFT                   \
	ADDQ        WS, TMP                    \
	PREFETCHT1  (TMP)(LEFT*1)              \
	INCQ        G

// GATHER(SCALE): SCALE = the scales of 16 rows and the next group.
#define GATHER(SCALE) \
	KXNORW     K3, K3, K3           \
	VGATHERDPS (WS)(Z23*1), K3, SCALE \
	ADDQ       $4, WS

// BEGIN reads the arguments that both dotRows share.
#define BEGIN \
	MOVQ         n+96(FP), N           \
	LEAQ         (N)(N*2), N3          \
	MOVQ         w+8(FP), ROW0         \
	MOVQ         ws+16(FP), WS         \
	MOVQ         groups+112(FP), WSN   \
	SHLQ         $2, WSN               \
	LEAQ         (WSN)(WSN*2), WSN3    \
	VPBROADCASTD WSN, Z23              \
	VPMULLD      count<>(SB), Z23, Z23 \ /* Z23[r] = r * bytes of a row's scales */
	MOVL         $0x80808080, TMP      \
	VPBROADCASTD TMP, Z17              \
	MOVL         $0xCCCC, TMP          \
	KMOVW        TMP, K1               \
	KXNORW       K2, K2, K2

// BEGIN_ROWS begins 16 rows at ROW0, and END_ROWS goes on to the next ones.
#define BEGIN_ROWS \
	LEAQ   (ROW0)(N*4), ROW4       \
	LEAQ   (ROW4)(N*4), ROW8       \
	LEAQ   (ROW8)(N*4), ROW12      \
	LEAQ   AHEAD(ROW12)(N*4), NEXT \
	MOVQ   x_Q_base+24(FP), XQ     \
	VPXORD Z18, Z18, Z18           \
	XORQ   G, G
#define END_ROWS \
	MOVQ    dst+0(FP), TMP         \
	VMOVUPS Z18, (TMP)             \ /* dst[0:16] = results */
	ADDQ    $64, dst+0(FP)         \
	LEAQ    (ROW12)(N3*1), ROW0    \
	LEAQ    (WSN3)(WSN3*4), TMP    \
	ADDQ    TMP, WS                \ /* 15 rows further: 16 with those it went */
	DECQ    blocks+120(FP)

DATA count<>+0(SB)/4, $0
DATA count<>+4(SB)/4, $1
DATA count<>+8(SB)/4, $2
DATA count<>+12(SB)/4, $3
DATA count<>+16(SB)/4, $4
DATA count<>+20(SB)/4, $5
DATA count<>+24(SB)/4, $6
DATA count<>+28(SB)/4, $7
DATA count<>+32(SB)/4, $8
DATA count<>+36(SB)/4, $9
DATA count<>+40(SB)/4, $10
DATA count<>+44(SB)/4, $11
DATA count<>+48(SB)/4, $12
DATA count<>+52(SB)/4, $13
DATA count<>+56(SB)/4, $14
DATA count<>+60(SB)/4, $15
GLOBL count<>(SB), RODATA|NOPTR, $64

// func dotRowsG64VNNI(dst *float32, w *int8, ws *float32, x Q8, n, group, groups, blocks int)
// Reference: dotRowsQ8Generic. 64 divides group; a block is 16 rows.
TEXT ·dotRowsG64VNNI(SB), NOSPLIT, $0-128
	BEGIN

rows: // for blocks > 0 { dst[0:16] = dot of 16 rows }
	BEGIN_ROWS

group: // for G < groups { results += group G }
	MOVQ groups+112(FP), TMP
	ANDQ $~3, TMP
	CMPQ G, TMP
	JGE  gather             // the last groups%4
	TESTQ $3, G
	JNZ  shift
	MOVQ WS, TMP
	TRANSPOSE4(TMP, WSN, WSN3) // Z24 to Z27 = the scales of four groups
	ADDQ $16, WS
	JMP  scaled

shift: // Z24 = the scales of the next group
	VMOVAPS Z25, Z24
	VMOVAPS Z26, Z25
	VMOVAPS Z27, Z26
	JMP     scaled

gather:
	GATHER(Z24)

scaled:
	CLEAR16
	MOVQ group+104(FP), LEFT

dot: // for LEFT > 0 { Z0 to Z15 += 64 products of each row }
	DOT16
	SUBQ $64, LEFT
	JNZ  dot
	FOLD_LANES
	ADD_LANES(Z0, Z4, 0x44, 0xEE, Z0)   // rows 0:4, 0:4, 4:8, 4:8
	ADD_LANES(Z8, Z12, 0x44, 0xEE, Z8)  // rows 8:12, 8:12, 12:16, 12:16
	ADD_LANES(Z0, Z8, 0x88, 0xDD, Z0)   // Z0[r] = the sum of row r
	END_GROUP(Z0, Z24)
	CMPQ G, groups+112(FP)
	JLT  group
	END_ROWS
	JNZ  rows
	VZEROUPPER
	RET

// func dotRowsG32VNNI(dst *float32, w *int8, ws *float32, x Q8, n, group, groups, blocks int)
// Reference: dotRowsQ8Generic. group = 32; a block is 16 rows.
TEXT ·dotRowsG32VNNI(SB), NOSPLIT, $0-128
	BEGIN

rows: // for blocks > 0 { dst[0:16] = dot of 16 rows }
	BEGIN_ROWS

pair: // for G < groups { results += groups G and G+1 }
	MOVQ  groups+112(FP), TMP
	SUBQ  G, TMP            // groups left
	CMPQ  TMP, $1
	JEQ   single
	TESTQ $3, G
	JNZ   shift
	CMPQ  TMP, $4
	JLT   gather
	MOVQ  WS, TMP
	TRANSPOSE4(TMP, WSN, WSN3) // Z24 to Z27 = the scales of four groups
	ADDQ  $16, WS
	JMP   scaled

shift: // Z24 and Z25 = the scales of the next two groups
	VMOVAPS Z26, Z24
	VMOVAPS Z27, Z25
	JMP     scaled

gather:
	GATHER(Z24)
	GATHER(Z25)
	JMP scaled

single: // the last group has no partner
	GATHER(Z24)
	KSHIFTRW $8, K2, K2 // K2 = the lower half

scaled:
	CLEAR16
	DOT16
	FOLD_LANES
	ADD_LANES(Z0, Z4, 0x88, 0xDD, Z0)   // rows 0:4 of G, of G+1, rows 4:8 of G, of G+1
	ADD_LANES(Z8, Z12, 0x88, 0xDD, Z8)  // rows 8:12, 12:16
	VSHUFI32X4 $0x88, Z8, Z0, Z1        // Z1[r] = the sum of row r and group G
	VSHUFI32X4 $0xDD, Z8, Z0, Z2        // Z2[r] = the sum of row r and group G+1
	END_GROUP(Z1, Z24)
	CMPQ       G, groups+112(FP)
	JGE        odd
	END_GROUP(Z2, Z25)
	CMPQ       G, groups+112(FP)
	JLT        pair
	END_ROWS
	JNZ        rows
	VZEROUPPER
	RET

odd: // a single group took half of 64 elements
	SUBQ   $32, ROW12
	KXNORW K2, K2, K2
	END_ROWS
	JNZ    rows
	VZEROUPPER
	RET

// func transposeAVX512(dst, src *uint32, step, blocks int, flip uint32)
// Sets dst, [4*blocks][16], to the columns of 16 rows of src, step bytes apart,
// exclusive or flip. Requires: AVX-512 F.
TEXT ·transposeAVX512(SB), NOSPLIT, $0-36
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	MOVQ         step+16(FP), CX
	MOVQ         blocks+24(FP), BX
	LEAQ         (CX)(CX*2), DX
	MOVL         flip+32(FP), AX
	VPBROADCASTD AX, Z17

block: // for blocks > 0 { dst[0:4][0:16] = four columns }
	MOVQ      SI, AX
	TRANSPOSE4(AX, CX, DX)
	VPXORD    Z17, Z24, Z24
	VPXORD    Z17, Z25, Z25
	VPXORD    Z17, Z26, Z26
	VPXORD    Z17, Z27, Z27
	VMOVDQU32 Z24, (DI)
	VMOVDQU32 Z25, 64(DI)
	VMOVDQU32 Z26, 128(DI)
	VMOVDQU32 Z27, 192(DI)
	ADDQ      $16, SI
	ADDQ      $256, DI
	DECQ      BX
	JNZ       block
	VZEROUPPER
	RET

// func quantizeAVX512(q Q8, x *float32, group, groups int)
// Reference: quantizeGeneric. 16 divides group. Requires: AVX-512 F, DQ.
TEXT ·quantizeAVX512(SB), NOSPLIT, $0-96
	MOVQ         q_Q_base+0(FP), DI
	MOVQ         q_Scales_base+24(FP), R8
	MOVQ         q_Sums_base+48(FP), R9
	MOVQ         x+72(FP), SI
	MOVQ         group+80(FP), DX
	MOVQ         groups+88(FP), R10
	MOVL         $0x7FFFFFFF, AX
	VPBROADCASTD AX, Z16
	MOVL         $127, AX
	VPBROADCASTD AX, Z17
	MOVL         $-127, AX
	VPBROADCASTD AX, Z18
	MOVL         $0x42FE0000, AX
	VMOVD        AX, X19                // X19 = float32(127)

quantize: // for groups > 0 { quantize x[0:group] }
	VPXORD Z0, Z0, Z0
	XORQ   CX, CX

abs: // for CX < group { Z0 = max(Z0, bits of |x[CX:+16]|) }
	VPANDD   (SI)(CX*4), Z16, Z1
	VPMAXUD  Z1, Z0, Z0
	ADDQ     $16, CX
	CMPQ     CX, DX
	JLT      abs
	VEXTRACTI64X4 $1, Z0, Y1
	VPMAXUD  Y1, Y0, Y0                 // 8 lanes
	VEXTRACTI128 $1, Y0, X1
	VPMAXUD  X1, X0, X0                 // 4 lanes
	VPSHUFD  $0x4E, X0, X1
	VPMAXUD  X1, X0, X0                 // 2 lanes
	VPSHUFD  $0xB1, X0, X1
	VPMAXUD  X1, X0, X0                 // X0 = the largest
	VMOVD    X0, AX
	VDIVSS   X19, X0, X2                // X2 = scale
	VPXORD   Z4, Z4, Z4                 // Z4 = sums
	XORQ     CX, CX
	CMPL     AX, $0x7F800000
	JCC      bad                        // infinite or NaN, unsigned
	VMOVD    X2, (R8)                   // Scales[g] = scale
	VMOVD    X2, AX
	TESTL    AX, AX
	JZ       zeros
	VBROADCASTSS X2, Z2

divide: // for CX < group { q[CX:+16] = round(x[CX:+16] / scale); sums += q }
	VMOVUPS   (SI)(CX*4), Z1
	VDIVPS    Z2, Z1, Z1
	VCVTPS2DQ Z1, Z1                    // half to even
	VPMAXSD   Z18, Z1, Z1
	VPMINSD   Z17, Z1, Z1
	VPADDD    Z1, Z4, Z4
	VPMOVDB   Z1, (DI)(CX*1)
	ADDQ      $16, CX
	CMPQ      CX, DX
	JLT       divide
	VEXTRACTI64X4 $1, Z4, Y1
	VPADDD    Y1, Y4, Y4                // 8 lanes
	VEXTRACTI128 $1, Y4, X1
	VPADDD    X1, X4, X4                // 4 lanes
	VPSHUFD   $0x4E, X4, X1
	VPADDD    X1, X4, X4                // 2 lanes
	VPSHUFD   $0xB1, X4, X1
	VPADDD    X1, X4, X4                // X4[0] = the sum

next:
	VMOVD X4, (R9)                      // Sums[g] = the sum
	LEAQ  (SI)(DX*4), SI
	ADDQ  DX, DI
	ADDQ  $4, R8
	ADDQ  $4, R9
	DECQ  R10
	JNZ   quantize
	VZEROUPPER
	RET

bad:
	MOVL $0x7FC00000, (R8)              // Scales[g] = NaN

zeros: // for CX < group { q[CX:+16] = 0 }
	VMOVDQU X4, (DI)(CX*1)
	ADDQ    $16, CX
	CMPQ    CX, DX
	JLT     zeros
	JMP     next
