/* fake_allocator.c - a DLL with the one function that minject asks for; says when it is loaded. */
#include <windows.h>

__declspec(dllexport) int mi_version(void);

int mi_version(void) { return 360; }

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved) {
  static const char text[] = "the allocator is loaded\n";
  DWORD written;
  (void)module;
  (void)reserved;
  if (reason == DLL_PROCESS_ATTACH) {
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, sizeof(text) - 1, &written, NULL);
  }
  return TRUE;
}
