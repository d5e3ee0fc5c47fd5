/* stats_json.c - statistics as JSON.  Contract: include/mimalloc-stats.h. */
#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "api/process.h"
#include "base/text.h"
#include "mimalloc-stats.h"
#include "prim/prim.h"

enum { FIRST_GUESS = 16 * MIM_KIB };

static void json_count(mim_text_t* text, const mi_stat_count_t* count) {
  mim_text_format(text, "{ \"total\": %lld, \"peak\": %lld, \"current\": %lld }",
                  (long long)count->total, (long long)count->peak, (long long)count->current);
}

static void json_counts(mim_text_t* text, const char* name, const mi_stat_count_t* counts,
                        size_t length, bool has_sizes) {
  mim_text_format(text, "  \"%s\": [", name);
  for (size_t i = 0; i < length; i++) {
    mim_text_format(text, "%s\n    { ", i == 0 ? "" : ",");
    if (has_sizes) { mim_text_format(text, "\"block_size\": %zu, ", mi_stats_get_bin_size(i)); }
    mim_text_format(text, "\"total\": %lld, \"peak\": %lld, \"current\": %lld }",
                    (long long)counts[i].total, (long long)counts[i].peak,
                    (long long)counts[i].current);
  }
  mim_text_format(text, "\n  ]");
}

static void json_process(mim_text_t* text) {
  mim_prim_process_info_t info;
  mim_prim_process_info(&info);
  mim_text_format(text,
                  "  \"process\": {\n    \"elapsed_msecs\": %llu,\n    \"user_msecs\": %llu,\n"
                  "    \"system_msecs\": %llu,\n    \"page_faults\": %zu,\n"
                  "    \"rss_current\": %zu,\n    \"rss_peak\": %zu\n  },\n",
                  (unsigned long long)mim_process_elapsed_ms(),
                  (unsigned long long)info.user_us / 1000,
                  (unsigned long long)info.system_us / 1000, info.page_faults, info.current_rss,
                  info.peak_rss);
}

#define MI_STAT_COUNT(name) \
  mim_text_format(text, "  \"%s\": ", #name); \
  json_count(text, &stats->name); \
  mim_text_format(text, ",\n");
#define MI_STAT_COUNTER(name) \
  mim_text_format(text, "  \"%s\": %lld,\n", #name, (long long)stats->name.total);

static void json_write(mim_text_t* text, const mi_stats_t* stats) {
  mim_text_format(text, "{\n  \"stat_version\": %d,\n  \"mimalloc_version\": %d,\n",
                  MI_STAT_VERSION, MIM_VERSION);
  json_process(text);
  MI_STAT_FIELDS()
  json_counts(text, "malloc_bins", stats->malloc_bins, MI_BIN_HUGE + 1, true);
  mim_text_format(text, ",\n");
  json_counts(text, "page_bins", stats->page_bins, MI_BIN_HUGE + 1, true);
  mim_text_format(text, ",\n");
  json_counts(text, "chunk_bins", stats->chunk_bins, MI_CBIN_COUNT, false);
  mim_text_format(text, "\n}\n");
}

/* All of it, or false. */
static bool json_write_into(char* buffer, size_t size, const mi_stats_t* stats) {
  mim_text_t text = mim_text_in(buffer, size);
  json_write(&text, stats);
  return !text.is_cut;
}

static char* json_allocate(const mi_stats_t* stats) {
  for (size_t size = FIRST_GUESS;; size *= 2) {
    char* const buffer = mim_malloc(size);
    if (buffer == NULL || json_write_into(buffer, size, stats)) { return buffer; }
    mim_free(buffer);
  }
}

MIM_EXPORT char* mi_stats_as_json(mi_stats_t* stats, size_t size, char* buffer) {
  if (stats == NULL || stats->size != sizeof(*stats) || stats->version != MI_STAT_VERSION) {
    return NULL;
  }
  if (buffer == NULL || size == 0) { return json_allocate(stats); }
  return json_write_into(buffer, size, stats) ? buffer : NULL;
}
