/**
 * Node's HTTP. Whoever imports `node:http` has all that it exports made at once, `WebSocket` with a whole second HTTP
 * client among it: 150 million instructions of each start, for nothing.
 */
export const { createServer, request } = process.getBuiltinModule('node:http');
