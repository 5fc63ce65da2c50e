//go:build !purego

#include "textflag.h"
#include "q8tile_avx512_amd64.h"
#include "amx_amd64.h"
#include "tile_amx_amd64.h"

// Requires: AMX-INT8, AVX-512 F.

// What tiles are, for 32 and for 64 columns at a time: bytes of a row of C, A and B from byte 16 on, and their
// rows from byte 48 on.
DATA tiles32<>+0(SB)/8, $1
DATA tiles32<>+8(SB)/8, $0
DATA tiles32<>+16(SB)/8, $0x004000200040
DATA tiles32<>+24(SB)/8, $0
DATA tiles32<>+32(SB)/8, $0
DATA tiles32<>+40(SB)/8, $0
DATA tiles32<>+48(SB)/8, $0x081010
DATA tiles32<>+56(SB)/8, $0
GLOBL tiles32<>(SB), RODATA|NOPTR, $64
DATA tiles64<>+0(SB)/8, $1
DATA tiles64<>+8(SB)/8, $0
DATA tiles64<>+16(SB)/8, $0x004000400040
DATA tiles64<>+24(SB)/8, $0
DATA tiles64<>+32(SB)/8, $0
DATA tiles64<>+40(SB)/8, $0
DATA tiles64<>+48(SB)/8, $0x101010
DATA tiles64<>+56(SB)/8, $0
GLOBL tiles64<>(SB), RODATA|NOPTR, $64

#define BUFFER AX  // where C is written
#define BEFORE R9  // where C of the group before was written
#define LINE   DX  // 64, bytes of a row of B and C
#define WS     DI  // scales of the panel
#define XS     R11 // scale of vector 0
#define GROUPS BX  // groups left
#define COLS   R12 // columns at a time
#define REST   R10 // columns of the group left

// Z0 to Z15: results of each vector, lane = row, Z16 to Z19: products, Z26: scales of the panel, Z27: short-lived.

// ONE(I, SCALE, A, R) adds to the results of vector I its products times both scales.
#define ONE(I, SCALE, A, R) \
	VMULPS.BCST SCALE, Z26, Z27          \
	VCVTDQ2PS   (64*I)(BEFORE), A        \
	VFMADD231PS Z27, A, R

// PRODUCTS(NEXT) is C += the products of a group; NEXT is a label.
#define PRODUCTS(NEXT) \
	MOVQ group+64(FP), REST \
NEXT: \ /* for REST > 0 { C += COLS products of each row and vector } */
	TILE_LOAD_A             \
	TILE_LOAD_B             \
	TILE_DOT_C              \
	ADDQ COLS, X0           \
	LEAQ (PANEL)(COLS*8), PANEL \
	LEAQ (PANEL)(COLS*8), PANEL \ /* COLS bytes of 16 rows */
	SUBQ COLS, REST         \
	JNZ  NEXT

// func flipAVX512(dst, src *int8, lines int)
// Sets dst to src^0x80, in lines of 64 bytes.
TEXT ·flipAVX512(SB), NOSPLIT, $0-24
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	MOVQ         lines+16(FP), CX
	MOVL         $0x80808080, AX
	VPBROADCASTD AX, Z1

line: // for CX > 0 { dst[0:64] = src[0:64] ^ 0x80 }
	VPXORD    (SI), Z1, Z0
	VMOVDQU32 Z0, (DI)
	ADDQ      $64, SI
	ADDQ      $64, DI
	DECQ      CX
	JNZ       line
	VZEROUPPER
	RET

// func tileQ8x16AMX(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32,
//	xStep, gStep, group, groups int, buffer *[33 * 16]int32)
// Reference: tileQ8Generic, of 16 vectors. The panel is of signed bytes; group is 32, or 64 divides it.
TEXT ·tileQ8x16AMX(SB), NOSPLIT, $0-88
	MOVQ group+64(FP), REST
	MOVQ $32, COLS
	LEAQ tiles32<>(SB), AX
	CMPQ REST, $32
	JE   configure
	MOVQ $64, COLS
	LEAQ tiles64<>(SB), AX

configure:
	TILE_CONFIGURE
	MOVQ   buffer+80(FP), BUFFER
	ADDQ   $63, BUFFER            // the next line
	ANDQ   $-64, BUFFER
	LEAQ   1024(BUFFER), BEFORE
	MOVQ   $64, LINE
	MOVQ   w+16(FP), PANEL
	MOVQ   ws+24(FP), WS
	MOVQ   x+32(FP), X0
	MOVQ   xScales+40(FP), XS
	MOVQ   xStep+48(FP), XSTEP
	MOVQ   gStep+56(FP), GSTEP
	MOVQ   groups+72(FP), GROUPS
	SHLQ   $2, GSTEP              // numbers to bytes
	LEAQ   (GSTEP)(GSTEP*2), GSTEP3
	CLEAR_RESULTS

	TILE_CLEAR_C
	PRODUCTS(first)
	TILE_STORE_C
	XCHGQ BUFFER, BEFORE
	JMP  next

group: // for GROUPS > 0 { C = the products of a group; results += those of the group before, meanwhile }
	TILE_CLEAR_C
	VMOVUPS (WS), Z26
	MOVQ    XS, TMP
	FOUR(0, Z0, Z1, Z2, Z3)
	PRODUCTS(dot)
	FOUR(4, Z4, Z5, Z6, Z7)
	FOUR(8, Z8, Z9, Z10, Z11)
	TILE_STORE_C
	FOUR(12, Z12, Z13, Z14, Z15)
	ADDQ    $64, WS
	ADDQ    $4, XS
	XCHGQ   BUFFER, BEFORE

next:
	DECQ    GROUPS
	JNZ     group
	VMOVUPS (WS), Z26
	MOVQ    XS, TMP
	LAST_RESULTS
