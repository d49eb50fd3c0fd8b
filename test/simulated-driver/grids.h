// Grids: what a launch needs, how many blocks the simulated multiprocessors hold, and how grids end.
#pragma once
#include <chrono>
#include <string>
#include "world.h"

namespace sim {

// The limits of compute capability 9.0 (CUDA C++ Programming Guide, Technical Specifications), less the shared memory that must be asked for.
constexpr int threadsPerBlockMax = 1024, threadsPerMultiprocessorMax = 2048, blocksPerMultiprocessorMax = 32;
constexpr int sharedBytesPerBlockMax = 48 * 1024, sharedBytesPerMultiprocessorMax = 228 * 1024;

struct Module {
  Context *context;
  void *library = nullptr;
  std::string path;
  size_t sharedBytes = 0;
  void (*touchShared)() = nullptr;
  ~Module();
};

struct Function {
  std::shared_ptr<Module> module;
  void (*call)(void **parameters);
  std::vector<unsigned> parameterSizes;
};

struct Launch {
  std::shared_ptr<Function> function;
  unsigned grid[3], block[3];
  unsigned sharedBytes;
  std::vector<std::vector<char>> parameters;
  std::shared_ptr<Epoch> epoch;
  bool isNeverReady;
};

// Runs all blocks of a grid to their end, each when a multiprocessor has room for it. Called on the stream's thread.
void runGrid(const Launch &launch);
// Blocks of that size that one multiprocessor holds.
int blocksPerMultiprocessor(unsigned threads, size_t sharedBytes);
// Fills the buffer that CU_JIT_ERROR_LOG_BUFFER names, if there is one.
void giveLog(const std::string &log, unsigned count, const int *options, void *const *values);
// Gives the block's shared memory, that of the calling thread, values that no kernel may count on.
void poisonShared(const Module &module);

}
