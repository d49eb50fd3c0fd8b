// g++ as a program that is run, and the folder in which lies what it made.
#include "gxx.h"
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

namespace sim {

// Where this library lies: beside it are shim.h and the programs.
std::filesystem::path ownFolder() {
  Dl_info info{};
  dladdr(reinterpret_cast<void *>(&ownFolder), &info);
  return std::filesystem::path(info.dli_fname).parent_path();
}

std::string ownFile() {
  Dl_info info{};
  dladdr(reinterpret_cast<void *>(&ownFolder), &info);
  return std::filesystem::absolute(info.dli_fname).string();
}

static uint64_t fnv(const std::string &text, uint64_t hash) {
  for (unsigned char byte : text) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

// 128 bits of FNV-1a from two bases: enough for the programs of a test run.
std::string nameOf(const std::string &text) {
  char hex[33];
  snprintf(hex, sizeof hex, "%016lx%016lx", static_cast<unsigned long>(fnv(text, 0xcbf29ce484222325u)), static_cast<unsigned long>(fnv(text, 0x84222325cbf29ce4u)));
  return hex;
}

// Runs g++; what it says on stderr is appended to the log.
bool runCompiler(const std::vector<std::string> &words, const std::string &logFile, std::string &log) {
  const char *named = getenv("RINGLAB_SIM_GXX");
  const std::string program = named == nullptr || *named == 0 ? "g++" : named;
  std::vector<char *> arguments{ const_cast<char *>(program.c_str()) };
  for (const auto &word : words) arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, logFile.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child;
  int status = posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (status != 0) {
    log += "simulated compiler: cannot run " + program + ": " + strerror(status) + "\n";
    return false;
  }
  waitpid(child, &status, 0);
  std::ifstream said(logFile);
  log.append(std::istreambuf_iterator<char>(said), {});
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string programFile(const std::string &name) {
  const auto folder = ownFolder() / "programs";
  std::filesystem::create_directories(folder);
  return std::filesystem::absolute(folder / name).string();
}

}
