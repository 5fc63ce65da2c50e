//go:build !purego

#include "textflag.h"
#include "q8tile_avx512_amd64.h"
#include "amx_amd64.h"
#include "tile_amx_amd64.h"

// Requires: AMX-INT8, AVX-512 F, BW, VL.
//
// An integer scale times a code without its offset is at most 4096: p = 64*high + low, where low is from -32 to 31. Two
// tiles are enough for a super-block then, one for each part, and 64 columns go into them at a time.

// numbers2<>[i] is i/2.
DATA numbers2<>+0(SB)/8, $0x0000000000000000
DATA numbers2<>+8(SB)/8, $0x0000000100000001
DATA numbers2<>+16(SB)/8, $0x0000000200000002
DATA numbers2<>+24(SB)/8, $0x0000000300000003
DATA numbers2<>+32(SB)/8, $0x0000000400000004
DATA numbers2<>+40(SB)/8, $0x0000000500000005
DATA numbers2<>+48(SB)/8, $0x0000000600000006
DATA numbers2<>+56(SB)/8, $0x0000000700000007
GLOBL numbers2<>(SB), RODATA|NOPTR, $64

// SPLIT(AT, SUBS) sets 32 bytes of both parts, AT bytes on, to codes times integer scales. Z28: offset, Z29: 32, Z30: 63.
#define SPLIT(AT, SUBS) \
	VPMOVZXBW AT(SI), Z0            \
	VPSUBW    Z28, Z0, Z0           \
	VPMULLW   SUBS, Z0, Z0          \
	VPADDW    Z29, Z0, Z0           \ /* p + 32 */
	VPSRAW    $6, Z0, Z1            \ /* high */
	VPANDD    Z30, Z0, Z0           \
	VPSUBW    Z29, Z0, Z0           \ /* low */
	VPMOVWB   Z0, AT(DI)            \
	VPMOVWB   Z1, (1024+AT)(DI)

// func packSuperAMX(parts, columns *int8, subs *int32, offset, count int)
// Sets parts, [4*count][2][16][16][4], to the low and the high parts of columns, [4*count][16][16][4], less the offset,
// times integer scales, [16*count][16].
TEXT ·packSuperAMX(SB), NOSPLIT, $0-40
	MOVQ         parts+0(FP), DI
	MOVQ         columns+8(FP), SI
	MOVQ         subs+16(FP), BX
	MOVQ         offset+24(FP), AX
	MOVQ         count+32(FP), CX
	VPBROADCASTW AX, Z28
	MOVL         $32, AX
	VPBROADCASTW AX, Z29
	MOVL         $63, AX
	VPBROADCASTW AX, Z30
	VMOVDQU32    numbers2<>(SB), Z26 // rows 0 to 7, each twice
	MOVL         $8, AX
	VPBROADCASTD AX, Z27
	VPADDD       Z27, Z26, Z27       // rows 8 to 15
	SHLQ         $2, CX

piece: // for CX > 0 { 64 columns }
	MOVQ $4, DX

sub: // for DX > 0 { 16 columns, which share integer scales }
	VMOVDQU32 (BX), Z2
	VPSLLD    $16, Z2, Z3
	VPSRLD    $16, Z3, Z2
	VPORD     Z3, Z2, Z2   // twice 16 bits
	VPERMD    Z2, Z26, Z24 // of rows 0 to 7, once for each of four columns
	VPERMD    Z2, Z27, Z25
	SPLIT(0, Z24)
	SPLIT(32, Z25)
	SPLIT(64, Z24)
	SPLIT(96, Z25)
	SPLIT(128, Z24)
	SPLIT(160, Z25)
	SPLIT(192, Z24)
	SPLIT(224, Z25)
	ADDQ      $64, BX
	ADDQ      $256, SI
	ADDQ      $256, DI
	DECQ      DX
	JNZ       sub
	ADDQ      $1024, DI    // over the high parts
	DECQ      CX
	JNZ       piece
	VZEROUPPER
	RET

