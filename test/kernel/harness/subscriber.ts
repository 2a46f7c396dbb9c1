/** A consumer of its own: `node subscriber.ts URL` prints each event from NATS as {"subject", "event"} on one line. */
import { connect } from '@nats-io/transport-node';

const [servers = ''] = process.argv.slice(2);
const connection = await connect({ servers, maxReconnectAttempts: 0 });
const subscription = connection.subscribe('ringfence.v1.evt.>');
// The server answers in order: when it has answered this, the subscription is in force.
await connection.flush();
console.log('subscribed');
for await (const message of subscription) {
  console.log(JSON.stringify({ subject: message.subject, event: message.json() }));
}
