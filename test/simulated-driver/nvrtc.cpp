// The simulated compiler: NVRTC's functions over g++. A program becomes a shared library in the folder beside this one, or, where it is to be linked,
// an object; named by what it was made from, so that the same program is compiled once. Its image is the path.
#include "gxx.h"
#include "world.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace sim;

namespace {

// nvrtc.h, enum nvrtcResult.
enum Result : int { done = 0, invalidInput = 3, invalidProgram = 4, invalidOption = 5, compilationError = 6, builtinFailure = 7 };

const int supported[] = { 75, 80, 86, 89, 90, 100, 120 };

struct Program { std::string source, name, log, image; };

// Kernels carry an attribute in the preprocessed text, whatever macros their declaration came from.
std::vector<std::string> kernelsIn(const std::string &preprocessed) {
  static const std::string mark = "__attribute__((rl_sim_kernel))";
  std::vector<std::string> names;
  for (size_t at = preprocessed.find(mark); at != std::string::npos; at = preprocessed.find(mark, at + 1)) {
    const size_t open = preprocessed.find('(', at + mark.size());
    if (open == std::string::npos) break;
    auto isPartOfName = [&](size_t i) { return isalnum(static_cast<unsigned char>(preprocessed[i])) || preprocessed[i] == '_'; };
    size_t end = open;
    while (end > at && isspace(static_cast<unsigned char>(preprocessed[end - 1]))) end--;
    size_t begin = end;
    while (begin > at && isPartOfName(begin - 1)) begin--;
    std::string name = preprocessed.substr(begin, end - begin);
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

// Options of NVRTC that mean nothing to g++, whose code is of IEEE arithmetic without contraction anyway.
bool isHarmless(const std::string &option) {
  static const char *const begins[] = { "--gpu-architecture=", "-arch=", "--fmad=", "--prec-div=", "--prec-sqrt=", "--ftz=", "--std=", "-std=", "-lineinfo", "--generate-line-info", "-default-device",
    "--device-as-default-execution-space", "--maxrregcount=", "--restrict", "--extra-device-vectorization", "--split-compile=", "-w", "--disable-warnings", "--diag-suppress=", "--no-source-include" };
  return std::any_of(std::begin(begins), std::end(begins), [&](const char *begin) { return option.rfind(begin, 0) == 0; });
}

bool chooseOptions(Program &program, int count, const char *const *options, std::vector<std::string> &passedOn, bool &isHurried, bool &isLinked) {
  for (int i = 0; i < count; i++) {
    std::string option = options[i];
    if (option.rfind("--gpu-architecture=", 0) == 0) {
      int number = atoi(option.c_str() + option.find('_') + 1);
      if (std::find(std::begin(supported), std::end(supported), number) == std::end(supported)) {
        program.log = "nvrtc: error: invalid value for --gpu-architecture (-arch)\n";
        return false;
      }
      passedOn.push_back("-D__CUDA_ARCH__=" + std::to_string(number * 10));
    } else if (option.rfind("-D", 0) == 0 || option.rfind("-I", 0) == 0) passedOn.push_back(option);
    else if (option == "--ptxas-options=-O1") isHurried = true;
    else if (option == "--relocatable-device-code=true" || option == "-rdc=true") isLinked = true;
    else if (!isHarmless(option)) {
      program.log = "nvrtc: error: unrecognized option " + option + " found\n";
      return false;
    }
  }
  return true;
}

bool build(Program &program, const std::vector<std::string> &options, bool isHurried, bool isLinked, const std::string &target) {
  static std::atomic<unsigned> builds{ 0 };
  const std::string base = target + "." + std::to_string(getpid()) + "-" + std::to_string(builds++);
  const std::string source = base + ".cpp", preprocessed = base + ".ii", library = base + ".new", log = base + ".log";
  std::ofstream(source) << "#include \"shim.h\"\n#line 1 \"" << program.name << "\"\n" << program.source << "\n";
  // The standard library's atomics must not be taken for CUDA's, so built-ins are all that a kernel may use beside <math.h> and <string.h>.
  std::vector<std::string> words{ "-std=c++20", "-w", "-DRL_SIM", "-I" + ownFolder().string(), "-E", source, "-o", preprocessed };
  words.insert(words.end(), options.begin(), options.end());
  bool isBuilt = runCompiler(words, log, program.log);
  if (isBuilt) {
    std::stringstream text;
    text << std::ifstream(preprocessed).rdbuf();
    std::ofstream tail(preprocessed, std::ios::app);
    tail << "\n# 1 \"simulated-driver\"\nstatic thread_local char rl_sim_touched;\nextern \"C\" __attribute__((weak)) void rl_sim_touch_shared() { *(volatile char *)&rl_sim_touched = 1; }\n";
    for (const auto &kernel : kernelsIn(text.str())) {
      const std::string entry = "rl_sim_entry_" + kernel, signature = "decltype(rl_sim_signature_of(" + kernel + "))";
      tail << "extern \"C\" const rl_sim_entry " << entry << ";\n"
           << "const rl_sim_entry " << entry << " = { &" << signature << "::call<" << kernel << ">, " << signature << "::count, " << signature << "::sizes };\n";
    }
    tail.close();
    // Without -frounding-math, g++ 12 makes -x of 0.0 - x where x comes from an integer, at every level: -0 in place of 0.
    words = { isHurried ? "-O1" : "-O2", "-std=c++20", "-w", "-ffp-contract=off", "-frounding-math", "-fno-strict-aliasing", "-fPIC", "-o", library };
    const std::vector<std::string> rest = isLinked ? std::vector<std::string>{ "-c", "-x", "c++-cpp-output", preprocessed }
      : std::vector<std::string>{ "-shared", "-Wl,-Bsymbolic", "-x", "c++-cpp-output", preprocessed, "-x", "none", ownFile() };
    words.insert(words.end(), rest.begin(), rest.end());
    isBuilt = runCompiler(words, log, program.log);
  }
  // Whoever is first wins; the others' libraries are the same.
  if (isBuilt) std::filesystem::rename(library, target);
  for (const auto &file : { source, preprocessed, log }) unlink(file.c_str());
  return isBuilt;
}

int compile(Program &program, int count, const char *const *options) {
  std::vector<std::string> passedOn;
  program.log.clear();
  bool isHurried = false, isLinked = false;
  if (!chooseOptions(program, count, options, passedOn, isHurried, isLinked)) return invalidOption;
  std::string made = ownFile() + (isHurried ? "-O1" : "-O2") + '\0' + program.name + '\0' + program.source;
  for (const auto &option : passedOn) made += '\0' + option;
  const std::string target = programFile(nameOf(made) + (isLinked ? ".o" : ".so"));
  if (!std::filesystem::exists(target) && !build(program, passedOn, isHurried, isLinked, target)) return compilationError;
  program.image = (isLinked ? objectMark : imageMark) + target + "\n";
  return done;
}

int give(const std::string &text, char *into) {
  memcpy(into, text.c_str(), text.size() + 1);
  return done;
}

int sizeOf(const std::string &text, size_t *bytes) {
  *bytes = text.size() + 1;
  return done;
}

}

// NVRTC needs no driver; only injected faults are asked for.
#define NVRTC_ENTER(call) \
  if (int status = ::sim::enter(call, ::sim::Needs::nothing)) return status

RL_EXPORT nvrtcVersion(int *major, int *minor) {
  NVRTC_ENTER("nvrtcVersion");
  *major = 13;
  *minor = 0;
  return done;
}

RL_EXPORT nvrtcGetNumSupportedArchs(int *count) {
  *count = int(std::size(supported));
  return done;
}

RL_EXPORT nvrtcGetSupportedArchs(int *all) {
  std::copy(std::begin(supported), std::end(supported), all);
  return done;
}

RL_EXPORT nvrtcCreateProgram(Program **program, const char *source, const char *name, int headers, const char *const *, const char *const *) {
  NVRTC_ENTER("nvrtcCreateProgram");
  if (headers != 0) return invalidInput;
  *program = new Program{ source, name == nullptr ? "default_program" : name, "", "" };
  return done;
}

RL_EXPORT nvrtcDestroyProgram(Program **program) {
  if (*program == nullptr) return invalidProgram;
  delete *program;
  *program = nullptr;
  return done;
}

RL_EXPORT nvrtcCompileProgram(Program *program, int count, const char *const *options) {
  NVRTC_ENTER("nvrtcCompileProgram");
  try {
    return compile(*program, count, options);
  } catch (const std::filesystem::filesystem_error &error) {
    program->log = error.what();
    return builtinFailure;
  }
}

RL_EXPORT nvrtcGetProgramLogSize(Program *program, size_t *bytes) { return sizeOf(program->log, bytes); }
RL_EXPORT nvrtcGetProgramLog(Program *program, char *log) { return give(program->log, log); }
RL_EXPORT nvrtcGetPTXSize(Program *program, size_t *bytes) { return sizeOf(program->image, bytes); }
RL_EXPORT nvrtcGetPTX(Program *program, char *ptx) { return give(program->image, ptx); }
RL_EXPORT nvrtcGetCUBINSize(Program *program, size_t *bytes) { return sizeOf(program->image, bytes); }
RL_EXPORT nvrtcGetCUBIN(Program *program, char *cubin) { return give(program->image, cubin); }
