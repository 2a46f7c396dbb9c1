/** Alignment of sizes and offsets. */

/** The smallest multiple of `alignment` (a power of two) that is not below `value`. */
export function alignUp(value: number, alignment: number): number {
  return (value + alignment - 1) & -alignment;
}
