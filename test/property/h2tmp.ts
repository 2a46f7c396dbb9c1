import { Random, Deck } from './random.ts';
import { wishes } from './place.ts';
import { processWishes } from './policies.ts';
import { Bench, makeTrial, Programs, nextSituation, judge, disagree, cover } from './trial.ts';
import { Coverage } from './coverage.ts';
const random = new Random(Number(process.argv[2] ?? 1));
const decks = { wishes: new Deck(wishes, random), process: new Deck(processWishes, random) };
using bench = new Bench();
const coverage = new Coverage();
const N = Number(process.argv[3] ?? 50), M = Number(process.argv[4] ?? 200);
let runs = 0, bad = 0, matched = 0, load = 0, judging = 0, running = 0, making = 0, failed = 0;
const seen = new Map<string, number>();
for (let i = 0; i < N; i++) {
  const trial = makeTrial(decks, random);
  let t = performance.now();
  let programs;
  try { programs = new Programs(bench, trial, undefined); } catch (e: any) { failed++; if (failed < 4) console.log('FAILED', String(e), e.reason, e.lines?.slice(-5), String(e.cause), trial.texts.join('').slice(0, 1500)); continue; }
  load += performance.now() - t;
  let here = 0;
  for (let j = 0; j < M; j++) {
    t = performance.now();
    const s = nextSituation(trial, random); making += performance.now() - t; t = performance.now();
    const want = judge(trial, s); judging += performance.now() - t; t = performance.now();
    const got = programs.run(s); running += performance.now() - t;
    runs++; if (want.matched) matched++;
    if (j % 4 === 0) cover(trial, s, coverage);
    if (disagree(got, want)) { bad++; if (here++ === 0 && bad < 2000 && seen.size < Number(process.argv[5] ?? 3)) { 
      const k = want.policies.findIndex((p, x) => p !== got.policies[x]);
      seen.set(String(i), 1);
      console.log('DISAGREE', i, k, want.result, got.result, '\nwant', want.policies[k], '\ngot ', got.policies[k], '\n', trial.texts[k]?.slice(0, 1800), JSON.stringify(trial.place), '\n', JSON.stringify(s, (_, v) => typeof v === 'bigint' ? String(v) : v instanceof Uint8Array ? (v.length < 40 && v.every(b => b >= 32) ? Buffer.from(v).toString('latin1') : v.length > 300 ? 'len' + v.length : [...v]) : v).slice(0, 1600)); } }
  }
  programs[Symbol.dispose]();
}
console.log({ runs, bad, matched, failed, load, judging, running, making });
if (process.argv[6]) console.log(String(coverage)), console.log(coverage.below(100).slice(0, 30));
