//go:build !purego

#include "textflag.h"

// Super-blocks to codes: one row of a panel. Requires: AVX2, F16C (all functions of this file).

#define CODES  DI  // codes of the row's next super-block: one of 16 rows
#define SUB    R8  // its integer scales
#define SCALES DX  // its scale
#define MINS   BX  // its minimums
#define W      SI  // next super-block
#define LEFT   CX  // super-blocks left
// Y15: the bits of a code's lower part, Y14: those of its upper part, Y13: sign bits of floats

#define BYTES(N, X, Y) \
	MOVL         $(N*0x01010101), AX \
	VMOVD        AX, X               \
	VPBROADCASTD X, Y

#define ARGUMENTS \
	MOVQ codes+0(FP), CODES    \
	MOVQ sub+8(FP), SUB        \
	MOVQ scales+16(FP), SCALES \
	MOVQ mins+24(FP), MINS     \
	MOVQ w+32(FP), W           \
	MOVQ count+40(FP), LEFT    \
	MOVL         $0x80000000, AX \
	VMOVD        AX, X13         \
	VPBROADCASTD X13, Y13

// HALF(AT, X) sets lane 0 of X to the binary16 at AT.
#define HALF(AT, X) \
	VPBROADCASTW AT(W), X \
	VCVTPH2PS    X, X

// AHEAD is how many bytes super-blocks are fetched ahead: about the 16 rows whose
// codes are multiplied before the next ones are read.
#define AHEAD 8192

// NEXT(SIZE, AT) stores the scale at AT and goes on to the next super-block.
#define NEXT(SIZE, AT) \
	PREFETCHT0 AHEAD(W)       \
	PREFETCHT0 (AHEAD+64)(W)  \
	PREFETCHT0 (AHEAD+128)(W) \
	PREFETCHT0 (AHEAD+192)(W) \
	HALF(AT, X0)           \
	VMOVSS X0, (SCALES)    \
	ADDQ   $4096, CODES    \
	ADDQ   $512, SUB       \
	ADDQ   $64, SCALES     \
	ADDQ   $SIZE, W        \
	DECQ   LEFT

// MINIMUMS(X, AT) stores -dmin times the 8 bytes of X; Y7 is dmin.
#define MINIMUMS(X, Y, AT) \
	VPMOVZXBD X, Y      \
	VCVTDQ2PS Y, Y      \
	VMULPS    Y7, Y, Y  \
	VXORPS    Y13, Y, Y \
	VMOVUPS   Y, AT(MINS)

// SIX_BITS reads 8 scales and 8 minimums of 6 bits each from 12 bytes at 4:
// those of 0 to 3 are the lower 6 bits of bytes 0 to 3 and 4 to 7, the others have
// their lower 4 bits in bytes 8 to 11 and the upper ones above those.
#define SIX_BITS \
	MOVL 4(W), R9             \
	MOVL 8(W), R10            \
	MOVL 12(W), R11           \
	MOVL R9, AX               \
	SHRL $2, AX               \
	ANDL $0x30303030, AX      \
	MOVL R11, R12             \
	ANDL $0x0F0F0F0F, R12     \
	ORL  R12, AX              \ /* scales 4 to 7 */
	MOVL R10, R12             \
	SHRL $2, R12              \
	ANDL $0x30303030, R12     \
	SHRL $4, R11              \
	ANDL $0x0F0F0F0F, R11     \
	ORL  R11, R12             \ /* minimums 4 to 7 */
	ANDL $0x3F3F3F3F, R9      \ /* scales 0 to 3 */
	ANDL $0x3F3F3F3F, R10     \ /* minimums 0 to 3 */
	SHLQ $32, AX              \
	ORQ  R9, AX               \
	SHLQ $32, R12             \
	ORQ  R10, R12             \
	VMOVQ      AX, X0         \
	VPUNPCKLBW X0, X0, X0     \ /* each scale twice */
	VPMOVZXBW  X0, Y0         \
	VMOVDQU    Y0, (SUB)      \
	HALF(2, X7)               \
	VBROADCASTSS X7, Y7       \
	VMOVQ      R12, X1        \
	MINIMUMS(X1, Y1, 0)       \
	ADDQ       $32, MINS

