/* samples.c - the live blocks that are in a profile, by address, and the stacks they came from.
 *
 * The table is looked at by every free of a SAMPLED page.  An empty bucket needs no lock: who frees
 * a block got it after its sample was entered, and who removes that, he himself or the end of its
 * profiler, has nothing to do with the page any more. */
#include "arena/metadata.h"
#include "base/assert.h"
#include "base/bits.h"
#include "diag/random.h"
#include "os/os.h"
#include "page/page_inline.h"
#include "prim/prim.h"
#include "profile/profile.h"

typedef struct sample {
  struct sample* next;
  const void* block;
  size_t size;
  size_t point; /* the byte that was met: a block that shrinks below it was never met */
  mim_profiler_t* profiler;
  mim_profile_stack_t* stack;
} sample_t;

enum { BUCKET_COUNT = 1 << 15 };

typedef _Atomic(sample_t*) bucket_t;

static _Atomic(bucket_t*) buckets;
static mim_os_memory_t bucket_memory;

static bool buckets_make(void) {
  if (!mim_os_reserve(BUCKET_COUNT * sizeof(bucket_t), mim_os_config()->page_size, false,
                      &bucket_memory)) {
    return false;
  }
  if (!mim_os_commit(bucket_memory.base, bucket_memory.size)) {
    mim_os_release(&bucket_memory, 0);
    return false;
  }
  atomic_store_explicit(&buckets, (bucket_t*)(void*)bucket_memory.base, memory_order_release);
  return true;
}

bool mim_samples_init(void) {
  mim_profile_lock();
  const bool is_ready =
    atomic_load_explicit(&buckets, memory_order_relaxed) != NULL || buckets_make();
  mim_profile_unlock();
  return is_ready;
}

void mim_samples_forget(void) {
  if (atomic_exchange_explicit(&buckets, NULL, memory_order_relaxed) == NULL) { return; }
  mim_os_release(&bucket_memory, bucket_memory.size);
}

static bucket_t* bucket_of(const void* block) {
  bucket_t* const table = atomic_load_explicit(&buckets, memory_order_acquire);
  const uintptr_t hash = mim_random_mix((uintptr_t)block >> MIM_GRANULE_SHIFT);
  return table == NULL ? NULL : &table[hash % BUCKET_COUNT];
}

/* Acquire: partner of the release in sample_unlink, for who does not hold the lock. */
static sample_t* first_of(bucket_t* bucket) {
  return atomic_load_explicit(bucket, memory_order_acquire);
}

/* ---- sums ---- */

/* What one sample of a block of `size` bytes stands for: size / (1 - exp(-size / rate)), by the
 * start of its series; at most 5 % off.  It only decides when an interval has passed. */
static uint64_t weight_of(uint64_t size, uint64_t rate) {
  return size >= 3 * rate ? size : rate + size / 2 + size * size / 12 / rate;
}

static void sums_add(mim_profile_sums_t* sums, size_t size) {
  sums->live_count++;
  sums->live_bytes += size;
  sums->total_count++;
  sums->total_bytes += size;
}

static void sums_end(mim_profile_sums_t* sums, size_t size) {
  sums->live_count--;
  sums->live_bytes -= size;
}

static void sums_resize(mim_profile_sums_t* sums, size_t before, size_t after) {
  sums->live_bytes += (uint64_t)after - before;
  if (after > before) { sums->total_bytes += after - before; }
}

/* ---- stacks ---- */

static uint32_t hash_of(const uintptr_t* frames, size_t depth) {
  uintptr_t hash = depth;
  for (size_t i = 0; i < depth; i++) { hash = mim_random_mix(hash ^ frames[i]); }
  return (uint32_t)hash;
}

static bool is_stack(const mim_profile_stack_t* stack, uint32_t hash, const uintptr_t* frames,
                     size_t depth) {
  if (stack->hash != hash || stack->depth != depth) { return false; }
  for (size_t i = 0; i < depth; i++) {
    if (stack->frames[i] != frames[i]) { return false; }
  }
  return true;
}

/* Under the lock; NULL: there is no memory. */
static mim_profile_stack_t* stack_of(mim_profiler_t* profiler, const uintptr_t* frames,
                                     size_t depth) {
  const uint32_t hash = hash_of(frames, depth);
  mim_profile_stack_t** const bucket = &profiler->stacks[hash % MIM_PROFILE_STACK_BUCKETS];
  for (mim_profile_stack_t* stack = *bucket; stack != NULL; stack = stack->next) {
    if (is_stack(stack, hash, frames, depth)) { return stack; }
  }
  mim_profile_stack_t* const stack =
    mim_metadata_new(sizeof(mim_profile_stack_t) + depth * sizeof(frames[0]));
  if (stack == NULL) { return NULL; }
  stack->next = *bucket;
  stack->hash = hash;
  stack->depth = (uint32_t)depth;
  for (size_t i = 0; i < depth; i++) { stack->frames[i] = frames[i]; }
  *bucket = stack;
  return stack;
}

/* ---- samples, under the lock ---- */

static bool sample_enter(mim_profiler_t* profiler, const sample_t* sample) {
  bucket_t* const bucket = bucket_of(sample->block);
  sample_t* const entry = bucket == NULL ? NULL : mim_metadata_new(sizeof(sample_t));
  if (entry == NULL) { return false; }
  *entry = *sample;
  entry->next = first_of(bucket);
  atomic_store_explicit(bucket, entry, memory_order_relaxed);
  sums_add(&entry->stack->sums, entry->size);
  sums_add(&profiler->sums, entry->size);
  profiler->inuse += weight_of(entry->size, profiler->sample_rate);
  return true;
}

