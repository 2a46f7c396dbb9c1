/** Policies for tests: the frame that every document needs, and what comes of it. */
import assert from 'node:assert/strict';
import { renderDiagnostic } from '#diagnostics';
import { known } from '#std';
import type { Hook, Policy, Selector } from './model.ts';
import { parsePolicies } from './parse.ts';

/** `spec` is indented by two. */
export function policyText(spec: string, metadata = ''): string {
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: example
${metadata}spec:
${spec}`;
}

/** The policy, of which there is nothing to be said. */
export function parsed(text: string): Policy {
  const { policies, diagnostics } = parsePolicies(text, 'policy.yaml');
  assert.equal(diagnostics.map(renderDiagnostic).join('\n'), '');
  return known(policies[0], 'policy');
}

export function firstHook(spec: string): Hook {
  return known(parsed(policyText(spec)).hooks[0], 'hook');
}

export function firstSelector(spec: string): Selector {
  return known(firstHook(spec).selectors[0], 'selector');
}

/** Each as the code and the place. */
export function codesOf(text: string): readonly string[] {
  const { diagnostics } = parsePolicies(text, 'policy.yaml');
  return diagnostics.map(({ code, span }) => `${code} ${span?.line}:${span?.column}`);
}
