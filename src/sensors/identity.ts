/** Device and inode of the files that policies name, as the kernel has them. */
import type { FileIdentity, Identities } from '#compiler';
import { type Diagnostic, diagnostic } from '#diagnostics';
import { statBelow } from '#files';
import { type ArgumentMatch, type ArgumentType, type Hook, isPathType, type Policy, type StringValue } from '#policy';

type Named = { readonly value: StringValue; readonly type: ArgumentType };

/**
 * For policies with the annotation `ringfence.io/file-identity: inode`. A name that no file has now is a warning: it
 * protects by name only until the policy is loaded again. `nodeRoot` is where the file system of the node is to be found.
 */
export function identify(
  policies: readonly Policy[],
  nodeRoot: string,
): { identities: Identities; diagnostics: readonly Diagnostic[] } {
  const identities = new Map<string, FileIdentity>();
  const diagnostics: Diagnostic[] = [];
  const hooks = policies.filter((policy) => policy.fileIdentity === 'inode').flatMap((policy) => policy.hooks);
  for (const { value, type } of hooks.flatMap(filesNamed)) {
    const identity = identities.get(value.text) ?? identityOf(nodeRoot, value.text, type);
    if (identity === undefined) diagnostics.push(diagnostic('RF2301', value.span, { path: value.text }));
    else identities.set(value.text, identity);
  }
  return { identities, diagnostics };
}

function filesNamed(hook: Hook): readonly Named[] {
  return hook.selectors.flatMap((selector) => selector.arguments.flatMap((match) => valuesOf(match, hook)));
}

/** What `auto` is, the kernel's types say later: an absolute path may be one. */
function valuesOf(match: ArgumentMatch, hook: Hook): readonly Named[] {
  const type = hook.arguments[match.argument]?.type.value;
  if (match.operator.value !== 'Equal' || type === undefined) return [];
  if (!isPathType(type) && type !== 'auto') return [];
  return match.values.flatMap((value) =>
    value.kind === 'string' && value.text.startsWith('/') ? [{ value, type }] : [],
  );
}

/** The path of a `dentry` begins at the root of its file system: only there the name says which file is meant. */
function identityOf(nodeRoot: string, path: string, type: ArgumentType): FileIdentity | undefined {
  const stats = statBelow(nodeRoot, path);
  if (stats === undefined || (type === 'dentry' && stats.dev !== statBelow(nodeRoot, '/')?.dev)) return undefined;
  return { inode: stats.ino, device: kernelDevice(stats.dev) };
}

/** stat(2) spreads a device number for old programs, include/linux/kdev_t.h new_encode_dev(); the kernel does not. */
export function kernelDevice(dev: bigint): number {
  const major = Number((dev >> 8n) & 0xfffn);
  const minor = Number((dev & 0xffn) | ((dev >> 12n) & 0xfff00n));
  return major * 2 ** 20 + minor;
}
