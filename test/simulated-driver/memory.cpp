// Memory: of the GPU, pinned, and registered. Fresh memory is poisoned, and lies against a guard page, so that reading past the end or after
// the free is an illegal address. A device address is the host's own, but only calls that take one accept it.
#include "grids.h"
#include "world.h"
#include <cstring>
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

namespace sim {

constexpr unsigned char deviceMemoryPoison = 0xCD, hostPoison = 0xA5;
constexpr size_t alignment = 256;

// The allocation in which all of the range lies.
static const Allocation *allocationOf(uint64_t address, size_t bytes) {
  auto &all = world().allocations;
  auto next = all.upper_bound(address);
  if (next == all.begin()) return nullptr;
  const Allocation &found = std::prev(next)->second;
  return address + bytes <= found.address + found.bytes ? &found : nullptr;
}

// A module's global variables lie in its library.
static bool isInModule(uint64_t address, size_t bytes) {
  Dl_info first{}, last{};
  if (dladdr(reinterpret_cast<void *>(address), &first) == 0 || dladdr(reinterpret_cast<void *>(address + bytes - 1), &last) == 0 || first.dli_fbase != last.dli_fbase) return false;
  for (const auto &[handle, module] : world().modules)
    if (module->context == currentContext() && module->path == first.dli_fname) return true;
  return false;
}

static bool isDeviceRange(uint64_t address, size_t bytes) { return bytes == 0 || allocationOf(address, bytes) != nullptr || isInModule(address, bytes); }

static size_t deviceBytesOf(const Context &context) {
  size_t sum = 0;
  for (const auto &[address, allocation] : world().allocations)
    if (allocation.kind == MemoryKind::device && allocation.context == &context) sum += allocation.bytes;
  return sum;
}

static int allocate(MemoryKind kind, size_t bytes, unsigned char poison, uint64_t *address) {
  const size_t page = size_t(sysconf(_SC_PAGESIZE));
  const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  const size_t usable = (rounded + page - 1) / page * page;
  void *mapping = mmap(nullptr, usable + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) return outOfMemory;
  char *start = static_cast<char *>(mapping) + page;
  if (mprotect(start, usable, PROT_READ | PROT_WRITE) != 0) {
    munmap(mapping, usable + 2 * page);
    return outOfMemory;
  }
  memset(start, poison, usable);
  // Pinned memory begins at a page, as the driver's does; the GPU's ends at the guard.
  char *first = kind == MemoryKind::host ? start : start + usable - rounded;
  *address = reinterpret_cast<uint64_t>(first);
  world().allocations[*address] = { kind, *address, bytes, mapping, usable + 2 * page, currentContext() };
  return success;
}

static int release(MemoryKind kind, uint64_t address, int whenUnknown) {
  auto found = world().allocations.find(address);
  if (found == world().allocations.end() || found->second.kind != kind) return whenUnknown;
  if (found->second.mapping != nullptr) munmap(found->second.mapping, found->second.mappedBytes);
  world().allocations.erase(found);
  return success;
}

void releaseMemoryOf(Context &context, bool mayFree) {
  auto &all = world().allocations;
  for (auto each = all.begin(); each != all.end();) {
    const Allocation &allocation = each->second;
    if (allocation.context != &context) { ++each; continue; }
    if (allocation.mapping != nullptr && mayFree) munmap(allocation.mapping, allocation.mappedBytes);
    if (!mayFree) world().leakedAllocations++;
    each = all.erase(each);
  }
}

}

using namespace sim;

RL_EXPORT cuMemGetInfo_v2(size_t *freeBytes, size_t *totalBytes) {
  RL_ENTER("cuMemGetInfo_v2", context);
  *totalBytes = world().memoryBytes;
  *freeBytes = world().memoryBytes - deviceBytesOf(*currentContext());
  return success;
}

RL_EXPORT cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  RL_ENTER("cuMemAlloc_v2", context);
  if (bytes == 0) return invalidValue;
  noteCallBesideKernels();
  if (bytes > world().memoryBytes - deviceBytesOf(*currentContext())) return outOfMemory;
  return allocate(MemoryKind::device, bytes, deviceMemoryPoison, address);
}

RL_EXPORT cuMemFree_v2(uint64_t address) {
  RL_ENTER("cuMemFree_v2", context);
  if (address == 0) return success;
  noteCallBesideKernels();
  return release(MemoryKind::device, address, invalidValue);
}

