// The management library of the simulated GPUs: a temperature that stays, and this process as the only one that computes.
#include "world.h"
#include <cstdio>
#include <cstring>
#include <unistd.h>

using namespace sim;

namespace {
enum Result : int { done = 0, invalidArgument = 2, notFoundHere = 6 };
struct Rates { unsigned gpu, memory; };
struct Amounts { unsigned long long total, free, used; };
struct Process { unsigned pid; unsigned long long memory; unsigned gpuInstance, computeInstance; };

// NVML's device handle is the ordinal and one.
Context *contextOf(uint64_t device) {
  return device >= 1 && device <= world().contexts.size() ? world().contexts[device - 1].get() : nullptr;
}

unsigned long long usedBy(const Context &context) {
  unsigned long long sum = 0;
  for (const auto &[address, allocation] : world().allocations)
    if (allocation.kind == MemoryKind::device && allocation.context == &context) sum += allocation.bytes;
  return sum;
}
}

RL_EXPORT nvmlInit_v2(void) { return enter("nvmlInit_v2", Needs::nothing); }
RL_EXPORT nvmlShutdown(void) { return done; }

RL_EXPORT nvmlSystemGetDriverVersion(char *version, unsigned length) {
  snprintf(version, length, "simulated");
  return done;
}

RL_EXPORT nvmlDeviceGetHandleByPciBusId_v2(const char *id, uint64_t *device) {
  Guard guard(world().lock);
  unsigned bus = 0;
  if (sscanf(id, "0000:%x:00.0", &bus) != 1 || contextOf(bus) == nullptr) return notFoundHere;
  *device = bus;
  return done;
}

RL_EXPORT nvmlDeviceGetTemperature(uint64_t device, int sensor, unsigned *celsius) {
  Guard guard(world().lock);
  if (contextOf(device) == nullptr || sensor != 0) return invalidArgument;
  *celsius = 40;
  return done;
}

RL_EXPORT nvmlDeviceGetUtilizationRates(uint64_t device, Rates *rates) {
  Guard guard(world().lock);
  Context *context = contextOf(device);
  if (context == nullptr) return invalidArgument;
  *rates = { context->epoch && context->epoch->runningGrids > 0 ? 100u : 0u, 0 };
  return done;
}

RL_EXPORT nvmlDeviceGetMemoryInfo(uint64_t device, Amounts *amounts) {
  Guard guard(world().lock);
  Context *context = contextOf(device);
  if (context == nullptr) return invalidArgument;
  unsigned long long used = usedBy(*context);
  *amounts = { world().memoryBytes, world().memoryBytes - used, used };
  return done;
}

RL_EXPORT nvmlDeviceGetComputeRunningProcesses_v3(uint64_t device, unsigned *count, Process *processes) {
  Guard guard(world().lock);
  Context *context = contextOf(device);
  if (context == nullptr || *count < 1) return invalidArgument;
  *count = context->isActive ? 1 : 0;
  if (*count == 1) processes[0] = { unsigned(getpid()), usedBy(*context), 0, 0 };
  return done;
}
