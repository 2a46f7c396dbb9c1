/**
 * containerd itself tells of containers before their first process: by the hook, as `ringfence hook install` says to
 * configure it, and by NRI. A policy kills the program of the first process as it is executed, by what the container is
 * called or its pod is labelled: one that is known too late would run it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlClient } from '#control';
import {
  type Agent,
  Containerd,
  type CriPod,
  commandLine,
  EXITED,
  hasContainerd,
  JOB,
  repository,
  startAgent,
  until,
  writeBusyboxImage,
} from './harness/index.ts';

/** As each takes the emulator some seconds. */
const COUNT = Number(process.env.RINGFENCE_CONTAINERS ?? 5);
const KILLED = 128 + 9;
const IMAGE = 'ringfence.test/busybox:1';
const POLL_MS = 50;
/** Starting at the same time: the emulator has two processors. */
const ABREAST = 4;

const skip = hasContainerd() ? false : 'no containerd in this guest: `npm test` puts one there';
const directory = mkdtempSync(join(tmpdir(), 'ringfence-containerd-'));
const place = { pins: '', run: join(directory, 'run'), state: join(directory, 'state') };
const out = join(directory, 'out');
const nriSocket = join(directory, 'nri.sock');

describe('containerd', { skip }, () => {
  const containerd = new Containerd();
  let agent: Agent;

  before(async () => {
    mkdirSync(out);
    writeBusyboxImage(join(directory, 'image.tar'), IMAGE);
    const policies = [
      killing('by-name', {
        containerSelector: { matchExpressions: [{ key: 'name', operator: 'In', values: ['guarded'] }] },
      }),
      killing('by-label', { podSelector: { matchLabels: { app: 'guarded' } } }),
    ];
    agent = await startAgent({ policies, place, args: ['--nri-socket', nriSocket] });
  });

  after(async () => {
    await containerd[Symbol.asyncDispose]();
    await agent.stop();
    rmSync(directory, { recursive: true });
  });

  const told = async () =>
    (await new ControlClient({ path: join(place.run, 'control.sock') }).status()).agent.containers;

  /** Containers of this pod run to their ends; none of their first processes ran. Returns their ids. */
  async function allKilled(pod: StartedPod, name: string): Promise<readonly string[]> {
    const ids: string[] = [];
    let begun = 0;
    const worker = async () => {
      while (begun < COUNT) {
        begun += 1;
        const { id, is } = await outcome(pod, name, begun);
        assert.equal(is, 'killed');
        ids.push(id);
      }
    };
    await Promise.all(Array.from({ length: ABREAST }, worker));
    return ids;
  }

  /** What became of the first process of a container of this pod, when it has ended. */
  async function outcome(pod: StartedPod, name: string, attempt = 0): Promise<Outcome> {
    const left = randomUUID();
    const command = [JOB, 'sh', '-c', `echo ran > /out/${left}`];
    const { cri } = containerd;
    const id = await cri.createContainer(pod.sandbox, pod, {
      name,
      attempt,
      image: IMAGE,
      command,
      mounts: { '/out': out },
    });
    await cri.startContainer(id);
    let status = await cri.containerStatus(id);
    for (; status.state !== EXITED; status = await cri.containerStatus(id)) await sleep(POLL_MS);
    const ran = existsSync(join(out, left));
    if (status.exitCode === 0 && ran) return { id, is: 'ran' };
    if (status.exitCode === KILLED && !ran) return { id, is: 'killed' };
    return assert.fail(`status ${status.exitCode}, ${ran ? 'ran' : 'did not run'}:\n${containerd.log}\n${agent.log}`);
  }

  async function startPod(labels: CriPod['labels']): Promise<StartedPod> {
    const pod = { uid: randomUUID(), namespace: 'shop', name: `pod-${randomUUID()}`, labels };
    return { ...pod, sandbox: await containerd.cri.runPod(pod) };
  }

  /** Every event of these containers names the container and its pod. */
  async function checkEvents(ids: readonly string[], pod: StartedPod, policy: string, name: string): Promise<void> {
    const events = await agent.eventsWhere(
      `kills by ${policy}`,
      ({ process_lsm: lsm }) => lsm?.policy_name === policy,
      ids.length,
    );
    const seen = events.map(({ process_lsm: lsm }) => lsm?.process?.pod);
    assert.equal(events.length, ids.length);
    for (const id of ids) {
      const of = seen.find((each) => each?.container?.id?.endsWith(id));
      assert.partialDeepStrictEqual(of, { namespace: 'shop', name: pod.name, container: { name } }, id);
    }
  }

  describe('with the hook', () => {
    let pod: StartedPod;

    before(async () => {
      await containerd.start({ sandboxImage: IMAGE });
      containerd.importImage(join(directory, 'image.tar'));
      const baseRuntimeSpec = join(directory, 'base.json');
      writeFileSync(
        baseRuntimeSpec,
        JSON.stringify({ ...JSON.parse(containerd.ctr(['oci', 'spec'])), hooks: installed() }),
      );
      await containerd.stop();
      await containerd.start({ sandboxImage: IMAGE, baseRuntimeSpec });
      pod = await startPod({ app: 'shop' });
    });

    after(() => containerd.cri.removePod(pod.sandbox));

    test(`the first process of a container is caught ${COUNT} times of ${COUNT}`, async () => {
      const ids = await allKilled(pod, 'guarded');
      await checkEvents(ids, pod, 'by-name', 'guarded');
      // not the one that holds the pod together, which containerd makes from nothing that could be configured
      assert.equal((await told())?.hook.registered, COUNT);
    });

    test('and that of its neighbour in the pod runs', async () =>
      assert.equal((await outcome(pod, 'other')).is, 'ran'));
  });

  describe('with NRI', () => {
    let guarded: StartedPod;
    let free: StartedPod;

    before(async () => {
      await containerd.stop();
      await containerd.start({ sandboxImage: IMAGE, nriSocket });
      await until('the agent is a plugin of it', async () => (await told())?.nri?.connected === true);
      guarded = await startPod({ app: 'guarded' });
      free = await startPod({ app: 'free' });
    });

    after(async () => {
      for (const { sandbox } of [guarded, free]) await containerd.cri.removePod(sandbox);
    });

    test(`the first process of a container is caught ${COUNT} times of ${COUNT}`, async () => {
      const before = (await told())?.hook.registered;
      const ids = await allKilled(guarded, 'app');
      await checkEvents(ids, guarded, 'by-label', 'app');
      const now = await told();
      assert.equal(now?.nri?.registered, COUNT + 2, 'and the sandboxes');
      assert.equal(now?.hook.registered, before, 'nobody else told of them');
    });

    test('and that of a pod with another label runs', async () => assert.equal((await outcome(free, 'app')).is, 'ran'));
  });
});

type Outcome = { readonly id: string; readonly is: 'ran' | 'killed' };

type StartedPod = CriPod & { readonly sandbox: string };

/** What `ringfence hook install` says to put into the configuration of containers. */
function installed(): unknown {
  const argv = [
    ...[commandLine, 'hook', 'install', '--program', join(directory, 'bin/ringfence-hook')],
    ...['--hooks-dir', join(directory, 'hooks.d'), '--run-dir', place.run],
    ...['--kprobes', join(repository, 'kprobes/build')],
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(/^ {2}"hooks": (?<hooks>.*)$/m.exec(stdout)?.groups?.hooks ?? assert.fail(stdout));
}

function killing(name: string, scope: object): string {
  const matchArgs = [{ index: 0, operator: 'Equal', values: [JOB] }];
  const selectors = [{ matchArgs, matchActions: [{ action: 'Sigkill' }] }];
  const lsmhooks = [{ hook: 'bprm_check_security', args: [{ index: 0, type: 'linux_binprm' }], selectors }];
  const metadata = { name };
  return JSON.stringify({
    ...{ apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata, spec: { ...scope, lsmhooks } },
  });
}
