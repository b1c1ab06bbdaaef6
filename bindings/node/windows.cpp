// Where the addon finds Node-API on Windows: in the program that has loaded it, whatever its name
// is. Electron's is not node.exe.
#include <windows.h>

#include <delayimp.h>

#include <cstring>

namespace {

FARPROC WINAPI the_program(unsigned event, PDelayLoadInfo info) {
  const bool is_node = event == dliNotePreLoadLibrary && _stricmp(info->szDll, "node.exe") == 0;
  return is_node ? reinterpret_cast<FARPROC>(GetModuleHandleW(nullptr)) : nullptr;
}

}  // namespace

// Each library with delayed loading calls its own.
extern "C" {
PfnDliHook __pfnDliNotifyHook2 = the_program;
}
