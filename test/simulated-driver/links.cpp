// The simulated linker: objects of the simulated compiler become one shared library, named by what they are, so that the same are linked once.
#include "grids.h"
#include "gxx.h"
#include "world.h"
#include <cstring>
#include <unistd.h>

namespace sim {

struct Link {
  std::vector<std::string> objects;
  std::string image;
  // Where the caller wants to read what went wrong.
  std::vector<int> options;
  std::vector<void *> values;
  void give(const std::string &log) const { giveLog(log, unsigned(options.size()), options.data(), values.data()); }
};

static std::map<uint64_t, std::shared_ptr<Link>> &links() {
  static std::map<uint64_t, std::shared_ptr<Link>> all;
  return all;
}

static std::shared_ptr<Link> linkOf(uint64_t handle) {
  auto found = links().find(handle);
  return found == links().end() ? nullptr : found->second;
}

static bool build(const Link &link, const std::string &target, std::string &log) {
  const std::string base = target + "." + std::to_string(getpid()), library = base + ".new", logFile = base + ".log";
  // Undefined symbols are found now, as by the real linker.
  std::vector<std::string> words{ "-shared", "-fPIC", "-Wl,-Bsymbolic", "-Wl,-z,defs", "-o", library };
  words.insert(words.end(), link.objects.begin(), link.objects.end());
  words.push_back(ownFile());
  const bool isBuilt = runCompiler(words, logFile, log);
  // Whoever is first wins; the others' libraries are the same.
  if (isBuilt) std::filesystem::rename(library, target);
  unlink(logFile.c_str());
  return isBuilt;
}

}

using namespace sim;

RL_EXPORT cuLinkCreate_v2(unsigned count, const int *options, void *const *values, uint64_t *handle) {
  RL_ENTER("cuLinkCreate_v2", context);
  auto link = std::make_shared<Link>();
  link->options.assign(options, options + count);
  link->values.assign(values, values + count);
  *handle = world().handle();
  links()[*handle] = link;
  return success;
}

RL_EXPORT cuLinkAddData_v2(uint64_t handle, int type, const char *data, size_t bytes, const char *name, unsigned, const int *, void *const *) {
  RL_ENTER("cuLinkAddData_v2", context);
  auto link = linkOf(handle);
  if (!link) return invalidHandle;
  constexpr int cubin = 0;
  const std::string image(data, strnlen(data, bytes));
  if (type != cubin || image.rfind(objectMark, 0) != 0) {
    link->give(std::string("simulated linker: ") + name + " was not compiled to be linked");
    return invalidImage;
  }
  link->objects.push_back(image.substr(objectMark.size(), image.find('\n') - objectMark.size()));
  return success;
}

RL_EXPORT cuLinkComplete(uint64_t handle, void **image, size_t *bytes) {
  RL_ENTER("cuLinkComplete", context);
  auto link = linkOf(handle);
  if (!link) return invalidHandle;
  std::string made = "linked", log;
  for (const auto &object : link->objects) made += '\0' + object;
  const std::string target = programFile(nameOf(made) + ".so");
  guard.unlock();
  if (!std::filesystem::exists(target) && !build(*link, target, log)) {
    link->give(log);
    return invalidImage;
  }
  link->image = imageMark + target + "\n";
  *image = link->image.data();
  *bytes = link->image.size() + 1;
  return success;
}

RL_EXPORT cuLinkDestroy(uint64_t handle) {
  RL_ENTER("cuLinkDestroy", context);
  return links().erase(handle) == 0 ? int(invalidHandle) : int(success);
}
