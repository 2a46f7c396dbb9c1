/** What the API server said last, on the disk: when the next agent starts, the server may be away. */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Code, EnvironmentError } from '#diagnostics';
import { replaceFile } from '#files';
import { codeOf } from '#std';

/** Undefined when it is written; else an error of this code, whose parameters are path and reason. */
export function remember(path: string, value: unknown, code: Code): EnvironmentError | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceFile(path, JSON.stringify(value));
    return undefined;
  } catch (cause) {
    return new EnvironmentError(code, { path, reason: codeOf(cause) }, { cause });
  }
}

/** Undefined where there is none, or something else: then the API server has to be heard first. */
export function recalled(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
