//go:build !purego

#include "textflag.h"

// func fetchAVX512(p *byte, lines int)
TEXT ·fetchAVX512(SB), NOSPLIT, $0-16
	MOVQ  p+0(FP), SI
	MOVQ  lines+8(FP), CX
	TESTQ CX, CX
	JZ    done

line: // for CX > 0 { fetch the next line }
	PREFETCHT1 (SI)
	ADDQ       $64, SI
	DECQ       CX
	JNZ        line

done:
	RET
