# wasm.cmake - what test programs need where they are WebAssembly, to compile as they are:
# wasm/lacking.h ends a test that asks for what is not there as skipped, wasm/include/ has headers
# for it; wasm/run.mjs (CMAKE_CROSSCOMPILING_EMULATOR) runs each test by itself.
set(mim_wasm_folder "${CMAKE_CURRENT_LIST_DIR}/wasm")
set(mim_wasm_include "${mim_wasm_folder}/include")
foreach(target mim_test_flags mim_emulator)
  target_include_directories(${target} BEFORE INTERFACE "${mim_wasm_include}")
endforeach()
target_compile_options(mim_test_flags INTERFACE
  "SHELL:-include \"${mim_wasm_folder}/lacking.h\"")
target_compile_definitions(mim_emulator INTERFACE MIM_TEST_NO_UNWINDER)
if(CMAKE_SYSTEM_NAME STREQUAL "WASI")
  target_include_directories(mim_test_flags BEFORE INTERFACE "${mim_wasm_include}/wasi")
  target_compile_definitions(mim_test_flags INTERFACE
    _WASI_EMULATED_PTHREAD _WASI_EMULATED_SIGNAL _WASI_EMULATED_PROCESS_CLOCKS
    _WASI_EMULATED_GETPID)
  target_link_libraries(mim_test_flags INTERFACE
    wasi-emulated-pthread wasi-emulated-signal wasi-emulated-process-clocks
    wasi-emulated-getpid)
else()
  # emcc runs node with modules that Debian's own node finds by itself, another one does not.
  set_property(GLOBAL PROPERTY RULE_LAUNCH_LINK "env NODE_PATH=/usr/share/nodejs")
  target_link_options(mim_test_flags INTERFACE
    -sPROXY_TO_PTHREAD -sPTHREAD_POOL_SIZE=6 -sEXIT_RUNTIME -sNODERAWFS -sALLOW_MEMORY_GROWTH
    "SHELL:--pre-js \"${mim_wasm_folder}/pre.js\"")
endif()
