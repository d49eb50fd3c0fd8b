// Streams, events and graphs. A stream is a queue with an OS thread: work in one stream runs in order, streams run beside each other.
#include "grids.h"
#include "world.h"
#include <thread>

namespace sim {

static void runStream(std::shared_ptr<Stream> stream) {
  Guard guard(world().lock);
  for (;;) {
    stream->wake.wait(guard, [&] { return !stream->queue.empty() || stream->isClosing; });
    if (stream->queue.empty()) return;
    Operation operation = std::move(stream->queue.front());
    stream->queue.pop_front();
    stream->isBusy = true;
    guard.unlock();
    if (!stream->epoch->hasEnded) operation();
    // Captured memory goes before anybody hears that the work is done.
    operation = nullptr;
    guard.lock();
    stream->isBusy = false;
    if (stream->queue.empty()) stream->idle.notify_all();
  }
}

static std::shared_ptr<Stream> openStream(Context &context) {
  auto stream = std::make_shared<Stream>();
  stream->context = &context;
  stream->epoch = context.epoch;
  std::thread(runStream, stream).detach();
  return stream;
}

// The default stream of a context has the handle 0 and is made on first use; its entry in the table is the context's own handle.
static std::shared_ptr<Stream> streamOf(uint64_t handle) {
  auto &streams = world().streams;
  Context &context = *currentContext();
  auto found = streams.find(handle == 0 ? context.handle : handle);
  if (found != streams.end()) return found->second->context == &context ? found->second : nullptr;
  if (handle != 0) return nullptr;
  return streams[context.handle] = openStream(context);
}

int enqueue(uint64_t handle, Operation operation) {
  auto stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (stream->capture) stream->capture->operations.push_back(std::move(operation));
  else {
    stream->queue.push_back(std::move(operation));
    stream->wake.notify_one();
  }
  return success;
}

static void closeStream(Stream &stream) {
  stream.isClosing = true;
  stream.wake.notify_all();
}

// Longest that a reset waits for kernels to reach a place where they can leave.
static constexpr auto leavingTimeMax = std::chrono::seconds(2);

void destroyContents(Context &context, Guard &guard) {
  World &w = world();
  auto epoch = context.epoch;
  endEpoch(*epoch, epoch->stickyStatus);
  for (auto each = w.streams.begin(); each != w.streams.end();) {
    if (each->second->context != &context) { ++each; continue; }
    each->second->queue.clear();
    closeStream(*each->second);
    each = w.streams.erase(each);
  }
  bool isQuiet = w.gridsMoved.wait_for(guard, leavingTimeMax, [&] { return epoch->runningGrids == 0; });
  if (!isQuiet) w.leakedGrids += epoch->runningGrids;
  releaseMemoryOf(context, isQuiet);
  std::erase_if(w.events, [&](auto &each) { return each.second->context == &context; });
  std::erase_if(w.graphs, [&](auto &each) { return each.second->context == &context; });
  std::erase_if(w.executables, [&](auto &each) { return each.second->context == &context; });
  releaseModulesOf(context);
}

}

using namespace sim;

RL_EXPORT cuStreamCreate(uint64_t *handle, unsigned) {
  RL_ENTER("cuStreamCreate", context);
  *handle = world().handle();
  world().streams[*handle] = openStream(*currentContext());
  return success;
}

// As with the real driver, work that was given to the stream before still runs.
RL_EXPORT cuStreamDestroy_v2(uint64_t handle) {
  RL_ENTER("cuStreamDestroy_v2", context);
  auto stream = handle == 0 ? nullptr : streamOf(handle);
  if (!stream) return invalidHandle;
  closeStream(*stream);
  world().streams.erase(handle);
  return success;
}

RL_EXPORT cuStreamQuery(uint64_t handle) {
  RL_ENTER("cuStreamQuery", context);
  auto stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (stream->capture) return captureUnsupported;
  return stream->queue.empty() && !stream->isBusy ? success : notReady;
}

RL_EXPORT cuStreamSynchronize(uint64_t handle) {
  RL_ENTER("cuStreamSynchronize", context);
  auto stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (stream->capture) return captureUnsupported;
  auto epoch = stream->epoch;
  stream->idle.wait(guard, [&] { return (stream->queue.empty() && !stream->isBusy) || epoch->hasEnded; });
  return epoch->stickyStatus != 0 ? int(epoch->stickyStatus) : epoch->hasEnded ? contextIsDestroyed : success;
}

static std::shared_ptr<Event> eventOf(uint64_t handle) {
  auto found = world().events.find(handle);
  return found == world().events.end() || found->second->context != currentContext() ? nullptr : found->second;
}

