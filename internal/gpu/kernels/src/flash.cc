// Attention on tensor units.
#include "dialect.h"

#include "input.h"

#include "floats.h"

#include "halves.h"

#include "attention.h"

#include "flash.h"
