/* test_memory.c - the real OS keeps the contract of prim.h. */
#include "test/unit/prim/memory_contract.h"

TEST_MAIN()
