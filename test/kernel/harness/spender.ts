/** A thread that asks for kills of a budget, over and over: see kprobes/selftest/budget.bpf.c. */
import { parentPort, workerData } from 'node:worker_threads';
import { runProgram } from '#kernel';

const { fd, slot, asks, flag } = workerData as { fd: number; slot: number; asks: number; flag: Int32Array };
const context = new Uint8Array(Uint32Array.of(slot, asks, 0, 0, 0, 0).buffer);
parentPort?.postMessage('ready');
Atomics.wait(flag, 0, 0);
const { returnValue, context: answered } = runProgram({ fd, name: 'test_budget' }, context);
parentPort?.postMessage({ returnValue, answers: [...new Uint32Array(answered.buffer).subarray(2)] });
