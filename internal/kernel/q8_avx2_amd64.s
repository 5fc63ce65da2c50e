//go:build !purego

#include "textflag.h"

// Requires: AVX2, FMA (all functions of this file).

#define ROW0 SI  // row 0, next 32 weights; rows 1 to 3 are one to three N further
#define ROW4 R8  // row 4
#define N    CX  // bytes of a row
#define N3   DX  // 3*N
#define X    BX  // next 32 numbers of x
#define WS   DI  // scale of row 0 and the next group
#define WSN  R9  // bytes of a row's scales
#define WSN3 R10 // 3*WSN
#define XS   R11 // scale of x and the next group
#define LEFT R12 // numbers of the group left
#define G    R13 // groups left

// DOT(ADDR, ACC): ACC += sums of four products of ADDR[0:32] and Y15 = x[0:32]. |w|
// is at most 128 and |x| 127: two products of an unsigned and a signed byte fit 16 bits.
#define DOT(ADDR, ACC) \
	VMOVDQU    ADDR, Y8        \
	VPSIGNB    Y8, Y15, Y9     \ /* x with the sign of w */
	VPABSB     Y8, Y8          \
	VPMADDUBSW Y9, Y8, Y8      \ /* |w|*x, pairs added: 16 bits */
	VPMADDWD   Y14, Y8, Y8     \ /* pairs added: 32 bits; Y14 is ones */
	VPADDD     Y8, ACC, ACC

// func dotRowsQ8AVX2(dst *float32, w *int8, ws *float32, x *int8, xs *float32, n, group, groups int)
// Eight rows; 32 divides group. Reference: dotRowsQ8Generic.
TEXT ·dotRowsQ8AVX2(SB), NOSPLIT, $0-64
	MOVQ         w+8(FP), ROW0
	MOVQ         ws+16(FP), WS
	MOVQ         x+24(FP), X
	MOVQ         xs+32(FP), XS
	MOVQ         n+40(FP), N
	MOVQ         groups+56(FP), G
	LEAQ         (N)(N*2), N3
	LEAQ         (ROW0)(N*4), ROW4
	MOVQ         G, WSN
	SHLQ         $2, WSN
	LEAQ         (WSN)(WSN*2), WSN3
	VPCMPEQW     Y14, Y14, Y14
	VPSRLW       $15, Y14, Y14      // Y14 = 1 in each 16 bits
	VXORPS       Y13, Y13, Y13      // Y13 = results

group: // for groups > 0 { results += float32(sum) * (ws * xs) }
	VPXOR  Y0, Y0, Y0
	VPXOR  Y1, Y1, Y1
	VPXOR  Y2, Y2, Y2
	VPXOR  Y3, Y3, Y3
	VPXOR  Y4, Y4, Y4
	VPXOR  Y5, Y5, Y5
	VPXOR  Y6, Y6, Y6
	VPXOR  Y7, Y7, Y7
	MOVQ   group+48(FP), LEFT

dot: // for LEFT > 0 { Y0 to Y7 += 32 products of each row }
	VMOVDQU (X), Y15
	DOT((ROW0), Y0)
	DOT((ROW0)(N*1), Y1)
	DOT((ROW0)(N*2), Y2)
	DOT((ROW0)(N3*1), Y3)
	DOT((ROW4), Y4)
	DOT((ROW4)(N*1), Y5)
	DOT((ROW4)(N*2), Y6)
	DOT((ROW4)(N3*1), Y7)
	ADDQ    $32, X
	ADDQ    $32, ROW0
	ADDQ    $32, ROW4
	SUBQ    $32, LEFT
	JNZ     dot
	VPHADDD Y1, Y0, Y0          // two lanes each of rows 0, 1 | 0, 1
	VPHADDD Y3, Y2, Y2
	VPHADDD Y5, Y4, Y4
	VPHADDD Y7, Y6, Y6
	VPHADDD Y2, Y0, Y0          // rows 0 1 2 3 | 0 1 2 3
	VPHADDD Y6, Y4, Y4          // rows 4 5 6 7 | 4 5 6 7
	VPERM2I128 $0x20, Y4, Y0, Y1
	VPERM2I128 $0x31, Y4, Y0, Y2
	VPADDD  Y2, Y1, Y0          // Y0[r] = sum of row r
	VCVTDQ2PS Y0, Y0
	MOVQ    WS, AX
	VMOVSS  (AX), X1            // scales of rows 0 to 3
	VINSERTPS $0x10, (AX)(WSN*1), X1, X1
	VINSERTPS $0x20, (AX)(WSN*2), X1, X1
	VINSERTPS $0x30, (AX)(WSN3*1), X1, X1
	LEAQ    (AX)(WSN*4), AX
	VMOVSS  (AX), X2            // rows 4 to 7
	VINSERTPS $0x10, (AX)(WSN*1), X2, X2
	VINSERTPS $0x20, (AX)(WSN*2), X2, X2
	VINSERTPS $0x30, (AX)(WSN3*1), X2, X2
	VINSERTF128 $1, X2, Y1, Y1
	VBROADCASTSS (XS), Y2
	VMULPS  Y2, Y1, Y1          // ws * xs
	VFMADD231PS Y1, Y0, Y13
	ADDQ    $4, WS
	ADDQ    $4, XS
	DECQ    G
	JNZ     group
	MOVQ    dst+0(FP), AX
	VMOVUPS Y13, (AX)
	VZEROUPPER
	RET

