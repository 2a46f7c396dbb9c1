/** The same work for many, a few at a time. */

/**
 * Calls `work` for each, at most `concurrency` at once, and `report` with each result in the order of `items`, as soon
 * as all before it have been reported. The first that throws ends it: nothing more is begun.
 */
export async function fanOut<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<Result>,
  report: (item: Item, result: Result) => void,
): Promise<void> {
  const done = new Map<number, Result>();
  let begun = 0;
  let reported = 0;
  const tell = () => {
    for (; done.has(reported); reported += 1) {
      report(items[reported] as Item, done.get(reported) as Result);
      done.delete(reported);
    }
  };
  const worker = async () => {
    while (begun < items.length) {
      const at = begun++;
      try {
        done.set(at, await work(items[at] as Item));
      } catch (error) {
        begun = items.length;
        throw error;
      }
      tell();
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}
