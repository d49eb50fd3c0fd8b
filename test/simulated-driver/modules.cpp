// Modules: programs of the simulated compiler are shared libraries, named by their image. Each load is a copy of its own, with globals of its own.
#include "grids.h"
#include "gxx.h"
#include "world.h"
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <link.h>
#include <unistd.h>

namespace sim {

// As shim.h declares it for the kernels.
struct Entry { void (*call)(void **parameters); unsigned count; const unsigned *sizes; };

Module::~Module() {
  if (library != nullptr) dlclose(library);
}

// What a module keeps in thread-local storage is its shared memory.
struct SharedPart { const std::string &path; size_t bytes = 0; char *begin = nullptr; size_t initialized = 0; };

static int findShared(dl_phdr_info *info, size_t, void *wanted) {
  auto &part = *static_cast<SharedPart *>(wanted);
  if (part.path != info->dlpi_name) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto &header = info->dlpi_phdr[i];
    if (header.p_type != PT_TLS) continue;
    part.bytes = header.p_memsz;
    part.initialized = header.p_filesz;
    part.begin = static_cast<char *>(info->dlpi_tls_data);
  }
  return 1;
}

void poisonShared(const Module &module) {
  if (module.touchShared == nullptr) return;
  // The thread's copy comes into being on first use.
  module.touchShared();
  SharedPart part{ module.path };
  dl_iterate_phdr(findShared, &part);
  if (part.begin != nullptr) memset(part.begin + part.initialized, 0xCD, part.bytes - part.initialized);
}

void releaseModulesOf(Context &context) {
  std::erase_if(world().functions, [&](auto &each) { return each.second->module->context == &context; });
  std::erase_if(world().modules, [&](auto &each) { return each.second->context == &context; });
}

// A library is loaded once under one name, so each load gets a file of its own, which is gone as soon as it is loaded.
static std::shared_ptr<Module> loadCopy(const std::string &path, std::string &log) {
  static unsigned loads = 0;
  const std::string copy = path + "." + std::to_string(getpid()) + "-" + std::to_string(loads++) + ".so";
  {
    std::ifstream from(path, std::ios::binary);
    std::ofstream to(copy, std::ios::binary);
    if (!from || !(to << from.rdbuf())) {
      log = "simulated driver: cannot copy " + path;
      return nullptr;
    }
  }
  auto module = std::make_shared<Module>();
  module->context = currentContext();
  module->path = copy;
  module->library = dlopen(copy.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module->library == nullptr) log = dlerror();
  unlink(copy.c_str());
  if (module->library == nullptr) return nullptr;
  SharedPart part{ module->path };
  dl_iterate_phdr(findShared, &part);
  module->sharedBytes = part.bytes;
  module->touchShared = reinterpret_cast<void (*)()>(dlsym(module->library, "rl_sim_touch_shared"));
  return module;
}

void giveLog(const std::string &log, unsigned count, const int *options, void *const *values) {
  constexpr int errorLog = 5, errorLogBytes = 6;
  char *buffer = nullptr;
  size_t bytes = 0;
  for (unsigned i = 0; i < count; i++) {
    if (options[i] == errorLog) buffer = static_cast<char *>(values[i]);
    if (options[i] == errorLogBytes) bytes = reinterpret_cast<size_t>(values[i]);
  }
  if (buffer != nullptr && bytes > 0) snprintf(buffer, bytes, "%s", log.c_str());
}

}

using namespace sim;

RL_EXPORT cuModuleLoadDataEx(uint64_t *handle, const char *image, unsigned count, const int *options, void *const *values) {
  RL_ENTER("cuModuleLoadDataEx", context);
  noteCallBesideKernels();
  if (strncmp(image, imageMark.c_str(), imageMark.size()) != 0) {
    giveLog("simulated driver: this is no program of the simulated compiler", count, options, values);
    return memcmp(image, "\177ELF", 4) == 0 ? invalidImage : invalidPtx;
  }
  const char *path = image + imageMark.size();
  std::string log;
  auto module = loadCopy(std::string(path, strcspn(path, "\n")), log);
  if (!module) {
    giveLog(log, count, options, values);
    return invalidImage;
  }
  *handle = world().handle();
  world().modules[*handle] = module;
  return success;
}

