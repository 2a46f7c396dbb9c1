/** abi: what crosses between kernel and agent, generated from kprobes/include/ringfence/abi.h. */
export * from './abi.gen.ts';
