// Places blocks on multiprocessors and runs each on an OS thread of its own. More resident blocks than fit wait until one ends.
#include "grids.h"
#include "fibers.h"
#include <algorithm>
#include <system_error>
#include <thread>

namespace sim {

static Room emptyRoom() { return { threadsPerMultiprocessorMax, blocksPerMultiprocessorMax, sharedBytesPerMultiprocessorMax }; }

static bool fits(const Room &room, unsigned threads, size_t sharedBytes) {
  return room.blocks >= 1 && room.threads >= int(threads) && room.sharedBytes >= long(sharedBytes);
}

int blocksPerMultiprocessor(unsigned threads, size_t sharedBytes) {
  int byThreads = threadsPerMultiprocessorMax / int(threads);
  int byShared = sharedBytes == 0 ? blocksPerMultiprocessorMax : int(sharedBytesPerMultiprocessorMax / sharedBytes);
  return std::min({ byThreads, byShared, blocksPerMultiprocessorMax });
}

// What the stream's thread and those of the blocks share.
struct Grid {
  Launch launch;
  std::vector<void *> parameters;
  unsigned threads, running = 0;
  size_t sharedBytes;
};

// The multiprocessor with the most room for the block, or none.
static Room *placeFor(const Grid &grid) {
  auto &all = world().multiprocessors;
  if (all.empty()) all.assign(size_t(setting("RINGLAB_SIM_SMS", 8)), emptyRoom());
  auto most = std::max_element(all.begin(), all.end(), [](const Room &a, const Room &b) { return a.threads < b.threads; });
  return fits(*most, grid.threads, grid.sharedBytes) ? &*most : nullptr;
}

// Waits for room, behind the blocks that came before. False when the context ended meanwhile. The lock is held.
static bool takeRoom(const Grid &grid, Guard &guard, size_t &place) {
  World &w = world();
  const Epoch &epoch = *grid.launch.epoch;
  w.waitingBlocks.push_back(&grid);
  w.roomMade.wait(guard, [&] { return epoch.hasEnded || (w.waitingBlocks.front() == &grid && placeFor(grid) != nullptr); });
  w.waitingBlocks.erase(std::find(w.waitingBlocks.begin(), w.waitingBlocks.end(), &grid));
  w.roomMade.notify_all();
  if (epoch.hasEnded) return false;
  Room *room = placeFor(grid);
  place = size_t(room - w.multiprocessors.data());
  room->threads -= int(grid.threads);
  room->blocks--;
  room->sharedBytes -= long(grid.sharedBytes);
  return true;
}

static void blockLeft(Grid &grid, size_t place, int fault) {
  Guard guard(world().lock);
  World &w = world();
  // A reset of the simulator may have taken the multiprocessors away.
  if (place < w.multiprocessors.size()) {
    Room &room = w.multiprocessors[place];
    room.threads += int(grid.threads);
    room.blocks++;
    room.sharedBytes += long(grid.sharedBytes);
  }
  if (fault != 0 && !grid.launch.epoch->hasEnded) endEpoch(*grid.launch.epoch, fault);
  grid.running--;
  w.roomMade.notify_all();
  w.gridsMoved.notify_all();
}

static void runBlockOf(const std::shared_ptr<Grid> &grid, unsigned number, size_t place) {
  const Launch &launch = grid->launch;
  BlockPlan plan{};
  plan.call = launch.function->call;
  plan.parameters = grid->parameters.data();
  plan.sharedBytes = launch.sharedBytes;
  plan.epoch = launch.epoch;
  std::copy(launch.grid, launch.grid + 3, plan.gridSize);
  std::copy(launch.block, launch.block + 3, plan.blockSize);
  plan.block[0] = number % launch.grid[0];
  plan.block[1] = number / launch.grid[0] % launch.grid[1];
  plan.block[2] = number / (launch.grid[0] * launch.grid[1]);
  poisonShared(*launch.function->module);
  blockLeft(*grid, place, runBlock(plan));
}

// The lock is held.
static void startBlock(const std::shared_ptr<Grid> &grid, unsigned number, size_t place, Guard &guard) {
  constexpr int launchFailed = 719;
  grid->running++;
  try {
    std::thread([=] { runBlockOf(grid, number, place); }).detach();
  } catch (const std::system_error &) {
    guard.unlock();
    blockLeft(*grid, place, launchFailed);
    guard.lock();
  }
}

void runGrid(const Launch &launch) {
  World &w = world();
  auto grid = std::make_shared<Grid>();
  grid->launch = launch;
  for (auto &bytes : grid->launch.parameters) grid->parameters.push_back(bytes.data());
  grid->threads = launch.block[0] * launch.block[1] * launch.block[2];
  grid->sharedBytes = launch.sharedBytes + launch.function->module->sharedBytes;

  Guard guard(w.lock);
  Epoch &epoch = *launch.epoch;
  epoch.runningGrids++;
  if (launch.isNeverReady) w.roomMade.wait(guard, [&] { return epoch.hasEnded.load(); });
  const unsigned blocks = launch.grid[0] * launch.grid[1] * launch.grid[2];
  for (unsigned i = 0; i < blocks && !epoch.hasEnded; i++) {
    size_t place;
    if (takeRoom(*grid, guard, place)) startBlock(grid, i, place, guard);
  }
  w.gridsMoved.wait(guard, [&] { return grid->running == 0; });
  epoch.runningGrids--;
  w.gridsMoved.notify_all();
}

}
