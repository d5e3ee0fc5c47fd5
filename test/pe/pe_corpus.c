/* pe_corpus.c - pe-corpus DIR writes the made files that libFuzzer starts from; pe-corpus FILE...
 * checks whole files; pe-corpus --rounds N checks N damaged copies of the made ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pe/pe_inject.h"
#include "test/pe/fuzz_check.h"
#include "test/pe/pe_model.h"
#include "test/test.h"

static uint8_t bytes[MODEL_BYTES_MAX];

static uint64_t random_next(uint64_t* seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return *seed >> 8;
}

static void write_file(const char* folder, size_t index, const char* kind, const uint8_t* content,
                       size_t size) {
  char path[4096];
  snprintf(path, sizeof(path), "%s/%02zu-%s", folder, index, kind);
  FILE* const file = fopen(path, "wb");
  CHECK(file != NULL);
  CHECK_EQ(fwrite(content, 1, size, file), size);
  CHECK_EQ(fclose(file), 0);
}

/* Each made file, and what becomes of it when an import is added. */
static int write_corpus(const char* folder) {
  static uint8_t output[4 * MODEL_BYTES_MAX];
  for (size_t i = 0; pe_model_of_corpus(i) != NULL; i++) {
    const size_t size = pe_model_write(pe_model_of_corpus(i), bytes);
    write_file(folder, i, "made", bytes, size);
    pe_image_t image;
    pe_plan_t plan;
    CHECK_EQ(pe_image_open(&image, bytes, size), PE_OK);
    if (pe_plan_add(&plan, &image, "mimalloc.dll", "mi_version") != PE_OK) { continue; }
    CHECK_EQ(pe_plan_write(&plan, output), PE_OK);
    write_file(folder, i, "injected", output, plan.output_size);
  }
  return 0;
}

/* Any byte may change; fields that matter lie in the first KiB and in the import table. */
static void damage(uint8_t* content, size_t size, uint64_t* seed) {
  static const uint32_t values[] = {0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0xffffffff};
  for (uint64_t count = 1 + random_next(seed) % 4; count > 0; count--) {
    const size_t range = random_next(seed) % 2 == 0 && size > 0x400 ? 0x400 : size;
    const size_t at = random_next(seed) % range;
    const uint32_t value =
      random_next(seed) % 2 == 0 ? values[random_next(seed) % 8] : (uint32_t)random_next(seed);
    const size_t length = (size_t)1 << random_next(seed) % 3;
    if (at + length <= size) { memcpy(content + at, &value, length); }
  }
}

static int run_rounds(unsigned long rounds) {
  uint64_t seed = 88172645463325252u;
  unsigned long added = 0;
  size_t model = 0;
  for (unsigned long i = 0; i < rounds; i++, model++) {
    if (pe_model_of_corpus(model) == NULL) { model = 0; }
    size_t size = pe_model_write(pe_model_of_corpus(model), bytes);
    damage(bytes, size, &seed);
    if (random_next(&seed) % 16 == 0) { size = random_next(&seed) % size; }
    uint8_t* const copy = malloc(size + 1);
    CHECK(copy != NULL);
    memcpy(copy, bytes, size);
    added += fuzz_check(copy, size);
    free(copy);
  }
  printf("%lu damaged files: an import was added to %lu, %lu were refused\n", rounds, added,
         rounds - added);
  /* If all are refused, or none, the damage is not what it should be. */
  return added > rounds / 10 && added < rounds ? 0 : 1;
}

static bool check_file(const char* path) {
  FILE* const file = fopen(path, "rb");
  CHECK(file != NULL);
  CHECK_EQ(fseek(file, 0, SEEK_END), 0);
  const long size = ftell(file);
  CHECK(size >= 0);
  rewind(file);
  uint8_t* const content = malloc((size_t)size + 1);
  CHECK(content != NULL);
  CHECK_EQ(fread(content, 1, (size_t)size, file), (size_t)size);
  fclose(file);
  const bool is_added = fuzz_check(content, (size_t)size);
  printf("%s: %s\n", path, is_added ? "an import was added and removed" : "refused");
  free(content);
  return is_added;
}

int main(int argc, char** argv) {
  struct stat info;
  if (argc == 3 && strcmp(argv[1], "--rounds") == 0) {
    return run_rounds(strtoul(argv[2], NULL, 0));
  }
  if (argc == 2 && stat(argv[1], &info) == 0 && S_ISDIR(info.st_mode)) {
    return write_corpus(argv[1]);
  }
  bool is_good = argc > 1;
  for (int i = 1; i < argc; i++) { is_good = check_file(argv[i]) && is_good; }
  return is_good ? 0 : 1;
}
