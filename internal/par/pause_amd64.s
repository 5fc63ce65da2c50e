//go:build !purego

#include "textflag.h"

// func pause()
// A hint that the processor is in a spin loop.
TEXT ·pause(SB), NOSPLIT, $0-0
	PAUSE
	RET
