// An NVRTC for measuring launches without a GPU: every program is compiled by the real NVRTC, whose time, status and log are the caller's, and its
// image is the one that the simulated compiler made of the same text, since only that runs here. The simulated compiler keeps its images by their
// content: what it has seen before costs it next to nothing.
// RINGLAB_SIM_REAL_NVRTC names the real library, RINGLAB_SIM_LIBRARY the simulated driver's.
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <string>

#define EXPORT extern "C" __attribute__((visibility("default"))) int

namespace {

// nvrtc.h, enum nvrtcResult.
constexpr int invalidProgram = 4, builtinFailure = 7;

using Handle = void *;

struct Library {
  void *handle;
  explicit Library(const char *variable) : handle(nullptr) {
    const char *path = getenv(variable);
    if (path != nullptr) loadBuiltinsBeside(path);
    if (path != nullptr) handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) fprintf(stderr, "forwarding NVRTC: %s: %s\n", variable, path == nullptr ? "is not set" : dlerror());
  }
  // NVRTC asks the system for its built-ins by their bare name and finds them only if they are loaded already.
  static void loadBuiltinsBeside(const char *path) {
    for (const auto &file : std::filesystem::directory_iterator(std::filesystem::path(path).parent_path())) {
      const std::string name = file.path().filename().string();
      if (name.rfind("libnvrtc-builtins.so.", 0) == 0) dlopen(file.path().c_str(), RTLD_NOW | RTLD_GLOBAL);
    }
  }
  template <typename Function> Function at(const char *name) const { return handle == nullptr ? nullptr : reinterpret_cast<Function>(dlsym(handle, name)); }
};

Library &real() { static Library library("RINGLAB_SIM_REAL_NVRTC"); return library; }
Library &simulated() { static Library library("RINGLAB_SIM_LIBRARY"); return library; }

template <typename... Parameters> int call(const Library &library, const char *name, Parameters... parameters) {
  auto function = library.at<int (*)(Parameters...)>(name);
  return function == nullptr ? builtinFailure : function(parameters...);
}

struct Program { Handle real = nullptr, simulated = nullptr; };

}

EXPORT nvrtcVersion(int *major, int *minor) { return call(real(), "nvrtcVersion", major, minor); }
EXPORT nvrtcGetNumSupportedArchs(int *count) { return call(real(), "nvrtcGetNumSupportedArchs", count); }
EXPORT nvrtcGetSupportedArchs(int *all) { return call(real(), "nvrtcGetSupportedArchs", all); }

EXPORT nvrtcCreateProgram(Program **program, const char *source, const char *name, int headers, const char *const *texts, const char *const *names) {
  auto made = new Program;
  int status = call(real(), "nvrtcCreateProgram", &made->real, source, name, headers, texts, names);
  if (status == 0) status = call(simulated(), "nvrtcCreateProgram", &made->simulated, source, name, headers, texts, names);
  if (status == 0) *program = made;
  else delete made;
  return status;
}

EXPORT nvrtcDestroyProgram(Program **program) {
  if (*program == nullptr) return invalidProgram;
  call(real(), "nvrtcDestroyProgram", &(*program)->real);
  call(simulated(), "nvrtcDestroyProgram", &(*program)->simulated);
  delete *program;
  *program = nullptr;
  return 0;
}

EXPORT nvrtcCompileProgram(Program *program, int count, const char *const *options) {
  const int status = call(real(), "nvrtcCompileProgram", program->real, count, options);
  return status != 0 ? status : call(simulated(), "nvrtcCompileProgram", program->simulated, count, options);
}

EXPORT nvrtcGetProgramLogSize(Program *program, size_t *bytes) { return call(real(), "nvrtcGetProgramLogSize", program->real, bytes); }
EXPORT nvrtcGetProgramLog(Program *program, char *log) { return call(real(), "nvrtcGetProgramLog", program->real, log); }
EXPORT nvrtcGetPTXSize(Program *program, size_t *bytes) { return call(simulated(), "nvrtcGetPTXSize", program->simulated, bytes); }
EXPORT nvrtcGetPTX(Program *program, char *ptx) { return call(simulated(), "nvrtcGetPTX", program->simulated, ptx); }
EXPORT nvrtcGetCUBINSize(Program *program, size_t *bytes) { return call(simulated(), "nvrtcGetCUBINSize", program->simulated, bytes); }
EXPORT nvrtcGetCUBIN(Program *program, char *cubin) { return call(simulated(), "nvrtcGetCUBIN", program->simulated, cubin); }
