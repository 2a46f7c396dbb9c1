/**
 * Stands in for the agent in tests of self-protection: a process with the base sensor, the guard and the watchdog. It
 * tells of tampering on its standard output, one JSON object on a line, until its standard input ends.
 *
 * Arguments: level, directory of the pins, mode, and perhaps a cgroup to move to. What it is told on its standard input,
 * a line at a time: `child COMMAND` for a shell command as its child, whose status it answers; `exec` to become another
 * program.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Event, EventPipeline, foundTampered, JsonRenderer, SequenceTracker } from '#events';
import { bootClock, ProcessTable } from '#process';
import { BaseSensor, Guard, type GuardedLevel, Watchdog } from '#sensors';

const TICK_MS = 250;
const [level, root = '', mode, cgroup] = process.argv.slice(2);
if (cgroup !== undefined) writeFileSync(`${cgroup}/cgroup.procs`, String(process.pid));

const image = (name: string) => readFileSync(new URL(`../../../kprobes/build/${name}`, import.meta.url));
const base = new BaseSensor({ image: image('base.bpf.o') });
if (mode === 'monitor') base.setMode('monitor');

const say = (value: unknown) => process.stdout.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
const renderer = new JsonRenderer();
const sink = (event: Event) => {
  if (event.kind === 'tamper' || event.kind === 'loss') say(renderer.render(event));
};
const clock = bootClock(0n);
const pipeline = new EventPipeline({
  nodeName: 'node',
  source: { bootId: 'boot', ringIncarnations: ['verdicts', 'observations'], takenOverNs: 0n },
  clock,
  processes: new ProcessTable({ nodeName: 'node', clock }),
  policies: () => undefined,
  sequences: new SequenceTracker({ begin: 'one' }),
  sink,
});
const accept = (bytes: Uint8Array, offset: number, length: number) => pipeline.accept(bytes, offset, length);
base.seed(accept);
base.exemptSelf();

mkdirSync(`${root}/maps`, { recursive: true, mode: 0o700 });
const pinsAt = `${root}/guard`;
const guard = new Guard({
  base,
  image: image('guard.bpf.o'),
  level: level as GuardedLevel,
  pinsRoot: root,
  pinsAt,
});
const watchdog = new Watchdog({
  root,
  onFinding: (finding) => sink(foundTampered(finding, { nodeName: 'node', timeNs: process.hrtime.bigint() })),
  onRepaired: () => guard.arm(),
  usesKprobes: () => true,
});
for (const pin of guard.pinned) watchdog.watch(pin);
for (const map of base.maps) {
  const path = `${root}/maps/${map.name}`;
  rmSync(path, { force: true });
  map.pin(path);
  watchdog.watch({ path, repin: () => map.pin(path) });
}

const counts = () => Object.fromEntries(Object.entries(guard.counts()).map(([name, count]) => [name, Number(count)]));
const tick = () => {
  for (const ring of base.rings) ring.drain(accept, 10_000);
  watchdog.tick();
  pipeline.tick(process.hrtime.bigint());
};
setInterval(tick, TICK_MS);

const maps = Object.fromEntries([...base.maps, ...guard.maps].map((map) => [map.name, map.id]));
const links = Object.fromEntries([...guard.links].map(([name, link]) => [name, link.info().id]));
say({ ready: { maps, links, fd: base.map('rf_control').fd } });

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [verb, ...rest] = line.split(' ');
    if (verb === 'exec') process.execve?.('/bin/sleep', ['sleep', '60'], {});
    else if (verb === 'counts') say({ counts: counts() });
    else say({ status: spawnSync('sh', ['-c', rest.join(' ')]).status });
  })
  .on('close', () => process.exit());
