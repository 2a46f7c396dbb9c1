#!/usr/bin/env node
/**
 * The way into the bundle. It loads nothing before it knows that this Node understands the rest. Nothing of what runs
 * is written to disk: compiled code kept for the next start would save a tenth of it (docs/decisions/0016).
 */
const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) await import('../cli/main.ts');
else {
  console.error(`ringfence: needs Node ${NODE_MAJOR_MIN} or newer; this is Node ${process.versions.node}.`);
  process.exitCode = 1;
}
