//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

// Blocks to codes, one row after its beginning.

#define CODES  R0 // where the next codes go
#define SCALES R1 // where the next scale goes
#define MINS   R2 // where the next minimum goes
#define W      R3 // next byte of the block
#define LEFT   R4 // blocks left
#define TMP    R5
#define BITS   R6 // of a scale
// V0, V1: codes, V2: a scale, V3 to V7: short-lived, V26 to V30: what a format needs, V31: 15 in each byte

#define ARGUMENTS \
	MOVD  codes+0(FP), CODES   \
	MOVD  scales+8(FP), SCALES \
	MOVD  mins+16(FP), MINS    \
	MOVD  w+24(FP), W          \
	MOVD  count+32(FP), LEFT   \
	VMOVI $15, V31.B16

// HALF sets lane 0 of V2 to the next binary16.
#define HALF \
	VLD1R.P 2(W), [V2.H8] \
	FCVTHS  F2, F2

// HALF_TO(TO) stores the next binary16 at TO, as float32.
#define HALF_TO(TO) \
	HALF                 \
	FMOVS.P F2, 4(TO)

// NIBBLES sets V0 to the lower halves of the next 16 bytes and V1 to the upper ones.
#define NIBBLES \
	FMOVQ.P 16(W), F0             \
	VUSHR   $4, V0.B16, V1.B16    \
	VAND    V31.B16, V0.B16, V0.B16

// LOAD_FIFTHS sets V27 to V30 to what FIFTHS needs.
#define LOAD_FIFTHS \
	MOVD    $spread<>(SB), TMP              \
	VLD1.P  32(TMP), [V29.B16, V30.B16]     \ /* V29, V30 = the byte that holds the bit of a code */
	VLD1R   (TMP), [V28.D2]                 \ /* V28 = the bit in that byte */
	VMOVI   $16, V27.B16

// FIFTHS is NIBBLES for 16 bytes behind 4 that hold a bit for each code: those that are set
// add 16 to it.
#define FIFTHS \
	VLD1R.P 4(W), [V2.S4]                   \
	VTBL    V29.B16, [V2.B16], V3.B16       \
	VTBL    V30.B16, [V2.B16], V4.B16       \
	VCMTST  V28.B16, V3.B16, V3.B16         \ /* 255 where it is set */
	VCMTST  V28.B16, V4.B16, V4.B16         \
	VAND    V27.B16, V3.B16, V3.B16         \
	VAND    V27.B16, V4.B16, V4.B16         \
	NIBBLES                                 \
	VORR    V3.B16, V0.B16, V0.B16          \
	VORR    V4.B16, V1.B16, V1.B16

// LOOKUP sets V0 and V1 to the values, of V30, of the next 16 bytes' lower and upper halves.
#define LOOKUP \
	NIBBLES                           \
	VTBL V0.B16, [V30.B16], V0.B16    \
	VTBL V1.B16, [V30.B16], V1.B16

// NEXT stores the codes and goes on to the next block.
#define NEXT \
	FSTPQ.P (F0, F1), 32(CODES) \
	SUBS    $1, LEFT

// Bits 0 to 31 of a word, spread over bytes: which byte, and which bit of it.
DATA spread<>+0(SB)/8, $0x0000000000000000
DATA spread<>+8(SB)/8, $0x0101010101010101
DATA spread<>+16(SB)/8, $0x0202020202020202
DATA spread<>+24(SB)/8, $0x0303030303030303
DATA spread<>+32(SB)/8, $0x8040201008040201
GLOBL spread<>(SB), RODATA|NOPTR, $40

// valuesIQ4 and valuesMXFP4 again.
DATA iq4<>+0(SB)/8, $0xf6eaddcfbfad9881
DATA iq4<>+8(SB)/8, $0x7159453526190d01
GLOBL iq4<>(SB), RODATA|NOPTR, $16
DATA mxfp4<>+0(SB)/8, $0x0c08060403020100
DATA mxfp4<>+8(SB)/8, $0xf4f8fafcfdfeff00
GLOBL mxfp4<>(SB), RODATA|NOPTR, $16

// func unpackQ40NEON(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, Q4_0.
TEXT ·unpackQ40NEON(SB), NOSPLIT, $0-40
	ARGUMENTS
	VMOVI $8, V30.B16

block: // for LEFT > 0 { a block }
	HALF_TO(SCALES)
	NIBBLES
	VSUB V30.B16, V0.B16, V0.B16
	VSUB V30.B16, V1.B16, V1.B16
	NEXT
	BNE  block
	RET

// func unpackQ41NEON(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, Q4_1.
TEXT ·unpackQ41NEON(SB), NOSPLIT, $0-40
	ARGUMENTS

