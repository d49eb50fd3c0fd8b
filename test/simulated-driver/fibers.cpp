// The lanes of one block as fibers. A lane that waits at the barrier costs nothing until all others wait or have ended; a lane that polls
// gives the others their turn, and the OS thread to other blocks when it is alone.
#include "fibers.h"
#include "fiber-switch.h"
#include "shim.h"
#include <csetjmp>
#include <csignal>
#include <ctime>
#include <sched.h>
#include <sys/mman.h>
#include <vector>

namespace sim {
namespace {

constexpr size_t stackBytes = 128 * 1024;
// Below the first lane's stack: large local arrays reach far, and must not reach anybody's memory.
constexpr size_t guardBytes = 8 * 1024 * 1024;
// Lies at the far end of every stack: a lane whose stack reached it is at fault, as one that overruns local memory on a GPU.
constexpr uint64_t canary = 0x5AFE57AC4BADF00D;
constexpr int hardwareStackError = 714, illegalAddress = 700, launchFailed = 719;
constexpr size_t signalStackBytes = 64 * 1024;

enum class LaneState : uint8_t { ready, waiting, done };

struct Lane {
  rl_sim_lane_state state;
  Fiber fiber;
  LaneState at = LaneState::ready;
};

struct Block {
  const BlockPlan &plan;
  std::vector<Lane> lanes;
  std::vector<unsigned> ready;  // a circle of lane numbers
  size_t readyFirst = 0, readyCount = 0;
  Fiber scheduler;
  unsigned running = 0;
  bool isAbandoned = false;
  int fault = 0;
  char *stacks = nullptr;
  std::vector<char> shared;
  sigjmp_buf trap;
  unsigned idlePolls = 0;

