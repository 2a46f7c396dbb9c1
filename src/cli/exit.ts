/** How a command ends: what is printed, and the exit code. */
import { type Diagnostic, EnvironmentError, hasErrors, printable, renderDiagnostic } from '#diagnostics';

/** 1: the environment refused. 2: a policy, or the use of the command, is wrong. */
export const EXIT = { ok: 0, environment: 1, policy: 2 } as const;

/** Prints every diagnostic, and returns the exit code that they call for. */
export function reportDiagnostics(diagnostics: readonly Diagnostic[]): number {
  for (const each of diagnostics) process.stderr.write(`${renderDiagnostic(each)}\n`);
  return hasErrors(diagnostics) ? EXIT.policy : EXIT.ok;
}

/** Prints what stopped the command; a fault of ours keeps its stack. */
export function reportError(error: unknown): number {
  if (error instanceof EnvironmentError) {
    const causes = causesOf(error).map((each) => `  cause: ${printable(each)}\n`);
    process.stderr.write(`error ${error.code}: ${printable(error.message)}\n${causes.join('')}  hint: ${error.hint}\n`);
    return EXIT.environment;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.environment;
}

const CAUSES_MAX = 4;

function causesOf(error: Error): readonly string[] {
  const causes: string[] = [];
  let cause = error.cause;
  while (cause !== undefined && causes.length < CAUSES_MAX) {
    causes.push(cause instanceof Error ? cause.message : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes.filter((each) => each !== '' && each !== error.message);
}
