/** A process image: what ran under a pid from one exec (or fork) to the next. */
import type { BootClock } from './boot-clock.ts';
import { execIdOf } from './exec-id.ts';
import { noText, type Text, textOf } from './text.ts';

/** A pid alone is reused; pid and start together are not. */
export type ProcessKey = {
  /** Thread group id in the initial pid namespace. */
  readonly pid: number;
  /** CLOCK_MONOTONIC of exec; of fork while the image is the parent's. */
  readonly startNs: bigint;
};

export type Credentials = {
  readonly uid: number;
  readonly gid: number;
  readonly euid: number;
  readonly egid: number;
  readonly suid: number;
  readonly sgid: number;
  readonly fsuid: number;
  readonly fsgid: number;
  readonly securebits: number;
  /** Login uid; 4294967295 when unset. */
  readonly auid: number;
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
};

/** Inode numbers of the namespaces, in the order of the events API. */
export type Namespaces = {
  readonly uts: number;
  readonly ipc: number;
  readonly mnt: number;
  readonly pid: number;
  readonly pidForChildren: number;
  readonly net: number;
  readonly time: number;
  readonly timeForChildren: number;
  readonly cgroup: number;
  readonly user: number;
};

/** The file that was executed. */
export type BinaryFile = {
  readonly inode: bigint;
  /** As the kernel has it: major << 20 | minor. */
  readonly device: number;
  readonly links: number;
  readonly mode: number;
};

/** What an exec tells. */
export type ProcessFacts = {
  readonly key: ProcessKey;
  /** The process that forked, or this process's own previous image. */
  readonly parent: ProcessKey | undefined;
  readonly tid: number;
  readonly cwd: Text;
  readonly binary: Text;
  readonly arguments: Text;
  /** In the words of the events API. */
  readonly flags: string;
  /** `execFlag` of the ABI. */
  readonly execFlags: number;
  readonly cgroupId: bigint;
  readonly namespacePid: number;
  readonly credentials: Credentials | undefined;
  readonly namespaces: Namespaces | undefined;
  readonly file: BinaryFile | undefined;
};

/** What a fork tells: all else is the parent's. */
export type ForkFacts = Pick<ProcessFacts, 'key' | 'tid' | 'cgroupId' | 'namespacePid'> & {
  readonly parent: ProcessKey;
};

/** Text that is the same in every event of a process, around what is not: its pod, and its thread. */
export type RenderedProcess = {
  readonly renderer: object;
  readonly head: string;
  readonly middle: string;
  readonly tail: string;
};

export type Process = ProcessFacts & {
  /** False when no record told of it. */
  readonly known: boolean;
  readonly execId: string;
  readonly parentExecId: string | undefined;
  readonly startWallNs: bigint;
  /** A cache of the renderer: the image never changes, so neither does its text. */
  rendered: RenderedProcess | undefined;
};

/** What a process needs to be named in events. */
export type Naming = { readonly nodeName: string; readonly clock: BootClock };

export function processOf(facts: ProcessFacts, known: boolean, naming: Naming): Process {
  return {
    key: facts.key,
    parent: facts.parent,
    tid: facts.tid,
    cwd: facts.cwd,
    binary: facts.binary,
    arguments: facts.arguments,
    flags: facts.flags,
    execFlags: facts.execFlags,
    cgroupId: facts.cgroupId,
    namespacePid: facts.namespacePid,
    credentials: facts.credentials,
    namespaces: facts.namespaces,
    file: facts.file,
    known,
    execId: execIdOf(naming.nodeName, facts.key),
    parentExecId: facts.parent === undefined ? undefined : execIdOf(naming.nodeName, facts.parent),
    startWallNs: naming.clock.wallNs(facts.key.startNs),
    rendered: undefined,
  };
}

/** The least that can be said of a process: its id, its start, and that no more is known. */
export function unknownProcess(key: ProcessKey, parent: ProcessKey | undefined, naming: Naming): Process {
  return processOf({ ...nothing, key, parent, tid: key.pid, flags: 'unknown' }, false, naming);
}

/** A child has its parent's image until it executes its own. */
export function forkedProcess(fork: ForkFacts, parent: Process, naming: Naming): Process {
  return processOf({ ...parent, ...fork, flags: 'clone', execFlags: 0 }, true, naming);
}

/** The idle task, as the events API names it. */
export function kernelProcess(naming: Naming): Process {
  const key = { pid: 0, startNs: 1n };
  return processOf({ ...nothing, key, parent: undefined, binary: textOf('<kernel>'), flags: 'procFS' }, true, naming);
}

const nothing: ProcessFacts = {
  key: { pid: 0, startNs: 0n },
  parent: undefined,
  tid: 0,
  cwd: noText,
  binary: noText,
  arguments: noText,
  flags: '',
  execFlags: 0,
  cgroupId: 0n,
  namespacePid: 0,
  credentials: undefined,
  namespaces: undefined,
  file: undefined,
};
