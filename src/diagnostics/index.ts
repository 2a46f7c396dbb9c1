/** diagnostics: codes, sentences and spans, for policies (values) and for the environment (one thrown error). */
export { type Code, catalogue, type Entry, type Severity } from './catalogue.ts';
export {
  type Diagnostic,
  diagnostic,
  hasErrors,
  type Parameters,
  printable,
  renderDiagnostic,
} from './diagnostic.ts';
export { EnvironmentError } from './environment-error.ts';
export { place, type Span } from './span.ts';
