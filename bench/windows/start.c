/* start.c - how long programs take from their start to their end, on Windows.

   usage: start ROUNDS PROGRAM...     prints "PROGRAM MICROSECONDS" lines, each the lower quartile

   Each round starts every program once, in turn, so that what disturbs one disturbs all.  The lower
   quartile: in wine a start, of any program, may wait 30 ms for the kernel, at times every second
   one, so that the median would say how many did. */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

enum { ROUNDS_MAX = 1000 };

static double now_us(void) {
  LARGE_INTEGER frequency, count;
  QueryPerformanceFrequency(&frequency);
  QueryPerformanceCounter(&count);
  return (double)count.QuadPart * 1e6 / (double)frequency.QuadPart;
}

static double run_us(const char* program) {
  char command[MAX_PATH];
  STARTUPINFOA start = {.cb = sizeof(start)};
  PROCESS_INFORMATION process;
  DWORD status = 1;
  const double begin = now_us();
  snprintf(command, sizeof(command), "%s", program);
  if (CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &start, &process)) {
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &status);
    CloseHandle(process.hProcess);
    CloseHandle(process.hThread);
  }
  if (status != 0) {
    fprintf(stderr, "start: %s does not run, or ends with %lu\n", program, status);
    exit(1);
  }
  return now_us() - begin;
}

static int compare(const void* a, const void* b) {
  const double left = *(const double*)a, right = *(const double*)b;
  return (left > right) - (left < right);
}

int main(int argc, char** argv) {
  const int rounds = argc > 2 ? atoi(argv[1]) : 0;
  if (rounds < 1 || rounds > ROUNDS_MAX) {
    fprintf(stderr, "usage: start ROUNDS PROGRAM..., 1 to %d rounds\n", ROUNDS_MAX);
    return 2;
  }
  const int programs = argc - 2;
  double* const times = calloc((size_t)(programs * rounds), sizeof(double));
  if (times == NULL) { return 1; }
  for (int i = 0; i < programs; i++) { run_us(argv[2 + i]); } /* files are read once */
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < programs; i++) { times[i * rounds + round] = run_us(argv[2 + i]); }
  }
  for (int i = 0; i < programs; i++) {
    qsort(times + i * rounds, (size_t)rounds, sizeof(double), compare);
    printf("%s %.0f\n", argv[2 + i], times[i * rounds + rounds / 4]);
  }
  free(times);
  return 0;
}
