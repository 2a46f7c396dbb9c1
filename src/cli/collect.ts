/** `ringfence collect`: one program of a cluster that adds up what all nodes say of each policy. */
import pino from 'pino';
import { ApiClient, Collector } from '#kubernetes';
import { EXIT } from './exit.ts';
import { VERSION } from './version.ts';

export type CollectOptions = { readonly kubeconfig?: string; readonly logLevel: string };

/** Until it is told to stop; the API server may come and go. */
export async function collect({ kubeconfig, logLevel }: CollectOptions): Promise<number> {
  const logger = pino({ base: null, level: logLevel }, pino.destination({ fd: 2, sync: true }));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const place =
    kubeconfig === undefined ? ({ kind: 'pod' } as const) : ({ kind: 'kubeconfig', path: kubeconfig } as const);
  const client = new ApiClient(place, `ringfence-collector/${VERSION}`);
  const collector = new Collector({
    client,
    onError: ({ code, hint, message }) => logger.warn({ code, hint }, message),
    onState: (resource, { kind, reason }) => {
      if (reason === undefined) logger.info({ resource }, `${resource}: ${kind}`);
      else logger.warn({ resource, code: reason.code, hint: reason.hint }, `${resource}: ${kind}: ${reason.message}`);
    },
  });
  await collector.run(stop.signal);
  client.close();
  logger.info({ reports: collector.writes }, 'stopped');
  return EXIT.ok;
}
