/** The machine's apt configuration is read as apt reads it, and Debian's archives are found in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findDebianArchives,
  parseDeb822Sources,
  parseOneLineSources,
  type Source,
  writeSourceList,
} from './apt-sources.ts';

const debian = 'http://mirror.test/debian';
const security = 'http://mirror.test/debian-security';
const source = (uri: string, suite: string, ...components: string[]): Source => ({
  uris: [uri],
  suites: [suite],
  components,
});

const oneLine: readonly (readonly [string, string, readonly Source[]])[] = [
  ['plain', `deb ${debian} bookworm main`, [source(debian, 'bookworm', 'main')]],
  ['options', `deb [arch=amd64 signed-by=/a.gpg] ${debian} sid main`, [source(debian, 'sid', 'main')]],
  ['comment behind', `deb ${debian} sid main contrib # mine`, [source(debian, 'sid', 'main', 'contrib')]],
  ['comment', `# deb ${debian} sid main`, []],
  ['sources only', `deb-src ${debian} sid main`, []],
  [
    'two lines',
    `deb ${debian} a main\n\ndeb ${debian} b main\n`,
    [source(debian, 'a', 'main'), source(debian, 'b', 'main')],
  ],
  ['half a line', 'deb', []],
];

for (const [name, text, expected] of oneLine) {
  test(`one-line sources: ${name}`, () => assert.deepEqual(parseOneLineSources(text), expected));
}

const paragraph = `Types: deb\nURIs: ${debian}\nSuites: bookworm bookworm-updates\nComponents: main\n`;
const parsed = { uris: [debian], suites: ['bookworm', 'bookworm-updates'], components: ['main'] };

const deb822: readonly (readonly [string, string, readonly Source[]])[] = [
  ['plain', paragraph, [parsed]],
  ['comment between fields', paragraph.replace('URIs', '# URIs: http://old.test/\nURIs'), [parsed]],
  ['a value over two lines', paragraph.replace(' bookworm-updates', '\n bookworm-updates'), [parsed]],
  ['two paragraphs', `${paragraph}\n \n${paragraph}`, [parsed, parsed]],
  ['field names in any case', paragraph.replace('Suites', 'suites'), [parsed]],
  ['disabled', `Enabled: no\n${paragraph}`, []],
  ['sources only', paragraph.replace('Types: deb', 'Types: deb-src'), []],
  ['sources too', paragraph.replace('Types: deb', 'Types: deb deb-src'), [parsed]],
  ['empty', '', []],
];

for (const [name, text, expected] of deb822) {
  test(`deb822 sources: ${name}`, () => assert.deepEqual(parseDeb822Sources(text), expected));
}

const archives = [
  [
    'both',
    [source(debian, 'bookworm', 'main'), source(security, 'bookworm-security', 'main')],
    { main: debian, security },
  ],
  [
    'old name of security',
    [source(debian, 'sid', 'main'), source(security, 'stretch/updates', 'main')],
    { main: debian, security: undefined },
  ],
  ['no security', [source(debian, 'stable', 'main')], { main: debian, security: undefined }],
  ["another vendor's", [source('http://vendor.test/apt', 'bookworm', 'main')], undefined],
  ['another component', [source(debian, 'bookworm', 'contrib')], undefined],
  ['another distribution', [source('http://mirror.test/ubuntu', 'noble', 'main')], undefined],
  ['nothing', [], undefined],
] as const;

for (const [name, sources, expected] of archives) {
  test(`Debian's archives: ${name}`, () => assert.deepEqual(findDebianArchives(sources), expected));
}

test('a suite is taken from the archive its name belongs to, and left out when that is unknown', () => {
  const uris = (text: string) => [...text.matchAll(/(http\S+) (\S+) main/g)].map(([, uri, suite]) => [uri, suite]);
  const suites = ['trixie', 'trixie-security'];
  assert.deepEqual(uris(writeSourceList({ main: debian, security }, suites)), [
    [debian, 'trixie'],
    [security, 'trixie-security'],
  ]);
  assert.deepEqual(uris(writeSourceList({ main: debian, security: undefined }, suites)), [[debian, 'trixie']]);
});
