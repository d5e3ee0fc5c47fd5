/* pthread.h - POSIX: threads. */
#ifndef MIM_STUB_POSIX_PTHREAD_H
#define MIM_STUB_POSIX_PTHREAD_H

typedef struct mim_stub_thread* pthread_t;
typedef unsigned pthread_key_t;
typedef struct pthread_mutex {
  int state;
} pthread_mutex_t;
typedef struct pthread_once {
  int state;
} pthread_once_t;
#define PTHREAD_MUTEX_INITIALIZER \
  { 0 }
#define PTHREAD_ONCE_INIT \
  { 0 }
pthread_t pthread_self(void);
int pthread_mutex_lock(pthread_mutex_t* mutex);
int pthread_mutex_trylock(pthread_mutex_t* mutex);
int pthread_mutex_unlock(pthread_mutex_t* mutex);
int pthread_once(pthread_once_t* once, void (*run)(void));
int pthread_key_create(pthread_key_t* key, void (*destructor)(void*));
void* pthread_getspecific(pthread_key_t key);
int pthread_setspecific(pthread_key_t key, const void* value);
int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void));

#endif
