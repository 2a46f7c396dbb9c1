/**
 * Policies on system calls that deny: they are decided on what the kernel copied. Another thread that changes the path
 * or the address meanwhile gets nothing; and what is not that system call is not denied.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import {
  type Agent,
  attack,
  checkNothingObtained,
  checkObtained,
  type Expected,
  policyOf,
  Scene,
  startAgent,
} from './harness/index.ts';

const OPENS = 4_000;
const CONNECTS = 1_500;
const EACCES = 13;

const scene = new Scene('tmpfs');
/** Copies of one program: the policies are about the first, the second is the control. */
const racer = scene.copyProgram('racer', join(scene.scratch, 'racer'));
const control = join(scene.scratch, 'control');
linkSync(racer, control);

type Tally = {
  readonly allowed: number;
  readonly forbidden: number;
  readonly refused: number;
  readonly failed: number;
};

async function race(program: string, ...args: readonly (string | number)[]): Promise<Tally> {
  const child = spawn(program, args.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  assert.equal(status, 0);
  return JSON.parse(output) as Tally;
}

const matchActions = [{ action: 'Override', argError: -EACCES }];

function policyFor(call: string, type: string, operator: string, value: string, binaries?: readonly string[]): string {
  const selector = {
    matchArgs: [{ index: 1, operator, values: [value] }],
    ...(binaries && { matchBinaries: [{ operator: 'In', values: binaries }] }),
    matchActions,
  };
  return policyOf(call.replaceAll('_', '-'), {
    kprobes: [{ call, args: [{ index: 1, type }], selectors: [selector] }],
  });
}

async function listen(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

describe('kernel copies', () => {
  let agent: Agent;
  let allowed: Server;
  let forbidden: Server;
  before(async () => {
    [allowed, forbidden] = [await listen(), await listen()];
    agent = await startAgent({
      policies: [
        policyFor('sys_openat', 'string', 'Equal', scene.secret.path, [racer, scene.intruder]),
        policyFor('sys_connect', 'sockaddr', 'SPort', `${portOf(forbidden)}`, [racer]),
      ],
    });
  });
  after(async () => {
    await agent.stop();
    allowed.close();
    forbidden.close();
    scene.remove();
  });

  test('a path that another thread changes never leads to the file', async () => {
    const paths = [scene.neighbour.path, scene.secret.path] as const;
    const free = await race(control, 'openat', ...paths, OPENS);
    assert.ok(free.forbidden > 0 && free.allowed > 0, `the control gets both: ${JSON.stringify(free)}`);
    const held = await race(racer, 'openat', ...paths, OPENS);
    assert.equal(held.forbidden, 0, JSON.stringify(held));
    assert.ok(held.refused > 0 && held.allowed > 0, `it tried both: ${JSON.stringify(held)}`);
  });

  test('an address that another thread changes is never connected to', async () => {
    const ports = [portOf(allowed), portOf(forbidden)] as const;
    const free = await race(control, 'connect', ...ports, CONNECTS);
    assert.ok(free.forbidden > 0 && free.allowed > 0, `the control gets both: ${JSON.stringify(free)}`);
    const held = await race(racer, 'connect', ...ports, CONNECTS);
    assert.equal(held.forbidden, 0, JSON.stringify(held));
    assert.ok(held.refused > 0 && held.allowed > 0, `it tried both: ${JSON.stringify(held)}`);
  });

  test('openat is denied', async () => {
    const expected: Expected = {
      ...{ scene, way: 'openat', policy: 'sys-openat', hook: '__x64_sys_openat', action: 'deny', error: 'EACCES' },
    };
    checkNothingObtained(await attack(scene, { way: 'openat', path: scene.secret.path }), expected);
  });

  for (const way of ['open', 'openat2', 'compat', 'uring', 'uring-worker', 'uring-poller', 'handle']) {
    test(`${way} is another way to open, and not what the policy is about`, async () => {
      checkObtained(await attack(scene, { way, path: scene.secret.path }), scene.secret.content);
    });
  }
});
