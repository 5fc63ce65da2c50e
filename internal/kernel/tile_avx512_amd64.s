//go:build !purego

#include "textflag.h"

#define DST    DI  // result of row 0 for the first of these vectors
#define STRIDE DX  // bytes from one vector's results to the next one's
#define PANEL  SI  // next block of the panel
#define X      BX  // next block of vector 0
#define X3     R8  // and of vector 3
#define XSTEP  R9  // bytes of a vector
#define NBLK   R10 // blocks of 16 in a row
#define LEFT   CX  // vectors left
#define BLK    AX  // blocks left
#define PANEL0 R11 // first block of the panel
#define XNEXT  R12 // first block of vector 0

// ADD_HALVES(A, B, LO, HI, D) shuffles two accumulators by 128-bit lanes and
// adds: D = shuffle LO of (A, B) + shuffle HI.
#define ADD_HALVES(A, B, LO, HI, D) \
	VSHUFF32X4 $LO, B, A, Z28 \
	VSHUFF32X4 $HI, B, A, Z29 \
	VADDPS     Z29, Z28, D

// ADD_PAIRS(A, B, D) adds lanes j and j+2 of four: D = 2 lanes each of A and B.
#define ADD_PAIRS(A, B, D) \
	VUNPCKLPD B, A, Z28 \
	VUNPCKHPD B, A, Z29 \
	VADDPS    Z29, Z28, D

// FOLD16 folds the 16 lanes of Z0 to Z15, in the order of DotRows, to one sum
// each in Z0: first those of Z0, Z4, Z8, Z12, then Z1, Z5, .. and so on.
#define FOLD16 \
	ADD_HALVES(Z0, Z1, 0x44, 0xEE, Z0)     \ /* lanes j and j+8 */
	ADD_HALVES(Z2, Z3, 0x44, 0xEE, Z2)     \
	ADD_HALVES(Z4, Z5, 0x44, 0xEE, Z4)     \
	ADD_HALVES(Z6, Z7, 0x44, 0xEE, Z6)     \
	ADD_HALVES(Z8, Z9, 0x44, 0xEE, Z8)     \
	ADD_HALVES(Z10, Z11, 0x44, 0xEE, Z10)  \
	ADD_HALVES(Z12, Z13, 0x44, 0xEE, Z12)  \
	ADD_HALVES(Z14, Z15, 0x44, 0xEE, Z14)  \
	ADD_HALVES(Z0, Z2, 0x88, 0xDD, Z0)     \ /* lanes j and j+4 */
	ADD_HALVES(Z4, Z6, 0x88, 0xDD, Z4)     \
	ADD_HALVES(Z8, Z10, 0x88, 0xDD, Z8)    \
	ADD_HALVES(Z12, Z14, 0x88, 0xDD, Z12)  \
	ADD_PAIRS(Z0, Z4, Z0)                  \ /* lanes j and j+2 */
	ADD_PAIRS(Z8, Z12, Z8)                 \
	VSHUFPS    $0x88, Z8, Z0, Z28          \ /* lanes j and j+1 */
	VSHUFPS    $0xDD, Z8, Z0, Z29          \
	VADDPS     Z29, Z28, Z0

#define CLEAR(A, B, C, D) \
	VPXORD A, A, A \
	VPXORD B, B, B \
	VPXORD C, C, C \
	VPXORD D, D, D

