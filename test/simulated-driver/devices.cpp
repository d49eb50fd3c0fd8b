// Starting the driver, what the simulated GPUs are, and their primary contexts.
#include "fibers.h"
#include "grids.h"
#include "world.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace sim;

static Context *contextOf(int ordinal) {
  return ordinal >= 0 && size_t(ordinal) < world().contexts.size() ? world().contexts[ordinal].get() : nullptr;
}

RL_EXPORT cuDriverGetVersion(int *version) {
  RL_ENTER("cuDriverGetVersion", nothing);
  *version = world().driverVersion;
  return success;
}

RL_EXPORT cuInit(unsigned flags) {
  RL_ENTER("cuInit", nothing);
  World &w = world();
  if (takesCrash()) abort();
  long count = setting("RINGLAB_SIM_DEVICES", 1);
  if (flags != 0) return invalidValue;
  if (count == 0) return noDevice;
  // Contexts are never taken away: threads may still point at them.
  for (long i = long(w.contexts.size()); i < count; i++) {
    w.contexts.push_back(std::make_unique<Context>());
    w.contexts.back()->ordinal = int(i);
    w.contexts.back()->handle = w.handle();
  }
  trapFaults();
  w.isInitialized = true;
  return success;
}

struct StatusName { int status; const char *name; };
static const StatusName statusNames[] = {
  { 0, "CUDA_SUCCESS" }, { 1, "CUDA_ERROR_INVALID_VALUE" }, { 2, "CUDA_ERROR_OUT_OF_MEMORY" }, { 3, "CUDA_ERROR_NOT_INITIALIZED" }, { 34, "CUDA_ERROR_STUB_LIBRARY" },
  { 100, "CUDA_ERROR_NO_DEVICE" }, { 101, "CUDA_ERROR_INVALID_DEVICE" }, { 200, "CUDA_ERROR_INVALID_IMAGE" }, { 201, "CUDA_ERROR_INVALID_CONTEXT" },
  { 209, "CUDA_ERROR_NO_BINARY_FOR_GPU" }, { 214, "CUDA_ERROR_ECC_UNCORRECTABLE" }, { 218, "CUDA_ERROR_INVALID_PTX" }, { 222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION" },
  { 304, "CUDA_ERROR_OPERATING_SYSTEM" }, { 400, "CUDA_ERROR_INVALID_HANDLE" }, { 500, "CUDA_ERROR_NOT_FOUND" }, { 600, "CUDA_ERROR_NOT_READY" },
  { 700, "CUDA_ERROR_ILLEGAL_ADDRESS" }, { 701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES" }, { 702, "CUDA_ERROR_LAUNCH_TIMEOUT" }, { 709, "CUDA_ERROR_CONTEXT_IS_DESTROYED" },
  { 710, "CUDA_ERROR_ASSERT" }, { 712, "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED" }, { 713, "CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED" }, { 714, "CUDA_ERROR_HARDWARE_STACK_ERROR" },
  { 715, "CUDA_ERROR_ILLEGAL_INSTRUCTION" }, { 716, "CUDA_ERROR_MISALIGNED_ADDRESS" }, { 717, "CUDA_ERROR_INVALID_ADDRESS_SPACE" }, { 718, "CUDA_ERROR_INVALID_PC" },
  { 719, "CUDA_ERROR_LAUNCH_FAILED" }, { 801, "CUDA_ERROR_NOT_SUPPORTED" }, { 900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED" }, { 901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED" }, { 999, "CUDA_ERROR_UNKNOWN" },
};

RL_EXPORT cuGetErrorName(int status, const char **name) {
  auto found = std::find_if(std::begin(statusNames), std::end(statusNames), [=](const StatusName &each) { return each.status == status; });
  *name = found == std::end(statusNames) ? nullptr : found->name;
  return *name == nullptr ? invalidValue : success;
}

RL_EXPORT cuDeviceGetCount(int *count) {
  RL_ENTER("cuDeviceGetCount", start);
  *count = int(setting("RINGLAB_SIM_DEVICES", 1));
  return success;
}

RL_EXPORT cuDeviceGet(int *device, int ordinal) {
  RL_ENTER("cuDeviceGet", start);
  if (contextOf(ordinal) == nullptr) return invalidDevice;
  *device = ordinal;
  return success;
}

RL_EXPORT cuDeviceGetName(char *name, int length, int device) {
  RL_ENTER("cuDeviceGetName", start);
  if (contextOf(device) == nullptr) return invalidDevice;
  snprintf(name, length, "Simulated GPU");
  return success;
}

RL_EXPORT cuDeviceGetPCIBusId(char *id, int length, int device) {
  RL_ENTER("cuDeviceGetPCIBusId", start);
  if (contextOf(device) == nullptr) return invalidDevice;
  snprintf(id, length, "0000:%02x:00.0", device + 1);
  return success;
}

RL_EXPORT cuDeviceTotalMem_v2(size_t *bytes, int device) {
  RL_ENTER("cuDeviceTotalMem_v2", start);
  if (contextOf(device) == nullptr) return invalidDevice;
  *bytes = world().memoryBytes;
  return success;
}

RL_EXPORT cuDeviceGetAttribute(int *value, int attribute, int device) {
  RL_ENTER("cuDeviceGetAttribute", start);
  if (contextOf(device) == nullptr) return invalidDevice;
  if (attributeOverride(attribute, *value)) return success;
  const long capability = setting("RINGLAB_SIM_CAPABILITY", 90);
  switch (attribute) {
    case 1: *value = threadsPerBlockMax; break;
    case 8: *value = sharedBytesPerBlockMax; break;
    case 10: *value = 32; break;
    case 12: case 82: *value = 65536; break;
    case 13: *value = 1000000; break;
    case 16: *value = int(setting("RINGLAB_SIM_SMS", 8)); break;
    case 19: case 31: case 41: case 99: *value = 1; break;
    case 39: *value = threadsPerMultiprocessorMax; break;
    case 75: *value = int(capability / 10); break;
    case 76: *value = int(capability % 10); break;
    case 81: *value = sharedBytesPerMultiprocessorMax; break;
    case 106: *value = blocksPerMultiprocessorMax; break;
    default: *value = 0;
  }
  return success;
}

RL_EXPORT cuDevicePrimaryCtxRetain(uint64_t *handle, int device) {
  RL_ENTER("cuDevicePrimaryCtxRetain", start);
  Context *context = contextOf(device);
  if (context == nullptr) return invalidDevice;
  if (!context->isActive) context->epoch = std::make_shared<Epoch>();
  context->isActive = true;
  context->retained++;
  *handle = context->handle;
  return success;
}

RL_EXPORT cuDevicePrimaryCtxRelease_v2(int device) {
  RL_ENTER("cuDevicePrimaryCtxRelease_v2", start);
  Context *context = contextOf(device);
  if (context == nullptr) return invalidDevice;
  if (context->retained == 0) return invalidContext;
  if (--context->retained > 0 || !context->isActive) return success;
  destroyContents(*context, guard);
  context->isActive = false;
  return success;
}

// Kernels of this context leave at their next barrier, yield or sleep. One that reaches none of these cannot be ended: its thread goes on
// for ever, and all memory of the context is left as it is and counted as leaked.
RL_EXPORT cuDevicePrimaryCtxReset_v2(int device) {
  RL_ENTER("cuDevicePrimaryCtxReset_v2", start);
  Context *context = contextOf(device);
  if (context == nullptr) return invalidDevice;
  if (!context->isActive) return success;
  destroyContents(*context, guard);
  context->isActive = false;
  return success;
}

RL_EXPORT cuCtxSetCurrent(uint64_t handle) {
  RL_ENTER("cuCtxSetCurrent", start);
  if (handle == 0) {
    currentContext() = nullptr;
    return success;
  }
  for (auto &context : world().contexts)
    if (context->handle == handle) {
      if (!context->isActive) return contextIsDestroyed;
      currentContext() = context.get();
      return success;
    }
  return invalidContext;
}
