// Sums of lanes for minimums, of 16 rows, which are added as Dot adds lanes.

#define ACC   R14 // sums 0 to 7, or 8 to 15
#define OTHER R15 // the others

// PAIR(J, D): D = sum J + sum J+8.
#define PAIR(J, D) \
	VMOVUPS (64*J)(ACC), D        \
	VADDPS  (64*J)(OTHER), D, D

// FOLD_MINIMUMS: results += the sums of lanes.
#define FOLD_MINIMUMS \
	PAIR(0, Z0)            \
	PAIR(1, Z1)            \
	PAIR(2, Z2)            \
	PAIR(3, Z3)            \
	PAIR(4, Z24)           \
	PAIR(5, Z25)           \
	PAIR(6, Z26)           \
	PAIR(7, Z27)           \
	VADDPS  Z24, Z0, Z0    \
	VADDPS  Z25, Z1, Z1    \
	VADDPS  Z26, Z2, Z2    \
	VADDPS  Z27, Z3, Z3    \
	VADDPS  Z2, Z0, Z0     \
	VADDPS  Z3, Z1, Z1     \
	VADDPS  Z1, Z0, Z0     \
	VADDPS  Z0, Z18, Z18