static void sample_unlink(bucket_t* bucket, sample_t* before, sample_t* sample) {
  if (before != NULL) {
    before->next = sample->next;
  } else {
    atomic_store_explicit(bucket, sample->next, memory_order_release);
  }
}

/* The page comes first: who finds the bucket empty, or no samples in the page, may give the page
 * back at once.  Release: partner of the acquire in mim_page_has_samples. */
static void sample_leave(bucket_t* bucket, sample_t* before, sample_t* sample, mim_page_t* page) {
  mim_profiler_t* const profiler = sample->profiler;
  atomic_fetch_sub_explicit(&page->sampled, 1, memory_order_release);
  sample_unlink(bucket, before, sample);
  sums_end(&sample->stack->sums, sample->size);
  sums_end(&profiler->sums, sample->size);
  profiler->inuse -= weight_of(sample->size, profiler->sample_rate);
  mim_metadata_free(sample, sizeof(*sample));
}

/* NULL: the block is in no profile. */
static sample_t* sample_find(bucket_t* bucket, const void* block, sample_t** before) {
  *before = NULL;
  sample_t* sample = first_of(bucket);
  for (; sample != NULL && sample->block != block; sample = sample->next) { *before = sample; }
  return sample;
}

/* ---- what a block lives through ---- */

/* Is `profiler` still the one that was chosen?  If not it may be gone. */
static bool is_current(const mim_sample_source_t* source) {
  return atomic_load_explicit(&mim_profile_version, memory_order_relaxed) == source->version;
}

static bool sample_add(const mim_sample_source_t* source, const sample_t* sample,
                       const uintptr_t* frames, size_t depth) {
  mim_profiler_t* const profiler = source->profiler;
  sample_t complete = *sample;
  profiler->allocated += source->step;
  complete.stack = stack_of(profiler, frames, depth);
  return complete.stack != NULL && sample_enter(profiler, &complete);
}

/* Stands for the stack of what is allocated before stacks can be walked, by its name: a stack is of
 * return addresses, so that a call in it would return to behind its start. */
static void allocated_before_start(void) {}

/* And of what a thread allocates after it has ended. */
static void allocated_after_end(void) {}

static size_t walk_stack(uintptr_t* frames, bool is_late) {
  const size_t depth = is_late ? 0 : mim_prim_stack(frames, MIM_PROFILE_DEPTH);
  if (depth > 0) { return depth; }
  frames[0] = (uintptr_t)(is_late ? &allocated_after_end : &allocated_before_start) + 1;
  return 1;
}

void mim_sample_begin(const mim_sample_source_t* source, mim_page_t* page, const void* block,
                      size_t size) {
  static MIM_THREAD_LOCAL bool is_walking; /* the unwinder may allocate: that is not sampled */
  if (mim_tls(is_walking)) { return; }
  uintptr_t frames[MIM_PROFILE_DEPTH];
  mim_tls(is_walking) = true;
  const size_t depth = walk_stack(frames, source->is_late);
  mim_tls(is_walking) = false;
  const sample_t sample = {.block = block,
                           .size = size,
                           .point = source->point,
                           .profiler = source->profiler};
  mim_profile_lock();
  const bool is_valid = is_current(source);
  if (is_valid && sample_add(source, &sample, frames, depth)) {
    atomic_fetch_add_explicit(&page->sampled, 1, memory_order_relaxed);
    mim_page_set_flag(page, MIM_PAGE_SAMPLED, true);
  }
  const bool is_due = is_valid && mim_profiler_becomes_due(source->profiler);
  mim_profile_unlock();
  if (is_due) { mim_profiler_write_due(source->profiler); }
}

void mim_sample_end(mim_page_t* page, const void* block) {
  bucket_t* const bucket = bucket_of(block);
  if (bucket == NULL || first_of(bucket) == NULL) { return; }
  mim_profile_lock();
  sample_t* before;
  sample_t* const sample = sample_find(bucket, block, &before);
  if (sample != NULL) { sample_leave(bucket, before, sample, page); }
  mim_profile_unlock();
}

void mim_sample_resize(mim_page_t* page, const void* block, size_t size) {
  bucket_t* const bucket = bucket_of(block);
  if (bucket == NULL) { return; }
  mim_profile_lock();
  sample_t* before;
  sample_t* const sample = sample_find(bucket, block, &before);
  if (sample != NULL && size <= sample->point) {
    sample_leave(bucket, before, sample, page);
  } else if (sample != NULL) {
    const size_t rate = sample->profiler->sample_rate;
    sums_resize(&sample->stack->sums, sample->size, size);
    sums_resize(&sample->profiler->sums, sample->size, size);
    sample->profiler->inuse += weight_of(size, rate) - weight_of(sample->size, rate);
    sample->size = size;
  }
  mim_profile_unlock();
}

void mim_samples_forget_page(mim_page_t* page) {
  for (size_t i = 0; i < page->capacity && mim_page_has_samples(page); i++) {
    mim_sample_end(page, page->start + i * page->block_size);
  }
}

/* A block whose sample is there has not been freed: so its page is there, too. */
void mim_samples_forget_profiler(const mim_profiler_t* profiler) {
  bucket_t* const table = atomic_load_explicit(&buckets, memory_order_relaxed);
  for (size_t i = 0; table != NULL && i < BUCKET_COUNT; i++) {
    sample_t* before = NULL;
    for (sample_t *sample = first_of(&table[i]), *next; sample != NULL; sample = next) {
      next = sample->next;
      if (sample->profiler == profiler) {
        sample_leave(&table[i], before, sample, mim_page_of(sample->block));
      } else {
        before = sample;
      }
    }
  }
}
