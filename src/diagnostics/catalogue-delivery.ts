/** RF4xxx: what stands in the way of delivering events. */
import type { Entry } from './catalogue.ts';

export const deliveryCatalogue = {
  RF4001: {
    severity: 'error',
    message: '{server} is not the address of a NATS server',
    hint: 'write nats://host:4222, or tls://host:4222 for an encrypted connection',
  },
  RF4002: {
    severity: 'error',
    message: 'no NATS server answers at {servers}: {reason}',
    hint: 'start the server, correct the address, or write the events to the standard output instead',
  },
  RF4003: {
    severity: 'error',
    message: 'the NATS server at {servers} refused the login: {reason}',
    hint: 'give the user and password in the address, or a credentials file that the server accepts',
  },
  RF4004: {
    severity: 'error',
    message: 'no encrypted connection to the NATS server at {servers}: {reason}',
    hint: 'the certificate of the server must be signed by a known authority: give the one that signed it',
  },
  RF4005: {
    severity: 'error',
    message: '{path} cannot be read: {reason}',
    hint: 'the file of NATS credentials or certificates must exist and be readable',
  },
  RF4006: {
    severity: 'error',
    message: 'the {what} "{value}" can not be part of a NATS subject',
    hint: 'use ASCII letters, digits, "-", "_" and "."',
  },
  RF4007: {
    severity: 'error',
    message: 'the NATS server at {servers} is too old: it does not know headers',
    hint: 'use nats-server 2.2 or newer',
  },
  RF4008: {
    severity: 'error',
    message: 'the standard output can not be written: {reason}',
    hint: 'the program that read the events has ended',
  },
  RF4009: {
    severity: 'error',
    message: 'events can not be written to {path}: {reason}',
    hint: 'name a file in a directory that is there: one that does not exist yet, or a regular file of the same user',
  },
  RF4010: {
    severity: 'error',
    message: 'writing events to {path} fails: {reason}',
    hint: 'it is tried again; until then {waiting} bytes can wait, and what does not fit is counted and told as a loss',
  },
  RF4011: {
    severity: 'error',
    message: 'the file of events {path} can not be rotated: {reason}',
    hint: 'it grows until that works: the directory must be writable and have room',
  },
  RF4501: {
    severity: 'error',
    message: 'the NATS server at {servers} takes messages of {limit} bytes, and events need {least} at least',
    hint: 'leave max_payload of the server at its 1 MiB, or near it: an event that does not fit is counted, and told as a loss',
  },
  RF4601: {
    severity: 'warning',
    message: 'metrics can not be served at {address}: {reason}',
    hint: 'it is tried again twice a minute, and all else goes on; give --metrics-server an address that is free here',
  },
} as const satisfies Record<string, Entry>;
