// The state of the simulated GPUs: contexts and what lives in them, the tables of handles, and how a call enters. One lock guards all of it.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace sim {

// cuda.h, enum CUresult: those the simulator gives by itself.
enum Status : int {
  success = 0, invalidValue = 1, outOfMemory = 2, notInitialized = 3, noDevice = 100, invalidDevice = 101, invalidImage = 200, invalidContext = 201,
  invalidPtx = 218, invalidHandle = 400, notFound = 500, notReady = 600, launchOutOfResources = 701, contextIsDestroyed = 709,
  alreadyRegistered = 712, notRegistered = 713, notSupported = 801, captureUnsupported = 900, captureInvalidated = 901,
};

// The time between two resets of a context. Kernels hold it, so that they learn of its end whatever has become of the context.
struct Epoch {
  std::atomic<bool> hasEnded{ false };
  std::atomic<int> stickyStatus{ 0 };
  std::atomic<int> runningGrids{ 0 };
};

struct Context {
  int ordinal = 0;
  uint64_t handle = 0;
  int retained = 0;
  bool isActive = false;
  std::shared_ptr<Epoch> epoch;
};

enum class MemoryKind { device, host, registered };

struct Allocation {
  MemoryKind kind;
  uint64_t address;
  size_t bytes;
  void *mapping;
  size_t mappedBytes;
  Context *context;
};

struct Module;
struct Function;

struct Event {
  Context *context;
  bool hasTiming;
  uint64_t recorded = 0, completed = 0;
  uint64_t completedNs = 0;
};

struct Stream;
using Operation = std::function<void()>;

struct Graph { Context *context; std::vector<Operation> operations; };

// A queue of work with an OS thread of its own.
struct Stream {
  Context *context;
  std::shared_ptr<Epoch> epoch;
  std::deque<Operation> queue;
  bool isBusy = false, isClosing = false;
  std::condition_variable wake, idle;
  std::shared_ptr<Graph> capture;
};

struct Room { int threads, blocks; long sharedBytes; };

struct Fault { std::string call; int status; uint64_t callsBefore; };

struct World {
  std::mutex lock;
  bool isInitialized = false;
  std::vector<std::unique_ptr<Context>> contexts;
  uint64_t nextHandle = 0x10000;
  std::map<uint64_t, Allocation> allocations;
  std::map<uint64_t, std::shared_ptr<Stream>> streams;
  std::map<uint64_t, std::shared_ptr<Event>> events;
  std::map<uint64_t, std::shared_ptr<Module>> modules;
  std::map<uint64_t, std::shared_ptr<Function>> functions;
  std::map<uint64_t, std::shared_ptr<Graph>> graphs, executables;
  std::condition_variable eventsMoved, roomMade, gridsMoved;
  // Free room of each multiprocessor, and the blocks that wait for some, in the order in which they came.
  std::vector<Room> multiprocessors;
  std::deque<const void *> waitingBlocks;
  std::vector<Fault> faults;
  int driverVersion = 13000;
  size_t memoryBytes = 0;
  uint64_t launches = 0, callsBesideKernels = 0, leakedAllocations = 0, leakedGrids = 0;

  uint64_t handle() { return nextHandle += 16; }
};

// Never destroyed: detached threads of kernels that do not end may outlive everything else in the process.
World &world();
Context *&currentContext();

using Guard = std::unique_lock<std::mutex>;

enum class Needs { nothing, start, context };

// Every exported function begins here: gives the injected fault, or says that the driver is not started, that there is no context, or that it is lost.
int enter(const char *call, Needs needs);
#define RL_ENTER(call, needs) \
  if (int status = ::sim::enter(call, ::sim::Needs::needs)) return status; \
  ::sim::Guard guard(::sim::world().lock)

// Whether the n-th kernel from now never starts (the fault 'never-ready').
bool takesNeverReady();
// Whether cuInit ends the process, as a broken driver's does.
bool takesCrash();
bool isSticky(int status);

// A setting of the environment, read when the driver starts.
long setting(const char *name, long otherwise);
// RINGLAB_SIM_ATTRIBUTES="17=1,99=0": device attributes that are other than usual.
bool attributeOverride(int attribute, int &value);
uint64_t nowNs();

// Counts a call that a real driver may hold up while a kernel is resident. The lock is held.
void noteCallBesideKernels();
// Ends all kernels of the context at their next place to leave; a status other than 0 is what every later call answers. The lock is held.
void endEpoch(Epoch &epoch, int stickyStatus);
// Frees everything of the context. The lock is held; it is given back while kernels are waited for.
void destroyContents(Context &context, Guard &guard);
void releaseMemoryOf(Context &context, bool mayFree);
void releaseModulesOf(Context &context);

}

#define RL_EXPORT extern "C" __attribute__((visibility("default"))) int
