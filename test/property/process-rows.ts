/** How lists of what was covered call filters on the process: alike for what is wished for and for what policies have. */
import type { BinaryMatch, CapabilityMatch, NamespaceMatch, PidMatch } from '#policy';
import type { ProcessWish } from './policies.ts';

export function rowOfWish(wish: ProcessWish): string {
  switch (wish.kind) {
    case 'binaries':
      return `binaries ${wish.operator}${wish.follow ? ' followChildren' : ''}`;
    case 'pids':
      return `pids ${wish.operator}${wish.inNamespace ? ' in namespace' : ''}${wish.follow ? ' followForks' : ''}`;
    case 'namespaces':
      return `namespace ${wish.namespace} ${wish.operator}`;
    case 'capabilities':
      return `capabilities ${wish.operator}${wish.inNamespace ? ' in namespace' : ''}`;
  }
}

export function rowOfBinaries({ operator, followChildren }: BinaryMatch): string {
  return rowOfWish({ kind: 'binaries', operator: operator.value, follow: followChildren });
}

export function rowOfPids({ negated, inNamespace, followForks }: PidMatch): string {
  return rowOfWish({ kind: 'pids', operator: membership(negated), inNamespace, follow: followForks });
}

export function rowOfNamespaces({ negated, namespace }: NamespaceMatch): string {
  return rowOfWish({ kind: 'namespaces', operator: membership(negated), namespace });
}

export function rowOfCapabilities({ negated, inNamespace }: CapabilityMatch): string {
  return rowOfWish({ kind: 'capabilities', operator: membership(negated), inNamespace });
}

function membership(negated: boolean): 'In' | 'NotIn' {
  return negated ? 'NotIn' : 'In';
}