// Bytes of a row of C, A, B, D and E from byte 16 on, and their rows from byte 48 on.
DATA tiles<>+0(SB)/8, $1
DATA tiles<>+8(SB)/8, $0
DATA tiles<>+16(SB)/8, $0x0040004000400040
DATA tiles<>+24(SB)/8, $0x0040
DATA tiles<>+32(SB)/8, $0
DATA tiles<>+40(SB)/8, $0
DATA tiles<>+48(SB)/8, $0x1010101010
DATA tiles<>+56(SB)/8, $0
GLOBL tiles<>(SB), RODATA|NOPTR, $64

#define BUFFER AX  // where C is written
#define HIGH   R10 // where D is written
#define BEFORE R9  // where both of the super-block before were written
#define LINE   DX  // 64, bytes of a row of B to E
#define SCALES DI  // scales of the panel
#define XS     R11 // scale of vector 0
#define COUNT  BX  // super-blocks left
// Z0 to Z15: results of each vector, lane = row, Z16 to Z19: products, Z26: scales of the panel, Z27: short-lived.

// ONE(I, SCALE, A, R) adds to the results of vector I its products times both scales.
#define ONE(I, SCALE, A, R) \
	VPSLLD      $6, (1024+64*I)(BEFORE), A \
	VPADDD      (64*I)(BEFORE), A, A       \
	VMULPS.BCST SCALE, Z26, Z27            \
	VCVTDQ2PS   A, A                       \
	VFMADD231PS Z27, A, R

// COLUMNS64 adds the products of 64 columns to C and D.
#define COLUMNS64 \
	TILE_LOAD_A       \
	TILE_LOAD_B       \
	TILE_DOT_C        \
	ADDQ $1024, PANEL \
	TILE_LOAD_E       \
	TILE_DOT_D        \
	ADDQ $1024, PANEL \
	ADDQ $64, X0

// STORE_TILES stores C and D, and makes them those of the super-block before.
#define STORE_TILES \
	LEAQ  1024(BUFFER), HIGH \
	TILE_STORE_C             \
	TILE_STORE_D             \
	XCHGQ BUFFER, BEFORE

// func tileSuperAMX(dst *float32, stride int, parts *int8, scales *float32, x *int8, xScales *float32,
//	n, count int, buffer *[65 * 16]int32)
// Reference: dotSuperGeneric, of 16 vectors and a panel that packSuperAMX has made.
TEXT ·tileSuperAMX(SB), NOSPLIT, $0-72
	LEAQ tiles<>(SB), AX
	TILE_CONFIGURE
	MOVQ buffer+64(FP), BUFFER
	ADDQ $63, BUFFER            // the next line
	ANDQ $-64, BUFFER
	LEAQ 2048(BUFFER), BEFORE
	MOVQ $64, LINE
	MOVQ parts+16(FP), PANEL
	MOVQ scales+24(FP), SCALES
	MOVQ x+32(FP), X0
	MOVQ xScales+40(FP), XS
	MOVQ n+48(FP), XSTEP
	MOVQ count+56(FP), COUNT
	MOVQ COUNT, GSTEP
	SHLQ $2, GSTEP              // bytes of a vector's scales
	LEAQ (GSTEP)(GSTEP*2), GSTEP3
	CLEAR_RESULTS
	TILE_CLEAR_C
	TILE_CLEAR_D
	COLUMNS64
	COLUMNS64
	COLUMNS64
	COLUMNS64
	STORE_TILES
	JMP  next

super: // for COUNT > 0 { C, D = the products of a super-block; results += those of the one before, meanwhile }
	TILE_CLEAR_C
	TILE_CLEAR_D
	VMOVUPS (SCALES), Z26
	MOVQ    XS, TMP
	COLUMNS64
	FOUR(0, Z0, Z1, Z2, Z3)
	COLUMNS64
	FOUR(4, Z4, Z5, Z6, Z7)
	COLUMNS64
	FOUR(8, Z8, Z9, Z10, Z11)
	COLUMNS64
	FOUR(12, Z12, Z13, Z14, Z15)
	STORE_TILES
	ADDQ    $64, SCALES
	ADDQ    $4, XS

next:
	DECQ    COUNT
	JNZ     super
	VMOVUPS (SCALES), Z26
	MOVQ    XS, TMP
	LAST_RESULTS
