#!/usr/bin/env node
/**
 * The way in for every command: plain JavaScript that an old Node still parses.
 * It makes sure that the dependencies are there, then hands over to Node 24, which runs the TypeScript sources as they are.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 24;
const NODE_MAJOR_ENTRY = 20;

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The tasks of package.json; anything else is a command of the `ringfence` CLI. */
const tasks = {
  start: 'test/lab/quickstart.ts',
  test: 'test/run.ts',
  check: 'test/check.ts',
  generate: 'test/generate.ts',
  build: 'src/bundle/build.ts',
  'build:kprobes': 'kprobes/build.ts',
  'build:image': 'test/image/build.ts',
  lab: 'test/lab/shell.ts',
  'test:matrix': 'test/lab/matrix.ts',
  targets: 'test/targets/make.ts',
  bench: 'test/bench/bench.ts',
  'bench:check': 'test/bench/check.ts',
};

function main() {
  if (nodeMajor() < NODE_MAJOR_ENTRY) {
    stop(`Ringfence needs Node ${NODE_MAJOR_ENTRY} or newer to start; this is Node ${process.versions.node}.`);
  }
  installDependencies();
  const node = findNode();
  const [name = '', ...rest] = process.argv.slice(2);
  const script = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  const argv = script ? [join(root, script), ...rest] : [join(root, 'src/cli/start.ts'), ...process.argv.slice(2)];
  // first, or a signal that comes right after the spawn would end this process alone
  let child;
  passSignals((signal) => child?.kill(signal));
  child = spawn(node, argv, {
    stdio: 'inherit',
    env: { ...process.env, PATH: [dirname(node), process.env.PATH].filter(Boolean).join(delimiter) },
  });
  child.on('error', (error) => stop(`cannot run ${node}: ${error.message}`));
  child.on('exit', (status, signal) => process.exit(signal === null ? status : 128 + constants.signals[signal]));
}

/**
 * A service manager ends this process: the one that does the work must hear of it. A terminal tells both by itself, so
 * its signals are only outlived, until the other has cleaned up.
 */
function passSignals(pass) {
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => pass(signal));
  for (const signal of ['SIGINT', 'SIGQUIT']) process.on(signal, () => undefined);
}

function nodeMajor() {
  return Number(process.versions.node.split('.')[0]);
}

/**
 * Installs by the lock file when what is installed is missing or older than it.
 * Not with `npm ci`: that demands an entry for every platform's build of an optional package, which a lock file
 * made against a registry mirror that does not carry them all cannot have.
 */
function installDependencies() {
  const lock = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(lock)) return;
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.error('ringfence: installing the dependencies that package-lock.json names');
  const npm = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (npm.error) stop(`cannot run npm: ${npm.error.message}`);
  if (npm.status !== 0) stop('npm install failed; its output is above.');
}

/** This Node when it is new enough, else the one that comes as a dependency. */
function findNode() {
  if (nodeMajor() >= NODE_MAJOR_MIN) return process.execPath;
  const packaged = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(packaged)) return packaged;
  return stop(
    `Ringfence runs on Node ${NODE_MAJOR_MIN} or newer; this is Node ${process.versions.node}, ` +
      `and no packaged Node exists for ${process.platform}-${process.arch}. Install Node ${NODE_MAJOR_MIN}.`,
  );
}

function stop(message) {
  console.error(`ringfence: ${message}`);
  process.exit(1);
}

main();
