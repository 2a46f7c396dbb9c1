/** Device and inode of the files that policies name, as the kernel has them. */
import { statSync } from 'node:fs';
import type { FileIdentity, Identities } from '#compiler';
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { Policy } from '#policy';

/**
 * For policies with the annotation `ringfence.io/file-identity: inode`. A name that no file has now is a warning: it
 * protects by name only until the policy is loaded again.
 */
export function identify(policies: readonly Policy[]): { identities: Identities; diagnostics: readonly Diagnostic[] } {
  const identities = new Map<string, FileIdentity>();
  const diagnostics: Diagnostic[] = [];
  for (const policy of policies) {
    if (policy.fileIdentity !== 'inode') continue;
    for (const hook of policy.hooks) {
      for (const match of hook.selectors.flatMap((selector) => selector.arguments)) {
        if (match.operator.value !== 'Equal') continue;
        for (const value of match.values) {
          if (value.kind !== 'string') continue;
          const identity = identities.get(value.text) ?? identityOf(value.text);
          if (identity === undefined) diagnostics.push(diagnostic('RF2301', value.span, { path: value.text }));
          else identities.set(value.text, identity);
        }
      }
    }
  }
  return { identities, diagnostics };
}

function identityOf(path: string): FileIdentity | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : { inode: stats.ino, device: kernelDevice(stats.dev) };
}

/** stat(2) spreads a device number for old programs, include/linux/kdev_t.h new_encode_dev(); the kernel does not. */
export function kernelDevice(dev: bigint): number {
  const major = Number((dev >> 8n) & 0xfffn);
  const minor = Number((dev & 0xffn) | ((dev >> 12n) & 0xfff00n));
  return major * 2 ** 20 + minor;
}
