//go:build !purego

#include "textflag.h"
#include "neon_arm64.h"

#define DST    R0 // next results
#define Q      R1 // next codes
#define SCALES R2 // next scale
#define N      R3 // numbers of a row
#define ROWS   R4 // rows left
#define LEFT   R5 // numbers left of the row

// SIXTEEN sets the next 16 numbers to codes times the scale in each lane of V0.
#define SIXTEEN \
	VLD1.P 16(Q), [V1.B16] \ /* V1 = q[0:16] */
	SSHLL8H(1, 2)          \ /* V2, V3 = the same, int16 */
	SSHLL28H(1, 3)         \
	SSHLL4S(2, 4)          \ /* V4 to V7 = the same, int32 */
	SSHLL24S(2, 5)         \
	SSHLL4S(3, 6)          \
	SSHLL24S(3, 7)         \
	FOUR2(SCVTF4S, 4, 4)   \
	FOURC(FMUL4S, 0, 4, 4) \
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(DST)

// func decodeQ8NEON(dst *float32, q *int8, scales *F16, n, rows int)
// Reference: decodeQ8Generic.
TEXT ·decodeQ8NEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), DST
	MOVD q+8(FP), Q
	MOVD scales+16(FP), SCALES
	MOVD n+24(FP), N
	MOVD rows+32(FP), ROWS

row: // for ROWS > 0 { a row }
	MOVD N, LEFT

group: // for LEFT > 0 { a scale, and the 32 numbers that share it, or 16 }
	VLD1R.P 2(SCALES), [V0.H8]
	FCVTL4S(0, 0)              // V0 = scale
	SIXTEEN
	SUBS    $16, LEFT
	BEQ     next
	SIXTEEN
	SUBS    $16, LEFT
	BNE     group

next:
	SUBS $1, ROWS
	BNE  row
	RET
