//go:build !purego

#include "textflag.h"

// Blocks to codes, one row after its beginning. Requires: AVX2, F16C (all functions of this file).

#define CODES  DI // where the next codes go
#define W      SI // next block
#define SCALES DX // where the next scale goes
#define MINS   BX // where the next minimum goes
#define LEFT   CX // blocks left
// Y15: 15 in each byte, Y14: 3 or 16 or values, Y13, Y12: what a format needs

// BYTES(N, Y) sets each byte of Y to N.
#define BYTES(N, X, Y) \
	MOVL         $(N*0x01010101), AX \
	VMOVD        AX, X               \
	VPBROADCASTD X, Y

// NIBBLES(AT) sets Y1 to the lower halves of 16 bytes and then the upper ones.
#define NIBBLES(AT) \
	VMOVDQU     AT(W), X1       \
	VPSRLW      $4, X1, X2      \
	VINSERTI128 $1, X2, Y1, Y1  \
	VPAND       Y15, Y1, Y1

// HALF(AT, X) sets lane 0 of X to the binary16 at AT.
#define HALF(AT, X) \
	VPBROADCASTW AT(W), X \
	VCVTPH2PS    X, X

// FIFTHS(AT) adds 16 to the codes in Y1 whose bit is set in the 32 at AT.
#define FIFTHS(AT) \
	VPBROADCASTD AT(W), Y3          \
	VPSHUFB      Y13, Y3, Y3        \ /* the byte that holds the bit */
	VPAND        Y12, Y3, Y3        \
	VPCMPEQB     Y12, Y3, Y3        \ /* 255 where it is set */
	VPAND        Y14, Y3, Y3        \
	VPOR         Y3, Y1, Y1

#define ARGUMENTS \
	MOVQ codes+0(FP), CODES   \
	MOVQ scales+8(FP), SCALES \
	MOVQ mins+16(FP), MINS    \
	MOVQ w+24(FP), W          \
	MOVQ count+32(FP), LEFT   \
	BYTES(15, X15, Y15)

// AHEAD is how many bytes blocks are fetched ahead: about the 16 rows whose codes
// are multiplied before the next ones are read.
#define AHEAD 8192

// NEXT(SIZE) stores Y1 and goes on to the next block.
#define NEXT(SIZE) \
	PREFETCHT0 AHEAD(W)   \
	VMOVDQU Y1, (CODES)   \
	VMOVSS  X0, (SCALES)  \
	ADDQ    $32, CODES    \
	ADDQ    $4, SCALES    \
	ADDQ    $SIZE, W      \
	DECQ    LEFT

// Bits 0 to 31 of a word, spread over bytes: which byte, and which bit of it.
DATA spread<>+0(SB)/8, $0x0000000000000000
DATA spread<>+8(SB)/8, $0x0101010101010101
DATA spread<>+16(SB)/8, $0x0202020202020202
DATA spread<>+24(SB)/8, $0x0303030303030303
GLOBL spread<>(SB), RODATA|NOPTR, $32
DATA bit<>+0(SB)/8, $0x8040201008040201
GLOBL bit<>(SB), RODATA|NOPTR, $8

// valuesIQ4 and valuesMXFP4 again.
DATA iq4<>+0(SB)/8, $0xf6eaddcfbfad9881
DATA iq4<>+8(SB)/8, $0x7159453526190d01
GLOBL iq4<>(SB), RODATA|NOPTR, $16
DATA mxfp4<>+0(SB)/8, $0x0c08060403020100
DATA mxfp4<>+8(SB)/8, $0xf4f8fafcfdfeff00
GLOBL mxfp4<>(SB), RODATA|NOPTR, $16

// func unpackQ40AVX2(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, Q4_0.
TEXT ·unpackQ40AVX2(SB), NOSPLIT, $0-40
	ARGUMENTS
	BYTES(8, X14, Y14)

block: // for LEFT > 0 { a block }
	NIBBLES(2)
	VPSUBB Y14, Y1, Y1
	HALF(0, X0)
	NEXT(18)
	JNZ  block
	VZEROUPPER
	RET

// func unpackQ41AVX2(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, Q4_1.
TEXT ·unpackQ41AVX2(SB), NOSPLIT, $0-40
	ARGUMENTS

block: // for LEFT > 0 { a block }
	NIBBLES(4)
	HALF(0, X0)
	HALF(2, X4)
	VMOVSS X4, (MINS)
	ADDQ   $4, MINS
	NEXT(20)
	JNZ  block
	VZEROUPPER
	RET

// func unpackQ50AVX2(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, Q5_0.
TEXT ·unpackQ50AVX2(SB), NOSPLIT, $0-40
	ARGUMENTS
	BYTES(16, X14, Y14)
	VMOVDQU      spread<>(SB), Y13
	VPBROADCASTQ bit<>(SB), Y12

block: // for LEFT > 0 { a block }
	NIBBLES(6)
	FIFTHS(2)
	VPSUBB Y14, Y1, Y1
	HALF(0, X0)
	NEXT(22)
	JNZ  block
	VZEROUPPER
	RET

