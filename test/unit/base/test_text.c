/* test_text.c - formatting, compared with what the C library prints. */
#include "base/text.h"

#include <limits.h>

#include "test/unit/unit.h"

#define CHECK_FORMAT(...) \
  do { \
    char expected[128], buffer[128]; \
    snprintf(expected, sizeof(expected), __VA_ARGS__); \
    mim_text_t text = mim_text_in(buffer, sizeof(buffer)); \
    mim_text_format(&text, __VA_ARGS__); \
    CHECK_STR(buffer, expected); \
    CHECK_EQ(text.length, strlen(expected)); \
  } while (0)

TEST(text_plain_and_percent) {
  CHECK_FORMAT("%s", "");
  CHECK_FORMAT("no conversion at all");
  CHECK_FORMAT("100 %% of %c", 'x');
}

TEST(text_integers_of_every_length) {
  CHECK_FORMAT("%d %d %d %d", 0, -1, INT_MAX, INT_MIN);
  CHECK_FORMAT("%i|%u|%x", -42, UINT_MAX, 0xbeefu);
  CHECK_FORMAT("%ld %ld %lu %lx", LONG_MAX, LONG_MIN, ULONG_MAX, ULONG_MAX);
  CHECK_FORMAT("%lld %lld %llu %llx", LLONG_MAX, LLONG_MIN, ULLONG_MAX, 1ull << 63);
  CHECK_FORMAT("%zu %zd %zx", (size_t)SIZE_MAX, (ptrdiff_t)-7, (size_t)255);
}

TEST(text_width_left_and_zeros) {
  CHECK_FORMAT("[%5d][%-5d][%05d]", 42, 42, 42);
  CHECK_FORMAT("[%5d][%-5d][%05d]", -42, -42, -42);
  CHECK_FORMAT("[%2d][%02x]", 12345, 0xabcu);
  CHECK_FORMAT("[%8s][%-8s][%2s]", "abc", "abc", "abcdef");
  CHECK_FORMAT("[%16zu][%-16zu]", (size_t)123456, (size_t)123456);
  CHECK_FORMAT("%llu.%03llu", 7ull, 5ull);
}

TEST(text_pointers_and_null) {
#if !defined(_WIN32) /* its C runtime writes all digits, and no 0x */
  CHECK_FORMAT("%p", (void*)(uintptr_t)0x7f1234);
#endif
  char buffer[32];
  mim_text_t text = mim_text_in(buffer, sizeof(buffer));
  const char* volatile none = NULL;
  mim_text_format(&text, "%p %s", NULL, none);
  CHECK_STR(buffer, "0x0 (null)");
}

TEST(text_that_does_not_fit_is_cut_and_stays_terminated) {
  char buffer[9];
  memset(buffer, 'x', sizeof(buffer));
  mim_text_t text = mim_text_in(buffer, 8);
  mim_text_format(&text, "%s-%d", "abcde", 123456);
  CHECK_STR(buffer, "abcde-1");
  CHECK_EQ(text.length, 7);
  mim_text_char(&text, 'z');
  CHECK_STR(buffer, "abcde-1");
  CHECK_EQ(buffer[8], 'x');
}

TEST(text_formats_append) {
  char buffer[32];
  mim_text_t text = mim_text_in(buffer, sizeof(buffer));
  mim_text_format(&text, "%d", 1);
  mim_text_char(&text, ' ');
  mim_text_format(&text, "%s", "two");
  CHECK_STR(buffer, "1 two");
}

TEST(text_a_format_that_ends_too_early_ends) {
  static const char* const formats[] = {"ab%", "ab%-", "ab%05", "ab%l", "ab%ll", "ab%z"};
  for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
    char buffer[16];
    const char* volatile format = formats[i];
    mim_text_t text = mim_text_in(buffer, sizeof(buffer));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
    mim_text_format(&text, format);
#pragma GCC diagnostic pop
    CHECK_STR(buffer, "ab");
  }
}

TEST(text_compares_without_case) {
  CHECK(mim_text_equal_nocase("MiMalloc", "mimALLOC", SIZE_MAX));
  CHECK(!mim_text_equal_nocase("abc", "abcd", SIZE_MAX));
  CHECK(mim_text_equal_nocase("abcX", "ABCy", 3));
  CHECK(!mim_text_equal_nocase("abcX", "ABCy", 4));
  CHECK(mim_text_equal_nocase("", "", SIZE_MAX));
  CHECK(!mim_text_equal_nocase("[", "{", SIZE_MAX)); /* 32 apart, but no letters */
  for (int c = 0; c < 128; c++) {
    CHECK_EQ(mim_text_upper((char)c), c >= 'a' && c <= 'z' ? c - 32 : c);
  }
}

TEST_MAIN()
