//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// Super-blocks to codes: one row of a panel.

#define CODES  R0 // codes of the row's next super-block: one of 16 rows
#define SUB    R1 // its integer scales
#define SCALES R2 // its scale
#define MINS   R3 // its minimums
#define W      R4 // next byte of the super-block
#define LEFT   R5 // super-blocks left
#define TMP    R6
// V0 to V9: lower and upper bits of codes as they come, V10, V11: 32 codes, V12, V13: upper
// bits of these, V20: a scale, V21 to V27: short-lived, V28 to V30: what a format needs, V31: the
// bits of a code

#define ARGUMENTS(MASK) \
	MOVD  codes+0(FP), CODES   \
	MOVD  sub+8(FP), SUB       \
	MOVD  scales+16(FP), SCALES \
	MOVD  mins+24(FP), MINS    \
	MOVD  w+32(FP), W          \
	MOVD  count+40(FP), LEFT   \
	VMOVI $MASK, V31.B16

// HALF(D) sets lane 0 of D to the next binary16; F is the same register.
#define HALF(D, F) \
	VLD1R.P 2(W), [D.H8] \
	FCVTHS  F, F

// NEXT stores the scale, V20, and goes on to the next super-block.
#define NEXT \
	FMOVS F20, (SCALES)       \
	ADD   $4096, CODES        \
	ADD   $512, SUB           \
	ADD   $64, SCALES         \
	SUBS  $1, LEFT

// SCALES16 stores 16 integer scales, the int16 in V21 and V22.
#define SCALES16 \
	FSTPQ (F21, F22), (SUB)

// MINIMUMS8 stores -dmin times 8 minimums, the uint16 in V23. V24 is -dmin.
#define MINIMUMS8 \
	VUXTL   V23.H4, V25.S4     \
	VUXTL2  V23.H8, V26.S4     \
	SCVTF4S(25, 25)            \
	SCVTF4S(26, 26)            \
	FMULE4S(0, 24, 25, 25)     \
	FMULE4S(0, 24, 26, 26)     \
	FSTPQ.P (F25, F26), 32(MINS)

// RIGHT32(S, N, D) sets D and D+1 to the bytes of N and N+1 shifted to the right.
#define RIGHT32(S, N, D) \
	USHR16B(S, N, D)         \
	USHR16B(S, (N)+1, (D)+1)

// JOIN32(S, N, D) puts N and N+1 above the lower S bits of D and D+1.
#define JOIN32(S, N, D) \
	SLI16B(S, N, D)         \
	SLI16B(S, (N)+1, (D)+1)

// STORE32(N, AT) stores the 32 codes in N and N+1, less the bits that are not theirs.
#define STORE32(N, AT) \
	AND16B(31, N, 10)        \
	AND16B(31, (N)+1, 11)    \
	FSTPQ (F10, F11), AT(CODES)

// PAIRS(N, AT) stores 128 codes of 2 bits each, in N and N+1.
#define PAIRS(N, AT) \
	STORE32(N, AT)          \
	RIGHT32(2, N, 10)       \
	STORE32(10, (AT+32))    \
	RIGHT32(4, N, 10)       \
	STORE32(10, (AT+64))    \
	RIGHT32(6, N, 10)       \
	STORE32(10, (AT+96))

// func unpackQ2KNEON(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)
// Reference: unpackQ2K.
TEXT ·unpackQ2KNEON(SB), NOSPLIT, $0-48
	ARGUMENTS(3)
	VMOVI $15, V30.B16

block: // for LEFT > 0 { a super-block }
	FMOVQ.P 16(W), F22                // scales and, above them, minimums
	VLD1.P  64(W), [V0.B16, V1.B16, V2.B16, V3.B16]
	HALF(V20, F20)
	HALF(V24, F24)
	FNEGS   F24, F24                  // -dmin
	VUSHR   $4, V22.B16, V27.B16
	VAND    V30.B16, V22.B16, V22.B16
	VUXTL   V22.B8, V21.H8
	VUXTL2  V22.B16, V22.H8
	SCALES16
	VUXTL   V27.B8, V23.H8
	MINIMUMS8
	VUXTL2  V27.B16, V23.H8
	MINIMUMS8
	PAIRS(0, 0)
	PAIRS(2, 128)
	NEXT
	BNE     block
	RET

