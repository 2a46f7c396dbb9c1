/** The scratch and the notes of a program under test: facts are written into the one, what it asked for is read from the other. */
import {
  addressLayout,
  bound,
  credentialsSlotLayout,
  pathFlag,
  pathLayout,
  processFlag,
  processLayout,
  scopesLayout,
  scratchLayout,
  socketFlag,
  socketLayout,
  subjectLayout,
} from '#abi';
import type { BtfView } from '#bpf';
import type { Fact, FollowList, HookPlan, WorkloadScope } from '#compiler';
import type { BpfObject, MappedMemory } from '#kernel';
import {
  type ObservedArgument,
  type ObservedEnd,
  type ObservedProcess,
  type ObservedSocket,
  type ObservedText,
  type Subject,
  selectsWorkload,
} from '#policy';
import { assert, known } from '#std';
import type { Situation } from './situation.ts';

/** What one policy asked for. */
export type Note = {
  readonly where: bigint;
  readonly error: number;
  readonly matches: number;
  readonly undecided: number;
  readonly told: number;
  readonly twice: number;
  readonly sent: number;
  readonly waits: number;
  readonly returnActions: number;
  readonly returnSignal: number;
  /** Of the act at the return; that of the match is in `where`. */
  readonly returnNames: number;
  readonly integers: readonly bigint[];
  readonly result: bigint;
};

type Layout = { readonly bytes: number; readonly at: (member: string) => number };

export class TestMemory {
  readonly #facts: DataView;
  readonly #bytes: Uint8Array;
  readonly #notes: DataView;
  readonly #noteBytes: Uint8Array;
  readonly #all: Layout;
  readonly #one: Layout;

  readonly #mapped: readonly MappedMemory[];

  constructor(library: BpfObject, btf: BtfView) {
    const facts = library.map('rf_test_facts').mapMemory({ writable: true });
    this.#facts = new DataView(facts.buffer);
    this.#bytes = new Uint8Array(facts.buffer);
    const notes = library.map('rf_test_notes').mapMemory({ writable: true });
    this.#mapped = [facts, notes];
    this.#notes = new DataView(notes.buffer);
    this.#all = layoutOf(btf, 'rf_notes');
    this.#one = layoutOf(btf, 'rf_note');
    this.#noteBytes = new Uint8Array(notes.buffer, 0, this.#all.bytes);
  }

  [Symbol.dispose](): void {
    for (const each of this.#mapped) each[Symbol.dispose]();
  }

  /** What is not written here must not matter, so it is never cleared. */
  write(plan: HookPlan, follow: readonly FollowList[], situation: Situation): void {
    const view = this.#facts;
    view.setUint32(scratchLayout.cursor, 0, true);
    view.setBigUint64(scratchLayout.rowsReady, 0n, true);
    view.setBigInt64(scratchLayout.verdict, 0n, true);
    for (const fact of plan.facts) this.#writeFact(fact, situation);
    this.#writeProcess(situation.process, follow);
    this.#writeSubject(situation.process.subject);
  }

  #writeFact({ number, source, value }: Fact, { raw, result, call }: Situation): void {
    const at = scratchLayout.arguments + 8 * number;
    if (source.kind !== 'context') {
      this.#facts.setBigUint64(at, BigInt.asUintN(64, source.kind === 'result' ? result : call), true);
      return;
    }
    const observed = known(raw[source.index], 'argument');
    switch (value.kind) {
      case 'integer':
        this.#facts.setBigUint64(at, observed.kind === 'integer' ? BigInt.asUintN(64, observed.value) : 0n, true);
        return;
      case 'text':
        this.#writeText(number, scratchLayout.paths + value.slot * pathLayout.bytes, observed);
        return;
      case 'socket':
        this.#writeSocket(number, scratchLayout.sockets + value.slot * socketLayout.bytes, observed);
        return;
      case 'credentials':
        this.#facts.setUint32(scratchLayout.credentials + credentialsSlotLayout.flags, pathFlag.read, true);
        this.#facts.setUint32(scratchLayout.credentials + credentialsSlotLayout.owner, number, true);
    }
  }

