/** What leaves the node in a support bundle: without passwords, tokens and keys. */

const HIDDEN = '(hidden)';
const SECRET_NAME = /cred|passw|passphrase|token|secret|nkey|jwt|seed|private|auth/i;
/** An address with a user in it, and values behind names that tell of secrets. */
const SECRET_USER = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"']*@/gi;
const SECRET_VALUE = /((?:password|passwd|passphrase|token|secret|nkey|jwt|seed)["']?\s*[:=]\s*["']?)[^\s"',}]+/gi;

export function redactText(text: string): string {
  return text.replaceAll(SECRET_USER, `$1${HIDDEN}@`).replaceAll(SECRET_VALUE, `$1${HIDDEN}`);
}

/** Values of names that tell of secrets are hidden whole. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? String(value) : value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, redactField(name, each)]));
}

function redactField(name: string, value: unknown): unknown {
  const isEmpty = value === undefined || value === null || typeof value === 'boolean';
  return SECRET_NAME.test(name) && !isEmpty ? HIDDEN : redact(value);
}
