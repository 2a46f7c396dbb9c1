/** The way to NATS: its client, and TLS with it, are loaded by who has a server. Half of what a start loads is theirs. */
import type { NatsPublisherOptions } from './nats.ts';
import type { Publisher } from './publisher.ts';

/** Connects, or throws one EnvironmentError that says why not. */
export async function openNats(options: NatsPublisherOptions): Promise<Publisher> {
  const { NatsPublisher } = await import('./nats.ts');
  return await NatsPublisher.connect(options);
}