  #writeText(number: number, at: number, observed: ObservedArgument): void {
    assert(isText(observed), 'a text');
    const { bytes, identity, truncated } = observed;
    const known = bytes === 'unreadable' ? new Uint8Array() : bytes;
    const flags =
      pathFlag.read | (bytes === 'unreadable' ? pathFlag.unstable : 0) | (truncated ? pathFlag.truncated : 0);
    this.#facts.setUint32(at + pathLayout.flags, flags, true);
    this.#facts.setUint32(at + pathLayout.owner, number, true);
    this.#facts.setUint32(at + pathLayout.start, bound.pathMax - known.length, true);
    this.#facts.setUint32(at + pathLayout.length, known.length, true);
    this.#facts.setBigUint64(at + pathLayout.inode, identity?.inode ?? 0n, true);
    this.#facts.setUint32(at + pathLayout.device, Number(identity?.device ?? 0n), true);
    this.#bytes.set(known, at + pathLayout.text + bound.pathMax - known.length);
  }

  #writeSocket(number: number, at: number, observed: ObservedArgument): void {
    const view = this.#facts;
    view.setUint32(at + socketLayout.owner, number, true);
    if (observed.kind !== 'socket') {
      view.setUint32(at + socketLayout.flags, socketFlag.read | socketFlag.fault, true);
      return;
    }
    view.setUint32(at + socketLayout.flags, flagsOf(observed), true);
    view.setUint16(at + socketLayout.family, observed.family ?? 0, true);
    view.setUint16(at + socketLayout.protocol, observed.protocol ?? 0, true);
    view.setUint16(at + socketLayout.state, observed.state ?? 0, true);
    view.setUint16(at + socketLayout.sourcePort, observed.source.port ?? 0, true);
    view.setUint16(at + socketLayout.destinationPort, observed.destination.port ?? 0, true);
    this.#writeAddress(at + socketLayout.source, observed.source);
    this.#writeAddress(at + socketLayout.destination, observed.destination);
  }

  #writeAddress(at: number, { address }: ObservedEnd): void {
    this.#bytes.fill(0, at, at + addressLayout.bytes);
    if (address === undefined) return;
    this.#bytes[at + addressLayout.version] = address.length === 4 ? 4 : 6;
    this.#bytes.set(address, at + addressLayout.octets);
  }

  #writeProcess({ binary, isElsewhere, descent }: ObservedProcess, follow: readonly FollowList[]): void {
    const at = scratchLayout.process;
    const path = binary === 'unreadable' ? new Uint8Array() : binary;
    const unknown = binary === 'unreadable' ? processFlag.binaryUnknown : 0;
    this.#facts.setUint32(at + processLayout.flags, unknown | (isElsewhere ? processFlag.binaryElsewhere : 0), true);
    this.#facts.setUint32(at + processLayout.binaryLength, path.length, true);
    this.#bytes.set(path.subarray(0, bound.binaryMax), at + processLayout.binary);
    const tail = path.subarray(Math.max(0, path.length - bound.binaryTail));
    this.#bytes.fill(0, at + processLayout.binaryTail, at + processLayout.binaryTail + bound.binaryTail);
    this.#bytes.set(tail, at + processLayout.binaryTail + bound.binaryTail - tail.length);
    let bits = 0n;
    for (const list of follow) if (descends(list, descent)) bits |= 1n << BigInt(list.bit);
    this.#facts.setBigUint64(at + processLayout.follow, bits, true);
  }

  #writeSubject(subject: Subject | 'unreadable'): void {
    const at = scratchLayout.subject;
    const view = this.#facts;
    view.setUint32(at + subjectLayout.flags, pathFlag.read | (subject === 'unreadable' ? pathFlag.fault : 0), true);
    if (subject === 'unreadable') return;
    const { namespaces, capabilities } = subject;
    view.setUint32(at + subjectLayout.pid, subject.pid, true);
    view.setUint32(at + subjectLayout.nsPid, subject.namespacePid, true);
    for (const [kind, offset] of namespaceOffsets) view.setUint32(at + offset, namespaces[kind], true);
    view.setBigUint64(at + subjectLayout.credentialsCapEffective, capabilities.Effective, true);
    view.setBigUint64(at + subjectLayout.credentialsCapPermitted, capabilities.Permitted, true);
    view.setBigUint64(at + subjectLayout.credentialsCapInheritable, capabilities.Inheritable, true);
  }

  /** To be called after the notes were cleared. */
  writeWorkload(scopes: readonly WorkloadScope[], subject: Situation['workload']): void {
    const at = this.#all.at('scopes');
    this.#notes.setBigUint64(at + scopesLayout.unknown, subject === 'unreadable' ? 1n : 0n, true);
    if (subject === 'unreadable') return;
    const words = new BigUint64Array(bound.scopeWords);
    for (const { bit, selector } of scopes) {
      const word = Math.floor(bit / 64);
      if (selectsWorkload(selector, subject)) words[word] = known(words[word], 'word') | (1n << BigInt(bit % 64));
    }
    for (const [index, word] of words.entries()) {
      this.#notes.setBigUint64(at + scopesLayout.selected + 8 * index, word, true);
    }
  }

  /** `waiting`: for each slot what rf_call_return() finds. */
  clearNotes(waiting: readonly number[] = []): void {
    this.#noteBytes.fill(0);
    const at = this.#all.at('waiting');
    for (const [slot, value] of waiting.entries()) this.#notes.setBigUint64(at + 8 * slot, BigInt(value), true);
  }

  /** Whether scratch was claimed, and given back, once. */
  get isBalanced(): boolean {
    const count = (member: string) => this.#notes.getUint32(this.#all.at(member), true);
    return count('begun') === 1 && count('ended') === 1;
  }

  note(slot: number): Note {
    const base = this.#all.at('policies') + slot * this.#one.bytes;
    const u32 = (member: string) => this.#notes.getUint32(base + this.#one.at(member), true);
    const u64 = (offset: number) => this.#notes.getBigUint64(base + offset, true);
    const integers = this.#one.at('integers');
    return {
      where: u64(this.#one.at('where')),
      error: u32('error') | 0,
      matches: u32('matches'),
      undecided: u32('undecided'),
      told: u32('told'),
      twice: u32('twice'),
      sent: u32('sent'),
      waits: u32('waits'),
      returnActions: u32('return_actions'),
      returnSignal: u32('return_signal'),
      returnNames: u32('return_names'),
      integers: Array.from({ length: bound.argumentMax }, (_, index) => u64(integers + 8 * index)),
      result: u64(this.#one.at('result')),
    };
  }
}

function isText(observed: ObservedArgument): observed is ObservedText {
  return observed.kind === 'path' || observed.kind === 'string';
}

function flagsOf({ family, protocol, state, source, destination }: ObservedSocket): number {
  if (family === undefined) return socketFlag.read | socketFlag.none;
  const isNameOnly = destination.address === undefined && destination.port === undefined;
  return (
    socketFlag.read |
    (protocol === undefined ? 0 : socketFlag.protocol) |
    (state === undefined ? 0 : socketFlag.state) |
    (source.address === undefined ? 0 : socketFlag.addresses) |
    (source.port === undefined ? 0 : socketFlag.ports) |
    (isNameOnly ? socketFlag.noDestination : 0)
  );
}

const namespaceOffsets = [
  ['Uts', subjectLayout.namespacesUts],
  ['Ipc', subjectLayout.namespacesIpc],
  ['Mnt', subjectLayout.namespacesMnt],
  ['Pid', subjectLayout.namespacesPid],
  ['PidForChildren', subjectLayout.namespacesPidForChildren],
  ['Net', subjectLayout.namespacesNet],
  ['Time', subjectLayout.namespacesTime],
  ['TimeForChildren', subjectLayout.namespacesTimeForChildren],
  ['Cgroup', subjectLayout.namespacesCgroup],
  ['User', subjectLayout.namespacesUser],
] as const;

function descends(list: FollowList, { binaries, pids, namespacePids }: ObservedProcess['descent']): boolean {
  if (list.kind === 'binaries') return binaries.some((binary) => list.paths.some((path) => isSame(path, binary)));
  const own = list.inNamespace ? namespacePids : pids;
  return own.some((pid) => list.pids.includes(pid));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** Of a structure of kprobes/property/notes.h. */
function layoutOf(btf: BtfView, name: string): Layout {
  const id = known(
    [...btf.ids('struct')].find((each) => nameOf(btf, each) === name),
    `struct ${name}`,
  );
  const type = btf.type(id);
  assert(type.kind === 'struct', `${name} is a structure`);
  const offsets = new Map(btf.members(id).map((member) => [member.name, member.bitOffset / 8]));
  return { bytes: type.size, at: (member) => known(offsets.get(member), `${name}.${member}`) };
}

function nameOf(btf: BtfView, id: Parameters<BtfView['type']>[0]): string | undefined {
  const type = btf.type(id);
  return type.kind === 'struct' ? type.name : undefined;
}
