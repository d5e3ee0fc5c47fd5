/* fuzz_threads.h - logical threads in lock step: a call runs in the thread that is named. */
#ifndef MIM_TEST_FUZZ_THREADS_H
#define MIM_TEST_FUZZ_THREADS_H

/* Runs fun(arg) in logical thread `thread` and waits for its end. 0 is the calling thread;
   others are created when first used. */
void fuzz_threads_run(unsigned thread, void (*fun)(void* arg), void* arg);

/* Ends the thread, if it was ever created; the next use creates a new one. */
void fuzz_threads_end(unsigned thread);

void fuzz_threads_end_all(void);

#endif