// By how much to shift left 4 times 32 bits, to have 2 bits of each byte.
DATA twos<>+0(SB)/8, $0xfffffffe00000000
DATA twos<>+8(SB)/8, $0xfffffffafffffffc
GLOBL twos<>(SB), RODATA|NOPTR, $16

// THIRD(S, B, N, AT) stores 32 codes: 2 bits of N and N+1, S from the right, and bit B of V0 and V1.
#define THIRD(S, B, N, AT) \
	RIGHT32(S, N, 10)      \
	RIGHT32(B, 0, 12)      \
	JOIN32(2, 12, 10)      \
	STORE32(10, AT)

// func unpackQ3KNEON(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)
// Reference: unpackQ3K.
TEXT ·unpackQ3KNEON(SB), NOSPLIT, $0-48
	ARGUMENTS(7)
	VMOVI $63, V30.B16
	VMOVI $32, V29.B16
	MOVD  $twos<>(SB), TMP
	VLD1  (TMP), [V28.S4]

block: // for LEFT > 0 { a super-block }
	FLDPQ.P 32(W), (F0, F1)           // upper bits of codes
	VLD1.P  64(W), [V2.B16, V3.B16, V4.B16, V5.B16]
	VLD1.P  8(W), [V21.B8]            // lower 4 bits of scales 0 to 7 and 8 to 15
	VLD1R.P 4(W), [V23.S4]            // upper 2 bits: byte i%4, bits 2*(i/4)
	HALF(V20, F20)
	VUSHR   $4, V21.B8, V22.B8
	VZIP1   V22.D2, V21.D2, V21.D2
	USHL4S(28, 23, 23)
	SLI16B(4, 23, 21)                 // V21 = V23<<4 | V21&15
	VAND    V30.B16, V21.B16, V21.B16
	VSUB    V29.B16, V21.B16, V21.B16 // scale - 32
	SSHLL28H(21, 22)
	SSHLL8H(21, 21)
	SCALES16
	THIRD(2, 1, 2, 32)
	THIRD(4, 2, 2, 64)
	THIRD(6, 3, 2, 96)
	JOIN32(2, 0, 2)
	STORE32(2, 0)
	THIRD(2, 5, 4, 160)
	THIRD(4, 6, 4, 192)
	THIRD(6, 7, 4, 224)
	RIGHT32(4, 0, 12)
	JOIN32(2, 12, 4)
	STORE32(4, 128)
	NEXT
	BNE     block
	RET

// LOAD_SIX sets V28 and V29 to what SIX_BITS needs.
#define LOAD_SIX \
	MOVD  $-4, TMP             \
	LSL   $32, TMP             \
	VMOV  TMP, V28.D[0]        \ /* shifts: 0, -4 */
	VMOVI $63, V29.B16

// SIX_BITS reads a scale and the negative of dmin, and 8 scales and 8 minimums of 6 bits each from
// 12 bytes: those of 0 to 3 are the lower 6 bits of bytes 0 to 3 and 4 to 7, the others have
// their lower 4 bits in bytes 8 to 11 and the upper ones above those.
#define SIX_BITS \
	HALF(V20, F20)             \
	HALF(V24, F24)             \
	FNEGS   F24, F24           \
	VLD1.P  8(W), [V21.B8]     \
	VLD1R.P 4(W), [V22.S2]     \
	USHL2S(28, 22, 22)         \ /* V22 = lower bits of scales and of minimums 4 to 7 */
	VUSHR   $6, V21.B8, V23.B8 \
	SLI16B(4, 23, 22)          \ /* V22 = V23<<4 | V22&15 */
	VZIP1   V22.S4, V21.S4, V27.S4 \ /* V27 = 8 scales and 8 minimums */
	VAND    V29.B16, V27.B16, V27.B16 \
	VZIP1   V27.B16, V27.B16, V22.B16 \ /* each scale twice */
	VUXTL   V22.B8, V21.H8     \
	VUXTL2  V22.B16, V22.H8    \
	SCALES16                   \
	VUXTL2  V27.B16, V23.H8    \
	MINIMUMS8