block: // for LEFT > 0 { a block }
	HALF_TO(SCALES)
	HALF_TO(MINS)
	NIBBLES
	NEXT
	BNE block
	RET

// func unpackQ50NEON(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, Q5_0.
TEXT ·unpackQ50NEON(SB), NOSPLIT, $0-40
	ARGUMENTS
	LOAD_FIFTHS

block: // for LEFT > 0 { a block }
	HALF_TO(SCALES)
	FIFTHS
	VSUB V27.B16, V0.B16, V0.B16
	VSUB V27.B16, V1.B16, V1.B16
	NEXT
	BNE  block
	RET

// func unpackQ51NEON(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, Q5_1.
TEXT ·unpackQ51NEON(SB), NOSPLIT, $0-40
	ARGUMENTS
	LOAD_FIFTHS

block: // for LEFT > 0 { a block }
	HALF_TO(SCALES)
	HALF_TO(MINS)
	FIFTHS
	NEXT
	BNE block
	RET

// func unpackQ80NEON(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, Q8_0.
TEXT ·unpackQ80NEON(SB), NOSPLIT, $0-40
	ARGUMENTS

block: // for LEFT > 0 { a block }
	HALF_TO(SCALES)
	FLDPQ.P 32(W), (F0, F1)
	NEXT
	BNE     block
	RET

// func unpackIQ4NLNEON(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, IQ4_NL.
TEXT ·unpackIQ4NLNEON(SB), NOSPLIT, $0-40
	ARGUMENTS
	MOVD $iq4<>(SB), TMP
	VLD1 (TMP), [V30.B16]

block: // for LEFT > 0 { a block }
	HALF_TO(SCALES)
	LOOKUP
	NEXT
	BNE block
	RET

// func unpackMXFP4NEON(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackSmall, MXFP4.
TEXT ·unpackMXFP4NEON(SB), NOSPLIT, $0-40
	ARGUMENTS
	MOVD $mxfp4<>(SB), TMP
	VLD1 (TMP), [V30.B16]

block: // for LEFT > 0 { a block }
	MOVBU.P 1(W), TMP           // e
	SUBW    $1, TMP, BITS
	LSLW    $23, BITS           // 2^(e-128), if it is normal
	CMPW    $2, TMP
	ADDW    $1, TMP
	LSLW    $21, TMP            // if e is 0 or 1
	CSELW   LT, TMP, BITS, BITS
	MOVW.P  BITS, 4(SCALES)
	LOOKUP
	NEXT
	BNE     block
	RET

// By how much to shift left, to have 2 bits of 16 for each scale.
DATA twos<>+0(SB)/8, $0xfffafffcfffe0000
DATA twos<>+8(SB)/8, $0xfff2fff4fff6fff8
GLOBL twos<>(SB), RODATA|NOPTR, $16

// CODES32 stores the values of the next 16 bytes.
#define CODES32 \
	LOOKUP                      \
	FSTPQ.P (F0, F1), 32(CODES)

// func unpackIQ4XSNEON(codes *int8, scales, mins *float32, w *byte, count int)
// Reference: unpackIQ4XS.
TEXT ·unpackIQ4XSNEON(SB), NOSPLIT, $0-40
	ARGUMENTS
	MOVD  $iq4<>(SB), TMP
	VLD1  (TMP), [V30.B16]
	MOVD  $twos<>(SB), TMP
	VLD1  (TMP), [V29.H8]
	MOVD  $63, TMP
	VDUP  TMP, V28.H8
	MOVD  $32, TMP
	VDUP  TMP, V27.H8

block: // for LEFT > 0 { a super-block of 8 blocks }
	HALF
	VLD1R.P 2(W), [V3.H8]           // the upper 2 bits of 8 scales
	FMOVS.P 4(W), F4                // the lower 4 bits
	USHL8H(29, 3, 3)
	VUSHR   $4, V4.B8, V5.B8
	VZIP1   V5.B8, V4.B8, V4.B8     // lower and upper halves in turn
	VUXTL   V4.B8, V4.H8
	SLI8H(4, 3, 4)                  // V4 = V3<<4 | V4&15
	VAND    V28.B16, V4.B16, V4.B16
	VSUB    V27.H8, V4.H8, V4.H8    // scale - 32
	SSHLL4S(4, 5)
	SSHLL24S(4, 6)
	SCVTF4S(5, 5)
	SCVTF4S(6, 6)
	FMULE4S(0, 2, 5, 5)             // d * (scale - 32)
	FMULE4S(0, 2, 6, 6)
	FSTPQ.P (F5, F6), 32(SCALES)
	CODES32
	CODES32
	CODES32
	CODES32
	CODES32
	CODES32
	CODES32
	CODES32
	SUBS    $1, LEFT
	BNE     block
	RET