// func unpackQ2KAVX2(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)
// Reference: unpackSuper, Q2_K.
TEXT ·unpackQ2KAVX2(SB), NOSPLIT, $0-48
	ARGUMENTS
	BYTES(3, X15, Y15)

block: // for LEFT > 0 { a super-block }
	VMOVDQU      (W), X1
	VPSRLW       $4, X1, X2
	BYTES(15, X3, Y3)
	VPAND        X3, X1, X1
	VPAND        X3, X2, X2
	VPMOVZXBW    X1, Y1
	VMOVDQU      Y1, (SUB)           // scales
	HALF(82, X7)
	VBROADCASTSS X7, Y7
	VPSRLDQ      $8, X2, X4
	MINIMUMS(X2, Y2, 0)
	MINIMUMS(X4, Y4, 32)
	ADDQ         $64, MINS
	VMOVDQU 16(W), Y1
	VPAND   Y15, Y1, Y2
	VMOVDQU Y2, 0(CODES)
	VPSRLW  $2, Y1, Y2
	VPAND   Y15, Y2, Y2
	VMOVDQU Y2, 32(CODES)
	VPSRLW  $4, Y1, Y2
	VPAND   Y15, Y2, Y2
	VMOVDQU Y2, 64(CODES)
	VPSRLW  $6, Y1, Y2
	VPAND   Y15, Y2, Y2
	VMOVDQU Y2, 96(CODES)
	VMOVDQU 48(W), Y1
	VPAND   Y15, Y1, Y2
	VMOVDQU Y2, 128(CODES)
	VPSRLW  $2, Y1, Y2
	VPAND   Y15, Y2, Y2
	VMOVDQU Y2, 160(CODES)
	VPSRLW  $4, Y1, Y2
	VPAND   Y15, Y2, Y2
	VMOVDQU Y2, 192(CODES)
	VPSRLW  $6, Y1, Y2
	VPAND   Y15, Y2, Y2
	VMOVDQU Y2, 224(CODES)
	NEXT(84, 80)
	JNZ     block
	VZEROUPPER
	RET

// func unpackQ3KAVX2(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)
// Reference: unpackSuper, Q3_K.
TEXT ·unpackQ3KAVX2(SB), NOSPLIT, $0-48
	ARGUMENTS
	BYTES(3, X15, Y15)
	BYTES(4, X14, Y14)
	BYTES(32, X12, Y12)

block: // for LEFT > 0 { a super-block }
	MOVQ      96(W), R9
	MOVQ      R9, R10
	SHRQ      $4, R10
	MOVQ      $0x0F0F0F0F0F0F0F0F, AX
	ANDQ      AX, R9              // lower bits of scales 0 to 7
	ANDQ      AX, R10             // and 8 to 15
	MOVL      104(W), R11         // upper bits: byte i%4, bits 2*(i/4)
	MOVL      R11, AX
	SHLL      $4, AX
	ANDL      $0x30303030, AX     // of 0 to 3
	ORQ       AX, R9
	MOVL      R11, AX
	SHLL      $2, AX
	ANDL      $0x30303030, AX     // of 4 to 7
	SHLQ      $32, AX
	ORQ       AX, R9
	MOVL      R11, AX
	ANDL      $0x30303030, AX     // of 8 to 11
	ORQ       AX, R10
	SHRL      $2, R11
	ANDL      $0x30303030, R11    // of 12 to 15
	SHLQ      $32, R11
	ORQ       R11, R10
	VMOVQ     R9, X1
	VPINSRQ   $1, R10, X1, X1
	VPSUBB    X12, X1, X1         // scale - 32
	VPMOVSXBW X1, Y1
	VMOVDQU   Y1, (SUB)
	VMOVDQU   (W), Y0             // upper bits of codes
	VMOVDQU   32(W), Y1
	VPAND     Y15, Y1, Y2
	VPSLLW    $2, Y0, Y3
	VPAND     Y14, Y3, Y3
	VPOR      Y3, Y2, Y2
	VMOVDQU   Y2, 0(CODES)
	VPSRLW    $2, Y1, Y2
	VPAND     Y15, Y2, Y2
	VPSLLW    $1, Y0, Y3
	VPAND     Y14, Y3, Y3
	VPOR      Y3, Y2, Y2
	VMOVDQU   Y2, 32(CODES)
	VPSRLW    $4, Y1, Y2
	VPAND     Y15, Y2, Y2
	VPAND     Y14, Y0, Y3
	VPOR      Y3, Y2, Y2
	VMOVDQU   Y2, 64(CODES)
	VPSRLW    $6, Y1, Y2
	VPAND     Y15, Y2, Y2
	VPSRLW    $1, Y0, Y3
	VPAND     Y14, Y3, Y3
	VPOR      Y3, Y2, Y2
	VMOVDQU   Y2, 96(CODES)
	VMOVDQU   64(W), Y1
	VPAND     Y15, Y1, Y2
	VPSRLW    $2, Y0, Y3
	VPAND     Y14, Y3, Y3
	VPOR      Y3, Y2, Y2
	VMOVDQU   Y2, 128(CODES)
	VPSRLW    $2, Y1, Y2
	VPAND     Y15, Y2, Y2
	VPSRLW    $3, Y0, Y3
	VPAND     Y14, Y3, Y3
	VPOR      Y3, Y2, Y2
	VMOVDQU   Y2, 160(CODES)
	VPSRLW    $4, Y1, Y2
	VPAND     Y15, Y2, Y2
	VPSRLW    $4, Y0, Y3
	VPAND     Y14, Y3, Y3
	VPOR      Y3, Y2, Y2
	VMOVDQU   Y2, 192(CODES)
	VPSRLW    $6, Y1, Y2
	VPAND     Y15, Y2, Y2
	VPSRLW    $5, Y0, Y3
	VPAND     Y14, Y3, Y3
	VPOR      Y3, Y2, Y2
	VMOVDQU   Y2, 224(CODES)
	NEXT(110, 108)
	JNZ     block
	VZEROUPPER
	RET

