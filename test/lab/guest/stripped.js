/**
 * Loaded by every Node of the guest (NODE_OPTIONS): the types are stripped from its `.ts` files already.
 * Node's own stripping is WebAssembly, which takes seconds to start under emulation; and in QEMU 7.2 with two
 * processors, Node crashed now and then while importing the agent (2 of 36 times in one run: SIGSEGV, SIGTRAP).
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
    return { format: 'module', source: readFileSync(new URL(url)), shortCircuit: true };
  },
});
