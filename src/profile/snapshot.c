/* snapshot.c - a profile as a file, in the text form of gperftools that pprof reads:
 *
 *   heap profile: LIVE: BYTES [TOTAL: BYTES] @ heap_v2/RATE
 *   LIVE: BYTES [TOTAL: BYTES] @ ADDRESS ADDRESS ...          for each stack, innermost first
 *
 *   MAPPED_LIBRARIES:
 *   the mappings of the process, which names are looked up by
 *
 * The sums are those of the samples; pprof multiplies.  A file is written under another name and
 * then renamed: so it is whole, or not there. */
#include "base/text.h"
#include "diag/message.h"
#include "prim/prim.h"
#include "profile/profile.h"

enum { NAME_ROOM = MIM_PROFILE_NAME_MAX + 64, TEXT_ROOM = 4096 };

typedef struct writer {
  int file;
  int error; /* the first one */
  mim_text_t text;
  char buffer[TEXT_ROOM];
} writer_t;

static void writer_flush(writer_t* writer) {
  if (writer->error == 0) {
    writer->error = mim_prim_file_write(writer->file, writer->text.start, writer->text.length);
  }
  writer->text = mim_text_in(writer->buffer, sizeof(writer->buffer));
}

/* What is written between two calls has to fit there. */
static void writer_make_room(writer_t* writer, size_t size) {
  if (writer->text.capacity - writer->text.length <= size) { writer_flush(writer); }
}

enum { SUMS_ROOM = 128, FRAME_ROOM = 24 };

static void write_sums(writer_t* writer, const mim_profile_sums_t* sums) {
  writer_make_room(writer, SUMS_ROOM);
  mim_text_format(&writer->text, "%llu: %llu [%llu: %llu] @", (unsigned long long)sums->live_count,
                  (unsigned long long)sums->live_bytes, (unsigned long long)sums->total_count,
                  (unsigned long long)sums->total_bytes);
}

/* Readers take the innermost address as it is, and one less of all others, which are those behind
 * the calls: so the first one points into its call here. */
static void write_stack(writer_t* writer, const mim_profile_stack_t* stack) {
  write_sums(writer, &stack->sums);
  for (size_t i = 0; i < stack->depth; i++) {
    writer_make_room(writer, FRAME_ROOM);
    const uintptr_t address = stack->frames[i] - (i == 0);
    mim_text_format(&writer->text, " 0x%zx", (size_t)address);
  }
  if (stack->depth == 0) { mim_text_format(&writer->text, " 0x0"); }
  mim_text_char(&writer->text, '\n');
}

/* Under the lock. */
static void write_profile(writer_t* writer, const mim_profiler_t* profiler) {
  mim_text_format(&writer->text, "heap profile: ");
  write_sums(writer, &profiler->sums);
  mim_text_format(&writer->text, " heap_v2/%zu\n", profiler->sample_rate);
  for (size_t i = 0; i < MIM_PROFILE_STACK_BUCKETS; i++) {
    const mim_profile_stack_t* stack = profiler->stacks[i];
    for (; stack != NULL; stack = stack->next) { write_stack(writer, stack); }
  }
  writer_make_room(writer, SUMS_ROOM);
  mim_text_format(&writer->text, "\nMAPPED_LIBRARIES:\n");
  writer_flush(writer);
}

/* ---- files ---- */

/* NAME, or NAME.PID in a forked child; then .NUMBER.heap, but for the last. */
static mim_text_t file_name(char* buffer, const mim_profiler_t* profiler, unsigned number) {
  mim_text_t text = mim_text_in(buffer, NAME_ROOM);
  mim_text_format(&text, "%s", profiler->name);
  const unsigned process = mim_prim_process_id();
  if (process != profiler->process_id) { mim_text_format(&text, ".%u", process); }
  if (number > 0) { mim_text_format(&text, ".%04u.heap", number); }
  return text;
}

static int write_file(mim_profiler_t* profiler, const char* path) {
  writer_t writer = {.file = -1};
  writer.text = mim_text_in(writer.buffer, sizeof(writer.buffer));
  writer.error = mim_prim_file_create(path, &writer.file);
  if (writer.error != 0) { return writer.error; }
  mim_profile_lock();
  write_profile(&writer, profiler);
  mim_profile_unlock();
  if (writer.error == 0) { writer.error = mim_prim_file_write_mappings(writer.file); }
  const int error = mim_prim_file_close(writer.file);
  return writer.error != 0 ? writer.error : error;
}

static int write_and_rename(mim_profiler_t* profiler, const char* path) {
  char buffer[NAME_ROOM];
  mim_text_t temporary = mim_text_in(buffer, sizeof(buffer));
  mim_text_format(&temporary, "%s.%u.tmp", path, mim_prim_process_id());
  int error = write_file(profiler, buffer);
  if (error == 0) { error = mim_prim_file_rename(buffer, path); }
  if (error != 0) { mim_prim_file_remove(buffer); }
  return error;
}

/* The intervals start anew. */
static void intervals_restart(mim_profiler_t* profiler) {
  profiler->seen_allocated = profiler->allocated;
  profiler->seen_inuse = profiler->inuse;
  profiler->seen_ms = mim_prim_clock_ms();
}

bool mim_profiler_snapshot(mim_profiler_t* profiler, bool is_last) {
  char path[NAME_ROOM];
  mim_profile_lock();
  intervals_restart(profiler);
  file_name(path, profiler, is_last ? 0 : ++profiler->snapshots);
  mim_profile_unlock();
  const int error = write_and_rename(profiler, path);
  if (error == 0) { return true; }
  mim_warn("the heap profile '%s' cannot be written (error %d): check that its folder exists, has "
           "room, and may be written to",
           path, error);
  return false;
}

/* What has become less starts the growth anew. */
static bool is_due(mim_profiler_t* profiler) {
  if (profiler->inuse < profiler->seen_inuse) { profiler->seen_inuse = profiler->inuse; }
  const uint64_t grown = profiler->inuse - profiler->seen_inuse;
  const uint64_t allocated = profiler->allocated - profiler->seen_allocated;
  const uint64_t waited = mim_prim_clock_ms() - profiler->seen_ms;
  return (profiler->alloc_interval != 0 && allocated >= profiler->alloc_interval) ||
         (profiler->inuse_interval != 0 && grown >= profiler->inuse_interval) ||
         (profiler->time_interval_ms != 0 && waited >= profiler->time_interval_ms);
}

/* The others need not write the same. */
bool mim_profiler_becomes_due(mim_profiler_t* profiler) {
  if (!is_due(profiler)) { return false; }
  intervals_restart(profiler);
  profiler->writers++;
  return true;
}

void mim_profiler_write_due(mim_profiler_t* profiler) {
  mim_profiler_snapshot(profiler, false);
  mim_profile_lock();
  profiler->writers--;
  mim_profile_unlock();
}
