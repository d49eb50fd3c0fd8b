// Runs one block of a grid on the calling OS thread: a fiber for each lane, with the barrier between them.
#pragma once
#include <cstdint>
#include <memory>
#include "world.h"

namespace sim {

struct BlockPlan {
  void (*call)(void **parameters);
  void **parameters;
  unsigned gridSize[3], blockSize[3], block[3];
  unsigned sharedBytes;
  std::shared_ptr<Epoch> epoch;
};

// Runs every lane to its end. Returns 0, or the status of the fault that ended the block.
int runBlock(const BlockPlan &plan);

// Installs the handlers that turn a lane's illegal address into a status; other threads' signals go to whoever handled them before.
void trapFaults();

}
