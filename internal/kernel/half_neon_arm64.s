//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define DST  R0 // next results
#define SRC  R1 // next numbers
#define LEFT R2 // numbers left

// DECODE is the body of the decoders. LOAD is one of LOAD_T, LOW makes float32
// of the lower four numbers of a register.
#define DECODE(LOAD, LOW) \
	MOVD dst+0(FP), DST \
	MOVD w+8(FP), SRC   \
	MOVD n+16(FP), LEFT \
blocks: \ /* for LEFT >= 16 { dst[0:16] = w[0:16] } */
	CMP    $16, LEFT \
	BLT    singles   \
	LOAD(SRC)        \
	VST1.P [V20.S4, V21.S4, V22.S4, V23.S4], 64(DST) \
	SUB    $16, LEFT \
	B      blocks    \
singles: \ /* for LEFT > 0 { dst[0] = w[0] } */
	CBZ     LEFT, done      \
	VLD1R.P 2(SRC), [V4.H8] \
	LOW(4, 0)               \
	FMOVS.P F0, 4(DST)      \
	SUB     $1, LEFT        \
	B       singles         \
done: \
	RET

// func decodeF16NEON(dst *float32, w *F16, n int)
// Reference: decodeGeneric.
TEXT ·decodeF16NEON(SB), NOSPLIT, $0-24
	DECODE(LOAD_F16, FCVTL4S)

// func decodeBF16NEON(dst *float32, w *BF16, n int)
// Reference: decodeGeneric.
TEXT ·decodeBF16NEON(SB), NOSPLIT, $0-24
	DECODE(LOAD_BF16, SHLL4S)

// func encodeF16NEON(dst *F16, x *float32, n int)
// Reference: encodeF16Generic.
TEXT ·encodeF16NEON(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), DST
	MOVD x+8(FP), SRC
	MOVD n+16(FP), LEFT

blocks: // for LEFT >= 16 { dst[0:16] = float16(x[0:16]), half to even }
	CMP    $16, LEFT
	BLT    singles
	VLD1.P 64(SRC), [V0.S4, V1.S4, V2.S4, V3.S4]
	FCVTN4H(0, 4)
	FCVTN28H(1, 4)
	FCVTN4H(2, 5)
	FCVTN28H(3, 5)
	VST1.P [V4.H8, V5.H8], 32(DST)
	SUB    $16, LEFT
	B      blocks

singles: // for LEFT > 0 { dst[0] = float16(x[0]) }
	CBZ     LEFT, done
	FMOVS.P 4(SRC), F0
	FCVTN4H(0, 4)
	VST1.P  V4.H[0], 2(DST)
	SUB     $1, LEFT
	B       singles

done:
	RET
