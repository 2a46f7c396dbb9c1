/**
 * Two files of the library by themselves, typed as its door has them. The door brings what no agent needs, a gateway to
 * push to and an API of traces: 9 MiB of memory, where these take half a MiB.
 */
declare module '@prometheus-io/client/lib/registry.js' {
  import { Registry } from '@prometheus-io/client';
  export default Registry;
}

declare module '@prometheus-io/client/lib/gauge.js' {
  import { Gauge } from '@prometheus-io/client';
  export default Gauge;
}

declare module '@prometheus-io/client/lib/counter.js' {
  import { Counter } from '@prometheus-io/client';
  export default Counter;
}

declare module '@prometheus-io/client/lib/histogram.js' {
  import { Histogram } from '@prometheus-io/client';
  export default Histogram;
}
