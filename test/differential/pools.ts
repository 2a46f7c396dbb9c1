/** What random policies ask for on this stage: what the calls pass, and some that is near it. */
import { namespaceKinds } from '#policy';
import { firstPid, innerPids } from './calls.ts';
import type { Pools } from './policies.ts';
import { type CallScene, longFile } from './scene.ts';
import type { Stage } from './stage.ts';

/** Below the root of the scene. */
const files = [
  ...['a/one', 'a/two', 'a/program', 'a/written', 'a/gone', 'a/short-lived', 'a/from', 'a/this', 'a', 'b', 'bind'],
  ...['b/one', 'b/linked', 'b/made', 'b/mnt', 'b/new', 'b/to', 'b/that', 'bind/one', 'bind/two', 'bind/linked'],
  ...['bind/new', 'bind/made', 'bind/program', 'link', 'deep/down/below/all/one', longFile],
];
/** Devices, types of file systems, relative names, and what is in no directory. */
const others = [
  '/device',
  '/nothing',
  '/tmpfs',
  '/two',
  '/a',
  '/TCP',
  '/memfd:memory',
  '/[eventfd]',
  '/proc/self/fd/3',
];

export function poolsFor(stage: Stage, scene: CallScene, callCount: number): Pools {
  const { greeting } = stage.caller;
  const { Uts, userUts, Ipc, Mnt, Net, Time, Cgroup, Pid, User, pid } = greeting;
  const second = {
    ...{ Uts, Ipc, Mnt, Net, Time, Cgroup, Pid, User, PidForChildren: Pid, TimeForChildren: Time },
  };
  const namespaces = namespaceKinds.map((kind) => [
    kind,
    [second[kind], stage.hostNamespaces[kind], ...(kind === 'Uts' ? [userUts] : []), 1],
  ]);
  return {
    // The path of a dentry begins at the root of its file system.
    names: [...files.flatMap((name) => [scene.path(name), `/${name}`, scene.path(name)]), ...others],
    binaries: [...scene.binaries, ...scene.binaries, process.execPath],
    pids: [
      firstPid,
      pid,
      innerPids[0],
      process.pid,
      1,
      firstPid + Math.floor(callCount / 2),
      innerPids[1],
      firstPid + 1,
    ],
    namespaces: Object.fromEntries(namespaces),
    watched: [Uts, userUts],
  };
}
