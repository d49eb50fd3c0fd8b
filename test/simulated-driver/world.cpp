// The state itself, how calls enter, and the faults that tests inject.
#include "world.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <sstream>

namespace sim {

World &world() {
  static World *only = new World;
  return *only;
}

Context *&currentContext() {
  static thread_local Context *current = nullptr;
  return current;
}

// enum CUresult: faults after which every call of the context fails.
bool isSticky(int status) {
  static const int all[] = { 214, 220, 226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721 };
  return std::find(std::begin(all), std::end(all), status) != std::end(all);
}

// The lock is held. A fault is due when as many calls as it asks for went by; it happens once.
static int takeFault(const char *call) {
  auto &faults = world().faults;
  for (auto fault = faults.begin(); fault != faults.end(); ++fault) {
    if (fault->call != call) continue;
    if (fault->callsBefore-- > 0) continue;
    int status = fault->status;
    faults.erase(fault);
    return status;
  }
  return success;
}

bool takesCrash() { return takeFault("crash") != success; }
bool takesNeverReady() { return takeFault("never-ready") != success; }

int enter(const char *call, Needs needs) {
  Guard guard(world().lock);
  Context *context = currentContext();
  if (int status = takeFault(call)) {
    if (isSticky(status) && context != nullptr && context->isActive) endEpoch(*context->epoch, status);
    return status;
  }
  if (needs == Needs::nothing) return success;
  if (!world().isInitialized) return notInitialized;
  if (needs == Needs::start) return success;
  if (context == nullptr) return invalidContext;
  if (!context->isActive) return contextIsDestroyed;
  return context->epoch->stickyStatus;
}

long setting(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text == nullptr || *text == 0 ? otherwise : strtol(text, nullptr, 10);
}

static std::vector<std::string> listed(const char *name) {
  std::vector<std::string> parts;
  const char *text = getenv(name);
  std::stringstream stream(text == nullptr ? "" : text);
  for (std::string part; std::getline(stream, part, ',');)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

bool attributeOverride(int attribute, int &value) {
  for (const auto &part : listed("RINGLAB_SIM_ATTRIBUTES")) {
    auto equals = part.find('=');
    if (equals == std::string::npos || atoi(part.c_str()) != attribute) continue;
    value = atoi(part.c_str() + equals + 1);
    return true;
  }
  return false;
}

uint64_t nowNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1000000000u + now.tv_nsec;
}

void endEpoch(Epoch &epoch, int stickyStatus) {
  World &w = world();
  epoch.stickyStatus = stickyStatus;
  epoch.hasEnded = true;
  w.eventsMoved.notify_all();
  w.roomMade.notify_all();
  for (auto &[handle, stream] : w.streams) stream->idle.notify_all();
}

void noteCallBesideKernels() {
  for (const auto &context : world().contexts)
    if (context->epoch && context->epoch->runningGrids > 0) {
      world().callsBesideKernels++;
      return;
    }
}

// "cuMemAlloc_v2:2@3,cuLaunchKernel:719,never-ready@2,crash,driver-version=11040": what fails, with which status, and which call of it (the first, if not said).
static void readFaults() {
  for (const auto &part : listed("RINGLAB_SIM_FAULTS")) {
    auto at = part.find('@');
    uint64_t before = at == std::string::npos ? 0 : strtoull(part.c_str() + at + 1, nullptr, 10) - 1;
    std::string what = part.substr(0, at);
    auto colon = what.find(':');
    if (what.rfind("driver-version=", 0) == 0) world().driverVersion = atoi(what.c_str() + strlen("driver-version="));
    else if (what == "crash") world().faults.push_back({ what, 1, before });
    else if (what == "never-ready") world().faults.push_back({ what, 1, before });
    else if (colon != std::string::npos) world().faults.push_back({ what.substr(0, colon), atoi(what.c_str() + colon + 1), before });
    else fprintf(stderr, "simulated driver: RINGLAB_SIM_FAULTS has '%s', which is not CALL:STATUS[@N], never-ready[@N], crash or driver-version=N\n", part.c_str());
  }
}

static void readSettings() {
  World &w = world();
  w.driverVersion = 13000;
  w.faults.clear();
  w.multiprocessors.clear();
  w.memoryBytes = size_t(setting("RINGLAB_SIM_MEMORY", 1l << 30));
  readFaults();
}

// Before the first call: cuDriverGetVersion may come before cuInit.
__attribute__((constructor)) static void atLoad() { readSettings(); }

}

using namespace sim;

// What tests read and set. The order of the counts is that of `counts` in simulator.js.
extern "C" __attribute__((visibility("default"))) void ringlabSimulatorCounts(uint64_t *counts) {
  Guard guard(world().lock);
  World &w = world();
  uint64_t byKind[3] = {}, deviceBytes = 0, grids = 0, retained = 0;
  for (const auto &[address, allocation] : w.allocations) {
    byKind[int(allocation.kind)]++;
    if (allocation.kind == MemoryKind::device) deviceBytes += allocation.bytes;
  }
  for (const auto &context : w.contexts) {
    retained += context->retained;
    if (context->epoch) grids += context->epoch->runningGrids;
  }
  const uint64_t all[] = { byKind[0], deviceBytes, byKind[1], byKind[2], w.modules.size(), w.streams.size(), w.events.size(), w.graphs.size() + w.executables.size(), grids, retained,
    w.launches, w.callsBesideKernels, w.leakedAllocations, w.leakedGrids };
  std::copy(std::begin(all), std::end(all), counts);
}

extern "C" __attribute__((visibility("default"))) void ringlabSimulatorInject(const char *call, int status, uint64_t afterCalls) {
  Guard guard(world().lock);
  world().faults.push_back({ call, status, afterCalls });
}

// As if the process were new: every context is reset and released, and the settings are read again.
extern "C" __attribute__((visibility("default"))) void ringlabSimulatorReset(void) {
  Guard guard(world().lock);
  for (auto &context : world().contexts) {
    if (context->isActive) destroyContents(*context, guard);
    context->retained = 0;
    context->isActive = false;
  }
  World &w = world();
  w.launches = w.callsBesideKernels = w.leakedAllocations = w.leakedGrids = 0;
  w.isInitialized = false;
  readSettings();
}

// What native code of this process reads from its environment.
extern "C" __attribute__((visibility("default"))) const char *ringlabSimulatorEnvironment(const char *name) { return getenv(name); }
