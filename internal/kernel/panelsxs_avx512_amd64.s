//go:build !purego

#include "textflag.h"
#include "panels_avx512_amd64.h"
#include "blocks_avx512_amd64.h"

// Panels of IQ4_XS times one vector: eight blocks of 32 that share a scale, and have another one of six bits each.
// Requires: AVX-512 F, BW, VNNI (all functions of this file).

// BLOCK(K): results += elements 32*K to 32*K+31. Z8: the upper bits of scales, from bit 16 on, Z9: the lower ones,
// Z10: the scale of all, Z11: 15 in each lane, Z12: 48, Z13: 32.
#define BLOCK(K) \
	VPSRLD     $(12+2*K), Z8, Z7    \
	VPSRLD     $(4*K), Z9, Z0       \
	VPANDD     Z11, Z0, Z0          \
	VPTERNLOGD $0xF8, Z12, Z7, Z0   \ /* Z0 |= Z7 & Z12 */
	VPSUBD     Z13, Z0, Z0          \
	VCVTDQ2PS  Z0, Z0               \
	VMULPS     Z10, Z0, Z0          \
	CLEAR_SUMS                      \
	COLUMNS(8+16*K)                 \
	NIBBLES(IN_TABLE, 32*K+0, Z24)  \
	NIBBLES(IN_TABLE, 32*K+4, Z25)  \
	NIBBLES(IN_TABLE, 32*K+8, Z26)  \
	NIBBLES(IN_TABLE, 32*K+12, Z27) \
	ADD_BLOCK(K, 7, Z0)

// LANES(N, D) sets each lane of D to N.
#define LANES(N, D) \
	MOVL         $N, AX \
	VPBROADCASTD AX, D

// func panelsIQ4XSVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
// Reference: unpackIQ4XS and dotRowsQ8Generic.
TEXT ·panelsIQ4XSVNNI(SB), NOSPLIT, $0-112
	BEGIN
	VBROADCASTI32X4 iq4<>(SB), Z5
	LANES(15, Z11)
	LANES(48, Z12)
	LANES(32, Z13)

rows: // for blocks > 0 { dst[0:16] = dot of 16 rows }
	BEGIN_ROWS

super: // for LEFT > 0 { results += a super-block }
	COLUMN(0, Z8)
	COLUMN(4, Z9)
	FLOATS(Z8)
	VMOVAPS Z0, Z10
	BLOCK(0)
	BLOCK(1)
	BLOCK(2)
	BLOCK(3)
	BLOCK(4)
	BLOCK(5)
	BLOCK(6)
	BLOCK(7)
	ADDQ $256, X
	ADDQ $32, XS
	ADDQ $32, SUMS
	ADVANCE(136)
	JNZ  super
	END_ROWS
	JNZ  rows
	VZEROUPPER
	RET
