/* stdatomic.h - stands before the compiler's own: each atomic operation first asks the scheduler
 * (../schedule.h) who goes on.  All threads are coroutines of one thread, so a plain access is one
 * step, and the order of the steps is sequentially consistent whatever order was asked for. */
#include_next <stdatomic.h>

#ifndef MIM_TEST_INTERLEAVE_SHIM_STDATOMIC_H
#define MIM_TEST_INTERLEAVE_SHIM_STDATOMIC_H

#include "test/interleave/schedule.h"

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_exchange_explicit
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub_explicit
#undef atomic_fetch_or_explicit
#undef atomic_fetch_and_explicit
#undef atomic_compare_exchange_weak_explicit
#undef atomic_compare_exchange_strong_explicit

/* The comma drops `_Atomic` from the type. */
#define SHIM_UPDATE(p, operation, operand) \
  __extension__({ \
    interleave_point(p); \
    __typeof__((void)0, *(p)) shim_old = *(p); \
    *(p) = shim_old operation(operand); \
    shim_old; \
  })

#define atomic_load_explicit(p, order) \
  __extension__({ \
    interleave_point(p); \
    (void)(order); \
    __typeof__((void)0, *(p)) shim_value = *(p); \
    shim_value; \
  })
#define atomic_store_explicit(p, v, order) \
  __extension__({ \
    interleave_point(p); \
    (void)(order); \
    *(p) = (v); \
  })
#define atomic_exchange_explicit(p, v, order) \
  __extension__({ \
    interleave_point(p); \
    (void)(order); \
    __typeof__((void)0, *(p)) shim_old = *(p); \
    *(p) = (v); \
    shim_old; \
  })
#define atomic_fetch_add_explicit(p, v, order) SHIM_UPDATE(p, +, v)
#define atomic_fetch_sub_explicit(p, v, order) SHIM_UPDATE(p, -, v)
#define atomic_fetch_or_explicit(p, v, order) SHIM_UPDATE(p, |, v)
#define atomic_fetch_and_explicit(p, v, order) SHIM_UPDATE(p, &, v)
#define atomic_compare_exchange_strong_explicit(p, expected, v, order, order_of_failure) \
  __extension__({ \
    interleave_point(p); \
    __typeof__((void)0, *(p)) shim_old = *(p); \
    const _Bool shim_is_equal = (shim_old == *(expected)); \
    if (shim_is_equal) { \
      *(p) = (v); \
    } else { \
      *(expected) = shim_old; \
    } \
    shim_is_equal; \
  })
/* A failure without reason would only repeat the loop that every caller has. */
#define atomic_compare_exchange_weak_explicit(p, expected, v, order, order_of_failure) \
  atomic_compare_exchange_strong_explicit(p, expected, v, order, order_of_failure)

#endif
