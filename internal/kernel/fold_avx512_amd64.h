// Sums of lanes of 16 rows. They change Z19 and Z20; K1 has lanes 2 and 3 of each four.

// ADD_FAR(A, B): each four lanes of A = a0+a2 a1+a3 b0+b2 b1+b3. A blend and a
// shuffle instead of two shuffles, because only one port shuffles.
#define ADD_FAR(A, B) \
	VSHUFPS   $0x4E, B, A, Z19 \ /* a2 a3 b0 b1 */
	VPBLENDMD B, A, K1, A      \ /* a0 a1 b2 b3 */
	VPADDD    Z19, A, A

// ADD_NEAR(A, B): each four lanes of A = a0+a1 a2+a3 b0+b1 b2+b3.
#define ADD_NEAR(A, B) \
	VSHUFPS $0x88, B, A, Z19 \ /* a0 a2 b0 b2 */
	VSHUFPS $0xDD, B, A, Z20 \ /* a1 a3 b1 b3 */
	VPADDD  Z20, Z19, A

// ADD_LANES(A, B, LO, HI, D): D = shuffle LO of the 128-bit lanes of A, B + shuffle HI.
#define ADD_LANES(A, B, LO, HI, D) \
	VSHUFI32X4 $LO, B, A, Z19 \
	VSHUFI32X4 $HI, B, A, Z20 \
	VPADDD     Z20, Z19, D

// FOLD_LANES folds each four lanes of Z0 to Z15: lane i of Z0 becomes the sums
// of lane i of rows 0 to 3, Z4 those of rows 4 to 7, Z8 and Z12.
#define FOLD_LANES \
	ADD_FAR(Z0, Z1)    \
	ADD_FAR(Z2, Z3)    \
	ADD_FAR(Z4, Z5)    \
	ADD_FAR(Z6, Z7)    \
	ADD_FAR(Z8, Z9)    \
	ADD_FAR(Z10, Z11)  \
	ADD_FAR(Z12, Z13)  \
	ADD_FAR(Z14, Z15)  \
	ADD_NEAR(Z0, Z2)   \
	ADD_NEAR(Z4, Z6)   \
	ADD_NEAR(Z8, Z10)  \
	ADD_NEAR(Z12, Z14)