// func tileAVX512(dst *float32, stride int, panel, x *float32, xStride, blocks, vectors int)
// Reference: tileGeneric. Requires: AVX-512 F, DQ.
// Accumulator Z(4r+v) belongs to row r of the panel and vector v.
TEXT ·tileAVX512(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DST
	MOVQ stride+8(FP), STRIDE
	MOVQ panel+16(FP), PANEL0
	MOVQ x+24(FP), XNEXT
	MOVQ xStride+32(FP), XSTEP
	MOVQ blocks+40(FP), NBLK
	MOVQ vectors+48(FP), LEFT
	SHLQ $2, STRIDE // floats to bytes
	SHLQ $2, XSTEP

vectors4: // for LEFT >= 4 { dst[0:4][0:4] = 4 rows times 4 vectors }
	CMPQ  LEFT, $4
	JLT   vectors1
	MOVQ  PANEL0, PANEL
	MOVQ  XNEXT, X
	LEAQ  (X)(XSTEP*2), X3
	ADDQ  XSTEP, X3          // X3 = X + 3*XSTEP
	LEAQ  (X)(XSTEP*4), XNEXT
	MOVQ  NBLK, BLK
	CLEAR(Z0, Z1, Z2, Z3)
	CLEAR(Z4, Z5, Z6, Z7)
	CLEAR(Z8, Z9, Z10, Z11)
	CLEAR(Z12, Z13, Z14, Z15)
	TESTQ BLK, BLK
	JZ    fold4

block4: // for BLK > 0 { lanes[r][v] += panel[r][0:16] * x[v][0:16] }
	VMOVUPS     (PANEL), Z16         // Z16 to Z19 = one block of each row
	VMOVUPS     64(PANEL), Z17
	VMOVUPS     128(PANEL), Z18
	VMOVUPS     192(PANEL), Z19
	VMOVUPS     (X), Z20             // Z20 to Z23 = one block of each vector
	VMOVUPS     (X)(XSTEP*1), Z21
	VMOVUPS     (X)(XSTEP*2), Z22
	VMOVUPS     (X3), Z23
	VFMADD231PS Z16, Z20, Z0
	VFMADD231PS Z17, Z20, Z4
	VFMADD231PS Z18, Z20, Z8
	VFMADD231PS Z19, Z20, Z12
	VFMADD231PS Z16, Z21, Z1
	VFMADD231PS Z17, Z21, Z5
	VFMADD231PS Z18, Z21, Z9
	VFMADD231PS Z19, Z21, Z13
	VFMADD231PS Z16, Z22, Z2
	VFMADD231PS Z17, Z22, Z6
	VFMADD231PS Z18, Z22, Z10
	VFMADD231PS Z19, Z22, Z14
	VFMADD231PS Z16, Z23, Z3
	VFMADD231PS Z17, Z23, Z7
	VFMADD231PS Z18, Z23, Z11
	VFMADD231PS Z19, Z23, Z15
	ADDQ        $256, PANEL
	ADDQ        $64, X
	ADDQ        $64, X3
	DECQ        BLK
	JNZ         block4

fold4:
	FOLD16
	VMOVUPS       X0, (DST)              // dst[0][0:4] = sums of vector 0
	VEXTRACTF32X4 $1, Z0, (DST)(STRIDE*1)
	VEXTRACTF32X4 $2, Z0, (DST)(STRIDE*2)
	LEAQ          (DST)(STRIDE*2), R13
	VEXTRACTF32X4 $3, Z0, (R13)(STRIDE*1)
	LEAQ          (DST)(STRIDE*4), DST
	SUBQ          $4, LEFT
	JMP           vectors4

vectors1: // for LEFT > 0 { dst[0][0:4] = 4 rows times one vector }
	TESTQ LEFT, LEFT
	JZ    done
	MOVQ  PANEL0, PANEL
	MOVQ  XNEXT, X
	ADDQ  XSTEP, XNEXT
	MOVQ  NBLK, BLK
	CLEAR(Z0, Z1, Z2, Z3)
	CLEAR(Z4, Z5, Z6, Z7)
	CLEAR(Z8, Z9, Z10, Z11)
	CLEAR(Z12, Z13, Z14, Z15)
	TESTQ BLK, BLK
	JZ    fold1

block1: // for BLK > 0 { lanes[r] += panel[r][0:16] * x[0:16] }
	VMOVUPS     (X), Z20
	VFMADD231PS (PANEL), Z20, Z0
	VFMADD231PS 64(PANEL), Z20, Z4
	VFMADD231PS 128(PANEL), Z20, Z8
	VFMADD231PS 192(PANEL), Z20, Z12
	ADDQ        $256, PANEL
	ADDQ        $64, X
	DECQ        BLK
	JNZ         block1

fold1:
	FOLD16
	VMOVUPS X0, (DST) // dst[0][0:4] = sums
	ADDQ    STRIDE, DST
	DECQ    LEFT
	JMP     vectors1

done:
	VZEROUPPER
	RET

// func decodeF16AVX512(dst *float32, w *F16, n int)
// Reference: decodeGeneric. Requires: AVX-512 F, BW, VL.
TEXT ·decodeF16AVX512(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ n+16(FP), CX

f16blocks: // for n >= 16 { dst[0:16] = float32(w[0:16]) }
	CMPQ      CX, $16
	JLT       f16tail
	VCVTPH2PS (SI), Z0
	VMOVUPS   Z0, (DI)
	ADDQ      $32, SI
	ADDQ      $64, DI
	SUBQ      $16, CX
	JMP       f16blocks

f16tail: // dst[0:n] = float32(w[0:n])
	MOVL        $1, AX
	SHLL        CX, AX
	DECL        AX
	KMOVW       AX, K1             // K1 = the lower n lanes
	VMOVDQU16.Z (SI), K1, Y0
	VCVTPH2PS   Y0, Z0
	VMOVUPS     Z0, K1, (DI)
	VZEROUPPER
	RET

// func decodeBF16AVX512(dst *float32, w *BF16, n int)
// Reference: decodeGeneric. Requires: AVX-512 F, BW, VL.
TEXT ·decodeBF16AVX512(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ w+8(FP), SI
	MOVQ n+16(FP), CX

bf16blocks: // for n >= 16 { dst[0:16] = w[0:16] << 16 }
	CMPQ      CX, $16
	JLT       bf16tail
	VPMOVZXWD (SI), Z0
	VPSLLD    $16, Z0, Z0
	VMOVUPS   Z0, (DI)
	ADDQ      $32, SI
	ADDQ      $64, DI
	SUBQ      $16, CX
	JMP       bf16blocks

bf16tail: // dst[0:n] = w[0:n] << 16
	MOVL        $1, AX
	SHLL        CX, AX
	DECL        AX
	KMOVW       AX, K1             // K1 = the lower n lanes
	VMOVDQU16.Z (SI), K1, Y0
	VPMOVZXWD   Y0, Z0
	VPSLLD      $16, Z0, Z0
	VMOVUPS     Z0, K1, (DI)
	VZEROUPPER
	RET

// func encodeF16AVX512(dst *F16, x *float32, n int)
// Reference: encodeF16Generic. Requires: AVX-512 F, BW, VL.
TEXT ·encodeF16AVX512(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX

encblocks: // for n >= 16 { dst[0:16] = float16(x[0:16]), half to even }
	CMPQ      CX, $16
	JLT       enctail
	VMOVUPS   (SI), Z0
	VCVTPS2PH $0, Z0, (DI)
	ADDQ      $64, SI
	ADDQ      $32, DI
	SUBQ      $16, CX
	JMP       encblocks

enctail: // dst[0:n] = float16(x[0:n])
	MOVL        $1, AX
	SHLL        CX, AX
	DECL        AX
	KMOVW       AX, K1             // K1 = the lower n lanes
	VMOVUPS.Z   (SI), K1, Z0
	VCVTPS2PH   $0, Z0, Y0
	VMOVDQU16   Y0, K1, (DI)
	VZEROUPPER
	RET
