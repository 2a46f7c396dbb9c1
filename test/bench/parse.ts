/** Policies that are known to be right. */
import { hasErrors, renderDiagnostic } from '#diagnostics';
import { type Policy, parsePolicies } from '#policy';
import { assert, known } from '#std';

export function parseAll(texts: readonly string[]): readonly Policy[] {
  return texts.map((text, index) => {
    const { policies, diagnostics } = parsePolicies(text, `${index}.yaml`);
    assert(!hasErrors(diagnostics), diagnostics.map(renderDiagnostic).join('\n'));
    return known(policies[0], 'policy');
  });
}
