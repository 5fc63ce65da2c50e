// Sums of lanes for minimums, of 16 rows, which are added as Dot adds lanes.

#define ACC   R14 // sums 0 to 7, or 8 to 15
#define OTHER R15 // the others

// PAIR(J, AT, D): D = sum J + sum J+8 of eight rows.
#define PAIR(J, AT, D) \
	VMOVUPS (64*J+AT)(ACC), D      \
	VADDPS  (64*J+AT)(OTHER), D, D

// FOLD(AT, RESULT): RESULT += the sums of eight rows, as Dot adds lanes.
#define FOLD(AT, RESULT) \
	PAIR(0, AT, Y0)    \
	PAIR(1, AT, Y1)    \
	PAIR(2, AT, Y2)    \
	PAIR(3, AT, Y3)    \
	PAIR(4, AT, Y4)    \
	PAIR(5, AT, Y5)    \
	PAIR(6, AT, Y6)    \
	PAIR(7, AT, Y7)    \
	VADDPS Y4, Y0, Y0  \
	VADDPS Y5, Y1, Y1  \
	VADDPS Y6, Y2, Y2  \
	VADDPS Y7, Y3, Y3  \
	VADDPS Y2, Y0, Y0  \
	VADDPS Y3, Y1, Y1  \
	VADDPS Y1, Y0, Y0  \
	VADDPS Y0, RESULT, RESULT