RL_EXPORT cuMemHostAlloc(uint64_t *address, size_t bytes, unsigned) {
  RL_ENTER("cuMemHostAlloc", context);
  if (bytes == 0) return invalidValue;
  noteCallBesideKernels();
  return allocate(MemoryKind::host, bytes, hostPoison, address);
}

RL_EXPORT cuMemFreeHost(uint64_t address) {
  RL_ENTER("cuMemFreeHost", context);
  noteCallBesideKernels();
  return release(MemoryKind::host, address, invalidValue);
}

RL_EXPORT cuMemHostRegister_v2(uint64_t address, size_t bytes, unsigned) {
  RL_ENTER("cuMemHostRegister_v2", context);
  if (bytes == 0 || address == 0) return invalidValue;
  int canRegister = 1;
  if (attributeOverride(99, canRegister) && canRegister == 0) return notSupported;
  noteCallBesideKernels();
  auto next = world().allocations.lower_bound(address + bytes);
  if (next != world().allocations.begin()) {
    const Allocation &before = std::prev(next)->second;
    if (before.address + before.bytes > address) return alreadyRegistered;
  }
  world().allocations[address] = { MemoryKind::registered, address, bytes, nullptr, 0, currentContext() };
  return success;
}

RL_EXPORT cuMemHostUnregister(uint64_t address) {
  RL_ENTER("cuMemHostUnregister", context);
  noteCallBesideKernels();
  return release(MemoryKind::registered, address, notRegistered);
}

RL_EXPORT cuMemHostGetDevicePointer_v2(uint64_t *deviceAddress, uint64_t address, unsigned) {
  RL_ENTER("cuMemHostGetDevicePointer_v2", context);
  const Allocation *allocation = allocationOf(address, 1);
  if (allocation == nullptr || allocation->kind == MemoryKind::device) return invalidValue;
  *deviceAddress = address;
  return success;
}

// Defined in streams.cpp: gives work to a stream, or to the graph that it records.
namespace sim { int enqueue(uint64_t stream, Operation operation); }

static int copyNow(uint64_t to, uint64_t from, size_t bytes, bool isDeviceKnown) {
  if (!isDeviceKnown) return invalidValue;
  memcpy(reinterpret_cast<void *>(to), reinterpret_cast<void *>(from), bytes);
  return success;
}

static int copyLater(uint64_t to, uint64_t from, size_t bytes, uint64_t stream, bool isDeviceKnown) {
  if (!isDeviceKnown) return invalidValue;
  return enqueue(stream, [=] { memcpy(reinterpret_cast<void *>(to), reinterpret_cast<void *>(from), bytes); });
}

RL_EXPORT cuMemcpyHtoD_v2(uint64_t to, uint64_t from, size_t bytes) {
  RL_ENTER("cuMemcpyHtoD_v2", context);
  return copyNow(to, from, bytes, isDeviceRange(to, bytes));
}

RL_EXPORT cuMemcpyDtoH_v2(uint64_t to, uint64_t from, size_t bytes) {
  RL_ENTER("cuMemcpyDtoH_v2", context);
  return copyNow(to, from, bytes, isDeviceRange(from, bytes));
}

RL_EXPORT cuMemcpyHtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, uint64_t stream) {
  RL_ENTER("cuMemcpyHtoDAsync_v2", context);
  return copyLater(to, from, bytes, stream, isDeviceRange(to, bytes));
}

RL_EXPORT cuMemcpyDtoHAsync_v2(uint64_t to, uint64_t from, size_t bytes, uint64_t stream) {
  RL_ENTER("cuMemcpyDtoHAsync_v2", context);
  return copyLater(to, from, bytes, stream, isDeviceRange(from, bytes));
}

RL_EXPORT cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, uint64_t stream) {
  RL_ENTER("cuMemcpyDtoDAsync_v2", context);
  return copyLater(to, from, bytes, stream, isDeviceRange(to, bytes) && isDeviceRange(from, bytes));
}

RL_EXPORT cuMemsetD8Async(uint64_t address, unsigned char byte, size_t bytes, uint64_t stream) {
  RL_ENTER("cuMemsetD8Async", context);
  if (!isDeviceRange(address, bytes)) return invalidValue;
  return enqueue(stream, [=] { memset(reinterpret_cast<void *>(address), byte, bytes); });
}