RL_EXPORT cuModuleUnload(uint64_t handle) {
  RL_ENTER("cuModuleUnload", context);
  noteCallBesideKernels();
  auto found = world().modules.find(handle);
  if (found == world().modules.end()) return invalidHandle;
  std::erase_if(world().functions, [&](auto &each) { return each.second->module == found->second; });
  world().modules.erase(found);
  return success;
}

RL_EXPORT cuModuleGetFunction(uint64_t *handle, uint64_t module, const char *name) {
  RL_ENTER("cuModuleGetFunction", context);
  auto found = world().modules.find(module);
  if (found == world().modules.end()) return invalidHandle;
  auto *entry = static_cast<const Entry *>(dlsym(found->second->library, (std::string("rl_sim_entry_") + name).c_str()));
  if (entry == nullptr) return notFound;
  *handle = world().handle();
  world().functions[*handle] = std::make_shared<Function>(Function{ found->second, entry->call, { entry->sizes, entry->sizes + entry->count } });
  return success;
}

RL_EXPORT cuModuleGetGlobal_v2(uint64_t *address, size_t *bytes, uint64_t module, const char *name) {
  RL_ENTER("cuModuleGetGlobal_v2", context);
  auto found = world().modules.find(module);
  if (found == world().modules.end()) return invalidHandle;
  void *symbol = dlsym(found->second->library, name);
  Dl_info info{};
  ElfW(Sym) *entry = nullptr;
  // The name may also be one of the C library's.
  if (symbol == nullptr || dladdr1(symbol, &info, reinterpret_cast<void **>(&entry), RTLD_DL_SYMENT) == 0 || info.dli_fname != found->second->path) return notFound;
  if (address != nullptr) *address = reinterpret_cast<uint64_t>(symbol);
  if (bytes != nullptr) *bytes = entry->st_size;
  return success;
}

static std::shared_ptr<Function> functionOf(uint64_t handle) {
  auto found = world().functions.find(handle);
  return found == world().functions.end() ? nullptr : found->second;
}

RL_EXPORT cuFuncGetAttribute(int *value, int attribute, uint64_t handle) {
  RL_ENTER("cuFuncGetAttribute", context);
  auto function = functionOf(handle);
  if (!function) return invalidHandle;
  constexpr int registers = 32;
  switch (attribute) {
    case 0: *value = threadsPerBlockMax; break;
    case 1: *value = int(function->module->sharedBytes); break;
    case 4: *value = registers; break;
    default: *value = 0;
  }
  return success;
}

RL_EXPORT cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, uint64_t handle, int blockThreads, size_t sharedBytes) {
  RL_ENTER("cuOccupancyMaxActiveBlocksPerMultiprocessor", context);
  auto function = functionOf(handle);
  if (!function) return invalidHandle;
  if (blockThreads < 1) return invalidValue;
  *blocks = blocksPerMultiprocessor(unsigned(blockThreads), sharedBytes + function->module->sharedBytes);
  return success;
}

namespace sim { int enqueue(uint64_t stream, Operation operation); }

RL_EXPORT cuLaunchKernel(uint64_t handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes, uint64_t stream, void **parameters, void **extra) {
  RL_ENTER("cuLaunchKernel", context);
  auto function = functionOf(handle);
  if (!function) return invalidHandle;
  const unsigned long long blocks = 1ull * gridX * gridY * gridZ, threads = 1ull * blockX * blockY * blockZ;
  if (blocks == 0 || threads == 0 || threads > unsigned(threadsPerBlockMax) || blockZ > 64 || gridY > 65535 || gridZ > 65535 || extra != nullptr) return invalidValue;
  if (sharedBytes > unsigned(sharedBytesPerBlockMax) || blocksPerMultiprocessor(unsigned(threads), sharedBytes + function->module->sharedBytes) == 0) return invalidValue;
  if (parameters == nullptr && !function->parameterSizes.empty()) return invalidValue;
  Launch launch{ function, { gridX, gridY, gridZ }, { blockX, blockY, blockZ }, sharedBytes, {}, currentContext()->epoch, takesNeverReady() };
  for (size_t i = 0; i < function->parameterSizes.size(); i++) {
    auto *bytes = static_cast<const char *>(parameters[i]);
    launch.parameters.emplace_back(bytes, bytes + function->parameterSizes[i]);
  }
  world().launches++;
  return enqueue(stream, [launch = std::move(launch)] { runGrid(launch); });
}
