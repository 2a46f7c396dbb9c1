/** Branded numbers: a unit or an identity that the type checker keeps apart from its neighbours. */
declare const brand: unique symbol;

export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

export type Bytes = Brand<number, 'Bytes'>;
export type Nanoseconds = Brand<bigint, 'Nanoseconds'>;
export type Pid = Brand<number, 'Pid'>;
/** Index of a type in a BTF blob; 0 is void. */
export type BtfTypeId = Brand<number, 'BtfTypeId'>;

export const bytes = (value: number): Bytes => value as Bytes;
export const nanoseconds = (value: bigint): Nanoseconds => value as Nanoseconds;
export const pid = (value: number): Pid => value as Pid;
export const btfTypeId = (value: number): BtfTypeId => value as BtfTypeId;
