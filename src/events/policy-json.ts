/** What a policy's event says beside its processes, by the kind of its hook: fields in the order of their numbers. */
import { argumentJson } from './argument-json.ts';
import { quote } from './escape.ts';
import type { PolicyEvent } from './event.ts';
import type { EventArgument } from './event-argument.ts';
import type { DeclaredHook } from './policy-directory.ts';

type Declared<Kind extends DeclaredHook['kind']> = Extract<DeclaredHook, { readonly kind: Kind }>;

export function lsmJson(event: PolicyEvent, { functionName }: Declared<'lsm'>): string {
  const { hook, action } = event;
  const names = `${textJson('function_name', functionName)}${textJson('policy_name', hook.policyName)}`;
  const told = `${textJson('message', hook.message ?? '')}${argumentsJson(event.arguments)}`;
  return `${names}${told},"action":"${action}"${tagsJson(hook.tags)}`;
}

export function kprobeJson(event: PolicyEvent, { functionName }: Declared<'kprobe'>): string {
  const { hook, action, result, returnAction } = event;
  const call = `${textJson('function_name', functionName)}${argumentsJson(event.arguments)}`;
  const returned = result === undefined ? '' : `,"return":${argumentJson(result)}`;
  const actions = `,"action":"${action}"${textJson('policy_name', hook.policyName)},"return_action":"${returnAction}"`;
  return `${call}${returned}${actions}${textJson('message', hook.message ?? '')}${tagsJson(hook.tags)}`;
}

export function tracepointJson(event: PolicyEvent, declared: Declared<'tracepoint'>): string {
  const { hook, action } = event;
  const names = `${textJson('subsys', declared.subsystem)}${textJson('event', declared.event)}`;
  const told = `${argumentsJson(event.arguments)}${textJson('policy_name', hook.policyName)}`;
  return `${names}${told},"action":"${action}"${textJson('message', hook.message ?? '')}${tagsJson(hook.tags)}`;
}

/** A member after others; an empty text is left out, as protobuf's JSON leaves it out. */
function textJson(name: string, text: string): string {
  return text === '' ? '' : `,"${name}":${quote(text)}`;
}

function tagsJson(tags: readonly string[]): string {
  return tags.length === 0 ? '' : `,"tags":[${tags.map(quote).join(',')}]`;
}

function argumentsJson(list: readonly EventArgument[]): string {
  return list.length === 0 ? '' : `,"args":[${list.map(argumentJson).join(',')}]`;
}
