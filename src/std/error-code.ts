/** What went wrong, in a word where the system has one (ENOENT), else as the error says it. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
