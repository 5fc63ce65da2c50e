// Sums of lanes of eight rows of floats. They change Z8 to Z11, and want order8 in Z31.

// FOLD8 folds the 16 lanes of Z0 to Z7 to Y0, one sum for each: j with j+8, +4, +2, +1.
#define FOLD8 \
	VSHUFF32X4 $0x44, Z1, Z0, Z8    \ /* Z8 = Z0[0:8], Z1[0:8] */
	VSHUFF32X4 $0xEE, Z1, Z0, Z9    \ /* Z9 = Z0[8:16], Z1[8:16] */
	VADDPS     Z9, Z8, Z0           \ /* Z0 = 8 lanes each of rows 0, 1 */
	VSHUFF32X4 $0x44, Z3, Z2, Z10   \ /* the same for rows 2, 3 */
	VSHUFF32X4 $0xEE, Z3, Z2, Z11   \
	VADDPS     Z11, Z10, Z2         \
	VSHUFF32X4 $0x44, Z5, Z4, Z8    \ /* rows 4, 5 */
	VSHUFF32X4 $0xEE, Z5, Z4, Z9    \
	VADDPS     Z9, Z8, Z4           \
	VSHUFF32X4 $0x44, Z7, Z6, Z10   \ /* rows 6, 7 */
	VSHUFF32X4 $0xEE, Z7, Z6, Z11   \
	VADDPS     Z11, Z10, Z6         \
	VSHUFF32X4 $0x88, Z2, Z0, Z8    \ /* lanes 0:4 of rows 0, 1, 2, 3 */
	VSHUFF32X4 $0xDD, Z2, Z0, Z9    \ /* lanes 4:8 */
	VADDPS     Z9, Z8, Z0           \ /* Z0 = 4 lanes each of rows 0 to 3 */
	VSHUFF32X4 $0x88, Z6, Z4, Z10   \
	VSHUFF32X4 $0xDD, Z6, Z4, Z11   \
	VADDPS     Z11, Z10, Z4         \ /* Z4 = 4 lanes each of rows 4 to 7 */
	VUNPCKLPD  Z4, Z0, Z8           \ /* lanes 0:2 of rows 0, 4 | 1, 5 | 2, 6 | 3, 7 */
	VUNPCKHPD  Z4, Z0, Z9           \ /* lanes 2:4 */
	VADDPS     Z9, Z8, Z0           \ /* 2 lanes each */
	VSHUFPS    $0x88, Z0, Z0, Z8    \ /* even lanes: rows 0, 4, 0, 4 | 1, 5, .. */
	VSHUFPS    $0xDD, Z0, Z0, Z9    \ /* odd lanes */
	VADDPS     Z9, Z8, Z0           \ /* Z0 = 0 4 0 4 | 1 5 1 5 | 2 6 2 6 | 3 7 3 7 */
	VPERMD     Z0, Z31, Z0            /* Y0 = rows 0 to 7 */

DATA order8<>+0(SB)/4, $0
DATA order8<>+4(SB)/4, $4
DATA order8<>+8(SB)/4, $8
DATA order8<>+12(SB)/4, $12
DATA order8<>+16(SB)/4, $1
DATA order8<>+20(SB)/4, $5
DATA order8<>+24(SB)/4, $9
DATA order8<>+28(SB)/4, $13
DATA order8<>+32(SB)/4, $0
DATA order8<>+36(SB)/4, $0
DATA order8<>+40(SB)/4, $0
DATA order8<>+44(SB)/4, $0
DATA order8<>+48(SB)/4, $0
DATA order8<>+52(SB)/4, $0
DATA order8<>+56(SB)/4, $0
DATA order8<>+60(SB)/4, $0
GLOBL order8<>(SB), RODATA|NOPTR, $64