// func unpackQ51AVX2(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, Q5_1.
TEXT ·unpackQ51AVX2(SB), NOSPLIT, $0-40
	ARGUMENTS
	BYTES(16, X14, Y14)
	VMOVDQU      spread<>(SB), Y13
	VPBROADCASTQ bit<>(SB), Y12

block: // for LEFT > 0 { a block }
	NIBBLES(8)
	FIFTHS(4)
	HALF(0, X0)
	HALF(2, X4)
	VMOVSS X4, (MINS)
	ADDQ   $4, MINS
	NEXT(24)
	JNZ  block
	VZEROUPPER
	RET

// func unpackQ80AVX2(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, Q8_0.
TEXT ·unpackQ80AVX2(SB), NOSPLIT, $0-40
	ARGUMENTS

block: // for LEFT > 0 { a block }
	VMOVDQU 2(W), Y1
	HALF(0, X0)
	NEXT(34)
	JNZ  block
	VZEROUPPER
	RET

// func unpackIQ4NLAVX2(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, IQ4_NL.
TEXT ·unpackIQ4NLAVX2(SB), NOSPLIT, $0-40
	ARGUMENTS
	VBROADCASTI128 iq4<>(SB), Y14

block: // for LEFT > 0 { a block }
	NIBBLES(2)
	VPSHUFB Y1, Y14, Y1
	HALF(0, X0)
	NEXT(18)
	JNZ  block
	VZEROUPPER
	RET

// func unpackMXFP4AVX2(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, MXFP4.
TEXT ·unpackMXFP4AVX2(SB), NOSPLIT, $0-40
	ARGUMENTS
	VBROADCASTI128 mxfp4<>(SB), Y14

block: // for LEFT > 0 { a block }
	NIBBLES(1)
	VPSHUFB Y1, Y14, Y1
	MOVBLZX (W), AX
	LEAL    -1(AX), R8
	SHLL    $23, R8             // 2^(e-128), if it is normal
	LEAL    1(AX), R9
	SHLL    $21, R9             // if e is 0 or 1
	CMPL    AX, $2
	CMOVLLT R9, R8
	VMOVD   R8, X0
	NEXT(17)
	JNZ  block
	VZEROUPPER
	RET

DATA twos<>+0(SB)/8, $0x0000000200000000
DATA twos<>+8(SB)/8, $0x0000000600000004
DATA twos<>+16(SB)/8, $0x0000000a00000008
DATA twos<>+24(SB)/8, $0x0000000e0000000c
GLOBL twos<>(SB), RODATA|NOPTR, $32

// LOOKUP(AT) stores 32 values, those of the 16 bytes at AT.
#define LOOKUP(I) \
	NIBBLES(8+16*I)       \
	VPSHUFB Y1, Y14, Y1   \
	VMOVDQU Y1, 32*I(CODES)

// func unpackIQ4XSAVX2(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackIQ4XS.
TEXT ·unpackIQ4XSAVX2(SB), NOSPLIT, $0-40
	ARGUMENTS
	VBROADCASTI128 iq4<>(SB), Y14
	VMOVDQU        twos<>(SB), Y13
	MOVL           $3, AX
	VMOVD          AX, X12
	VPBROADCASTD   X12, Y12            // 3
	MOVL           $32, AX
	VMOVD          AX, X11
	VPBROADCASTD   X11, Y11            // 32

block: // for LEFT > 0 { a super-block of 8 blocks }
	VMOVD        4(W), X1
	VPSRLW       $4, X1, X2
	VPUNPCKLBW   X2, X1, X1          // lower and upper halves in turn
	VPAND        X15, X1, X1
	VPMOVZXBD    X1, Y1              // lower 4 bits of the 8 scales
	MOVWLZX      2(W), AX
	VMOVD        AX, X2
	VPBROADCASTD X2, Y2
	VPSRLVD      Y13, Y2, Y2
	VPAND        Y12, Y2, Y2
	VPSLLD       $4, Y2, Y2          // upper 2 bits
	VPOR         Y2, Y1, Y1
	VPSUBD       Y11, Y1, Y1         // scale - 32
	VCVTDQ2PS    Y1, Y1
	HALF(0, X0)
	VBROADCASTSS X0, Y0
	VMULPS       Y1, Y0, Y0          // d * (scale - 32)
	VMOVUPS      Y0, (SCALES)
	PREFETCHT0   AHEAD(W)
	PREFETCHT0   (AHEAD+64)(W)
	LOOKUP(0)
	LOOKUP(1)
	LOOKUP(2)
	LOOKUP(3)
	LOOKUP(4)
	LOOKUP(5)
	LOOKUP(6)
	LOOKUP(7)
	ADDQ         $256, CODES
	ADDQ         $32, SCALES
	ADDQ         $136, W
	DECQ         LEFT
	JNZ          block
	VZEROUPPER
	RET
