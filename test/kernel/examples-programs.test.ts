/** Examples about what is run: shells in containers, programs in memory. */
import { copyFileSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { type Example, testExamples } from './harness/index.ts';

/** What a program that ran ends with: no error has this number. */
const RAN = 222;
const EXIT = ['-c', `exit ${RAN}`] as const;
/** What the loader ends with, whatever the error. */
const LOADER_FAILED = 127;
/** As runc calls the copy of itself that it runs. */
const RUNTIME_COPY = 'runc_cloned:/proc/self/exe';
const bash = realpathSync('/usr/bin/bash');
const loader = realpathSync('/lib64/ld-linux-x86-64.so.2');
const names = '/tmp/examples-programs';
const script = `${names}/script`;
const inMemory = '/dev/shm/examples';

const started = { hook: 'bprm_check_security' } as const;

const shells: Example = {
  policy: 'no-shell-in-containers',
  deeds: [
    { title: 'a shell in a container', words: ['contained', 'run', bash, ...EXIT], free: RAN, denied: started },
    { title: 'a link that leads to one', words: ['contained', 'run', '/bin/sh', ...EXIT], free: RAN, denied: started },
    { title: 'a shell on the host', words: ['run', bash, ...EXIT], free: RAN },
    { title: 'another program in a container', words: ['contained', 'run', '/usr/bin/true'] },
    { title: 'variant: a script', words: ['contained', 'run', script], free: RAN, denied: started },
    {
      title: 'variant: the loader',
      words: ['contained', 'run', loader, bash, ...EXIT],
      free: RAN,
      denied: { hook: 'mmap_file', binary: loader, error: LOADER_FAILED },
    },
    { title: 'not seen: a copy under another name', words: ['contained', 'run', `${names}/copy`, ...EXIT], free: RAN },
  ],
};

const memory: Example = {
  policy: 'no-memory-exec',
  deeds: [
    { title: 'a memory file', words: ['run-memory', 'program', bash, ...EXIT], free: RAN, denied: started },
    { title: 'a file in /dev/shm', words: ['run', inMemory, ...EXIT], free: RAN, denied: started },
    { title: 'the same program from disk', words: ['run', bash, ...EXIT], free: RAN },
    {
      title: 'a container runtime',
      as: '/usr/bin/runc',
      words: ['run-memory', RUNTIME_COPY, bash, ...EXIT],
      free: RAN,
    },
    {
      title: 'variant: the loader',
      words: ['run-memory-by-loader', loader, bash, ...EXIT],
      free: RAN,
      denied: { hook: 'mmap_file', binary: loader, error: LOADER_FAILED },
    },
    {
      title: 'not seen: an interpreter that reads a memory file',
      words: ['interpret-memory', bash, `exit ${RAN}`],
      free: RAN,
    },
  ],
};

testExamples([shells, memory], () => {
  mkdirSync(names, { recursive: true });
  writeFileSync(script, `#!${bash}\nexit ${RAN}\n`, { mode: 0o755 });
  copyFileSync(bash, `${names}/copy`);
  copyFileSync(bash, inMemory);
  return () => {
    rmSync(names, { recursive: true });
    rmSync(inMemory);
  };
});
