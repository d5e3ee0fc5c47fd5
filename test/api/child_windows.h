/* child_windows.h - child.h for Windows: the child is a process of its own from the start. */
#ifndef MIM_TEST_API_CHILD_WINDOWS_H
#define MIM_TEST_API_CHILD_WINDOWS_H

#include <windows.h>

static inline void write_text(const char* text) {
  DWORD written;
  if (!WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, (DWORD)strlen(text), &written, NULL)) {
    ExitProcess(3);
  }
}

static inline HANDLE open_scratch(void) {
  char folder[MAX_PATH], path[MAX_PATH];
  SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
  GetTempPathA(sizeof(folder), folder);
  CHECK(GetTempFileNameA(folder, "mim", 0, path) != 0);
  const HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, &inherited,
                                  CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
  CHECK(file != INVALID_HANDLE_VALUE);
  return file;
}

/* As a Unix would have written it: stdio puts a carriage return before each line's end. */
static inline void read_back(HANDLE file, char* text, size_t size) {
  DWORD used = 0, got = 0;
  SetFilePointer(file, 0, NULL, FILE_BEGIN);
  while (used < size - 1 && ReadFile(file, text + used, (DWORD)(size - 1) - used, &got, NULL) &&
         got > 0) {
    used += got;
  }
  size_t kept = 0;
  for (DWORD i = 0; i < used; i++) {
    if (text[i] != '\r') { text[kept++] = text[i]; }
  }
  text[kept] = 0;
  CloseHandle(file);
}

/* `variables` are NAME=value, separated by one blank; the rest of the environment stays, without
 * any option of this library.  `is_set`: they are set, else they are gone again. */
static inline void set_environment(const char* variables, bool is_set) {
  static char copy[4096];
  CHECK(strlen(variables) < sizeof(copy));
  strcpy(copy, variables);
  for (char* at = strtok(copy, " "); at != NULL; at = strtok(NULL, " ")) {
    char* const value = strchr(at, '=');
    *value = 0;
    SetEnvironmentVariableA(at, is_set ? value + 1 : NULL);
  }
}

static inline int wait_for(const char* program, const char* command_line, HANDLE out, HANDLE err) {
  char command[2 * MAX_PATH];
  STARTUPINFOA start = {.cb = sizeof(start), .dwFlags = STARTF_USESTDHANDLES};
  PROCESS_INFORMATION process;
  DWORD status = 0;
  start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
  start.hStdOutput = out;
  start.hStdError = err;
  snprintf(command, sizeof(command), "child %s", command_line);
  CHECK(CreateProcessA(program, command, NULL, NULL, TRUE, 0, NULL, NULL, &start, &process));
  CHECK_EQ(WaitForSingleObject(process.hProcess, INFINITE), WAIT_OBJECT_0);
  CHECK(GetExitCodeProcess(process.hProcess, &status));
  CloseHandle(process.hProcess);
  CloseHandle(process.hThread);
  return (int)status;
}

/* This program, or a copy of it elsewhere. */
static inline child_t* run_child_of(const char* program, const char* part, const char* variables) {
  static child_t child;
  char command_line[128];
  const HANDLE out = open_scratch(), err = open_scratch();
  snprintf(command_line, sizeof(command_line), "--child %s", part);
  set_environment(variables, true);
  child.status = wait_for(program, command_line, out, err);
  set_environment(variables, false);
  read_back(out, child.out, sizeof(child.out));
  read_back(err, child.err, sizeof(child.err));
  return &child;
}

static inline child_t* run_child(const char* part, const char* variables) {
  char program[MAX_PATH];
  CHECK(GetModuleFileNameA(NULL, program, sizeof(program)) != 0);
  return run_child_of(program, part, variables);
}

static inline bool child_succeeded(const child_t* child) {
  if (child->status == 0) { return true; }
  fprintf(stderr, "the child ended with code 0x%x and wrote:\n%s%s\n", (unsigned)child->status,
          child->out, child->err);
  return false;
}

#endif