RL_EXPORT cuEventCreate(uint64_t *handle, unsigned flags) {
  RL_ENTER("cuEventCreate", context);
  constexpr unsigned withoutTiming = 2;
  *handle = world().handle();
  world().events[*handle] = std::make_shared<Event>(Event{ currentContext(), (flags & withoutTiming) == 0 });
  return success;
}

RL_EXPORT cuEventDestroy_v2(uint64_t handle) {
  RL_ENTER("cuEventDestroy_v2", context);
  if (!eventOf(handle)) return invalidHandle;
  world().events.erase(handle);
  return success;
}

RL_EXPORT cuEventRecord(uint64_t handle, uint64_t stream) {
  RL_ENTER("cuEventRecord", context);
  auto event = eventOf(handle);
  if (!event) return invalidHandle;
  uint64_t turn = event->recorded + 1;
  int status = enqueue(stream, [=] {
    Guard guard(world().lock);
    event->completed = turn;
    event->completedNs = nowNs();
    world().eventsMoved.notify_all();
  });
  if (status == success) event->recorded = turn;
  return status;
}

RL_EXPORT cuEventQuery(uint64_t handle) {
  RL_ENTER("cuEventQuery", context);
  auto event = eventOf(handle);
  if (!event) return invalidHandle;
  return event->completed >= event->recorded ? success : notReady;
}

RL_EXPORT cuEventElapsedTime(float *milliseconds, uint64_t fromHandle, uint64_t toHandle) {
  RL_ENTER("cuEventElapsedTime", context);
  auto from = eventOf(fromHandle), to = eventOf(toHandle);
  if (!from || !to || !from->hasTiming || !to->hasTiming || from->recorded == 0 || to->recorded == 0) return invalidHandle;
  if (from->completed < from->recorded || to->completed < to->recorded) return notReady;
  *milliseconds = float((double(to->completedNs) - double(from->completedNs)) / 1e6);
  return success;
}

RL_EXPORT cuStreamWaitEvent(uint64_t stream, uint64_t handle, unsigned) {
  RL_ENTER("cuStreamWaitEvent", context);
  auto event = eventOf(handle);
  if (!event) return invalidHandle;
  uint64_t turn = event->recorded;
  auto epoch = currentContext()->epoch;
  return enqueue(stream, [=] {
    Guard inner(world().lock);
    world().eventsMoved.wait(inner, [&] { return event->completed >= turn || epoch->hasEnded; });
  });
}

RL_EXPORT cuStreamBeginCapture_v2(uint64_t handle, int) {
  RL_ENTER("cuStreamBeginCapture_v2", context);
  auto stream = streamOf(handle);
  if (!stream || handle == 0) return invalidHandle;
  if (stream->capture) return captureInvalidated;
  stream->capture = std::make_shared<Graph>(Graph{ currentContext(), {} });
  return success;
}

RL_EXPORT cuStreamEndCapture(uint64_t handle, uint64_t *graph) {
  RL_ENTER("cuStreamEndCapture", context);
  auto stream = streamOf(handle);
  if (!stream) return invalidHandle;
  if (!stream->capture) return captureInvalidated;
  *graph = world().handle();
  world().graphs[*graph] = std::move(stream->capture);
  stream->capture = nullptr;
  return success;
}

RL_EXPORT cuGraphInstantiateWithFlags(uint64_t *executable, uint64_t graph, uint64_t) {
  RL_ENTER("cuGraphInstantiateWithFlags", context);
  auto found = world().graphs.find(graph);
  if (found == world().graphs.end()) return invalidHandle;
  *executable = world().handle();
  world().executables[*executable] = std::make_shared<Graph>(*found->second);
  return success;
}

RL_EXPORT cuGraphLaunch(uint64_t executable, uint64_t stream) {
  RL_ENTER("cuGraphLaunch", context);
  auto found = world().executables.find(executable);
  if (found == world().executables.end()) return invalidHandle;
  auto graph = found->second;
  return enqueue(stream, [=] { for (const Operation &each : graph->operations) each(); });
}

RL_EXPORT cuGraphDestroy(uint64_t graph) {
  RL_ENTER("cuGraphDestroy", context);
  return world().graphs.erase(graph) == 1 ? success : invalidHandle;
}

RL_EXPORT cuGraphExecDestroy(uint64_t executable) {
  RL_ENTER("cuGraphExecDestroy", context);
  return world().executables.erase(executable) == 1 ? success : invalidHandle;
}
