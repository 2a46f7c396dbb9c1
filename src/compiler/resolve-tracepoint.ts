/** Resolves tracepoints: raw ones by the arguments that the kernel calls them with, others by the fields of their record. */
import type { TracepointField } from '#bpf';
import { diagnostic } from '#diagnostics';
import type { TracepointHook } from '#policy';
import { kernelCopies } from './kernel-copies.ts';
import type { Source } from './plan.ts';
import { type Parameters, resolveArguments } from './resolve-argument.ts';
import { canDeny } from './resolve-lsm.ts';
import { nearestHook } from './resolve-nearest-hook.ts';
import { type Passed, passedByText, prototypeOf, type Slot } from './resolve-passed.ts';
import { enforcesHook, type Place, partOf, type Scope } from './resolve-place.ts';

export function resolveTracepoint(hook: TracepointHook, entry: number, scope: Scope): Place | undefined {
  const [subsystem = '', event = ''] = hook.name.value.split('/');
  const found = hook.raw ? rawSlots(subsystem, event, scope) : fieldSlots(subsystem, event, scope);
  if (found === undefined) {
    const similar = scope.target.tracepoints.similar(hook.name.value, 3);
    scope.diagnostics.push(
      diagnostic('RF2024', hook.name.span, {
        name: hook.name.value,
        release: scope.target.release,
        similar:
          similar.length === 0
            ? 'see /sys/kernel/tracing/available_events for what there is'
            : `near it: ${similar.join(', ')}`,
      }),
    );
    return undefined;
  }
  const arguments_ = resolveArguments(hook.arguments, { hook: hook.name.value, ...found }, scope.diagnostics);
  if (arguments_ === undefined) return undefined;
  const point = hook.raw ? ({ kind: 'tp_btf', event } as const) : ({ kind: 'tracepoint', subsystem, event } as const);
  return {
    parts: [partOf(hook, entry, point, { arguments: arguments_ })],
    why: hook.raw
      ? 'With the arguments that the kernel calls the tracepoint with.'
      : 'With the fields of the record of the tracepoint.',
    blind: enforcesHook(hook) ? ['the end of what the tracepoint tells of: it has begun, or is done'] : [],
    better: betterHook(subsystem, event, scope),
  };
}

/** Entries of system calls are followed by an LSM hook that can deny, where there is one. */
function betterHook(subsystem: string, event: string, { target }: Scope): string | undefined {
  const call = subsystem === 'syscalls' ? /^sys_enter_(\w+)$/.exec(event)?.[1] : undefined;
  if (call === undefined) return undefined;
  const copied = kernelCopies(call)?.places.find(({ hook }) => canDeny(hook, target.btf));
  return copied?.hook ?? nearestHook(`sys_${call}`, target.btf);
}

type Found = Omit<Parameters, 'hook'>;

/** A raw tracepoint passes no more (CAST_TO_U64 and BPF_TRACE_DEFN, include/trace/bpf_probe.h). */
const ARGUMENTS = 12;

/** Where sys_enter has the number of the call: behind the registers, whatever the kernel names it (trace_sys_enter()). */
const ENTERED_CALL = 1;

/** The first parameter of the prototype is the program's own. */
function rawSlots(subsystem: string, event: string, { target }: Scope): Found | undefined {
  const { btf } = target;
  const typedef = btf.find('typedef', `btf_trace_${event}`);
  if (typedef === undefined) return undefined;
  const pointer = btf.type(btf.skipModifiers(typedef));
  if (pointer.kind !== 'ptr') return undefined;
  const { slots } = prototypeOf(btf, pointer.typeId, { skip: 1, from: 'context', limit: ARGUMENTS });
  return { slots, syscallNumbers: subsystem === 'raw_syscalls' && event === 'sys_enter' ? [ENTERED_CALL] : [] };
}

function fieldSlots(subsystem: string, event: string, { target }: Scope): Found | undefined {
  const format = target.tracepoints.format(subsystem, event);
  if (format === undefined) return undefined;
  const isNumber = ({ name }: TracepointField) =>
    (subsystem === 'raw_syscalls' && name === 'id') || (subsystem === 'syscalls' && name === '__syscall_nr');
  return {
    slots: format.fields.map((field) => fieldSlot(field, subsystem === 'syscalls')),
    syscallNumbers: format.fields.flatMap((field, index) => (isNumber(field) ? [index] : [])),
  };
}

function fieldSlot(field: TracepointField, user: boolean): Slot {
  const { name, type, offset } = field;
  const text: Passed = { kind: 'characters', user: false };
  const slot = (passed: Passed, source: Source | undefined): Slot => ({
    declaration: `${type} ${name}`,
    name,
    passed,
    source,
  });
  if (/^__data_loc (unsigned )?char ?\[\]$/.test(type))
    return slot(text, { kind: 'field-address', offset, dataLocation: true });
  if (/^char ?\[\w+\]$/.test(type)) return slot(text, { kind: 'field-address', offset, dataLocation: false });
  const passed = passedByText(type, field, user);
  return slot(passed, fieldSource(field));
}

function fieldSource({ offset, size }: TracepointField): Source | undefined {
  return size === 1 || size === 2 || size === 4 || size === 8 ? { kind: 'field', offset, bytes: size } : undefined;
}
