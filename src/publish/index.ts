/** publish: events to the standard output, to a file and to NATS, through bounded queues that tell what they lost. */
export { type FileOptions, FilePublisher } from './file.ts';
export type { NatsPublisherOptions, NatsStatus } from './nats.ts';
export type { NatsServer } from './nats-connection.ts';
export { openNats } from './open-nats.ts';
export { fanOut, type Publisher, type PublisherLosses } from './publisher.ts';
export { renderOnce } from './render-once.ts';
export { type StdoutOptions, StdoutPublisher } from './stdout.ts';
