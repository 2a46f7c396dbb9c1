/** What libbpf said of one program, out of all that it printed. */

/** The first line about it, without what every line begins with: what follows is only that it gave up. */
export function libbpfReason(messages: readonly string[], program: string): string | undefined {
  const prefix = `prog '${program}': `;
  const lines = messages.flatMap((each) => each.split('\n')).map((each) => each.replace(/^libbpf: /, ''));
  return lines.find((each) => each.startsWith(prefix))?.slice(prefix.length);
}