// func unpackQ4KAVX2(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)
// Reference: unpackSuper, Q4_K.
TEXT ·unpackQ4KAVX2(SB), NOSPLIT, $0-48
	ARGUMENTS
	BYTES(15, X15, Y15)

block: // for LEFT > 0 { a super-block }
	SIX_BITS
	VMOVDQU 16(W), Y1
	VPSRLW  $4, Y1, Y2
	VPAND   Y15, Y1, Y1
	VPAND   Y15, Y2, Y2
	VMOVDQU Y1, 0(CODES)
	VMOVDQU Y2, 32(CODES)
	VMOVDQU 48(W), Y1
	VPSRLW  $4, Y1, Y2
	VPAND   Y15, Y1, Y1
	VPAND   Y15, Y2, Y2
	VMOVDQU Y1, 64(CODES)
	VMOVDQU Y2, 96(CODES)
	VMOVDQU 80(W), Y1
	VPSRLW  $4, Y1, Y2
	VPAND   Y15, Y1, Y1
	VPAND   Y15, Y2, Y2
	VMOVDQU Y1, 128(CODES)
	VMOVDQU Y2, 160(CODES)
	VMOVDQU 112(W), Y1
	VPSRLW  $4, Y1, Y2
	VPAND   Y15, Y1, Y1
	VPAND   Y15, Y2, Y2
	VMOVDQU Y1, 192(CODES)
	VMOVDQU Y2, 224(CODES)
	NEXT(144, 0)
	JNZ     block
	VZEROUPPER
	RET

// func unpackQ5KAVX2(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)
// Reference: unpackSuper, Q5_K.
TEXT ·unpackQ5KAVX2(SB), NOSPLIT, $0-48
	ARGUMENTS
	BYTES(15, X15, Y15)
	BYTES(16, X14, Y14)

