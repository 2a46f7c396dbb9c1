/** Kprobes, tracepoints and lists: what hooks they become. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, firstHook, firstSelector, parsed, policyText } from './fixtures.ts';
import type { Hook } from './model.ts';

function show(hook: Hook): string {
  switch (hook.kind) {
    case 'lsm':
      return `lsm ${hook.name.value}`;
    case 'tracepoint':
      return `${hook.raw ? 'raw ' : ''}tracepoint ${hook.name.value}`;
    case 'kprobe': {
      const flags = [hook.syscall && 'syscall', hook.returns && 'returns', hook.ignoreMissing && 'ignore'];
      return ['kprobe', hook.name.value, ...flags.filter((flag) => flag !== false)].join(' ');
    }
  }
}

const dups = `  lists:
    - name: dups
      type: syscalls
      values: [sys_dup, __x64_sys_dup2, i386/sys_dup, __ia32_sys_dup3]
`;

const hooks = [
  ['a system call', '  kprobes:\n    - call: sys_openat\n', ['kprobe sys_openat syscall']],
  ['one of a table', '  kprobes:\n    - call: i386/sys_dup\n', ['kprobe __ia32_sys_dup syscall']],
  ['a function', '  kprobes:\n    - call: tcp_connect\n      syscall: false\n', ['kprobe tcp_connect']],
  ['a copy of a function', '  kprobes:\n    - call: do_x.isra.0\n      syscall: false\n', ['kprobe do_x.isra.0']],
  [
    'an entry as a function',
    '  kprobes:\n    - call: __x64_sys_close\n      syscall: false\n',
    ['kprobe __x64_sys_close'],
  ],
  [
    'one that may be missing',
    '  kprobes:\n    - call: security_bpf_map_alloc\n      syscall: false\n      ignore:\n        callNotFound: true\n',
    ['kprobe security_bpf_map_alloc ignore'],
  ],
  [
    'its return',
    '  kprobes:\n    - call: sys_openat\n      return: true\n      returnArg: { index: 0, type: int }\n',
    ['kprobe sys_openat syscall returns'],
  ],
  [
    'a tracepoint',
    '  tracepoints:\n    - subsystem: sched\n      event: sched_process_exec\n',
    ['tracepoint sched/sched_process_exec'],
  ],
  [
    'a raw one',
    '  tracepoints:\n    - subsystem: sched\n      event: sched_switch\n      raw: true\n',
    ['raw tracepoint sched/sched_switch'],
  ],
  [
    'a list of system calls',
    `${dups}  kprobes:\n    - call: list:dups\n    - call: sys_close\n`,
    [
      'kprobe sys_dup syscall',
      'kprobe __x64_sys_dup2 syscall',
      'kprobe __ia32_sys_dup syscall',
      'kprobe __ia32_sys_dup3 syscall',
      'kprobe sys_close syscall',
    ],
  ],
  [
    'a list of functions',
    '  lists:\n    - name: a\n      values: [tcp_connect, tcp_close]\n  kprobes:\n    - call: list:a\n      syscall: false\n',
    ['kprobe tcp_connect', 'kprobe tcp_close'],
  ],
] as const;

for (const [name, spec, expected] of hooks) {
  test(`hooks: ${name}`, () => assert.deepEqual(parsed(policyText(spec)).hooks.map(show), expected));
}

test('the hooks of a list share all but their names, which stand in the list', () => {
  const [first, second] = parsed(policyText(`${dups}  kprobes:\n    - call: list:dups\n`)).hooks;
  assert.equal(first?.selectors, second?.selectors);
  assert.deepEqual([first?.name.span.line, first?.name.span.column, second?.name.span.column], [9, 16, 25]);
});

test('a list of system calls is a value of a filter, each call by name and width', () => {
  const selector = firstSelector(`${dups}  tracepoints:
    - subsystem: raw_syscalls
      event: sys_enter
      args:
        - index: 4
          type: syscall64
      selectors:
        - matchArgs:
            - index: 0
              operator: NotInMap
              values: ["list:dups"]
`);
  const values = selector.arguments[0]?.values ?? [];
  assert.deepEqual(
    values.map((value) => value.kind === 'syscall' && [value.name, value.width, value.span.line]),
    [
      ['dup', 64, 9],
      ['dup2', 64, 9],
      ['dup', 32, 9],
      ['dup3', 32, 9],
    ],
  );
});

test('filters that name the same list share its values', () => {
  const filter = '            - index: 4\n              operator: InMap\n              values: ["list:dups"]\n';
  const [first, second] = firstSelector(`${dups}  tracepoints:
    - subsystem: raw_syscalls
      event: sys_enter
      args:
        - index: 4
          type: syscall64
      selectors:
        - matchArgs:
${filter}${filter}`).arguments;
  assert.equal(first?.values, second?.values);
});

test('lists together have as many values as a filter can have', () => {
  const list = (name: string) => {
    const calls = Array.from({ length: 6000 }, (_, count) => `sys_${name}${count}`);
    return `    - name: ${name}\n      type: syscalls\n      values: [${calls.join(', ')}]\n`;
  };
  const text = policyText(`  lists:
${list('a')}${list('b')}  tracepoints:
    - subsystem: raw_syscalls
      event: sys_enter
      args:
        - index: 4
          type: syscall64
      selectors:
        - matchArgs:
            - index: 4
              operator: InMap
              values: ["list:a", "list:b"]
`);
  assert.deepEqual(codesOf(text), ['RF1108 23:24']);
});

test('what the call returns has a type, filters and actions of its own', () => {
  const spec = `  kprobes:
    - call: sys_openat
      return: true
      returnArg:
        index: 0
        type: int
        label: fd
      selectors:
        - matchReturnArgs:
            - index: 0
              operator: LT
              values: ["0"]
            - args: [0]
              operator: NotEqual
              values: ["-2"]
          matchReturnActions:
            - action: Signal
              argSig: 19
`;
  const hook = firstHook(spec);
  assert.equal(hook.kind === 'kprobe' && hook.returnArgument?.label, 'fd');
  const selector = firstSelector(spec);
  assert.deepEqual(
    selector.returnArguments.map(({ argument, operator }) => [argument, operator.value]),
    [
      [-1, 'LT'],
      [-1, 'NotEqual'],
    ],
  );
  assert.deepEqual(
    selector.actions.map(({ kind }) => kind),
    ['post'],
  );
  assert.deepEqual(
    selector.returnActions.map((action) => action.kind === 'signal' && action.signal),
    [19],
  );
});

test('the size of a buffer is counted from 1 in the policy, from 0 in the model', () => {
  const hook = firstHook(
    '  kprobes:\n    - call: sys_write\n      args:\n        - { index: 1, type: char_buf, sizeArgIndex: 3 }\n',
  );
  assert.equal(hook.arguments[0]?.sizeIndex?.value, 2);
});

const positions = [
  ['the index of the field', 'index: 6', 1],
  ['the position in the list', 'index: 1', 1],
  ['the position, said so', 'args: [0]', 0],
  ['the index, where the position is another', 'index: 5', 0],
] as const;

for (const [name, reference, expected] of positions) {
  test(`a filter of a tracepoint names its argument by ${name}`, () => {
    const selector = firstSelector(`  tracepoints:
    - subsystem: syscalls
      event: sys_enter_openat
      args:
        - { index: 5, type: int }
        - { index: 6, type: int }
      selectors:
        - matchArgs:
            - ${reference}
              operator: Equal
              values: ["1"]
`);
    assert.equal(selector.arguments[0]?.argument, expected);
  });
}

test('a filter of a function names its argument by its index alone', () => {
  const text = policyText(`  kprobes:
    - call: fd_install
      syscall: false
      args:
        - { index: 1, type: file }
      selectors:
        - matchArgs:
            - index: 0
              operator: Equal
              values: [/etc/shadow]
`);
  assert.deepEqual(codesOf(text), ['RF1302 13:22']);
});

test('SIGKILL by number is Sigkill', () => {
  const { actions } = firstSelector(`  kprobes:
    - call: sys_openat
      selectors:
        - matchBinaries:
            - { operator: In, values: [/usr/bin/cat] }
          matchActions:
            - { action: Signal, argSig: 9 }
            - { action: NoPost }
`);
  assert.deepEqual(
    actions.map(({ kind }) => kind),
    ['sigkill', 'nopost'],
  );
});

for (const value of ['1', 'true', 'False']) {
  test(`how the peer attaches its programs has no effect: ${value}`, () => {
    const options = `  options:\n    - { name: disable-kprobe-multi, value: "${value}" }\n`;
    assert.equal(parsed(policyText(`${options}  kprobes:\n    - call: sys_openat\n`)).hooks.length, 1);
  });
}
