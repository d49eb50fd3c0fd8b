// The few C functions a Jupyter kernel needs: pipes over fds 1 and 2, buffering of C's stdout, and the exit that nothing can hold up.
// Only the wire worker loads this file (koffi takes about 15 ms to load).

import koffi from 'koffi'

const libc = koffi.load(null)

/** Linux values (fcntl.h, stdio.h). */
const F_GETFL = 3, F_SETFL = 4, F_SETPIPE_SZ = 1031, O_NONBLOCK = 0o4000, O_CLOEXEC = 0o2000000, _IOLBF = 1

const pipe2 = libc.func('int pipe2(_Out_ int *fds, int flags)') as (fds: number[], flags: number) => number
const fcntl = libc.func('int fcntl(int fd, int command, int argument)') as (fd: number, command: number, argument: number) => number
const setvbuf = libc.func('int setvbuf(void *stream, void *buffer, int mode, size_t size)') as (stream: unknown, buffer: null, mode: number, size: number) => number
const ftrylockfile = libc.func('int ftrylockfile(void *stream)') as (stream: unknown) => number
const funlockfile = libc.func('void funlockfile(void *stream)') as (stream: unknown) => void
const fflushUnlocked = libc.func('int fflush_unlocked(void *stream)') as (stream: unknown) => number
const stdout = koffi.decode(libc.symbol('stdout'), 'void *') as unknown

const read = libc.func('int64_t read(int fd, _Out_ uint8_t *into, size_t bytes)') as (fd: number, into: Buffer, bytes: number) => number

/** Reads what is there, into the buffer; 0 or less when nothing is. Without node:fs, which makes an Error of every EAGAIN. */
export function readNow(fd: number, into: Buffer): number { return read(fd, into, into.length) }

/** Copies a descriptor to a number (`dup2`). */
export const duplicateTo = libc.func('int dup2(int from, int to)') as (from: number, to: number) => number

/** Ends the process at once: no exit handlers, no waiting for threads stuck in native calls. */
export const exitNow = libc.func('void _exit(int code)') as (code: number) => void

/** A copy of a descriptor that child processes do not inherit. */
export function duplicatePrivately(fd: number): number {
  const F_DUPFD_CLOEXEC = 1030
  return fcntl(fd, F_DUPFD_CLOEXEC, 3)
}

/** A pipe whose ends children do not inherit, as large as the system allows up to 1 MiB. */
export function openPipe(): { readonly readEnd: number; readonly writeEnd: number } {
  const fds = [0, 0]
  if (pipe2(fds, O_CLOEXEC) !== 0) throw new Error('cannot open a pipe for captured output: too many open files')
  const [readEnd, writeEnd] = fds as [number, number]
  fcntl(writeEnd, F_SETPIPE_SZ, 1 << 20)
  return { readEnd, writeEnd }
}

/** Reads on this descriptor return at once when nothing is there. */
export function makeNonBlocking(fd: number): void {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) | O_NONBLOCK)
}

/** Writes to this descriptor wait when the pipe is full: `echo` and `printf` lose text when they meet EAGAIN. */
export function makeBlocking(fd: number): void {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) & ~O_NONBLOCK)
}

/** C's stdout sends each line at once, as it does on a terminal. */
export function bufferLines(): void {
  setvbuf(stdout, null, _IOLBF, 0)
}

/** Sends what C's stdout holds back, unless a thread is in the middle of printing (it may be waiting for us to read). */
export function flushNativeOutput(): void {
  if (ftrylockfile(stdout) !== 0) return
  fflushUnlocked(stdout)
  funlockfile(stdout)
}
