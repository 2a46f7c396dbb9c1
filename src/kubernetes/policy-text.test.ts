/** The text of a policy that comes as an object: in the order of documents, and without what is not the user's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { hasErrors } from '#diagnostics';
import { parsePolicies } from '#policy';
import { policyText } from './policy-text.ts';

/** As the API server gives it: by the alphabet, with its own metadata. */
const object = {
  apiVersion: 'cilium.io/v1alpha1',
  kind: 'TracingPolicy',
  metadata: {
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': '{"apiVersion":"cilium.io/v1alpha1"}\n',
      'example.org/note': 'yes',
    },
    creationTimestamp: '2026-11-21T20:00:00Z',
    generation: 3,
    managedFields: [{ manager: 'kubectl' }],
    name: 'no-secrets',
    resourceVersion: '77',
    uid: 'c4b1',
  },
  spec: {
    lsmhooks: [
      {
        args: [{ index: 0, type: 'file' }],
        hook: 'file_open',
        selectors: [
          {
            matchActions: [{ action: 'Sigkill' }],
            matchArgs: [{ index: 0, operator: 'Equal', values: ['/etc/shadow', '0x10', 'yes', 'a: b'] }],
          },
        ],
      },
    ],
  },
  status: { enforced: '1/1' },
};

const expected = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: no-secrets
  annotations:
    example.org/note: "yes"
spec:
  lsmhooks:
    - hook: file_open
      args:
        - index: 0
          type: file
      selectors:
        - matchArgs:
            - index: 0
              operator: Equal
              values:
                - /etc/shadow
                - "0x10"
                - "yes"
                - "a: b"
          matchActions:
            - action: Sigkill
`;

test('it reads like a document, and is what was meant', () => {
  const text = policyText(object);
  assert.equal(text, expected);
  const { policies, diagnostics } = parsePolicies(text, 'tracingpolicies/no-secrets');
  assert.equal(hasErrors(diagnostics), false);
  assert.equal(policies[0]?.name, 'no-secrets');
});

test('bookkeeping does not change it', () => {
  const later = { ...object, metadata: { ...object.metadata, resourceVersion: '78', managedFields: [] }, status: {} };
  assert.equal(policyText(later), policyText(object));
});

test('an error has its line in it', () => {
  const wrong = { ...object, spec: { lsmhooks: [{ hook: 'file_open', selectors: [{ matchArgs: [{ index: 0 }] }] }] } };
  const { diagnostics } = parsePolicies(policyText(wrong), 'tracingpolicies/no-secrets');
  const spans = diagnostics.filter(({ severity }) => severity === 'error').map((each) => each.span);
  assert.ok(spans.every((span) => span?.file === 'tracingpolicies/no-secrets'));
  assert.ok(
    spans.some((span) => span?.text.includes('index: 0')),
    JSON.stringify(diagnostics),
  );
});

test('what is no policy at all is a text all the same, which is refused with a reason', () => {
  for (const odd of [{}, { spec: null }, { metadata: { name: 'x', annotations: { a: 1 } }, spec: [[[]]] }]) {
    assert.notEqual(parsePolicies(policyText(odd), 'odd').diagnostics.length, 0);
  }
});

const ODD = [
  ...[
    '0o17',
    '0x10',
    '010',
    '1_000',
    '1e3',
    '.5',
    '.inf',
    '~',
    'null',
    'Null',
    '=',
    '<<',
    '12:30:45',
    '2026-11-21',
    'y',
    'N',
  ],
  ...[
    'NO',
    'Off',
    'on',
    'true',
    '',
    ' a',
    'a ',
    '- a',
    '#a',
    'a #b',
    '@a',
    '`a',
    '*a',
    '&a',
    '!a',
    '|',
    '>',
    '%a',
    '?',
    'a: b',
  ],
  ...[
    'a\nb',
    'a\n',
    '\ta',
    'é',
    '\u2028',
    '\u0007',
    '"',
    "'",
    '\\',
    '{}',
    '[]',
    '---',
    '...',
    '-',
    '1.',
    '+1',
    '0b1',
    '1:2',
  ],
];

test('text stays text, whatever it looks like', () => {
  const selectors = [{ matchArgs: [{ index: 0, operator: 'Equal', values: ODD }] }];
  const spec = { lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors }] };
  const annotations = Object.fromEntries(ODD.map((value, index) => [`example.org/a${index}`, value]));
  const odd = { ...object, metadata: { name: 'odd', annotations, labels: { on: 'off', y: 'n' } }, spec };
  assert.deepEqual(parse(policyText(odd), { version: '1.1' }).spec.lsmhooks[0].selectors[0].matchArgs[0].values, ODD);
  const { diagnostics } = parsePolicies(policyText(odd), 'odd');
  assert.deepEqual(
    diagnostics.filter(({ code }) => code === 'RF1014'),
    [],
  );
});
