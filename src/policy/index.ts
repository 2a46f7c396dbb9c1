/** policy: TracingPolicy YAML to validated, typed policies with spans, or every diagnostic at once; and what they mean. */
export {
  type Action,
  type Argument,
  type ArgumentMatch,
  type ArgumentOperator,
  type ArgumentType,
  type ArgumentValue,
  type BinaryMatch,
  type FileIdentityMode,
  type IntegerShape,
  type IntegerType,
  type IntegerValue,
  integerTypes,
  isEnforcing,
  isIntegerType,
  isPathType,
  type LsmHook,
  type ParseResult,
  type PathType,
  type Policy,
  type PolicyMode,
  pathTypes,
  type Selector,
  type Spanned,
  type StringValue,
} from './model.ts';
export { type PolicyFile, parsePolicies, parsePolicyFiles } from './parse.ts';
export { apiVersion, kinds, limits, policySchema, type WrittenPolicy } from './schema.ts';
export {
  type FileIdentity,
  type HookVerdict,
  type IdentityOf,
  matches,
  type Observation,
  type ObservedArgument,
  type Verdict,
} from './semantics.ts';
export { fileIdentityAnnotation } from './validate.ts';