  explicit Block(const BlockPlan &p) : plan(p) {}
  void push(unsigned lane) { ready[(readyFirst + readyCount++) % ready.size()] = lane; }
  unsigned pop() {
    unsigned lane = ready[readyFirst];
    readyFirst = (readyFirst + 1) % ready.size();
    readyCount--;
    return lane;
  }
};

// Read by a signal handler on any thread, so it must lie where reading it allocates nothing.
thread_local Block *current __attribute__((tls_model("initial-exec"))) = nullptr;

void leaveLane(LaneState at) {
  Lane &lane = current->lanes[current->running];
  lane.at = at;
  lane.fiber.switchTo(current->scheduler);
}

// The context ended (reset, or a fault elsewhere): this block ends here and now, without unwinding.
void leaveIfEnded() {
  if (!current->plan.epoch->hasEnded.load(std::memory_order_relaxed)) return;
  current->isAbandoned = true;
  leaveLane(LaneState::done);
}

void laneEntry() {
  current->plan.call(current->plan.parameters);
  leaveLane(LaneState::done);
  __builtin_unreachable();
}

uint64_t *canaryOf(Block &block, unsigned lane) { return reinterpret_cast<uint64_t *>(block.stacks + lane * stackBytes); }

void prepareLanes(Block &block) {
  const auto &size = block.plan.blockSize;
  unsigned count = size[0] * size[1] * size[2];
  block.lanes.resize(count);
  block.ready.resize(count);
  block.shared.assign(block.plan.sharedBytes, char(0xCD));
  void *mapping = mmap(nullptr, guardBytes + count * stackBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED || mprotect(static_cast<char *>(mapping) + guardBytes, count * stackBytes, PROT_READ | PROT_WRITE) != 0) {
    if (mapping != MAP_FAILED) munmap(mapping, guardBytes + count * stackBytes);
    block.fault = launchFailed;
    return;
  }
  block.stacks = static_cast<char *>(mapping) + guardBytes;
  for (unsigned i = 0; i < count; i++) {
    Lane &lane = block.lanes[i];
    const auto &p = block.plan;
    lane.state = { { i % size[0], i / size[0] % size[1], i / (size[0] * size[1]) }, { p.block[0], p.block[1], p.block[2] }, { size[0], size[1], size[2] }, { p.gridSize[0], p.gridSize[1], p.gridSize[2] } };
    *canaryOf(block, i) = canary;
    lane.fiber.prepare(block.stacks + i * stackBytes, stackBytes, laneEntry);
    block.push(i);
  }
}

void runLanes(Block &block) {
  for (;;) {
    if (block.readyCount == 0) {
      // All that still run wait at the barrier: it opens. (Lanes that have ended do not count, as with barrier.sync.)
      for (unsigned i = 0; i < block.lanes.size(); i++) {
        if (block.lanes[i].at != LaneState::waiting) continue;
        block.lanes[i].at = LaneState::ready;
        block.push(i);
      }
      if (block.readyCount == 0) return;
    }
    block.running = block.pop();
    Lane &lane = block.lanes[block.running];
    block.scheduler.switchTo(lane.fiber);
    if (*canaryOf(block, block.running) != canary) block.fault = hardwareStackError;
    if (block.isAbandoned || block.fault != 0) return;
    if (lane.at == LaneState::ready) block.push(block.running);
  }
}

struct sigaction previous[NSIG];

void onFault(int signal, siginfo_t *info, void *context) {
  if (current != nullptr) siglongjmp(current->trap, signal);
  const struct sigaction &before = previous[signal];
  if (before.sa_flags & SA_SIGINFO) before.sa_sigaction(signal, info, context);
  else if (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN) std::signal(signal, SIG_DFL);  // the instruction runs again and ends the process
  else before.sa_handler(signal);
}

}

int runBlock(const BlockPlan &plan) {
  // The handler needs a stack of its own: the lane's may be what overflowed.
  std::vector<char> signalStack(signalStackBytes);
  stack_t mine{}, before{};
  mine.ss_sp = signalStack.data();
  mine.ss_size = signalStack.size();
  sigaltstack(&mine, &before);

  Block block(plan);
  prepareLanes(block);
  current = &block;
  if (block.fault == 0) {
    int signal = sigsetjmp(block.trap, 1);
    if (signal == 0) runLanes(block);
    else block.fault = signal == SIGSEGV || signal == SIGBUS ? illegalAddress : launchFailed;
  }
  current = nullptr;
  if (block.stacks != nullptr) munmap(block.stacks - guardBytes, guardBytes + block.lanes.size() * stackBytes);
  sigaltstack(&before, nullptr);
  return block.fault;
}

void trapFaults() {
  static bool isInstalled = false;
  if (isInstalled) return;
  isInstalled = true;
  struct sigaction action{};
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int signal : { SIGSEGV, SIGBUS, SIGFPE, SIGILL }) sigaction(signal, &action, &previous[signal]);
}

}

using namespace sim;

extern "C" {

__attribute__((visibility("default"))) rl_sim_lane_state *rl_sim_lane(void) { return &current->lanes[current->running].state; }

__attribute__((visibility("default"))) void rl_sim_barrier(void) {
  leaveIfEnded();
  leaveLane(LaneState::waiting);
}

__attribute__((visibility("default"))) void rl_sim_yield(void) {
  leaveIfEnded();
  if (current->readyCount > 0) leaveLane(LaneState::ready);
  else if ((++current->idlePolls & 15) == 0) sched_yield();
}

__attribute__((visibility("default"))) void rl_sim_nanosleep(unsigned nanoseconds) {
  leaveIfEnded();
  if (current->readyCount > 0) return leaveLane(LaneState::ready);
  // A short sleep is shorter than the system's own; a long one lets hundreds of waiting blocks cost next to nothing.
  constexpr unsigned shortest = 2000;
  if (nanoseconds < shortest) sched_yield();
  else {
    timespec time{ 0, long(nanoseconds) };
    nanosleep(&time, nullptr);
  }
}

__attribute__((visibility("default"))) unsigned long long rl_sim_globaltimer_ns(void) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000000000ull + now.tv_nsec;
}

__attribute__((visibility("default"))) void *rl_sim_dynamic_shared(void) { return current->shared.data(); }

}