// func absMaxAVX2(x *float32, blocks int) uint32
// Returns the largest of the bits of |x[i]|; blocks of 8 ≥ 1.
TEXT ·absMaxAVX2(SB), NOSPLIT, $0-20
	MOVQ     x+0(FP), SI
	MOVQ     blocks+8(FP), CX
	VPCMPEQD Y1, Y1, Y1
	VPSRLD   $1, Y1, Y1       // all bits but the sign
	VPXOR    Y0, Y0, Y0

block: // for blocks > 0 { Y0 = max(Y0, bits of |x[0:8]|) }
	VPAND    (SI), Y1, Y2
	VPMAXUD  Y2, Y0, Y0
	ADDQ     $32, SI
	DECQ     CX
	JNZ      block
	VEXTRACTI128 $1, Y0, X1
	VPMAXUD  X1, X0, X0
	VPSHUFD  $0x4E, X0, X1
	VPMAXUD  X1, X0, X0
	VPSHUFD  $0xB1, X0, X1
	VPMAXUD  X1, X0, X0
	VMOVD    X0, AX
	MOVL     AX, ret+16(FP)
	VZEROUPPER
	RET

DATA limit<>+0(SB)/4, $0x42FE0000 // 127
DATA limit<>+4(SB)/4, $0xC2FE0000 // -127
GLOBL limit<>(SB), RODATA|NOPTR, $8

// func roundAVX2(q *int8, x *float32, blocks int, scale float32) int32
// q = x / scale, half to even, at most ±127; returns the sum. Blocks of 8 ≥ 1.
TEXT ·roundAVX2(SB), NOSPLIT, $0-36
	MOVQ         q+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         blocks+16(FP), CX
	VBROADCASTSS scale+24(FP), Y1
	VBROADCASTSS limit<>+0(SB), Y2
	VBROADCASTSS limit<>+4(SB), Y3
	VPXOR        Y4, Y4, Y4

block: // for blocks > 0 { q[0:8] = round(x[0:8] / scale); sums += q[0:8] }
	VMOVUPS      (SI), Y0
	VDIVPS       Y1, Y0, Y0
	VMINPS       Y2, Y0, Y0
	VMAXPS       Y3, Y0, Y0
	VCVTPS2DQ    Y0, Y0
	VPADDD       Y0, Y4, Y4
	VEXTRACTI128 $1, Y0, X5
	VPACKSSDW    X5, X0, X0
	VPACKSSWB    X0, X0, X0
	VMOVQ        X0, (DI)
	ADDQ         $32, SI
	ADDQ         $8, DI
	DECQ         CX
	JNZ          block
	VEXTRACTI128 $1, Y4, X5
	VPADDD       X5, X4, X4
	VPSHUFD      $0x4E, X4, X5
	VPADDD       X5, X4, X4
	VPSHUFD      $0xB1, X4, X5
	VPADDD       X5, X4, X4
	VMOVD        X4, AX
	MOVL         AX, ret+32(FP)
	VZEROUPPER
	RET
