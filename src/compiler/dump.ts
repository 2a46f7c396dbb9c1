/** Plans as text: what a hook reads, looks up, tests and does, one line each, for people who check the compiler. */
import { sectionOf } from '#bpf';
import type { IntegerShape } from '#policy';
import type {
  Fact,
  HookPlan,
  InSet,
  PolicyPlan,
  Range,
  ReturnPlan,
  SelectorPlan,
  SetKey,
  Source,
  Test,
} from './plan.ts';

export function dumpPlan(plan: HookPlan): string {
  const lines = [`program ${plan.id} ${sectionOf(plan.point)}${plan.denies ? ', may deny' : ''}`];
  for (const fact of plan.facts) lines.push(`  ${nameOf(fact)} = ${valueText(fact)} from ${sourceText(fact.source)}`);
  for (const [index, set] of plan.sets.entries()) {
    lines.push(
      `  s${index} = set ${set.map} of ${keyText(set.key)}: ${set.entries.length} members, ${set.tests} tests`,
    );
  }
  for (const policy of plan.policies) lines.push(...dumpPolicy(policy));
  return `${lines.join('\n')}\n`;
}

function nameOf({ number }: Fact): string {
  return `f${number}`;
}

function valueText({ value }: Fact): string {
  switch (value.kind) {
    case 'integer':
      return value.as === undefined ? 'number' : `number, ${shapeText(value.as)}`;
    case 'credentials':
      return 'cred';
    default: {
      const size = value.size === undefined ? '' : `, size f${value.size}`;
      return `${value.reader} (slot ${value.slot}${size})`;
    }
  }
}

function sourceText(source: Source): string {
  switch (source.kind) {
    case 'context':
    case 'register':
    case 'syscall':
      return `${source.kind} ${source.index}`;
    case 'result':
      return 'result';
    case 'field':
      return `field at ${source.offset}, ${source.bytes} bytes`;
    case 'field-address':
      return `${source.dataLocation ? 'data' : 'address'} of field at ${source.offset}`;
    case 'syscall64':
      return `number of the system call in ${sourceText(source.of)}`;
    case 'current-syscall':
      return 'number of the current system call';
    case 'none':
      return 'its reader';
  }
}

function keyText(key: SetKey): string {
  switch (key.kind) {
    case 'binary':
      return `binary, ${key.direction}`;
    case 'text':
      return `${nameOf(key.fact)}, ${key.direction}`;
    case 'integer':
      return `${nameOf(key.fact)}, ${shapeText(key.shape)}`;
    case 'identity':
      return `${nameOf(key.fact)}, inode and device`;
    case 'address':
      return `${nameOf(key.fact)}, ${key.side}`;
  }
}

function shapeText({ bits, signed }: IntegerShape): string {
  return `${signed ? 'int' : 'uint'}${bits}`;
}

function dumpPolicy(policy: PolicyPlan): readonly string[] {
  const phase = policy.phase === 'whole' ? '' : `, at ${policy.phase}`;
  const lines = [
    `  policy ${policy.name} (slot ${policy.slot}, hook ${policy.entry} ${policy.hook.name.value}${phase})`,
  ];
  if (policy.scope !== undefined) lines.push(`    only where ${testText(policy.scope)}`);
  if (policy.guard !== undefined) lines.push(`    only when ${testText(policy.guard)}`);
  for (const selector of policy.selectors) lines.push(...dumpSelector(policy, selector));
  const told = policy.told.map(({ position, fact, as }) => `${position}: ${nameOf(fact)} as ${as}`);
  if (told.length > 0) lines.push(`    tells ${told.join(', ')}`);
  if (policy.result !== undefined) lines.push(`    result ${nameOf(policy.result.fact)}`);
  return lines;
}