// NIBBLES(N, AT) stores 64 codes, the lower and upper halves of N and N+1.
#define NIBBLES(N, AT) \
	STORE32(N, AT)         \
	RIGHT32(4, N, 10)      \
	STORE32(10, (AT+32))

// func unpackQ4KNEON(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)
// Reference: unpackQ4K.
TEXT ·unpackQ4KNEON(SB), NOSPLIT, $0-48
	ARGUMENTS(15)
	LOAD_SIX

block: // for LEFT > 0 { a super-block }
	SIX_BITS
	VLD1.P 64(W), [V0.B16, V1.B16, V2.B16, V3.B16]
	VLD1.P 64(W), [V4.B16, V5.B16, V6.B16, V7.B16]
	NIBBLES(0, 0)
	NIBBLES(2, 64)
	NIBBLES(4, 128)
	NIBBLES(6, 192)
	NEXT
	BNE    block
	RET

// FIFTH(B, N, AT) stores 64 codes: the lower halves of N and N+1 with bit B of V8 and V9, B > 0,
// and the upper halves with the next bit.
#define FIFTH(B, N, AT) \
	RIGHT32(4, N, 10)       \
	RIGHT32((B+1), 8, 12)   \
	JOIN32(4, 12, 10)       \
	STORE32(10, (AT+32))    \
	RIGHT32(B, 8, 12)       \
	JOIN32(4, 12, N)        \
	STORE32(N, AT)

// func unpackQ5KNEON(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)
// Reference: unpackQ5K.
TEXT ·unpackQ5KNEON(SB), NOSPLIT, $0-48
	ARGUMENTS(31)
	LOAD_SIX

block: // for LEFT > 0 { a super-block }
	SIX_BITS
	FLDPQ.P 32(W), (F8, F9)           // upper bits of codes
	VLD1.P  64(W), [V0.B16, V1.B16, V2.B16, V3.B16]
	VLD1.P  64(W), [V4.B16, V5.B16, V6.B16, V7.B16]
	RIGHT32(4, 0, 10)
	RIGHT32(1, 8, 12)
	JOIN32(4, 12, 10)
	STORE32(10, 32)
	JOIN32(4, 8, 0)
	STORE32(0, 0)
	FIFTH(2, 2, 64)
	FIFTH(4, 4, 128)
	FIFTH(6, 6, 192)
	NEXT
	BNE     block
	RET

// SIXTHS(N, H, AT) stores 128 codes: the lower halves of N to N+3, then the upper ones, with
// the upper bits in H and H+1, 2 for each.
#define SIXTHS(N, H, AT) \
	RIGHT32(4, N, 10)         \
	RIGHT32(4, H, 12)         \
	JOIN32(4, 12, 10)         \
	STORE32(10, (AT+64))      \
	RIGHT32(4, (N)+2, 10)     \
	RIGHT32(6, H, 12)         \
	JOIN32(4, 12, 10)         \
	STORE32(10, (AT+96))      \
	JOIN32(4, H, N)           \
	STORE32(N, AT)            \
	RIGHT32(2, H, 12)         \
	JOIN32(4, 12, (N)+2)      \
	STORE32((N)+2, (AT+32))

// func unpackQ6KNEON(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)
// Reference: unpackQ6K.
TEXT ·unpackQ6KNEON(SB), NOSPLIT, $0-48
	ARGUMENTS(63)

block: // for LEFT > 0 { a super-block }
	VLD1.P  64(W), [V0.B16, V1.B16, V2.B16, V3.B16]
	VLD1.P  64(W), [V4.B16, V5.B16, V6.B16, V7.B16]
	FLDPQ.P 32(W), (F8, F9)           // upper bits
	SIXTHS(0, 8, 0)
	FLDPQ.P 32(W), (F8, F9)
	SIXTHS(4, 8, 128)
	FMOVQ.P 16(W), F22
	SSHLL8H(22, 21)
	SSHLL28H(22, 22)
	SCALES16
	HALF(V20, F20)
	NEXT
	BNE     block
	RET
