/** A program that was loaded and could not be attached: which one, and why, in words for a policy's line. */
import { EnvironmentError } from '#diagnostics';
import { libbpfReason } from './libbpf-reason.ts';

export class AttachRefused extends EnvironmentError {
  readonly program: string;
  readonly reason: string;

  constructor(program: string, cause: EnvironmentError) {
    const said = cause.cause instanceof Error ? libbpfReason([cause.cause.message], program) : undefined;
    const reason = said ?? cause.message;
    super('RF3011', { program, reason }, { cause });
    this.program = program;
    this.reason = reason;
  }
}
