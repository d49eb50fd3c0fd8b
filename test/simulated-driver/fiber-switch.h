// The switch between two fibers: saves the registers that a called function must keep, and changes stacks. Written by hand because
// swapcontext makes a system call for the signal mask on every switch. Other processors than these two fall back to swapcontext.
#pragma once
#include <cstdint>
#include <cstdlib>

#if defined(__x86_64__) || defined(__aarch64__)

extern "C" void rl_sim_switch(void **saveStackPointer, void *loadStackPointer);

#if defined(__x86_64__)
asm(R"(
.text
.hidden rl_sim_switch
.globl rl_sim_switch
.type rl_sim_switch, @function
rl_sim_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size rl_sim_switch, .-rl_sim_switch
)");
#else
asm(R"(
.text
.hidden rl_sim_switch
.globl rl_sim_switch
.type rl_sim_switch, %function
rl_sim_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size rl_sim_switch, .-rl_sim_switch
)");
#endif

namespace sim {

struct Fiber {
  void *stackPointer = nullptr;

  // Prepares the fiber so that the first switch to it enters `entry`, which must never return.
  void prepare(void *stack, size_t bytes, void (*entry)()) {
    auto top = reinterpret_cast<uintptr_t>(stack) + bytes;
    top &= ~uintptr_t(15);
#if defined(__x86_64__)
    auto *words = reinterpret_cast<uintptr_t *>(top);
    words[-1] = 0;  // Where a debugger's walk of the stack ends; it also gives `entry` the alignment of a called function.
    words[-2] = reinterpret_cast<uintptr_t>(entry);
    for (int i = 3; i <= 8; i++) words[-i] = 0;
    stackPointer = words - 8;
#else
    auto *words = reinterpret_cast<uintptr_t *>(top - 160);
    for (int i = 0; i < 20; i++) words[i] = 0;
    words[11] = reinterpret_cast<uintptr_t>(entry);  // x30, where `ret` goes
    stackPointer = words;
#endif
  }
  void switchTo(Fiber &next) { rl_sim_switch(&stackPointer, next.stackPointer); }
};

}

#else
#include <ucontext.h>

namespace sim {

struct Fiber {
  ucontext_t context;

  void prepare(void *stack, size_t bytes, void (*entry)()) {
    getcontext(&context);
    context.uc_stack.ss_sp = stack;
    context.uc_stack.ss_size = bytes;
    context.uc_link = nullptr;
    makecontext(&context, entry, 0);
  }
  void switchTo(Fiber &next) { swapcontext(&context, &next.context); }
};

}
#endif
