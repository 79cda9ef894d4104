// SPDX-License-Identifier: MIT
// Precompiled for the tests of the lab, see test.h.

#include "lab/app/pch/lab.h"
#include "tests/pch/test.h"
