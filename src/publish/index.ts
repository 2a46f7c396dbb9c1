/** publish: events to the standard output, to a file and to NATS, through bounded queues that tell what they lost. */
export { type FileOptions, FilePublisher } from './file.ts';
export { NatsPublisher, type NatsPublisherOptions, type NatsStatus } from './nats.ts';
export type { NatsServer } from './nats-connection.ts';
export { fanOut, type Publisher, type PublisherLosses } from './publisher.ts';
export { renderOnce } from './render-once.ts';
export { type StdoutOptions, StdoutPublisher } from './stdout.ts';