block: // for LEFT > 0 { a super-block }
	SIX_BITS
	VMOVDQU 16(W), Y0          // upper bits of codes
	VMOVDQU 48(W), Y1
	VPSRLW  $4, Y1, Y2
	VPAND   Y15, Y1, Y1
	VPAND   Y15, Y2, Y2
	VPSLLW  $4, Y0, Y3
	VPAND   Y14, Y3, Y3
	VPOR    Y3, Y1, Y1
	VPSLLW  $3, Y0, Y3
	VPAND   Y14, Y3, Y3
	VPOR    Y3, Y2, Y2
	VMOVDQU Y1, 0(CODES)
	VMOVDQU Y2, 32(CODES)
	VMOVDQU 80(W), Y1
	VPSRLW  $4, Y1, Y2
	VPAND   Y15, Y1, Y1
	VPAND   Y15, Y2, Y2
	VPSLLW  $2, Y0, Y3
	VPAND   Y14, Y3, Y3
	VPOR    Y3, Y1, Y1
	VPSLLW  $1, Y0, Y3
	VPAND   Y14, Y3, Y3
	VPOR    Y3, Y2, Y2
	VMOVDQU Y1, 64(CODES)
	VMOVDQU Y2, 96(CODES)
	VMOVDQU 112(W), Y1
	VPSRLW  $4, Y1, Y2
	VPAND   Y15, Y1, Y1
	VPAND   Y15, Y2, Y2
	VPAND   Y14, Y0, Y3
	VPOR    Y3, Y1, Y1
	VPSRLW  $1, Y0, Y3
	VPAND   Y14, Y3, Y3
	VPOR    Y3, Y2, Y2
	VMOVDQU Y1, 128(CODES)
	VMOVDQU Y2, 160(CODES)
	VMOVDQU 144(W), Y1
	VPSRLW  $4, Y1, Y2
	VPAND   Y15, Y1, Y1
	VPAND   Y15, Y2, Y2
	VPSRLW  $2, Y0, Y3
	VPAND   Y14, Y3, Y3
	VPOR    Y3, Y1, Y1
	VPSRLW  $3, Y0, Y3
	VPAND   Y14, Y3, Y3
	VPOR    Y3, Y2, Y2
	VMOVDQU Y1, 192(CODES)
	VMOVDQU Y2, 224(CODES)
	NEXT(176, 0)
	JNZ     block
	VZEROUPPER
	RET

// func unpackQ6KAVX2(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)
// Reference: unpackSuper, Q6_K.
TEXT ·unpackQ6KAVX2(SB), NOSPLIT, $0-48
	ARGUMENTS
	BYTES(15, X15, Y15)
	BYTES(48, X14, Y14)

block: // for LEFT > 0 { a super-block }
	VPMOVSXBW 192(W), Y1
	VMOVDQU   Y1, (SUB)
	VMOVDQU   0(W), Y1
	VMOVDQU   32(W), Y2
	VMOVDQU   128(W), Y0      // upper bits
	VPAND     Y15, Y1, Y3
	VPSLLW    $4, Y0, Y4
	VPAND     Y14, Y4, Y4
	VPOR      Y4, Y3, Y3
	VMOVDQU   Y3, 0(CODES)
	VPAND     Y15, Y2, Y3
	VPSLLW    $2, Y0, Y4
	VPAND     Y14, Y4, Y4
	VPOR      Y4, Y3, Y3
	VMOVDQU   Y3, 32(CODES)
	VPSRLW    $4, Y1, Y3
	VPAND     Y15, Y3, Y3
	VPAND     Y14, Y0, Y4
	VPOR      Y4, Y3, Y3
	VMOVDQU   Y3, 64(CODES)
	VPSRLW    $4, Y2, Y3
	VPAND     Y15, Y3, Y3
	VPSRLW    $2, Y0, Y4
	VPAND     Y14, Y4, Y4
	VPOR      Y4, Y3, Y3
	VMOVDQU   Y3, 96(CODES)
	VMOVDQU   64(W), Y1
	VMOVDQU   96(W), Y2
	VMOVDQU   160(W), Y0      // upper bits
	VPAND     Y15, Y1, Y3
	VPSLLW    $4, Y0, Y4
	VPAND     Y14, Y4, Y4
	VPOR      Y4, Y3, Y3
	VMOVDQU   Y3, 128(CODES)
	VPAND     Y15, Y2, Y3
	VPSLLW    $2, Y0, Y4
	VPAND     Y14, Y4, Y4
	VPOR      Y4, Y3, Y3
	VMOVDQU   Y3, 160(CODES)
	VPSRLW    $4, Y1, Y3
	VPAND     Y15, Y3, Y3
	VPAND     Y14, Y0, Y4
	VPOR      Y4, Y3, Y3
	VMOVDQU   Y3, 192(CODES)
	VPSRLW    $4, Y2, Y3
	VPAND     Y15, Y3, Y3
	VPSRLW    $2, Y0, Y4
	VPAND     Y14, Y4, Y4
	VPOR      Y4, Y3, Y3
	VMOVDQU   Y3, 224(CODES)
	NEXT(210, 208)
	JNZ     block
	VZEROUPPER
	RET