function dumpSelector(policy: PolicyPlan, { index, tests, act, returned }: SelectorPlan): readonly string[] {
  const does = [
    act.post ? 'post' : 'say nothing',
    ...(act.kill ? ['kill'] : []),
    ...(act.signal === 0 ? [] : [`signal ${act.signal}`]),
    ...(act.override || act.kill ? [`return ${act.error}`] : []),
  ];
  const lines = [`    selector ${index}: ${does.join(', ')}`, ...tests.map((test) => `      ${testText(test)}`)];
  if (policy.result !== undefined) lines.push(...dumpReturn(returned));
  return lines;
}

function dumpReturn({ tests, act }: ReturnPlan): readonly string[] {
  const does = [...(act.kill ? ['kill'] : []), ...(act.signal === 0 ? [] : [`signal ${act.signal}`])];
  const lines = tests.map((test) => `      at return: ${testText(test)}`);
  return does.length === 0 ? lines : [...lines, `      at return: ${does.join(', ')}`];
}

export function testText(test: Test): string {
  return `${test.negated ? 'not ' : ''}${coreText(test)}`;
}

function coreText(test: Test): string {
  switch (test.kind) {
    case 'integer': {
      const { how } = test;
      const value = `${nameOf(test.fact)} ${test.shape.signed ? 'int' : 'uint'}${test.shape.bits}`;
      if (how.kind === 'set') return `${value} in ${inSetText(how)}`;
      if (how.kind === 'mask')
        return `${value} & ${how.masks.map(({ value: mask }) => `0x${mask.toString(16)}`).join(' | ')}`;
      return `${value} in ${rangesText(how.ranges)}`;
    }
    case 'text':
    case 'binary': {
      const of = test.kind === 'text' ? nameOf(test.fact) : 'binary';
      const values = test.values.map(({ bytes }) => JSON.stringify(new TextDecoder().decode(bytes)));
      const files =
        test.kind === 'text' ? test.identities.map(({ inode, device }) => `inode ${inode} on ${device}`) : [];
      const sets = [test.inSet, ...(test.kind === 'text' ? [test.identityInSet] : [])];
      const listed = sets.flatMap((each) => (each === undefined ? [] : [inSetText(each)]));
      return `${of} ${test.operator} ${[...listed, ...few(values), ...files].join(' | ')}`;
    }
    case 'socket':
      return `${nameOf(test.fact)} ${socketText(test.how)}`;
    case 'scope':
      return `workload in scope ${test.bit}`;
    case 'follow':
      return `process or an ancestor in list ${test.bit}`;
    case 'pid':
      return `${test.inNamespace ? 'pid in its namespace' : 'pid'} in ${few(test.values.map(String)).join(' | ')}`;
    case 'namespace':
      return `namespace ${test.field} in ${test.values.join(' | ')}`;
    case 'capability': {
      const elsewhere = test.notInUserNamespace === undefined ? '' : ', in another user namespace';
      return `${test.set.toLowerCase()} capabilities & 0x${test.mask.toString(16)}${elsewhere}`;
    }
  }
}

function socketText(how: Extract<Test, { kind: 'socket' }>['how']): string {
  if (how.kind === 'number') return `${how.field} in ${rangesText(how.ranges)}`;
  const networks = how.networks.map(({ bytes, prefixLength }) => `${hex(bytes)}/${prefixLength}`);
  return `${how.side} in ${[...(how.inSet === undefined ? [] : [inSetText(how.inSet)]), ...few(networks)].join(' | ')}`;
}

function inSetText({ set, bit }: InSet): string {
  return `s${set}[${bit}]`;
}

function rangesText(ranges: readonly Range[]): string {
  return few(ranges.map(({ minimum, maximum }) => (minimum === maximum ? `${minimum}` : `${minimum}:${maximum}`))).join(
    ' | ',
  );
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const SHOWN = 8;

function few(values: readonly string[]): readonly string[] {
  return values.length <= SHOWN ? values : [...values.slice(0, SHOWN), `${values.length - SHOWN} more`];
}
