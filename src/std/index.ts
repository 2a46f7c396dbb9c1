/** std: branded units, assertions, the bounded queue and other small things; pure, and below everything else. */
export { alignUp } from './align.ts';
export { AssertionFailed, assert, assertNever, known } from './assert.ts';
export { BoundedQueue } from './bounded-queue.ts';
export {
  type Brand,
  type BtfTypeId,
  type Bytes,
  btfTypeId,
  bytes,
  type Nanoseconds,
  nanoseconds,
  type Pid,
  pid,
} from './brand.ts';
export { editDistance } from './edit-distance.ts';
export { codeOf } from './error-code.ts';
export { lazy, lazyRecord } from './lazy.ts';
