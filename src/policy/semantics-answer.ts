/** The three answers of a filter, and what several of them come to. */

export type Answer = 'yes' | 'no' | 'unknown';

export function answer(holds: boolean): Answer {
  return holds ? 'yes' : 'no';
}

/** One "no" settles it, whatever could not be read. */
export function all(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
}

/** One "yes" settles it. */
export function any(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

/** None of them: what cannot be told stays so. */
export function none(answers: readonly Answer[]): Answer {
  const some = any(answers);
  if (some === 'unknown') return 'unknown';
  return answer(some === 'no');
}
