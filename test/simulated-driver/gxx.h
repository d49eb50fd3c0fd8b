// What the simulated compiler and the simulated linker share: running g++, and naming what it makes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sim {

// How images begin: then comes the path of a shared library that can be loaded, or of an object that has to be linked first.
inline const std::string imageMark = "//RINGLAB-SIMULATED ", objectMark = "//RINGLAB-SIMULATED-OBJECT ";

// Where this library lies: beside it are shim.h and the programs.
std::filesystem::path ownFolder();
std::string ownFile();
// A name for what was made from this text.
std::string nameOf(const std::string &text);
// A file of that name in the folder of programs.
std::string programFile(const std::string &name);
// Runs g++; what it says on stderr is appended to the log.
bool runCompiler(const std::vector<std::string> &words, const std::string &logFile, std::string &log);

}
